package resource

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"todo-backend/ent/moment"
	"todo-backend/ent/stmt"
)

const (
	// maxLimit is the longest page, and the page of a list without a limit: a client that never pages
	// must not lose rows silently.
	maxLimit = 1000
	// maxOffset is how many rows a list skips at most: the database reads each of them.
	maxOffset = 10_000
)

// List is what the parameters of a list say.
type List struct {
	Where  []stmt.Cond // what the filters say
	Order  Order
	Limit  int
	Offset int
	After  *Position // where the page begins; nil is at the start

	user     string
	filtered []filtered // what is set, by name
	old      func(l *List) []byte
}

// filtered is a filter that is set, as cursors know it.
type filtered struct{ name, value string }

// Filtered returns the value that a filter was set to, in the form that cursors know; empty where it
// is not set.
func (l *List) Filtered(name string) string {
	for _, f := range l.filtered {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// Filters returns how many filters are set.
func (l *List) Filters() int { return len(l.filtered) }

// Filter narrows a list by a parameter.
type Filter struct {
	// Names of the parameter, in snake_case; the first is the one in the documents.
	Names []string
	// Adds: several values of the parameter add up; else they must be the same.
	Adds bool
	// Verbatim: "all" is a value like any other; else it filters nothing.
	Verbatim bool
	// Parse reads the values, none of them empty, and returns the conditions and one text for all
	// ways to say the same.
	Parse func(values []string, at Clock) (where []stmt.Cond, canonical string, refusal *Refusal)

	Description string
	Schema      Members
}

// Clock is what a list calls now, and today.
type Clock struct {
	Now  time.Time
	Zone *time.Location // that of the parameter timezone, or of the deployment
}

// params are the parameters of a request.
type params []param

type param struct {
	index int // of the table's list
	name  string
	value string
}

// Sort is an order that lists can have. Ties are by id, in the same direction.
type Sort[E any] struct {
	Order

	Words []string       // the values of the parameter sort, in snake_case
	Value func(e *E) any // the item's key, of the kind
}

// Order is an order without the items.
type Order struct {
	Name       string    // in cursors
	Kind       Kind      // of the key
	Column     string    // the id's: by nothing else
	Key        stmt.Text // an expression in place of the column
	Nullable   bool      // what has no key comes last, in both directions
	Descending bool      // here, and in a Sort where the request does not say

	word string      // by which the table knows it
	keys stmt.Keyset // as statements have it
}

const columnID = "id"

// keyset is the order as statements have it: texts by code point on both databases, which is SQLite's
// own order.
func (o Order) keyset() stmt.Keyset {
	switch {
	case o.Column == columnID:
		return stmt.KeysetByID(columnID)
	case o.Column == "":
		return stmt.NewKeyset(o.Key, o.Nullable, columnID)
	case o.Kind == KindText:
		key := stmt.Column(o.Column)
		key.Postgres += ` COLLATE "C"`
		return stmt.NewKeyset(key, o.Nullable, columnID)
	}
	return stmt.NewKeyset(stmt.Column(o.Column), o.Nullable, columnID)
}

// parameter is one that lists have, under any of its names.
type parameter struct {
	names  []string // of the documents: the first
	filter *Filter  // nil for those below
}

// The parameters that every list has, by their index.
const (
	paramSort = iota
	paramOrder
	paramLimit
	paramCursor
	paramOffset
	paramPage
	paramTimezone
	ownParams // the number of them
)

var listParams = [ownParams][]string{
	paramSort:     {"sort", "sort_by"},
	paramOrder:    {"order", "sort_order"},
	paramLimit:    {"limit", "page_size", "per_page"},
	paramCursor:   {"cursor"},
	paramOffset:   {"offset", "skip"},
	paramPage:     {"page"},
	paramTimezone: {"timezone"},
}

// addParameters lists the parameters: those of every list, those of the fields, and the resource's.
func (t *Table[E, M]) addParameters(filters []Filter) {
	t.params = map[string]int{}
	add := func(p parameter) {
		for _, name := range inBothCases(p.names...) {
			if _, taken := t.params[name]; !taken {
				t.params[name] = len(t.list)
			}
		}
		t.list = append(t.list, p)
	}
	for _, names := range listParams {
		add(parameter{names: names})
	}
	for i := range filters {
		add(parameter{filters[i].Names, &filters[i]})
	}
	for i := range t.Fields {
		if f := t.Fields[i].filter(); f != nil {
			add(parameter{f.Names, f})
		}
	}
}

// filter is what the field's annotation says, or nil.
func (f *Field[E, M]) filter() *Filter {
	if len(f.Filter) == 0 {
		return nil
	}
	filter := &Filter{Names: f.Filter, Description: f.Description}
	switch f.Kind {
	case KindWord:
		filter.Adds = true
		filter.Description = strings.TrimSpace(filter.Description + " Several are separated by commas.")
		filter.Parse = func(values []string, _ Clock) ([]stmt.Cond, string, *Refusal) {
			return parseWords(f.Column, f.Words, values)
		}
	case KindBool:
		filter.Schema = JSON("type", "boolean")
		filter.Parse = func(values []string, _ Clock) ([]stmt.Cond, string, *Refusal) {
			value, refusal := ParseFlag(values[0])
			return []stmt.Cond{stmt.Equal(f.Column, value)}, strconv.FormatBool(value), refusal
		}
	default:
		panic(fmt.Sprintf("%s: lists can't be filtered by a field of kind %s", f.Name, f.Kind))
	}
	return filter
}

// ParseFlag reads the value of a parameter that is true or false.
func ParseFlag(value string) (bool, *Refusal) {
	switch strings.ToLower(value) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, Refuse("enum", "must be true or false")
}

// parseWords reads words that a column may have, separated by commas.
func parseWords(column string, words, values []string) ([]stmt.Cond, string, *Refusal) {
	var indices []int
	for _, value := range SplitList(values) {
		index := wordIndex(words, value)
		if index < 0 {
			return nil, "", Refuse("enum", "must be %s", oneOf(words))
		}
		indices = append(indices, index)
	}
	slices.Sort(indices)
	indices = slices.Compact(indices)
	if len(indices) == 1 {
		return []stmt.Cond{stmt.Equal(column, indices[0])}, strconv.Itoa(indices[0]), nil
	}
	return []stmt.Cond{stmt.In(column, indices)}, fmt.Sprint(indices), nil
}

// SplitList splits values at commas and leaves out what is empty.
func SplitList(values []string) []string {
	var items []string
	for _, value := range values {
		for item := range strings.SplitSeq(value, ",") {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
	}
	return items
}

// addSorts lists the orders: the resource's, and those of the fields.
func (t *Table[E, M]) addSorts(options Options[E, M]) error {
	t.sorts = map[string]*Sort[E]{}
	all := slices.Clone(options.Sorts)
	for i := range t.Fields {
		if f := &t.Fields[i]; len(f.Sort) > 0 {
			all = append(all, Sort[E]{
				Order: Order{Name: f.Column, Kind: f.Kind, Column: f.Column, Nullable: f.Nullable, Descending: f.Descending},
				Words: f.Sort, Value: f.Value,
			})
		}
	}
	for i := range all {
		all[i].word, all[i].keys = strings.ToLower(all[i].Words[0]), all[i].keyset()
		for _, word := range inBothCases(all[i].Words...) {
			t.sorts[strings.ToLower(word)] = &all[i]
		}
		t.sortWords = append(t.sortWords, all[i].Words[0])
	}
	t.initial = t.sorts[options.Sort]
	if t.initial == nil {
		return fmt.Errorf("lists of %s have no order %q", t.Plural, options.Sort)
	}
	return nil
}

// ParseList reads the parameters of a user's list, and returns every broken rule as
// [Invalid]. Empty parameters count as absent, unknown ones are ignored.
func (t *Table[E, M]) ParseList(user string, parameters iter.Seq2[[]byte, []byte]) (*List, error) {
	var broken Invalid
	given := t.collect(parameters)
	l := &List{user: user, old: t.old}
	l.Order = t.parseOrder(given, &broken)
	at := Clock{Now: t.now(), Zone: t.zone}
	if name, text := given.one(paramTimezone, &broken); text != "" {
		zone, err := moment.Zone(text)
		if err != nil {
			broken.Add(name, "timezone", "%v", err)
		}
		at.Zone = zone
	}
	if len(broken) == 0 || at.Zone != nil {
		t.parseFilters(l, given, at, &broken)
	}
	l.parsePage(given, t.limit, &broken)
	if len(broken) > 0 {
		return nil, broken
	}
	if name, text := given.one(paramCursor, &broken); text != "" {
		after, ok := l.parseCursor(text)
		if !ok {
			broken.Add(name, "cursor", "is not one that this list returned; it holds for the same user, sort, order and filters only")
		}
		l.After = after
	}
	return l, broken.OrNil()
}

// collect returns the parameters that are known and not empty.
func (t *Table[E, M]) collect(parameters iter.Seq2[[]byte, []byte]) params {
	var given params
	for name, value := range parameters {
		if index, known := t.params[string(name)]; known && len(value) > 0 {
			given = append(given, param{index, string(name), string(value)})
		}
	}
	return given
}

// one is the parameter of an index: the name that was used and its value. It may be given several
// times with one value alone.
func (p params) one(index int, broken *Invalid) (name, value string) {
	for _, param := range p {
		switch {
		case param.index != index:
		case name == "":
			name, value = param.name, param.value
		case param.value != value:
			broken.Add(param.name, "conflict", "is given twice, with different values")
		}
	}
	return cmp.Or(name, paramName(index)), value
}

func paramName(index int) string {
	if index < ownParams {
		return listParams[index][0]
	}
	return ""
}

// parseOrder reads sort, whose word may say the direction too, and order, which wins.
func (t *Table[E, M]) parseOrder(given params, broken *Invalid) Order {
	sort := t.initial
	name, text := given.one(paramSort, broken)
	word, direction := splitSort(strings.ToLower(text))
	if text != "" {
		found, ok := t.sorts[word]
		if !ok {
			found, ok = t.sorts[strings.ToLower(text)]
			direction = ""
		}
		if ok {
			sort = found
		} else {
			broken.Add(name, "enum", "must be %s", oneOf(t.sortWords))
		}
	}
	order := sort.Order
	name, text = given.one(paramOrder, broken)
	switch cmp.Or(strings.ToLower(text), direction) {
	case "":
	case "asc":
		order.Descending = false
	case "desc":
		order.Descending = true
	default:
		broken.Add(name, "enum", "must be asc or desc")
	}
	return order
}

// splitSort takes the direction from the word of an order: -created_at, created_at:desc,
// created_at_desc.
func splitSort(text string) (word, direction string) {
	if word, ok := strings.CutPrefix(text, "-"); ok {
		return word, "desc"
	}
	for _, direction := range []string{"asc", "desc"} {
		for _, separator := range []string{":", "_", ""} {
			if word, ok := strings.CutSuffix(text, separator+direction); ok && word != "" {
				return word, direction
			}
		}
	}
	return text, ""
}

func (t *Table[E, M]) parseFilters(l *List, given params, at Clock, broken *Invalid) {
	for index := ownParams; index < len(t.list) && len(given) > 0; index++ {
		filter := t.list[index].filter
		name, values := given.all(index, filter, broken)
		if len(values) == 0 {
			continue
		}
		where, canonical, refusal := filter.Parse(values, at)
		if refusal != nil {
			broken.Refuse(name, refusal)
			continue
		}
		if len(where) > 0 {
			l.Where = append(l.Where, where...)
			l.filtered = append(l.filtered, filtered{filter.Names[0], canonical})
		}
	}
}

// all are the values of a filter and the name that the first was given under.
func (p params) all(index int, filter *Filter, broken *Invalid) (name string, values []string) {
	for _, param := range p {
		switch {
		case param.index != index, !filter.Verbatim && strings.EqualFold(param.value, "all"):
		case len(values) > 0 && !filter.Adds && param.value != values[0]:
			broken.Add(param.name, "conflict", "is given twice, with different values")
		default:
			name = cmp.Or(name, param.name)
			values = append(values, param.value)
		}
	}
	return name, values
}

// parsePage reads limit, and one of cursor, offset and page.
func (l *List) parsePage(given params, limit int, broken *Invalid) {
	const further = "; for what comes later follow the cursor of each page to the next"
	l.Limit, _ = given.number(paramLimit, limit, 1, maxLimit, "", broken)
	offset, name := given.number(paramOffset, 0, 0, maxOffset, further, broken)
	page, pageName := given.number(paramPage, 1, 1, maxOffset/l.Limit+1, further, broken)
	cursor, text := given.one(paramCursor, broken)
	switch {
	case text != "" && (name != "" || pageName != ""):
		broken.Add(cursor, "conflict", "can't be combined with an offset")
	case name != "" && pageName != "":
		broken.Add(pageName, "conflict", "can't be combined with an offset")
	}
	if pageName != "" {
		offset = (page - 1) * l.Limit
	}
	l.Offset = offset
}

// number is a parameter that is a number, and the name that it was given under; empty for none. The advice
// ends the sentence about one that is out of range.
func (p params) number(index, fallback, lowest, highest int, advice string, broken *Invalid) (n int, name string) {
	name, text := p.one(index, broken)
	if text == "" {
		return fallback, ""
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < lowest || n > highest {
		broken.Add(name, "range", "must be a number from %d to %d%s", lowest, highest, advice)
		return fallback, name
	}
	return n, name
}

// Query is the statement of a list. It reads one row more than the page has, to know whether there is
// another page.
func (l *List) Query(count bool) Query {
	q := Query{
		Where: l.Where,
		Order: l.Order.keys.Order(l.Order.Descending),
		Page:  stmt.Page{Limit: l.Limit + 1, Offset: l.Offset},
		Count: count,
	}
	if l.After != nil {
		q.Page.After = []stmt.Cond{l.Order.keys.After(l.Order.Descending, l.After.Key, l.After.ID)}
	}
	return q
}

// Page is one page of a list.
type Page[E any] struct {
	Items []*E
	Total int    // of all that match the filter; only where it was asked for
	Next  string // the cursor of the next page; empty on the last
}

// Page makes a page of the rows that [List.Query] read.
func (t *Table[E, M]) Page(l *List, rows []*E, total int) Page[E] {
	p := Page[E]{Items: rows, Total: total}
	if len(rows) <= l.Limit {
		return p
	}
	p.Items = rows[:l.Limit]
	last := p.Items[l.Limit-1]
	key := Position{ID: t.ID(last)}
	if l.Order.Column != columnID {
		key.Key = t.sorts[l.Order.word].Value(last)
	}
	p.Next = l.cursor(key)
	return p
}

// HasParameter reports whether lists know a parameter.
func (t *Table[E, M]) HasParameter(name string) bool {
	_, known := t.params[name]
	return known
}

// Continues reports whether the address of the next page has the parameter: one that lists know, and
// that does not say where a page begins.
func (t *Table[E, M]) Continues(name string) bool {
	index, known := t.params[name]
	return known && index != paramCursor && index != paramOffset && index != paramPage
}
