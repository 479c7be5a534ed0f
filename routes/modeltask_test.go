package routes_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"todo-backend/config"
	"todo-backend/ent/fold"
)

// modelTask is a task as the model keeps it. Id and times are the service's to choose; they are kept as they are written,
// which is in their order.
type modelTask struct {
	id, created, updated string
	fields
}

// fields are what a user says of a task.
type fields struct {
	title       string
	description *string
	state       string
	priority    string
	completedAt *string // nil while it is not completed
	due         *string
	remind      *string
	zone        *string
	tags        []string
}

func (f fields) completed() bool { return f.state == "completed" }

// overdue reports whether it is due in the past. What the model draws is due long ago, or in a long time.
func (f fields) overdue() bool { return f.due != nil && *f.due < "2026" && !f.completed() }

// finds reports whether a word is in one of the texts.
func (f fields) finds(word string) bool {
	texts := append([]string{f.title}, f.tags...)
	if f.description != nil {
		texts = append(texts, *f.description)
	}
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(fold.Fold(text), fold.Fold(word)) })
}

// view is what a list, or one task, shows.
type view struct {
	tasks []modelTask
	total int
	more  bool // there is a next page
}

// wholeList is the longest page, and that of a question without a limit.
const wholeList = 1000

// listing is a question for a list.
type listing struct {
	base          base
	status        string   // one of states
	priorities    []string // none is all
	narrowed      []string // more filters, by their names in narrowings
	column        string
	descending    bool
	limit, offset int
	asked         url.Values // state and order, in the words of the question
}

// view is the page of the tasks that the question is answered with.
func (l listing) view(tasks []*modelTask, from *bookmark) (v view) {
	all := []modelTask{}
	for _, task := range tasks {
		if l.has(task.fields) {
			all = append(all, *task)
		}
	}
	v.total = len(all)
	slices.SortFunc(all, l.compare)
	if from != nil {
		all = slices.DeleteFunc(all, func(task modelTask) bool { return l.compare(task, from.last) <= 0 })
	}
	all = all[min(l.offset, len(all)):]
	v.more = len(all) > l.limit
	v.tasks = all[:min(l.limit, len(all))]
	return v
}

// has reports whether a task is in the list.
func (l listing) has(f fields) bool {
	return states[l.status](f) && (len(l.priorities) == 0 || slices.Contains(l.priorities, f.priority)) &&
		!slices.ContainsFunc(l.narrowed, func(name string) bool { return !narrowings[name](f) })
}

// compare is the order of the list. That of bytes in UTF-8 is that of code points. What has no key comes last.
func (l listing) compare(a, b modelTask) int {
	first, second := l.key(a), l.key(b)
	if (first == "") != (second == "") {
		return cmp.Compare(second, first)
	}
	order := cmp.Or(compareText(first, second), compareText(a.id, b.id))
	if l.descending {
		return -order
	}
	return order
}

func compareText(a, b string) int { return cmp.Compare(a, b) }

// key is what the list is sorted by; empty where the task has none.
func (l listing) key(task modelTask) string {
	switch l.column {
	case "updated":
		return task.updated
	case "title":
		return task.title
	case "priority":
		return rank(priorities, task.priority)
	case "status":
		return rank([]string{"pending", "in_progress", "completed"}, task.state)
	case "due_date":
		if task.due != nil {
			return (*task.due + "T00:00")[:len("2026-01-05T00:00")]
		}
		return ""
	case "completed_at":
		if task.completedAt != nil {
			return *task.completedAt
		}
		return ""
	}
	return task.created
}

// priorities are in the order in which a list sorts them.
var priorities = []string{"critical", "urgent", "high", "medium", "low", "none"}

// rank is a text that sorts as the words are.
func rank(words []string, word string) string { return string(rune('0' + slices.Index(words, word))) }

// The bodies that answers have, by dialect.

func (m modelTask) body(format config.Format, user string) object {
	o := object{
		"id": m.id, "title": m.title, "description": m.description, "priority": m.priority, "completed": m.completed(),
		"status": m.state, "tags": append([]string{}, m.tags...), "timezone": m.zone,
	}
	if format != config.FormatEnvelope {
		maps.Copy(o, object{
			"user_id": user, "created_at": m.created, "updated_at": m.updated, "completed_at": m.completedAt, "due_date": m.due, "remind_at": m.remind,
			"recurrence_rule": nil, "is_recurring": false, "recurrence_pattern": nil, "recurrence_interval": nil, "recurrence_end_date": nil,
			"repeat_from": "due", "parent_task_id": nil,
		})
		return o
	}
	maps.Copy(o, object{
		"userId": user, "createdAt": m.created, "updatedAt": m.updated, "completedAt": m.completedAt, "dueDate": m.due, "remindAt": m.remind,
		"recurrenceRule": nil, "isRecurring": false, "recurrencePattern": nil, "recurrenceInterval": nil, "recurrenceEndDate": nil,
		"repeatFrom": "due", "parentTaskId": nil,
	})
	return o
}

func taskBody(format config.Format, user string, task modelTask) any {
	o := task.body(format, user)
	if format != config.FormatEnvelope {
		return o
	}
	data := maps.Clone(o)
	data["task"] = o
	return object{"success": true, "data": data, "task": o}
}

func listBody(format config.Format, user string, v view, next string) any {
	tasks := []object{}
	for _, task := range v.tasks {
		tasks = append(tasks, task.body(format, user))
	}
	cursor := &next
	if next == "" {
		cursor = nil
	}
	switch format {
	case config.FormatPlain:
		return tasks
	case config.FormatWrapped:
		return object{"tasks": tasks, "total": v.total, "next_cursor": cursor}
	}
	return object{"success": true, "data": object{"tasks": tasks, "nextCursor": cursor}, "tasks": tasks}
}

func deletedBody(format config.Format) any {
	message := object{"message": "Task deleted successfully"}
	if format == config.FormatEnvelope {
		return object{"success": true, "data": message}
	}
	return message
}

// nextCursor is the cursor that came with a list.
func nextCursor(format config.Format, got answer) string {
	if format == config.FormatPlain {
		link := nextLink.FindStringSubmatch(got.header.Get("Link"))
		if len(link) != 2 {
			return ""
		}
		u, err := url.Parse(link[1])
		if err != nil {
			return ""
		}
		return u.Query().Get("cursor")
	}
	var list struct {
		NextCursor string `json:"next_cursor"`
		Data       struct{ NextCursor string }
	}
	if err := json.Unmarshal([]byte(got.body), &list); err != nil {
		return ""
	}
	return cmp.Or(list.NextCursor, list.Data.NextCursor)
}

// received is the task in an answer, as far as the service decides about it.
func (p *person) received(t reporter, got answer, status int) modelTask {
	t.Helper()
	o := got.want(t, status)
	text := func(name string) string {
		s, ok := o[name].(string)
		if !ok {
			t.Fatalf("there is no %s: %s", name, got.body)
		}
		return s
	}
	if p.format == config.FormatEnvelope {
		o, _ = o["task"].(object)
		return modelTask{id: text("id"), created: text("createdAt"), updated: text("updatedAt")}
	}
	return modelTask{id: text("id"), created: text("created_at"), updated: text("updated_at")}
}

func (p *person) wantTask(t reporter, got answer, task modelTask) {
	t.Helper()
	wantBody(t, got, taskBody(p.format, p.user, task))
}

// wantBody compares an answer with what the model says.
func wantBody(t reporter, got answer, want any) {
	t.Helper()
	var gotValue, wantValue any
	text := encode(t, want)
	if err := json.Unmarshal([]byte(text), &wantValue); err != nil {
		t.Fatalf("%v", err)
	}
	if err := json.Unmarshal([]byte(got.body), &gotValue); err != nil || !reflect.DeepEqual(gotValue, wantValue) {
		t.Errorf("answered %s, want %s", got.body, text)
	}
}
