package routes

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/fold"
	"todo-backend/ent/moment"
	"todo-backend/ent/recurrence"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
)

// What the API makes of a task beside its columns: the state as a word, texts that have to be times,
// zones or tags, and the members that a deployment adds.

// The values of the field status. They are the indices of stateWords; stateOpen says that the task is
// not completed, and no more.
const (
	statePending = iota
	stateInProgress
	stateCompleted
	stateOpen
)

var stateWords = []string{"pending", "in_progress", "completed"}

// stateSynonyms are the words for a state in bodies and lists, without -, space and _.
var stateSynonyms = map[string]int{
	"pending": statePending, "todo": statePending, "notstarted": statePending, "open": statePending, "active": statePending,
	"backlog": statePending, "incomplete": statePending,
	"inprogress": stateInProgress, "doing": stateInProgress, "started": stateInProgress,
	"completed": stateCompleted, "complete": stateCompleted, "done": stateCompleted,
}

const (
	maxTags = 20
	maxTag  = 50 // characters
	// maxExtra is how many characters a member of API_FIELDS has, as JSON.
	maxExtra = 1000
)

// describeTask describes a task to package resource.
func describeTask(cfg config.Config) taskEntity {
	entity := ent.TaskEntity()
	change := func(name string, by func(*taskField)) {
		i := slices.IndexFunc(entity.Fields, func(f taskField) bool { return f.Name == name })
		by(&entity.Fields[i])
	}
	change(task.FieldCompleted, func(f *taskField) { f.Into, f.Read = fieldStatus, readCompleted })
	change(task.FieldDueDate, func(f *taskField) { f.Read = orClear(readMoment) })
	change(task.FieldRemindAt, func(f *taskField) { f.Read = orClear(readMoment) })
	change(task.FieldTimezone, func(f *taskField) { f.Read = orClear(readZone) })
	change(task.FieldTags, func(f *taskField) {
		f.Read = readTags
		f.Append, f.Schema = tagsIn(cfg.Tags)
	})
	change(task.FieldRecurrenceRule, changeRuleField)
	change(task.FieldCompletedAt, func(f *taskField) { f.Append = appendCompletedAt })
	at := slices.IndexFunc(entity.Fields, func(f taskField) bool { return f.Name == task.FieldCompleted })
	entity.Fields = slices.Insert(entity.Fields, at+1, statusField())
	at = slices.IndexFunc(entity.Fields, func(f taskField) bool { return f.Name == task.FieldRecurrenceRule })
	entity.Fields = slices.Insert(entity.Fields, at+1, ruleFields()...)
	entity.Fields = append(entity.Fields, reminderNames())
	for _, name := range cfg.Fields {
		entity.Fields = append(entity.Fields, extraField(name))
	}
	return entity
}

const fieldStatus = "status"

// statusField is the state of a task as a word.
func statusField() taskField {
	return taskField{
		Spec:   resource.Spec{Description: "The state", Example: "pending", Words: stateWords, Also: []string{"state"}},
		Name:   fieldStatus,
		Kind:   resource.KindWord,
		Append: func(b []byte, t *ent.Task) []byte { return resource.AppendString(b, stateWords[stateOf(t)]) },
		Value:  func(t *ent.Task) any { return stateOf(t) },
		Read:   readStatus,
		Same: func(t *ent.Task, state any) bool {
			return state == stateOf(t) || state == stateOpen && !t.Completed
		},
		Merge: mergeStates,
		Set:   func(m *ent.TaskMutation, state any) { setState(m, state.(int)) },
	}
}

func stateOf(t *ent.Task) int {
	switch {
	case t.Completed:
		return stateCompleted
	case t.Started:
		return stateInProgress
	}
	return statePending
}

// setState sets the state. A task that is not completed stays in the state that it is in where it is
// only said not to be completed; a completed one is not in progress.
func setState(m *ent.TaskMutation, state int) {
	m.SetCompleted(state == stateCompleted)
	if state != stateOpen {
		m.SetStarted(state == stateInProgress)
	}
}

// flipState turns completed into pending and every other state into completed, in the database:
// concurrent flips all count.
func flipState(m *ent.TaskMutation) {
	m.SetStarted(false)
	m.SetExpr(stmt.Not(task.FieldCompleted))
}

// readCompleted reads whether a task is completed.
func readCompleted(raw json.RawMessage) (any, *resource.Refusal) {
	if resource.IsNull(raw) {
		return resource.Absent, nil
	}
	completed, refusal := resource.ReadBool(raw)
	if completed {
		return stateCompleted, refusal
	}
	return stateOpen, refusal
}

// readStatus reads the word of a state.
func readStatus(raw json.RawMessage) (any, *resource.Refusal) {
	if resource.IsNull(raw) {
		return resource.Absent, nil
	}
	word, _ := resource.ReadText(raw)
	state, ok := parseState(word)
	if !ok {
		return nil, resource.Refuse("enum", "must be %s", resource.OneOf(stateWords))
	}
	return state, nil
}

// parseState is the state of a word, in any case and with -, space and _ alike.
func parseState(word string) (state int, ok bool) {
	state, ok = stateSynonyms[strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(word))]
	return state, ok
}

// mergeStates lets a task that is not completed be in any other state.
func mergeStates(a, b any) (any, bool) {
	switch {
	case a == b:
		return a, true
	case a == stateOpen && b != stateCompleted:
		return b, true
	case b == stateOpen && a != stateCompleted:
		return a, true
	}
	return nil, false
}

// appendCompletedAt appends when the task was completed. An earlier release, which knows no such
// column, leaves it as it was: then the last change is the best that is known.
func appendCompletedAt(b []byte, t *ent.Task) []byte {
	switch {
	case !t.Completed:
		return append(b, "null"...)
	case t.CompletedAt == nil:
		return resource.AppendTime(b, t.UpdatedAt)
	}
	return resource.AppendTime(b, *t.CompletedAt)
}

// orClear reads null and "" as nothing.
func orClear(read func(text string) *resource.Refusal) func(json.RawMessage) (any, *resource.Refusal) {
	return func(raw json.RawMessage) (any, *resource.Refusal) {
		if resource.IsNull(raw) || string(raw) == `""` {
			return nil, nil
		}
		text, refusal := resource.ReadText(raw)
		if refusal == nil {
			refusal = read(text)
		}
		return text, refusal
	}
}

func readMoment(text string) *resource.Refusal {
	if _, err := moment.Parse(text); err != nil {
		return resource.Refuse("time", "%v", err)
	}
	return nil
}

func readZone(text string) *resource.Refusal {
	if _, err := moment.Zone(text); err != nil {
		return resource.Refuse("timezone", "%v", err)
	}
	return nil
}

// reminderNames reads the further names of remind_at, under which clients also send what is no time.
func reminderNames() taskField {
	read := orClear(readMoment)
	return taskField{
		Spec: resource.Spec{Also: []string{"reminder_time", "reminder"}},
		Name: "reminder_at",
		Into: task.FieldRemindAt,
		Read: func(raw json.RawMessage) (any, *resource.Refusal) {
			if value, refusal := read(raw); refusal == nil {
				return value, nil
			}
			return resource.Absent, nil
		},
	}
}

// readTags reads tags: an array of names or of objects with a name, or one text that is such an array
// or has commas between names. White space at both ends, empty names and repetitions are left out.
func readTags(raw json.RawMessage) (any, *resource.Refusal) {
	names, refusal := tagNames(raw)
	if refusal != nil {
		return nil, refusal
	}
	tags := []string{}
	for i, given := range names {
		for name := range strings.SplitSeq(given, ",") {
			name = strings.TrimSpace(name)
			if name == "" || slices.Contains(tags, name) {
				continue
			}
			if utf8.RuneCountInString(name) > maxTag {
				return nil, &resource.Refusal{Code: "length", Detail: fmt.Sprintf("must have at most %d characters", maxTag), At: fmt.Sprintf("[%d]", i)}
			}
			tags = append(tags, name)
		}
	}
	if len(tags) > maxTags {
		return nil, resource.Refuse("length", "must be at most %d", maxTags)
	}
	return tags, nil
}

// tagNames are the names in a value, not yet divided at commas.
func tagNames(raw json.RawMessage) ([]string, *resource.Refusal) {
	refused := resource.Refuse("type", "must be an array of strings")
	switch raw[0] {
	case 'n':
		return nil, nil
	case '"':
		text, refusal := resource.ReadText(raw)
		if refusal != nil {
			return nil, refusal
		}
		if inner := strings.TrimSpace(text); strings.HasPrefix(inner, "[") && json.Valid([]byte(inner)) {
			return tagNames(json.RawMessage(inner))
		}
		return []string{text}, nil
	case '[':
	default:
		return nil, refused
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, refused
	}
	names := make([]string, len(items))
	for i, item := range items {
		var object struct{ Name json.RawMessage }
		if item[0] == '{' && json.Unmarshal(item, &object) == nil && len(object.Name) > 0 {
			item = object.Name
		}
		name, refusal := resource.ReadText(item)
		if refusal != nil {
			return nil, &resource.Refusal{Code: refusal.Code, Detail: refusal.Detail, At: fmt.Sprintf("[%d]", i)}
		}
		names[i] = name
	}
	return names, nil
}

// tagsIn is how answers write tags, and the schema of that.
func tagsIn(format config.TagFormat) (write func([]byte, *ent.Task) []byte, schema members) {
	name := resource.JSON("type", "string", "minLength", 1, "maxLength", maxTag)
	switch format {
	case config.TagCSV:
		write = func(b []byte, t *ent.Task) []byte { return resource.AppendString(b, strings.Join(t.Tags, ",")) }
		return write, resource.JSON("type", "string", "example", "work,home")
	case config.TagObjects:
		write = func(b []byte, t *ent.Task) []byte {
			return resource.AppendArray(b, t.Tags, func(b []byte, name string) []byte { return appendTag(b, name, t.Colors[name]) })
		}
		return write, arrayOf(resource.JSON(
			"type", "object",
			"required", []string{"id", "name", "color"},
			"properties", resource.JSON("id", name, "name", name, "color", resource.JSON("type", "string", "nullable", true, "example", "#ff0000")),
		)).With("example", []members{resource.JSON("id", "work", "name", "work", "color", "#ff0000")})
	}
	write = func(b []byte, t *ent.Task) []byte { return resource.AppendArray(b, t.Tags, resource.AppendString) }
	return write, arrayOf(name).With("maxItems", maxTags).With("example", []string{"work", "home"})
}

// appendTag appends a tag as an object.
func appendTag(b []byte, name string, color *string) []byte {
	b = resource.AppendString(append(b, `{"id":`...), name)
	b = resource.AppendString(append(b, `,"name":`...), name)
	b = resource.AppendNullable(append(b, `,"color":`...), color)
	return append(b, '}')
}

// extraField is a member that API_FIELDS names: any JSON, kept as it is.
func extraField(name string) taskField {
	return taskField{
		Spec: resource.Spec{Description: "Any JSON of at most 1,000 characters, kept as it is", Verbatim: true},
		Name: name,
		Append: func(b []byte, t *ent.Task) []byte {
			if value, ok := t.Extra[name]; ok {
				return append(b, value...)
			}
			return append(b, "null"...)
		},
		Value: func(t *ent.Task) any {
			if value, ok := t.Extra[name]; ok {
				return value
			}
			return nil
		},
		Read: func(raw json.RawMessage) (any, *resource.Refusal) {
			if resource.IsNull(raw) {
				return nil, nil
			}
			return readExtra(raw)
		},
		Set: func(m *ent.TaskMutation, value any) {
			extra, _ := m.Extra()
			if extra == nil {
				extra = map[string]string{}
			}
			if value == nil {
				delete(extra, name)
			} else {
				extra[name] = value.(string)
			}
			m.SetExtra(extra)
		},
		Schema: resource.JSON("nullable", true),
	}
}

// escapedNUL matches a NUL character in the texts of a JSON value, but not a backslash before the text u0000.
var escapedNUL = regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*\\u0000`)

// readExtra reads a value as its JSON text, in which strings are written in one way.
func readExtra(raw json.RawMessage) (any, *resource.Refusal) {
	if utf8.RuneCount(raw) > maxExtra {
		return nil, resource.Refuse("length", "must have at most %d characters as JSON", maxExtra)
	}
	if raw[0] == '"' {
		text, refusal := resource.ReadText(raw)
		return string(resource.AppendString(nil, text)), refusal
	}
	if escapedNUL.Match(raw) {
		return nil, resource.Refuse("text", "must not contain a NUL character")
	}
	return string(raw), nil
}

// prepareTask returns what sets the columns that a body asks for, and those that follow from several of
// its fields. stored is the task as it is; nil for a new one.
func prepareTask(zone *time.Location, now func() time.Time) func(in *taskInput, stored *ent.Task) (func(*ent.TaskMutation), error) {
	return func(in *taskInput, stored *ent.Task) (func(*ent.TaskMutation), error) {
		var series recurrence.Series
		if namesSeries(in) {
			var err error
			if series, err = changedSeries(in, stored, zone, now()); err != nil {
				return nil, err
			}
		}
		return func(m *ent.TaskMutation) {
			if stored != nil && len(stored.Extra) > 0 {
				m.SetExtra(maps.Clone(stored.Extra))
			}
			in.Apply(m)
			if in.Names(task.FieldDueDate) || in.Names(task.FieldTimezone) {
				setDue(in, m, stored, zone)
			}
			if namesSeries(in) {
				setSeries(m, series, stored == nil)
			}
		}, nil
	}
}

// setDue sets the two instants of the due date.
func setDue(in *taskInput, m *ent.TaskMutation, stored *ent.Task, zone *time.Location) {
	value := func(field string, kept func(*ent.Task) *string) string {
		if value, ok := in.Value(field); ok {
			text, _ := value.(string)
			return text
		}
		if stored != nil && kept(stored) != nil {
			return *kept(stored)
		}
		return ""
	}
	if own, err := moment.Zone(value(task.FieldTimezone, func(t *ent.Task) *string { return t.Timezone })); err == nil {
		zone = own
	}
	due, err := moment.Parse(value(task.FieldDueDate, func(t *ent.Task) *string { return t.DueDate }))
	if err != nil {
		if stored != nil {
			m.ClearDueBegin()
			m.ClearDueEnd()
		}
		return
	}
	m.SetDueBegin(due.Begin(zone))
	m.SetDueEnd(due.End(zone))
}

// needsStored reports whether what a body changes depends on what it does not name.
func needsStored(extras []string) func(in *taskInput) bool {
	return func(in *taskInput) bool {
		if in.Names(task.FieldDueDate) != in.Names(task.FieldTimezone) || in.Names(task.FieldRecurrenceRule) || in.Names(task.FieldRepeatFrom) {
			return true
		}
		named := 0
		for _, name := range extras {
			if in.Names(name) {
				named++
			}
		}
		return named > 0 && named < len(extras)
	}
}

// isBehind reports whether an earlier release has left columns behind that follow from others.
func isBehind(t *ent.Task) bool { return t.DerivedAt == nil || !t.DerivedAt.Equal(t.UpdatedAt) }

// derivedAt says that all those columns follow from the version that a change at a time makes.
func derivedAt(at time.Time) stmt.Set {
	return stmt.Expr(task.FieldDerivedAt, stmt.Text{
		Postgres: `GREATEST(?, "updated_at" + INTERVAL '1 microsecond')`,
		SQLite:   `MAX(?, "updated_at" + 1)`,
	}, stmt.Micro(at))
}

// mendIn has a change of a task, which sets updated_at, bring those columns up to date that an earlier
// release has left behind.
func mendIn(m *ent.TaskMutation, t *ent.Task, zone *time.Location) {
	if !isBehind(t) {
		return
	}
	if _, ok := m.Title(); !ok {
		m.SetFoldedTitle(fold.Fold(t.Title))
	}
	if _, ok := m.Description(); !ok && !m.DescriptionCleared() && t.Description != nil {
		m.SetFoldedDescription(fold.Fold(*t.Description))
	}
	if _, ok := m.Tags(); !ok {
		folded := make([]string, len(t.Tags))
		for i, name := range t.Tags {
			folded[i] = fold.Fold(name)
		}
		m.SetFoldedTags(folded)
	}
	_, begins := m.DueBegin()
	if !begins && !m.DueBeginCleared() {
		setDue((&taskTable{}).NewInput(), m, t, zone)
	}
	at, _ := m.UpdatedAt()
	m.SetExpr(derivedAt(at))
}

// mendTask returns what makes the columns anew that follow from others, where an earlier release has
// left them behind.
func mendTask(store resource.Store[ent.Task, *ent.TaskMutation], zone *time.Location) func(context.Context, *ent.Task) (*ent.Task, error) {
	return func(ctx context.Context, t *ent.Task) (*ent.Task, error) {
		if !isBehind(t) {
			return t, nil
		}
		mended, err := store.Update(ctx, t.ID, func(m *ent.TaskMutation) {
			m.SetTitle(t.Title)
			if t.Description != nil {
				m.SetDescription(*t.Description)
			}
			m.SetTags(t.Tags)
			setDue((&taskTable{}).NewInput(), m, t, zone)
			at := time.Now()
			m.SetUpdatedAt(at)
			m.SetExpr(derivedAt(at))
		}, stmt.Equal(task.FieldUpdatedAt, t.UpdatedAt))
		if ent.IsNotFound(err) {
			return t, nil // somebody else was faster, and mends it too
		}
		return mended, err
	}
}
