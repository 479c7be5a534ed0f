package recurrence

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"todo-backend/ent/moment"
)

// Value is a member of a body that belongs to the rule: one of those that [Names] lists.
type Value struct {
	Name string          // in snake_case, of the field that it is a further name of by API_ALIASES
	As   string          // as it was sent
	JSON json.RawMessage // valid JSON
}

// Problem is a value that is not taken. Detail is a sentence without its subject.
type Problem struct{ Field, Code, Detail string }

// The codes of a [Problem].
const (
	CodeType     = "type"     // a number where a text has to be, or the like
	CodeRule     = "rule"     // no word, and no rule that is taken
	CodeRange    = "range"    // no interval
	CodeDate     = "date"     // no end date
	CodeConflict = "conflict" // contradicts another value
)

const isRecurring = "is_recurring"

// The names of values, by what they usually hold.
var (
	ruleNames = []string{
		"recurrence_rule", "rrule", "recurrence", recurrencePattern, "recurring", "recurrence_type", "repeat",
		recurrenceWord, recurrenceFrequency,
	}
	intervalNames = []string{"recurrence_interval", "recurring_interval"}
	endNames      = []string{"recurrence_end_date", "recurring_end_date"}
)

const (
	recurrencePattern   = "recurrence_pattern"
	recurrenceWord      = "recurrence_word"
	recurrenceFrequency = "recurrence_frequency"
)

// Names returns all names of values, in snake_case.
func Names() []string {
	return slices.Concat(ruleNames, intervalNames, endNames, []string{isRecurring})
}

// Weigh returns the rule that a body leaves a task with: stored itself (==) where it says nothing or what is stored, the zero Rule
// where it clears it or there is none. Stored is the zero Rule for a new task. The problems, of which each names a value as it was
// sent, are all that the body has; the rule is stored then. What a rule breaks beside its start is for [Rule.Check].
func Weigh(values []Value, stored Rule) (Rule, []Problem) {
	w := weighing{stored: stored}
	for _, value := range values {
		w.read(value)
	}
	if w.off { // whatever stands beside it
		return Rule{}, nil
	}
	rule := stored
	if len(w.problems) == 0 {
		rule = w.decide()
	}
	if len(w.problems) > 0 || rule.Means(stored) {
		return stored, w.problems
	}
	return rule, nil
}

// weighing collects the values of a body that concern the rule.
type weighing struct {
	stored Rule

	off       bool // is_recurring is false
	clears    []said
	rules     []said
	intervals []said
	ends      []said

	problems []Problem
}

// said is one value.
type said struct {
	as     string
	stored bool // it equals what is stored

	rule     Rule
	word     string // which stands for the rule, or "" for a rule of RFC 5545
	interval int
	end      moment.Moment // a date, or zero for none
}

func (w *weighing) problem(field, code, detail string) {
	w.problems = append(w.problems, Problem{field, code, detail})
}

// decide returns the rule after the body. A new rule or word replaces what is stored, else a new interval or end date changes it.
func (w *weighing) decide() Rule {
	news := different(w.rules)
	slices.SortStableFunc(news, func(a, b said) int { return len(a.word) - len(b.word) }) // rules of RFC 5545 first
	cleared := different(w.clears)
	switch {
	case len(cleared) > 0 && len(news) > 0:
		w.contradicts(news[0])
		return w.stored
	case len(cleared) > 0:
		return Rule{} // without a rule, an interval or end date beside it means nothing
	case len(news) > 0:
		return w.replace(w.choose(news))
	case w.stored.IsZero():
		return w.stored
	default:
		return w.change()
	}
}

func (w *weighing) contradicts(s said) {
	w.problem(s.as, CodeConflict, "contradicts another field of the body")
}

// different returns what differs from what is stored.
func different(all []said) []said {
	return slices.DeleteFunc(slices.Clone(all), func(s said) bool { return s.stored })
}

// choose returns the most specific of several new values: the one that all others agree with.
func (w *weighing) choose(news []said) said {
	for _, base := range news {
		agrees := func(other said) bool {
			if other.word == "" || base.word == other.word {
				return base.rule.Means(other.rule)
			}
			return base.rule.Word() == other.word || base.rule.Frequency().String() == other.word
		}
		if !slices.ContainsFunc(news, func(other said) bool { return !agrees(other) }) {
			return base
		}
	}
	w.contradicts(news[1])
	return news[0]
}

// replace returns a new rule with the interval and end date that stand beside it.
func (w *weighing) replace(base said) Rule {
	if base.word == "" {
		return w.replaceByRule(base)
	}
	rule := base.rule
	switch base.word {
	case biweekly:
	case weekdays:
		w.checkWeekdays()
	default:
		if interval, ok := w.one(w.intervals, sameInterval); ok {
			rule = w.with(base)(rule.withInterval(interval.interval))
		}
	}
	if end, ok := w.one(w.ends, sameEnd); ok && !end.end.IsZero() {
		rule = w.with(end)(rule.withEnd(end.end.Day(), true))
	}
	return rule
}

// replaceByRule returns a new rule of RFC 5545, which has its own interval, and its own end if it names one.
func (w *weighing) replaceByRule(base said) Rule {
	rule := base.rule
	for _, interval := range w.intervals {
		if !interval.stored && interval.interval != rule.Interval() {
			w.contradicts(interval)
		}
	}
	if rule.count == 0 && rule.until.IsZero() {
		if end, ok := w.one(w.ends, sameEnd); ok && !end.end.IsZero() {
			return w.with(end)(rule.withEnd(end.end.Day(), true))
		}
		return rule
	}
	for _, end := range w.ends {
		nothing := w.stored.IsZero() && end.end.IsZero()
		if !end.stored && !nothing && !rule.endsOn(end.end) {
			w.contradicts(end)
		}
	}
	return rule
}

// change returns what is stored with another interval or end date.
func (w *weighing) change() Rule {
	rule := w.stored
	if slices.ContainsFunc(w.rules, func(s said) bool { return s.word == weekdays }) {
		w.checkWeekdays()
	}
	if interval, ok := w.one(different(w.intervals), sameInterval); ok {
		rule = w.with(interval)(rule.withInterval(interval.interval))
	}
	if end, ok := w.one(different(w.ends), sameEnd); ok {
		rule = w.with(end)(rule.withEnd(end.end.Day(), !end.end.IsZero()))
	}
	return rule
}

// checkWeekdays refuses intervals beside the word, of which there is one only.
func (w *weighing) checkWeekdays() {
	for _, interval := range w.intervals {
		if !interval.stored && interval.interval != 1 {
			w.problem(interval.as, CodeConflict, "can't be combined with weekdays")
		}
	}
}

// one returns what several values say together: the one that differs from what is stored, else what is stored. Two that differ from
// that and from each other are a problem. It reports false where there are none.
func (w *weighing) one(all []said, same func(a, b said) bool) (said, bool) {
	if len(all) == 0 {
		return said{}, false
	}
	news := different(all)
	if len(news) == 0 {
		return all[0], true
	}
	for _, other := range news[1:] {
		if !same(news[0], other) {
			w.contradicts(other)
		}
	}
	return news[0], true
}

func sameInterval(a, b said) bool { return a.interval == b.interval }
func sameEnd(a, b said) bool      { return a.end == b.end }

// with returns a function that returns the rule of a value and records an error as the problem of that value.
func (w *weighing) with(s said) func(Rule, error) Rule {
	return func(rule Rule, err error) Rule {
		if err != nil {
			w.problem(s.as, CodeRule, err.Error())
		}
		return rule
	}
}

// endsOn reports whether a date, or none, is what the rule's end is read as.
func (r Rule) endsOn(end moment.Moment) bool {
	day, ok := r.EndDate()
	return ok != end.IsZero() && (!ok || day == end.Day())
}

// read adds a value to what the body says.
func (w *weighing) read(v Value) {
	value := decode(v.JSON)
	switch {
	case v.Name == isRecurring:
		w.readBool(v.As, value)
	case slices.Contains(intervalNames, v.Name):
		w.readInterval(v, value)
	case slices.Contains(endNames, v.Name):
		w.readEnd(v.As, value)
	default:
		w.readRule(v, value)
	}
}

// decode returns a string, json.Number, bool, map[string]any, []any or nil.
func decode(raw json.RawMessage) any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	_ = decoder.Decode(&value) // the body has been read as JSON
	return value
}

func (w *weighing) readBool(as string, value any) {
	switch value := value.(type) {
	case nil:
	case bool:
		w.off = w.off || !value
	default:
		w.problem(as, CodeType, "must be true or false")
	}
}

// readRule reads a value of a name that takes all of them.
func (w *weighing) readRule(v Value, value any) {
	switch value := value.(type) {
	case nil:
		w.clear(v.As)
	case bool:
		w.readBool(v.As, value)
	case json.Number:
		w.addInterval(v.As, value.String())
	case string:
		w.readText(v, value)
	case map[string]any:
		w.readObject(v, value)
	default:
		w.problem(v.As, CodeType, "must be a text, an object with frequency, interval and end_date, or null")
	}
}

func (w *weighing) readInterval(v Value, value any) {
	switch value := value.(type) {
	case nil:
	case json.Number:
		w.addInterval(v.As, value.String())
	case string:
		if strings.TrimSpace(value) != "" {
			w.readText(v, value)
		}
	default:
		w.problem(v.As, CodeType, "must be a number from 1 to 9999")
	}
}

// readEnd reads a date, or an instant of which the first ten characters count.
func (w *weighing) readEnd(as string, value any) {
	text, ok := value.(string)
	switch {
	case value == nil || ok && text == "":
		w.addEnd(as, moment.Moment{})
		return
	case !ok:
		w.problem(as, CodeType, "must be a date like 2026-12-31, or null")
		return
	}
	end, err := moment.Parse(text)
	if err != nil {
		w.problem(as, CodeDate, err.Error())
		return
	}
	date, _ := moment.Form{}.Write(end.Day(), 0, nil)
	w.addEnd(as, date)
}

// readText reads a rule, a word, none, or the digits of an interval.
func (w *weighing) readText(v Value, text string) {
	text = strings.TrimSpace(text)
	word := strings.ToLower(text)
	if text == "" || word == none {
		w.clear(v.As)
		return
	}
	if strings.Trim(text, "0123456789") == "" {
		w.addInterval(v.As, text)
		return
	}
	rule, err := Parse(text)
	if err != nil {
		w.problem(v.As, CodeRule, err.Error())
		return
	}
	if _, ok := wordRules[word]; !ok {
		word = ""
	}
	w.rules = append(w.rules, said{as: v.As, rule: rule, word: word, stored: w.isStored(v.Name, rule, word)})
}

// readObject reads an object that holds a word, an interval and an end date.
func (w *weighing) readObject(v Value, object map[string]any) {
	part := func(names ...string) (any, string, bool) {
		for _, name := range names {
			if value, ok := object[name]; ok {
				return value, v.As + "." + name, true
			}
		}
		return nil, "", false
	}
	frequency, as, ok := part("frequency", "type")
	text, isText := frequency.(string)
	switch {
	case !ok:
		w.problem(v.As, CodeRule, "must have a frequency")
		return
	case frequency == nil:
		w.clear(as)
		return
	case !isText:
		w.problem(as, CodeType, "must be a text or null")
		return
	}
	w.readText(Value{Name: v.Name, As: as}, text)
	if interval, as, ok := part("interval"); ok {
		w.readInterval(Value{Name: v.Name, As: as}, interval)
	}
	if end, as, ok := part("end_date", "endDate"); ok {
		w.readEnd(as, end)
	}
}

// isStored reports whether a rule or word under some name is what is stored: what that name is read as, or what the rule means.
func (w *weighing) isStored(name string, rule Rule, word string) bool {
	switch {
	case w.stored.IsZero():
		return false
	case word != "" && (name == recurrencePattern || name == recurrenceFrequency) && word == w.stored.Frequency().String():
		return true
	case word != "" && name == recurrenceWord && word == w.stored.Word():
		return true
	default:
		return rule.Means(w.stored)
	}
}

func (w *weighing) clear(as string) {
	w.clears = append(w.clears, said{as: as, stored: w.stored.IsZero()})
}

func (w *weighing) addInterval(as, text string) {
	n, ok := number(strings.TrimSuffix(text, ".0"), maxInterval)
	if !ok {
		w.problem(as, CodeRange, "must be a number from 1 to 9999")
		return
	}
	w.intervals = append(w.intervals, said{as: as, interval: n, stored: n == w.stored.Interval()})
}

func (w *weighing) addEnd(as string, end moment.Moment) {
	same := !w.stored.IsZero() && w.stored.endsOn(end)
	w.ends = append(w.ends, said{as: as, end: end, stored: same})
}
