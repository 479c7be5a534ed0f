package resource

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"todo-backend/ent/stmt"
)

// Entity is an entity as the generator describes it.
type Entity[E, M any] struct {
	Name   string // "task"
	Plural string // "tasks"

	ID      func(e *E) uuid.UUID
	Owner   func(e *E) string
	Changed func(e *E) time.Time // the last change, which no two versions share

	Fields []Field[E, M] // in the order of answers
	// Exported are the hidden fields that an export of a user's data has beside those.
	Exported []Field[E, M]
}

// Store reads and writes the rows of an entity, each call in one statement, under its policy. The
// generator writes one for each entity. A row that is not there, or not the viewer's, is Ent's
// *NotFoundError.
type Store[E, M any] interface {
	// List returns the rows of a page and, where the query counts, how many match its filter.
	List(ctx context.Context, query Query) (rows []*E, total int, err error)
	// Get returns the row of an id.
	Get(ctx context.Context, id uuid.UUID) (*E, error)
	// Create and Update have set fill the mutation, and return the row as it is stored.
	Create(ctx context.Context, set func(M)) (*E, error)
	// Update changes the row where it satisfies the conditions too.
	Update(ctx context.Context, id uuid.UUID, set func(M), where ...stmt.Cond) (*E, error)
	// Delete deletes the row of an id.
	Delete(ctx context.Context, id uuid.UUID) error
	// DeleteAll deletes the rows that satisfy the conditions, and returns how many there were.
	DeleteAll(ctx context.Context, where ...stmt.Cond) (deleted int, err error)
}

// Query is what a [Store] lists.
type Query struct {
	Where []stmt.Cond
	Order stmt.Text
	Page  stmt.Page // narrows the page alone, not the count
	Count bool
}

// Table is an entity under the settings of a deployment. [New] makes it; it is not changed after.
type Table[E, M any] struct {
	Entity[E, M]

	zone      *time.Location
	now       func() time.Time
	camel     bool                 // names in answers are in camelCase
	limit     int                  // of a list that names none
	oneName   bool                 // documents do not tell further names
	members   []member[E]          // what answers have
	inputs    map[string]bodyName  // by every name that bodies may use
	params    map[string]int       // by every name of a parameter, the index in list
	list      []parameter          // the parameters of a list
	sorts     map[string]*Sort[E]  // by every word for it, in lower case
	sortWords []string             // the first of each
	initial   *Sort[E]             // of a list that names none
	old       func(l *List) []byte // the seal of cursors of the version before; nil: there was none
}

// member is a field as answers have it.
type member[E any] struct {
	field  string // its name in snake_case
	name   string // as written
	key    string // with punctuation: `"name":`, behind a comma but for the first
	append func(b []byte, e *E) []byte
}

// bodyName is what a name in a body stands for.
type bodyName struct {
	target, reader int    // indices of Fields
	rank           int    // the order of names that contradict each other
	name           string // in snake_case; of a setting's further name, that of its field
}

// Settings are what a deployment decides about its answers.
type Settings struct {
	Camel   bool             // names in answers are in camelCase
	Aliases []Alias          // further names of fields
	Zone    *time.Location   // of dates and times that name none; nil: UTC
	Now     func() time.Time // nil: time.Now
	Limit   int              // of a list that names none; 0: the longest
	OneName bool             // documents do not tell further names of fields and parameters
}

// Alias is a further name of a field. A name that a field has already takes its place in answers.
type Alias struct{ Name, Field string }

// Options are what a resource adds to what is generated.
type Options[E, M any] struct {
	Filters []Filter
	Sorts   []Sort[E]
	// Sort is the word for the order of a list that names none.
	Sort string
	// OldSeal seals cursors as the version before this one did.
	OldSeal func(l *List) []byte
}

// New returns the table of an entity.
func New[E, M any](entity Entity[E, M], settings Settings, options Options[E, M]) (*Table[E, M], error) {
	t := &Table[E, M]{
		Entity: entity, camel: settings.Camel, zone: settings.Zone, now: settings.Now, old: options.OldSeal,
		limit: cmp.Or(settings.Limit, maxLimit), oneName: settings.OneName,
	}
	if t.zone == nil {
		t.zone = time.UTC
	}
	if t.now == nil {
		t.now = time.Now
	}
	if err := t.addMembers(settings.Aliases); err != nil {
		return nil, err
	}
	t.addInputs(settings.Aliases)
	t.addParameters(options.Filters)
	err := t.addSorts(options)
	return t, err
}

// Case is a name of snake_case as answers write it.
func (t *Table[E, M]) Case(name string) string {
	if t.camel {
		return Camel(name)
	}
	return name
}

// nameOf is the name of a field as answers write it.
func (t *Table[E, M]) nameOf(f *Field[E, M]) string {
	if f.Verbatim {
		return f.Name
	}
	return t.Case(f.Name)
}

// AnswerName returns the name under which answers have a field, or an empty one where they lack it. Bodies
// may use it too.
func (t *Table[E, M]) AnswerName(field string) string {
	for _, m := range t.members {
		if m.field == field {
			return m.name
		}
	}
	return ""
}

// Field returns the field of a name in snake_case, or nil.
func (t *Table[E, M]) Field(name string) *Field[E, M] {
	i := t.indexOf(name)
	if i < 0 {
		return nil
	}
	return &t.Fields[i]
}

func (t *Table[E, M]) indexOf(name string) int {
	return slices.IndexFunc(t.Fields, func(f Field[E, M]) bool { return f.Name == name })
}

// addMembers lists what answers have: the fields, in the place of some of them others, and behind
// them further names.
func (t *Table[E, M]) addMembers(aliases []Alias) error {
	var further []member[E]
	replaced := map[string]*Field[E, M]{}
	for _, alias := range aliases {
		f := t.Field(alias.Field)
		if f == nil || f.Append == nil {
			return fmt.Errorf("names the field %q, which there is not", alias.Field)
		}
		if at := t.indexOf(Snake(alias.Name)); at >= 0 && t.Case(t.Fields[at].Name) == alias.Name && t.Fields[at].Append != nil && !t.Fields[at].OnlyAliased {
			if slices.Contains([]string{"id", "user_id", "title"}, t.Fields[at].Name) {
				return fmt.Errorf("puts %q in the place of another field", alias.Name)
			}
			replaced[t.Fields[at].Name] = f
			continue
		}
		further = append(further, member[E]{field: f.Name, name: alias.Name, append: f.Append})
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Append == nil || f.Hidden || f.OnlyAliased {
			continue
		}
		shown := f
		if other, ok := replaced[f.Name]; ok {
			shown = other
		}
		t.members = append(t.members, member[E]{field: shown.Name, name: t.nameOf(f), append: shown.Append})
	}
	t.members = append(t.members, further...)
	for i := range t.members {
		m := &t.members[i]
		m.key = string(AppendString(nil, m.name)) + ":"
		if i > 0 {
			m.key = "," + m.key
		}
	}
	return nil
}

// addInputs lists the names that bodies may use: those that the deployment gives, its own members, and
// then those of the other fields.
func (t *Table[E, M]) addInputs(aliases []Alias) {
	t.inputs = map[string]bodyName{}
	for _, alias := range aliases {
		if i := t.indexOf(alias.Field); t.Fields[i].Read != nil { // else answers have it, bodies do not
			t.addInput(i, t.Fields[i].Name, alias.Name)
		}
	}
	for i, f := range t.Fields {
		if f.Verbatim && f.Read != nil {
			t.addInput(i, f.Name, append([]string{f.Name}, inBothCases(Snake(f.Name))...)...)
		}
	}
	for i, f := range t.Fields {
		if f.Verbatim || f.Read == nil {
			continue
		}
		for _, name := range append([]string{f.Name}, f.Also...) {
			t.addInput(i, name, inBothCases(name)...)
		}
	}
}

// addInput lists names that a field reads as the one in snake_case, unless another field has them. It
// panics where the field is read into one that can't be set.
func (t *Table[E, M]) addInput(reader int, snake string, names ...string) {
	target := reader
	if into := t.Fields[reader].Into; into != "" {
		target = t.indexOf(into)
	}
	if target < 0 || t.Fields[target].Set == nil {
		panic(t.Name + "." + t.Fields[reader].Name + " is read into a field that can't be set")
	}
	for _, name := range names {
		if _, taken := t.inputs[name]; !taken {
			t.inputs[name] = bodyName{target: target, reader: reader, rank: len(t.inputs), name: snake}
		}
	}
}

// AppendItem appends an item as a JSON object.
func (t *Table[E, M]) AppendItem(b []byte, e *E) []byte {
	return append(t.AppendMembers(append(b, '{'), e), '}')
}

// AppendMembers appends the members of an item without braces.
func (t *Table[E, M]) AppendMembers(b []byte, e *E) []byte {
	for i := range t.members {
		m := &t.members[i]
		b = m.append(append(b, m.key...), e)
	}
	return b
}

// oneOf lists words in a sentence without quotes: a, b or c.
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
