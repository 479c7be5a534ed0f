package routes_test

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// base is one of the two addresses of a user's tasks, or of another's.
type base struct {
	path, slash string
	foreign     bool
}

func drawBase(t *rapid.T, p *person) base {
	b := base{path: "/api/tasks", slash: rapid.SampledFrom([]string{"", "", "/"}).Draw(t, "slash")}
	switch rapid.IntRange(0, 9).Draw(t, "base") {
	case 0, 1, 2, 3:
		b.path = "/api/" + p.user + "/tasks"
	case 4:
		b.path, b.foreign = "/api/"+p.other.user+"/tasks", true
	}
	return b
}

// address names a task.
type address struct {
	base  base
	whose string
	pick  int
	upper bool
}

func drawAddress(t *rapid.T, p *person) address {
	return address{
		base:  drawBase(t, p),
		whose: rapid.SampledFrom([]string{"mine", "mine", "mine", "mine", "mine or gone", "another's", "nobody's", "malformed"}).Draw(t, "whose"),
		pick:  drawPick(t),
		upper: rapid.IntRange(0, 9).Draw(t, "upper case") == 0,
	}
}

// drawPick draws which of several things is taken. How many there are is not known yet: it is taken modulo their number.
func drawPick(t *rapid.T) int { return rapid.IntRange(0, 1000).Draw(t, "pick") }

// of is the path, and the id in it.
func (a address) of(p *person) (path, id string) {
	id = unknownID
	switch a.whose {
	case "mine":
		if n := len(p.tasks); n > 0 {
			id = p.tasks[a.pick%n].id
		}
	case "mine or gone":
		id = pickOr(&p.ids, a.pick, id)
	case "another's":
		id = pickOr(&p.other.ids, a.pick, id)
	case "malformed":
		id = []string{"1", "null", strings.ReplaceAll(unknownID, "-", ""), unknownID + "0"}[a.pick%4]
	}
	if a.upper {
		return a.base.path + "/" + strings.ToUpper(id), id
	}
	return a.base.path + "/" + id, id
}

func pickOr(ids *shared[string], n int, otherwise string) string {
	if id, ok := ids.pick(n); ok {
		return id
	}
	return otherwise
}

func drawReadOptions(t *rapid.T) readOptions {
	return readOptions{conditional: rapid.Bool().Draw(t, "conditional"), head: rapid.IntRange(0, 9).Draw(t, "head") == 0}
}

func drawComplete(t *rapid.T) string {
	return "/" + rapid.SampledFrom([]string{"complete", "toggle", "toggle-status", "status"}).Draw(t, "name")
}

// requestBody is the body of a request and what it means.
type requestBody struct {
	text        string
	title       *string
	describes   bool
	description *string
	state       string         // empty: not named; "open": not completed
	priority    string         // empty: not named
	others      map[string]any // due_date, remind_at, timezone and tags, so far as they are named
	flips       bool
	broken      bool
}

// apply changes the fields as the body says, and reports whether the body names any.
func (s requestBody) apply(f *fields) bool {
	if s.title != nil {
		f.title = strings.TrimSpace(*s.title)
	}
	if s.describes {
		f.description = s.description
	}
	switch {
	case s.flips && f.completed(), s.state == "open" && f.completed():
		f.state = "pending"
	case s.flips:
		f.state = "completed"
	case s.state != "open":
		f.state = cmp.Or(s.state, f.state)
	}
	f.priority = cmp.Or(s.priority, f.priority)
	for name, value := range s.others {
		text, _ := value.(*string)
		switch name {
		case "due_date":
			f.due = text
		case "remind_at":
			f.remind = text
		case "timezone":
			f.zone = text
		case "tags":
			f.tags = value.([]string)
		}
	}
	return s.title != nil || s.describes || s.state != "" || s.priority != "" || s.flips || len(s.others) > 0
}

var (
	titles = rapid.OneOf(
		rapid.Map(rapid.StringOfN(rapid.RuneFrom([]rune("aAbé😀\ufb01")), 1, 3, -1), func(s string) string { return " " + s + "\t\u00a0" }),
		rapid.StringOfN(rapid.RuneFrom([]rune("aAbé😀\ufb01 \"\\<\u2028")), 1, 3, -1).Filter(func(s string) bool { return strings.TrimSpace(s) != "" }),
		rapid.Just(strings.Repeat("é", 255)),
	)
	descriptions = rapid.OneOf(rapid.Ptr(rapid.SampledFrom([]string{"", " kept as given ", "\U0010ffff\x01", strings.Repeat("😀", 1000)}), true))
	// flaws are fields that make a body invalid.
	flaws = []object{
		{"title": ""},
		{"title": " \u00a0\t"},
		{"title": strings.Repeat("x", 256)},
		{"title": nil},
		{"title": "a\x00"},
		{"description": 7},
		{"description": strings.Repeat("é", 1001)},
		{"description": "\x00"},
		{"priority": "highest"},
		{"priority": 1},
		{"due_date": "2026-02-29"},
		{"dueDate": 7},
		{"remind_at": "soon"},
		{"timezone": "Local"},
		{"tags": 7},
		{"labels": []string{strings.Repeat("x", 51)}},
		{"recurrence_rule": "FREQ=HOURLY"},
	}
	// stateFlaws are fields that make every body invalid, those that only set the state too.
	stateFlaws = []object{
		{"completed": 1},
		{"is_completed": "true"},
		{"status": "sideways"},
		{"user_id": "somebody else"},
		{"userId": 7},
	}
	noJSON = []string{"{", "null", "[]", `{"title":"\ud83d"}`, "{\"title\":\"\xff\"}"}
)

// drawBody draws a task, or a change of one.
func drawBody(t *rapid.T, p *person, isNew bool) requestBody {
	s, o := drawStateFields(t, p)
	if isNew || rapid.Bool().Draw(t, "has a title") {
		title := titles.Draw(t, "title")
		s.title, o["title"] = &title, title
	}
	if rapid.Bool().Draw(t, "has a description") {
		s.describes, s.description = true, descriptions.Draw(t, "description")
		o["description"] = s.description
	}
	if rapid.Bool().Draw(t, "has a priority") {
		s.priority = rapid.SampledFrom(priorities).Draw(t, "priority")
		o["priority"] = rapid.SampledFrom([]string{s.priority, strings.ToUpper(s.priority)}).Draw(t, "spelt")
		if s.priority == "none" && rapid.Bool().Draw(t, "as null") {
			o["priority"] = nil
		}
	}
	s.others = map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(otherFields)) { // in one order, so that a failure can be drawn again
		if rapid.IntRange(0, 2).Draw(t, "has "+name) == 0 {
			s.others[name] = otherFields[name].Draw(t, name)
			as := rapid.SampledFrom(otherNames[name]).Draw(t, "as")
			o[as] = s.others[name]
		}
	}
	if isNew && rapid.IntRange(0, 19).Draw(t, "no title") == 0 {
		s.broken = true
		delete(o, "title")
	}
	return s.withFlaw(t, o, append(flaws, stateFlaws...))
}

// drawState draws what completes, reopens or flips a task.
func drawState(t *rapid.T, p *person) requestBody {
	if rapid.Bool().Draw(t, "empty") {
		return requestBody{flips: true}
	}
	s, o := drawStateFields(t, p)
	s.flips = len(o) == 0
	s = s.withFlaw(t, o, stateFlaws)
	s.broken = s.broken || s.state == "" && !s.flips
	return s
}

func drawStateFields(t *rapid.T, p *person) (requestBody, object) {
	var s requestBody
	o := object{}
	word := rapid.SampledFrom([]string{"pending", "in_progress", "completed"}).Draw(t, "word")
	completed := word == "completed"
	open := map[bool]string{true: "completed", false: "open"}[completed]
	switch rapid.IntRange(0, 5).Draw(t, "state") {
	case 0:
		s.state, o = open, object{"completed": completed}
	case 1:
		s.state, o = open, object{"is_completed": completed}
	case 2:
		s.state, o = word, object{"status": word}
	case 3:
		s.state, o = word, object{"status": word, "completed": completed}
	}
	if rapid.IntRange(0, 4).Draw(t, "sent back") == 0 { // clients send what they have read
		maps.Copy(o, object{"id": unknownID, "user_id": p.user, "userId": p.user, "createdAt": "1970-01-01T00:00:00Z", "updated_at": 0})
	}
	return s, o
}

// withFlaw encodes the body; one in ten gets a flaw.
func (s requestBody) withFlaw(t *rapid.T, o object, flaws []object) requestBody {
	switch rapid.IntRange(0, 19).Draw(t, "flawed") {
	case 18:
		maps.Copy(o, rapid.SampledFrom(flaws).Draw(t, "flaw"))
		s.broken = true
	case 19:
		s.text, s.broken = rapid.SampledFrom(noJSON).Draw(t, "no JSON"), true
		return s
	}
	s.text = encode(t, o)
	return s
}

// What a list can be asked for, and by which names.
var (
	states = map[string]func(fields) bool{
		"": isAny, "all": isAny, "pending": isState("pending"), "in_progress": isState("in_progress"), "completed": fields.completed,
		"active": func(f fields) bool { return !f.completed() }, "overdue": fields.overdue,
		"completed,doing":     func(f fields) bool { return f.state != "pending" },
		"in_progress,overdue": func(f fields) bool { return f.state == "in_progress" || f.overdue() },
		"completed,overdue":   func(f fields) bool { return f.completed() || f.overdue() },
	}
	// narrowings are more filters, as they stand in an address.
	narrowings = map[string]func(fields) bool{
		"tags=work":             func(f fields) bool { return slices.Contains(f.tags, "work") },
		"tag_ids=Work,é":        func(f fields) bool { return slices.Contains(f.tags, "Work") && slices.Contains(f.tags, "é") },
		"no_tags=true":          func(f fields) bool { return len(f.tags) == 0 },
		"due_from=2026-01-01":   func(f fields) bool { return f.due != nil && *f.due > "2026" },
		"due_before=2026-01-01": func(f fields) bool { return f.due != nil && *f.due < "2026" },
		"due_on=2090-01-05":     func(f fields) bool { return f.due != nil && strings.HasPrefix(*f.due, "2090-01-05") },
		"has_due_date=true":     func(f fields) bool { return f.due != nil },
		"has_due_date=false":    func(f fields) bool { return f.due == nil },
		"overdue=true":          fields.overdue,
		"overdue=false":         func(f fields) bool { return !f.overdue() },
		"due=overdue":           fields.overdue,
		"due=week":              func(fields) bool { return false },
		"is_recurring=false":    isAny,
		"completed=true":        fields.completed,
		"search=A":              func(f fields) bool { return f.finds("a") },
		"q=É wor":               func(f fields) bool { return f.finds("é") && f.finds("wor") },
		"search=fi":             func(f fields) bool { return f.finds("fi") },
	}
	// otherFields are values of further fields.
	otherFields = map[string]*rapid.Generator[any]{
		"due_date":  texts("2020-01-05", "2020-01-05T00:00", "2090-01-05T09:30", "2090-01-05", "2090-01-06"),
		"remind_at": texts("2026-01-05", "2026-01-05T09:30:00.123Z", "2026-01-05T09:30+05:30"),
		"timezone":  texts("UTC", "Etc/UTC"),
		"tags":      rapid.SampledFrom([]any{[]string{}, []string{"work"}, []string{"Work", "é"}, []string{"home", "work"}}),
	}
	otherNames = map[string][]string{
		"due_date": {"due_date", "dueDate", "due_at", "deadline"}, "remind_at": {"remind_at", "remindAt", "reminder_time"}, "timezone": {"timezone"},
		"tags": {"tags", "labels", "tagIds"},
	}
	columns = map[string]string{
		"": "created", "created": "created", "created_at": "created", "createdAt": "created", "date": "created",
		"updated": "updated", "updated_at": "updated", "updatedAt": "updated", "title": "title", "priority": "priority",
		"due_date": "due_date", "dueAt": "due_date", "status": "status", "completed_at": "completed_at", "completedAt": "completed_at",
	}
)

// descendingByItself are the orders that are descending where nothing says so.
var descendingByItself = []string{"created", "updated", "completed_at"}

func isAny(fields) bool { return true }

func isState(state string) func(fields) bool { return func(f fields) bool { return f.state == state } }

// texts draws one of the texts, or null.
func texts(all ...string) *rapid.Generator[any] {
	return rapid.Map(rapid.Ptr(rapid.SampledFrom(all), true), func(text *string) any { return text })
}

func drawListing(t *rapid.T, p *person) listing {
	state := rapid.SampledFrom(slices.Sorted(maps.Keys(states))).Draw(t, "status")
	column := rapid.SampledFrom(slices.Sorted(maps.Keys(columns))).Draw(t, "sort")
	order := rapid.SampledFrom([]string{"", "asc", "desc"}).Draw(t, "order")
	l := listing{
		base:       drawBase(t, p),
		status:     state,
		column:     columns[column],
		descending: order == "desc" || order == "" && slices.Contains(descendingByItself, columns[column]),
		limit:      rapid.SampledFrom([]int{1, 2, 3, 4, 1000}).Draw(t, "limit"),
		offset:     rapid.SampledFrom([]int{0, 0, 0, 1, 2, 5}).Draw(t, "offset"),
		asked:      url.Values{},
	}
	l.ask(t, state, "status")
	if rapid.IntRange(0, 3).Draw(t, "by priority") == 0 {
		l.priorities = rapid.SliceOfNDistinct(rapid.SampledFrom(priorities), 1, 3, rapid.ID[string]).Draw(t, "priorities")
		l.ask(t, strings.Join(l.priorities, ","), "priority", "priority_filter", "priorityFilter")
	}
	if rapid.IntRange(0, 2).Draw(t, "narrowed") == 0 {
		l.narrowed = []string{rapid.SampledFrom(slices.Sorted(maps.Keys(narrowings))).Draw(t, "by")}
		name, value, _ := strings.Cut(l.narrowed[0], "=")
		l.ask(t, value, name)
	}
	l.ask(t, column, "sort", "sort_by", "sortBy")
	l.ask(t, order, "order", "sort_order", "sortOrder")
	return l
}

func (l listing) ask(t *rapid.T, value string, names ...string) {
	if value != "" {
		l.asked.Set(rapid.SampledFrom(names).Draw(t, "as"), value)
	}
}

// path is the question as an address.
func (l listing) path(from *bookmark) string {
	query := url.Values{}
	maps.Copy(query, l.asked)
	if l.limit < wholeList {
		query.Set("limit", strconv.Itoa(l.limit))
	}
	if l.offset > 0 {
		query.Set("offset", strconv.Itoa(l.offset))
	}
	if from != nil {
		query.Set("cursor", from.cursor)
	}
	return l.base.path + l.base.slash + "?" + query.Encode()
}

// wrongCursors are ways to use a cursor where it does not hold.
var wrongCursors = map[string]func(url.Values, listing){
	"another's":      func(url.Values, listing) {},
	"with an offset": func(q url.Values, _ listing) { q.Set("skip", "1") },
	"shortened":      func(q url.Values, _ listing) { q.Set("cursor", q.Get("cursor")[1:]) },
	"lengthened":     func(q url.Values, _ listing) { q.Set("cursor", q.Get("cursor")+"A") },
	"in another order": func(q url.Values, l listing) {
		q.Set("order", map[bool]string{true: "asc", false: "desc"}[l.descending])
	},
	"by another column": func(q url.Values, l listing) {
		q.Set("sort", map[bool]string{true: "created", false: "title"}[l.column == "title"])
	},
	"with another filter": func(q url.Values, l listing) {
		q.Set("status", map[bool]string{true: "completed", false: "all"}[l.status == "" || l.status == "all"])
	},
}

// misused is the address of a list that a cursor is not for.
func (b bookmark) misused(wrong string) string {
	list := b.list
	list.base, list.offset = base{path: "/api/tasks"}, 0
	path, query, _ := strings.Cut(list.path(&b), "?")
	values, _ := url.ParseQuery(query)
	wrongCursors[wrong](values, list)
	return path + "?" + values.Encode()
}
