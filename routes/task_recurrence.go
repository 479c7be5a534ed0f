package routes

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"todo-backend/ent"
	"todo-backend/ent/moment"
	"todo-backend/ent/recurrence"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
)

// Recurring tasks: the fields of a rule, the columns of a series, and the task that is created when a recurring
// one is completed. Package recurrence does the calculations.

// The fields that are read from a rule. In bodies they all write the column recurrence_rule, and
// [recurrence.Weigh] decides what they say together.
const (
	fieldIsRecurring = "is_recurring"
	fieldPattern     = "recurrence_pattern"
	fieldInterval    = "recurrence_interval"
	fieldEndDate     = "recurrence_end_date"
	fieldWord        = "recurrence_word"
	fieldFrequency   = "recurrence_frequency"
)

// ruleOf is the rule of a task; the zero rule where it has none.
func ruleOf(t *ent.Task) recurrence.Rule {
	if rule := parsedRule(t); rule != nil {
		return *rule
	}
	return recurrence.Rule{}
}

// parsedRule is the rule of a task, or nil where it has none, or one that only a later release takes.
func parsedRule(t *ent.Task) *recurrence.Rule {
	if t.RecurrenceRule == nil {
		return nil
	}
	if rule, ok := parsedRules.Peek(*t.RecurrenceRule); ok { // a read lock is enough
		return rule
	}
	text := strings.Clone(*t.RecurrenceRule) // it is part of all texts of its list
	var known *recurrence.Rule
	if rule, err := recurrence.Parse(text); err == nil {
		known = &rule
	}
	parsedRules.Add(text, known)
	return known
}

// parsedRules are the last 1,024 rules that were parsed. An answer reads each task's four times, most are
// among a few, and to parse one takes as long as all else of a task.
var parsedRules = newParsedRules()

func newParsedRules() *lru.Cache[string, *recurrence.Rule] {
	rules, err := lru.New[string, *recurrence.Rule](1024)
	if err != nil {
		panic(err) // of a size that is not positive
	}
	return rules
}

// readRaw returns the JSON of a value; weighRule reads it together with the others.
func readRaw(raw json.RawMessage) (any, *resource.Refusal) { return string(raw), nil }

// readUnlessNull is readRaw for fields in which null means the same as leaving them out.
func readUnlessNull(raw json.RawMessage) (any, *resource.Refusal) {
	if resource.IsNull(raw) {
		return resource.Absent, nil
	}
	return readRaw(raw)
}

// changeRuleField completes the field of the rule's column.
func changeRuleField(f *taskField) {
	f.Read = readRaw
	f.Weigh = weighRule
	f.Set = func(m *ent.TaskMutation, value any) {
		if rule := value.(recurrence.Rule); rule.IsZero() {
			m.ClearRecurrenceRule()
		} else {
			m.SetRecurrenceRule(rule.String())
		}
	}
}

// weighRule returns the rule that a task has after a body with these values.
func weighRule(given []resource.Given, stored *ent.Task) (any, resource.Invalid) {
	var before recurrence.Rule
	if stored != nil {
		before = ruleOf(stored)
	}
	values := make([]recurrence.Value, len(given))
	for i, g := range given {
		values[i] = recurrence.Value{Name: g.Field, As: g.As, JSON: json.RawMessage(g.Value.(string))}
	}
	rule, problems := recurrence.Weigh(values, before)
	var broken resource.Invalid
	for _, p := range problems {
		broken.Add(p.Field, p.Code, "%s", p.Detail)
	}
	return rule, broken
}

// ruleFields returns the fields that are read from the rule.
func ruleFields() []taskField {
	// none is the JSON of a task without a rule.
	view := func(name string, kind resource.Kind, none string, write func([]byte, *recurrence.Rule) []byte) taskField {
		return taskField{
			Name: name, Kind: kind, Nullable: none == "null", Into: task.FieldRecurrenceRule, Read: readRaw,
			Append: func(b []byte, t *ent.Task) []byte {
				if rule := parsedRule(t); rule != nil {
					return write(b, rule)
				}
				return append(b, none...)
			},
		}
	}
	isRecurring := view(fieldIsRecurring, resource.KindBool, "false", func(b []byte, _ *recurrence.Rule) []byte {
		return append(b, "true"...)
	})
	isRecurring.Description, isRecurring.Example, isRecurring.Read = "Whether there is a rule; false clears it", "true", readUnlessNull
	pattern := view(fieldPattern, resource.KindText, "null", func(b []byte, r *recurrence.Rule) []byte {
		return resource.AppendString(b, r.Frequency().String())
	})
	pattern.Description = "How often, as a word; in a body in place of the rule"
	pattern.Schema = resource.JSON("type", "string", "enum", []any{"daily", "weekly", "monthly", "yearly", nil}, "nullable", true, "example", "weekly")
	interval := view(fieldInterval, resource.KindInteger, "null", func(b []byte, r *recurrence.Rule) []byte {
		return strconv.AppendInt(b, int64(r.Interval()), 10)
	})
	interval.Description, interval.Example, interval.Read = "Every how many days, weeks, months or years", "1", readUnlessNull
	interval.Also = []string{"recurring_interval"}
	end := view(fieldEndDate, resource.KindText, "null", func(b []byte, r *recurrence.Rule) []byte {
		day, ok := r.EndDate()
		if !ok {
			return append(b, "null"...)
		}
		return resource.AppendString(b, day.String())
	})
	end.Description = "The last day on which it may come back"
	end.Schema = resource.JSON("type", "string", "format", "date", "nullable", true, "example", "2026-12-31")
	end.Also = []string{"recurring_end_date"}
	word := view(fieldWord, resource.KindText, `"none"`, func(b []byte, r *recurrence.Rule) []byte { return resource.AppendString(b, r.Word()) })
	frequency := view(fieldFrequency, resource.KindText, `"none"`, func(b []byte, r *recurrence.Rule) []byte {
		return resource.AppendString(b, r.Frequency().String())
	})
	word.OnlyAliased, frequency.OnlyAliased = true, true
	return []taskField{isRecurring, pattern, interval, end, word, frequency}
}

// namesSeries reports whether a body names a field that the series depends on.
func namesSeries(in *taskInput) bool {
	return slices.ContainsFunc(
		[]string{task.FieldRecurrenceRule, task.FieldRepeatFrom, task.FieldDueDate, task.FieldTimezone}, in.Names,
	)
}

// stateOfSeries returns the rule, due date and zone of a task as package recurrence takes them.
func stateOfSeries(rule recurrence.Rule, due, zone *string) recurrence.State {
	s := recurrence.State{Rule: rule}
	if due != nil {
		s.Due, _ = moment.Parse(*due) // what is stored was parsed
	}
	if zone != nil {
		s.Timezone, _ = moment.Zone(*zone)
	}
	return s
}

// seriesOf returns the series of a task from its columns.
func seriesOf(t *ent.Task) recurrence.Series {
	var s recurrence.Series
	if t.SeriesStart != nil {
		s.Start, _ = moment.Parse(*t.SeriesStart)
	}
	if t.SeriesDay != nil {
		s.StandsFor, _ = moment.ParseDay(*t.SeriesDay)
	}
	return s
}

// changedSeries returns the series of a task after a change. The error says what is wrong with the rule in that
// series. stored is nil for a new task.
func changedSeries(in *taskInput, stored *ent.Task, zone *time.Location, now time.Time) (recurrence.Series, error) {
	var before recurrence.State
	var series recurrence.Series
	created, from := now, int8(0)
	if stored != nil {
		before = stateOfSeries(ruleOf(stored), stored.DueDate, stored.Timezone)
		series, created, from = seriesOf(stored), stored.CreatedAt, stored.RepeatFrom
	}
	after := before
	if value, ok := in.Value(task.FieldRecurrenceRule); ok {
		after.Rule = value.(recurrence.Rule)
	}
	if value, ok := in.Value(task.FieldDueDate); ok {
		text, _ := value.(string)
		after.Due, _ = moment.Parse(text)
	}
	if value, ok := in.Value(task.FieldTimezone); ok {
		name, _ := value.(string)
		after.Timezone, _ = moment.Zone(name)
	}
	if value, ok := in.Value(task.FieldRepeatFrom); ok {
		from = int8(value.(int)) //nolint:gosec // an index
	}
	switch {
	case after.Rule.IsZero():
		return recurrence.Series{}, nil
	case stored == nil:
		series = after.Begin(now, zone)
	default:
		series = series.Change(before, after, created, zone)
	}
	if err := after.Rule.Check(series.Start.Day(), from == 1); err != nil {
		return series, resource.Invalid{{Field: in.NameOf(task.FieldRecurrenceRule), Code: recurrence.CodeRule, Detail: err.Error()}}
	}
	return series, nil
}

// setSeries sets the columns of a series.
func setSeries(m *ent.TaskMutation, series recurrence.Series, isNew bool) {
	if series.Start.IsZero() {
		if !isNew {
			m.ClearSeriesStart()
			m.ClearSeriesDay()
		}
		return
	}
	m.SetSeriesStart(series.Start.String())
	m.SetSeriesDay(series.StandsFor.String())
}

// withoutRule is the condition that a task has no rule, so that a change does not touch a series.
var withoutRule = stmt.Where(stmt.SQL(`"recurrence_rule" IS NULL`))

// withoutNext is the condition under which flipping the state completes no recurring task.
var withoutNext = stmt.Where(stmt.SQL(`"recurrence_rule" IS NULL OR "completed"`))

// holdsForAny are the conditions under which a change does not depend on what is stored: completing a
// task may make the next one, and moving a due date moves the series.
func holdsForAny(in *taskInput) []stmt.Cond {
	state, ok := in.Value(fieldStatus)
	if ok && state == stateCompleted || namesSeries(in) {
		return []stmt.Cond{withoutRule}
	}
	return nil
}

// completesRecurring reports whether a change completes a task that comes back.
func completesRecurring(in *taskInput, stored *ent.Task) bool {
	if state, ok := in.Value(fieldStatus); !ok || state != stateCompleted || stored.Completed {
		return false
	}
	if value, ok := in.Value(task.FieldRecurrenceRule); ok {
		return !value.(recurrence.Rule).IsZero()
	}
	return stored.RecurrenceRule != nil
}

// makeNext returns a function that creates the next task after one was completed. It returns nil if the series
// has ended or the next task exists already.
func makeNext(zone *time.Location, now func() time.Time) func(context.Context, *ent.Client, *ent.Task, *ent.Task) (*ent.Task, error) {
	return func(ctx context.Context, client *ent.Client, _, done *ent.Task) (*ent.Task, error) {
		made, err := makeAllNext(ctx, client, []*ent.Task{done}, zone, now)
		if err != nil || len(made) == 0 {
			return nil, err
		}
		return made[0], nil
	}
}

// makeAllNext creates the next tasks of several completed ones: one statement looks for those that exist
// already, one inserts the rest.
func makeAllNext(ctx context.Context, client *ent.Client, done []*ent.Task, zone *time.Location, now func() time.Time) ([]*ent.Task, error) {
	if len(done) == 0 {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(done))
	for i, t := range done {
		ids[i] = t.ID
	}
	there, err := client.Task.Query().Filter(stmt.In(task.FieldPreviousTaskID, ids)).Fetch(ctx)
	if err != nil {
		return nil, err
	}
	var creates []*ent.TaskCreate
	for _, t := range done {
		if slices.ContainsFunc(there, func(next *ent.Task) bool { return *next.PreviousTaskID == t.ID }) {
			continue
		}
		if create := nextOf(client, t, zone, now()); create != nil {
			creates = append(creates, create)
		}
	}
	if len(creates) == 1 {
		made, err := creates[0].Insert(ctx)
		return []*ent.Task{made}, err
	}
	return client.Task.CreateBulk(creates...).Insert(ctx)
}

// nextOf returns the builder of the next task after a completed one; nil if the series has ended.
func nextOf(client *ent.Client, done *ent.Task, zone *time.Location, now time.Time) *ent.TaskCreate {
	completion := recurrence.Completion{
		State: stateOfSeries(ruleOf(done), done.DueDate, done.Timezone), Series: seriesOf(done),
		FromCompletion: done.RepeatFrom == 1, Standard: zone, Now: now,
	}
	due, standsFor, ok := completion.Next()
	if !ok {
		return nil
	}
	read, own := zone, completion.Timezone
	if own != nil {
		read = own
	}
	create := client.Task.Create().
		SetTitle(done.Title).
		SetNillableDescription(done.Description).
		SetPriority(done.Priority).
		SetTags(done.Tags).
		SetNillableTimezone(done.Timezone).
		SetNillableRecurrenceRule(done.RecurrenceRule).
		SetRepeatFrom(done.RepeatFrom).
		SetParentTaskID(firstOf(done)).
		SetPreviousTaskID(done.ID).
		SetDueDate(due.String()).
		SetDueBegin(due.Begin(read)).
		SetDueEnd(due.End(read)).
		SetSeriesDay(standsFor.String()).
		SetNillableSeriesStart(done.SeriesStart)
	if len(done.Extra) > 0 {
		create.SetExtra(done.Extra)
	}
	if done.RemindAt != nil {
		reminder, _ := moment.Parse(*done.RemindAt) // what is stored was parsed
		if moved, ok := moment.Move(reminder, completion.From(), due, own, zone); ok {
			create.SetRemindAt(moved.String())
		}
	}
	return create
}

// firstOf returns the id of the first task of the series.
func firstOf(t *ent.Task) uuid.UUID {
	if t.ParentTaskID != nil {
		return *t.ParentTaskID
	}
	return t.ID
}
