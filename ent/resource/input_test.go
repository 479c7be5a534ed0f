package resource_test

import (
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"todo-backend/ent/resource"
)

// note is an entity of the tests, and its own mutation: what a body sets is seen in it.
type note struct {
	id    uuid.UUID
	owner string
	at    time.Time
	title string
	text  *string
	mood  int8
	done  bool
}

type field = resource.Field[note, *note]

func noteTable(t *testing.T, settings resource.Settings) *resource.Table[note, *note] {
	t.Helper()
	atLeastOne := func(s string) error {
		if s == "" {
			return errors.New("must have 1 character")
		}
		return nil
	}
	entity := resource.Entity[note, *note]{
		Name:    "note",
		Plural:  "notes",
		ID:      func(n *note) uuid.UUID { return n.id },
		Owner:   func(n *note) string { return n.owner },
		Changed: func(n *note) time.Time { return n.at },
		Fields: []field{
			resource.ID[note, *note]("id", resource.Spec{ReadOnly: true}, func(n *note) uuid.UUID { return n.id }),
			resource.Text[note, *note]("user_id", resource.Spec{ReadOnly: true}, func(n *note) string { return n.owner }, nil, nil),
			resource.Text("note_title", resource.Spec{Trim: true, Also: []string{"heading"}, Sort: []string{"note_title"}},
				func(n *note) string { return n.title }, func(n *note, s string) { n.title = s }, atLeastOne).IsRequired(),
			resource.OptionalText("text", resource.Spec{Sort: []string{"text"}},
				func(n *note) *string { return n.text }, func(n *note, s string) { n.text = &s }, func(n *note) { n.text = nil }, nil),
			resource.Word("mood", resource.Spec{
				Words: []string{"good", "bad", "none"}, Null: "none", Also: []string{"feeling"},
				Filter: []string{"mood", "mood_filter"}, Sort: []string{"mood"},
			}, func(n *note) int8 { return n.mood }, func(n *note, v int8) { n.mood = v }),
			resource.Bool("done", resource.Spec{Null: resource.NullAbsent, Filter: []string{"done"}},
				func(n *note) bool { return n.done }, func(n *note, v bool) { n.done = v }),
			resource.Instant[note, *note]("created_at", resource.Spec{ReadOnly: true, Last: true, Sort: []string{"created", "created_at"}, Descending: true},
				func(n *note) time.Time { return n.at }),
		},
	}
	table, err := resource.New(entity, settings, resource.Options[note, *note]{Sort: "created"})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// listed are the fields and codes of an error.
func listed(err error) string {
	var all []string
	if broken, ok := errors.AsType[resource.Invalid](err); ok {
		for _, e := range broken {
			all = append(all, e.Field+" "+e.Code)
		}
	}
	return strings.Join(all, ", ")
}

func decode(t *testing.T, table *resource.Table[note, *note], body string, isNew bool) (*resource.Input[note, *note], error) {
	t.Helper()
	object, err := resource.DecodeObject([]byte(body))
	if err != nil {
		return nil, err
	}
	return table.Decode(object, "ann", isNew)
}

// Ann makes a note: each body is one, or lists everything that is wrong with it.
func TestNewFromBody(t *testing.T) {
	t.Parallel()
	tests := []struct{ body, want, broken string }{
		{`{"note_title":" a "}`, `{"title":"a","mood":0}`, ""},
		{`{"noteTitle":"a","text":null,"mood":null,"done":null}`, `{"title":"a","mood":2}`, ""},
		{`{"heading":"a","text":"","feeling":"BAD","done":true}`, `{"title":"a","text":"","mood":1,"done":true}`, ""},
		{`{"note_title":"a","mood":"good","feeling":""}`, `{"title":"a","mood":0}`, ""},
		{`{"note_title":"a","mood":"good","feeling":"Good"}`, `{"title":"a","mood":0}`, ""},
		{`{"note_title":"a","user_id":"ann","id":7,"created_at":null,"unknown":{}}`, `{"title":"a","mood":0}`, ""},
		{`{"note_title":"a","userId":""}`, `{"title":"a","mood":0}`, ""},
		{`{}`, "", "note_title required"},
		{`{"note_title":"  ","text":7,"mood":"odd","done":1,"user_id":"bob"}`, "", "note_title length, text type, mood enum, done type, user_id owner"},
		{`{"note_title":"a","mood":"good","feeling":"bad"}`, "", "feeling conflict"},
		{`{"note_title":"a\u0000"}`, "", "note_title text"},
		{`{"note_title":null}`, "", "note_title type"},
		{`[]`, "", " json"},
		{"{\"note_title\":\"\xff\"}", "", " text"},
	}
	table := noteTable(t, resource.Settings{})
	for _, test := range tests {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			in, err := decode(t, table, test.body, true)
			if got := listed(err); got != test.broken {
				t.Fatalf("breaks %q, want %q", got, test.broken)
			}
			if err != nil {
				return
			}
			made := &note{}
			in.Apply(made)
			if got := written(t, made); got != test.want {
				t.Errorf("made %s, want %s", got, test.want)
			}
		})
	}
}

// written is what a test looks at.
func written(t *testing.T, n *note) string {
	t.Helper()
	text, err := json.Marshal(struct {
		Title string  `json:"title"`
		Text  *string `json:"text,omitempty"`
		Mood  int8    `json:"mood"`
		Done  bool    `json:"done,omitempty"`
	}{n.title, n.text, n.mood, n.done})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Ann changes a note whose mood is bad: of several values of a field the one that differs from what is
// stored counts, since clients send back a whole note with one name turned.
func TestChangeFromBody(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body        string
		contradicts bool
		want        string
		broken      string
	}{
		{`{}`, false, `{"title":"kept","mood":1}`, ""},
		{`{"mood":"good"}`, false, `{"title":"kept","mood":0}`, ""},
		{`{"mood":"good","feeling":"bad"}`, true, `{"title":"kept","mood":0}`, ""},
		{`{"mood":"bad","feeling":"good"}`, true, `{"title":"kept","mood":0}`, ""},
		{`{"mood":"bad","feeling":null}`, true, `{"title":"kept","mood":2}`, ""},
		{`{"mood":"BAD","feeling":"bad"}`, false, `{"title":"kept","mood":1}`, ""},
		{`{"mood":"good","feeling":"none"}`, true, "", "feeling conflict"},
		{`{"note_title":"kept","heading":"new"}`, true, `{"title":"new","mood":1}`, ""},
	}
	table := noteTable(t, resource.Settings{})
	for _, test := range tests {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			in, err := decode(t, table, test.body, false)
			if err != nil {
				t.Fatal(err)
			}
			if in.Contradicts() != test.contradicts {
				t.Fatalf("contradicts itself: %v", in.Contradicts())
			}
			stored := &note{title: "kept", mood: 1}
			err = in.Settle(stored)
			if got := listed(err); got != test.broken {
				t.Fatalf("breaks %q, want %q", got, test.broken)
			}
			if err != nil {
				return
			}
			in.Apply(stored)
			if got := written(t, stored); got != test.want {
				t.Errorf("became %s, want %s", got, test.want)
			}
		})
	}
}

// A deployment names fields as its frontend does, in answers and in bodies.
func TestAliases(t *testing.T) {
	t.Parallel()
	n := &note{title: "a", mood: 1, at: time.UnixMicro(0)}
	for name, test := range map[string]struct {
		settings resource.Settings
		want     []string
	}{
		"none":           {resource.Settings{}, []string{"id", "user_id", "note_title", "text", "mood", "done", "created_at"}},
		"camel":          {resource.Settings{Camel: true}, []string{"id", "userId", "noteTitle", "text", "mood", "done", "createdAt"}},
		"a further name": {resource.Settings{Aliases: []resource.Alias{{Name: "made", Field: "created_at"}}}, []string{"id", "user_id", "note_title", "text", "mood", "done", "created_at", "made"}},
		"another's name": {resource.Settings{Aliases: []resource.Alias{{Name: "text", Field: "mood"}}}, []string{"id", "user_id", "note_title", "text", "mood", "done", "created_at"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := noteTable(t, test.settings)
			var names []string
			for _, p := range table.Properties() {
				names = append(names, p.Name)
			}
			if diff := cmp.Diff(test.want, names); diff != "" {
				t.Error(diff)
			}
			var item map[string]any
			if err := json.Unmarshal(table.AppendItem(nil, n), &item); err != nil || len(item) != len(test.want) {
				t.Fatalf("%v, %v", item, err)
			}
			if name == "another's name" && item["text"] != "bad" {
				t.Errorf("text is %v", item["text"])
			}
		})
	}
	table := noteTable(t, resource.Settings{Aliases: []resource.Alias{{Name: "state", Field: "done"}}})
	in, err := decode(t, table, `{"state":true}`, false)
	if value, ok := in.Value("done"); err != nil || !ok || value != true {
		t.Errorf("a further name is read as %v, %v, %v", value, ok, err)
	}
}

// Settings that name what there is not, or take the place of what every item has, are refused.
func TestWrongAliases(t *testing.T) {
	t.Parallel()
	for _, alias := range []resource.Alias{{Name: "x", Field: "nothing"}, {Name: "id", Field: "text"}, {Name: "user_id", Field: "text"}} {
		if _, err := resource.New(resource.Entity[note, *note]{
			Fields: []field{
				resource.ID[note, *note]("id", resource.Spec{}, func(n *note) uuid.UUID { return n.id }),
				resource.Text[note, *note]("user_id", resource.Spec{}, func(n *note) string { return n.owner }, nil, nil),
				resource.Text[note, *note]("text", resource.Spec{Sort: []string{"text"}}, func(n *note) string { return n.title }, nil, nil),
			},
		}, resource.Settings{Aliases: []resource.Alias{alias}}, resource.Options[note, *note]{Sort: "text"}); err == nil {
			t.Errorf("%v is taken", alias)
		}
	}
}

// An annotation promises nothing that the column's kind does not do.
func TestSpecsThatPromiseTooMuch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spec resource.Spec
		kind resource.Kind
	}{
		"trimmed number":     {resource.Spec{Trim: true}, resource.KindInteger},
		"words of a text":    {resource.Spec{Words: []string{"a"}}, resource.KindText},
		"word without words": {resource.Spec{}, resource.KindWord},
		"unknown null":       {resource.Spec{Words: []string{"a"}, Null: "b"}, resource.KindWord},
		"hidden and sorted":  {resource.Spec{Hidden: true, Exported: true, Sort: []string{"a"}}, resource.KindText},
		"hidden, export?":    {resource.Spec{Hidden: true}, resource.KindText},
		"exported and not":   {resource.Spec{Hidden: true, Exported: true, Unexported: "a secret"}, resource.KindText},
		"exported unread":    {resource.Spec{Hidden: true, Unread: true, Exported: true}, resource.KindText},
		"shown, unexported":  {resource.Spec{Unexported: "a secret"}, resource.KindText},
		"read-only, renamed": {resource.Spec{ReadOnly: true, Also: []string{"a"}}, resource.KindText},
		"filtered text":      {resource.Spec{Filter: []string{"a"}}, resource.KindText},
		"sorted list":        {resource.Spec{Sort: []string{"a"}}, resource.KindTexts},
	}
	for name, test := range tests {
		if err := test.spec.Check(test.kind); err == nil {
			t.Errorf("%s: %+v of kind %s is taken", name, test.spec, test.kind)
		}
	}
	if err := (resource.Spec{Words: []string{"a"}, Null: "a", Sort: []string{"a"}, Filter: []string{"a"}}).Check(resource.KindWord); err != nil {
		t.Error(err)
	}
}

// parameters are those of a request.
func parameters(pairs ...string) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for pair := range slices.Chunk(pairs, 2) {
			if !yield([]byte(pair[0]), []byte(pair[1])) {
				return
			}
		}
	}
}

// Ann asks for lists of notes: each question is understood, or everything that is wrong with it told.
func TestListFromParameters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		given  []string
		order  string
		down   bool
		where  int
		broken string
	}{
		{nil, "created_at", true, 0, ""},
		{[]string{"sort", "", "mood", "", "unknown", "x"}, "created_at", true, 0, ""},
		{[]string{"sort", "note_title"}, "note_title", false, 0, ""},
		{[]string{"sortBy", "noteTitle", "sortOrder", "DESC"}, "note_title", true, 0, ""},
		{[]string{"sort", "-note_title"}, "note_title", true, 0, ""},
		{[]string{"sort", "note_title:desc"}, "note_title", true, 0, ""},
		{[]string{"sort", "NoteTitleDesc"}, "note_title", true, 0, ""},
		{[]string{"sort", "created_at_asc"}, "created_at", false, 0, ""},
		{[]string{"sort", "created_asc", "order", "desc"}, "created_at", true, 0, ""},
		{[]string{"mood", "bad"}, "created_at", true, 1, ""},
		{[]string{"mood", "all", "moodFilter", "good,BAD"}, "created_at", true, 1, ""},
		{[]string{"mood", "good", "mood", "bad", "done", "1"}, "created_at", true, 2, ""},
		{[]string{"done", "true", "done", "true"}, "created_at", true, 1, ""},
		{[]string{"done", "true", "done", "false"}, "", false, 0, "done conflict"},
		{[]string{"done", "maybe", "mood", "odd", "sort", "x", "order", "y", "limit", "0"}, "", false, 0, "sort enum, order enum, mood enum, done enum, limit range"},
		{[]string{"offset", "1", "page", "2"}, "", false, 0, "page conflict"},
		{[]string{"page", "11", "limit", "1000"}, "created_at", true, 0, ""},
		{[]string{"page", "12", "limit", "1000"}, "", false, 0, "page range"},
		{[]string{"offset", "10001"}, "", false, 0, "offset range"},
		{[]string{"cursor", "x", "offset", "1"}, "", false, 0, "cursor conflict"},
		{[]string{"cursor", "x"}, "", false, 0, "cursor cursor"},
	}
	table := noteTable(t, resource.Settings{})
	for _, test := range tests {
		t.Run(strings.Join(test.given, " "), func(t *testing.T) {
			t.Parallel()
			list, err := table.ParseList("ann", parameters(test.given...))
			if got := listed(err); got != test.broken {
				t.Fatalf("breaks %q, want %q", got, test.broken)
			}
			if err != nil {
				return
			}
			if list.Order.Name != test.order || list.Order.Descending != test.down || len(list.Where) != test.where {
				t.Errorf("sorted by %s, descending %v, %d conditions", list.Order.Name, list.Order.Descending, len(list.Where))
			}
		})
	}
}

// A cursor holds for the list that it was made for: the user, the order and the filters that are set.
func TestCursorsBelongToALists(t *testing.T) {
	t.Parallel()
	table := noteTable(t, resource.Settings{})
	rows := []*note{{id: uuid.MustParse("01a215eb-d36d-7054-8257-ca6e10de2a88"), title: "a"}, {title: "b"}}
	begin, err := table.ParseList("ann", parameters("limit", "1", "sort", "note_title", "mood", "good,bad"))
	if err != nil {
		t.Fatal(err)
	}
	next := table.Page(begin, rows, 0).Next
	for name, test := range map[string]struct {
		user  string
		given []string
		ok    bool
	}{
		"the same list":      {"ann", []string{"sort", "note_title", "mood", "bad,good"}, true},
		"in other words":     {"ann", []string{"sort_by", "noteTitle", "mood", "BAD", "mood_filter", "good", "limit", "7"}, true},
		"another's":          {"bob", []string{"sort", "note_title", "mood", "bad,good"}, false},
		"the other way":      {"ann", []string{"sort", "note_title", "order", "desc", "mood", "bad,good"}, false},
		"another order":      {"ann", []string{"sort", "text", "mood", "bad,good"}, false},
		"another filter":     {"ann", []string{"sort", "note_title", "mood", "bad"}, false},
		"one filter more":    {"ann", []string{"sort", "note_title", "mood", "bad,good", "done", "true"}, false},
		"without the filter": {"ann", []string{"sort", "note_title"}, false},
	} {
		list, err := table.ParseList(test.user, parameters(append(test.given, "cursor", next)...))
		if ok := err == nil; ok != test.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (list.After.Key != "a" || list.After.ID != rows[0].id) {
			t.Errorf("%s: begins after %v", name, list.After)
		}
	}
}
