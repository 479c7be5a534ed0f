package routes_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// said is what a body says of a task, and what becomes of the task.
type said struct {
	stored  object // how the task was made before; nil: the body makes it
	back    object // what the client changes in the task that it read, and sends back as a whole
	body    object // or the body
	want    object // members of the answer
	refused string // or the field that is refused
}

// check makes what is stored, sends the body, and compares the members of the answer.
func (s said) check(t *testing.T, c client) {
	t.Helper()
	method, path, body := "POST", "/api/tasks", object{"title": "x"}
	if s.stored != nil || s.back != nil {
		stored := object{"title": "x"}
		maps.Copy(stored, s.stored)
		task := c.create(t, encode(t, stored))
		method, path, body = "PUT", "/api/tasks/"+task["id"].(string), object{}
		if s.back != nil {
			body = task
			maps.Copy(body, s.back)
		}
	}
	maps.Copy(body, s.body)
	text := encode(t, body)
	got := c.send(t, method, path, text)
	if s.refused != "" {
		wantRefused(t, got, s.refused)
		return
	}
	answered := got.want(t, map[string]int{"POST": 201, "PUT": 200}[method])
	for name, want := range s.want {
		if !sameJSON(t, answered[name], want) {
			t.Errorf("%s %s: %s is %s, want %s", method, text, name, encode(t, answered[name]), encode(t, want))
		}
	}
}

func wantRefused(t *testing.T, got answer, field string) {
	t.Helper()
	if got.status != 422 {
		t.Errorf("status %d, want 422 for %s: %s", got.status, field, got.body)
		return
	}
	for _, e := range objects(got.want(t, 422)["errors"]) {
		if e["field"] == field {
			return
		}
	}
	t.Errorf("%s is not what is refused: %s", field, got.body)
}

func sameJSON(t *testing.T, a, b any) bool {
	t.Helper()
	return encode(t, a) == encode(t, b)
}

type checks map[string][]said

// run checks each group on both databases, under the settings.
func (c checks) run(t *testing.T, changes ...func(*setup)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db, changes...).as(t, "alice")
		for _, name := range slices.Sorted(maps.Keys(c)) {
			t.Run(name, func(t *testing.T) {
				for _, s := range c[name] {
					s.check(t, alice)
				}
			})
		}
	})
}

// Bodies call fields by many names, and values too.
func TestNamesAndWordsOfBodies(t *testing.T) {
	t.Parallel()
	all := checks{}
	for field, names := range map[string][]string{
		"completed": {"completed", "is_completed", "isCompleted", "is_complete", "isComplete", "done"},
	} {
		for _, name := range names {
			all[field] = append(all[field],
				said{body: object{name: true}, want: object{"completed": true, "status": "completed"}},
				said{stored: object{"status": "in_progress"}, body: object{name: false}, want: object{"completed": false, "status": "in_progress"}},
				said{stored: object{"status": "completed"}, body: object{name: false}, want: object{"completed": false, "status": "pending"}},
				said{stored: object{"status": "completed"}, body: object{name: nil}, want: object{"completed": true}},
				said{body: object{name: "true"}, refused: name})
		}
	}
	for want, words := range map[string][]string{
		"pending":     {"pending", "Todo", "to_do", "to-do", "TO DO", "not_started", "not-started", "Not Started", "notStarted", "open", "active", "backlog", "incomplete"},
		"in_progress": {"in_progress", "in-progress", "In Progress", "inProgress", "doing", "STARTED"},
		"completed":   {"completed", "COMPLETE", "done"},
	} {
		for _, word := range words {
			for _, name := range []string{"status", "state"} {
				all["status"] = append(all["status"], said{body: object{name: word}, want: object{"status": want, "completed": want == "completed"}})
			}
		}
	}
	all["status"] = append(all["status"],
		said{body: object{"status": "paused"}, refused: "status"},
		said{body: object{"state": 1}, refused: "state"},
		said{body: object{"status": ""}, refused: "status"},
		said{stored: object{"status": "in_progress"}, body: object{"status": nil}, want: object{"status": "in_progress"}})
	for _, word := range priorities {
		all["priority"] = append(all["priority"], said{body: object{"priority": word}, want: object{"priority": word}},
			said{body: object{"priority": strings.ToUpper(word[:1]) + word[1:]}, want: object{"priority": word}})
	}
	all["priority"] = append(all["priority"],
		said{want: object{"priority": "medium"}},
		said{stored: object{"priority": "high"}, body: object{"priority": nil}, want: object{"priority": "none"}},
		said{stored: object{"priority": "high"}, body: object{"priority": ""}, want: object{"priority": "none"}},
		said{body: object{"priority": "highest"}, refused: "priority"},
		said{body: object{"priority": 1}, refused: "priority"})
	for _, name := range []string{"due_date", "dueDate", "due", "due_at", "dueAt", "deadline"} {
		all["due_date"] = append(all["due_date"], said{body: object{name: "2026-01-05"}, want: object{"due_date": "2026-01-05"}},
			said{stored: object{"due_date": "2026-01-05"}, body: object{name: ""}, want: object{"due_date": nil}},
			said{stored: object{"due_date": "2026-01-05"}, body: object{name: nil}, want: object{"due_date": nil}},
			said{body: object{name: "soon"}, refused: name})
	}
	for _, name := range []string{"remind_at", "remindAt", "reminder_at", "reminderAt", "reminder_time", "reminderTime", "reminder"} {
		all["remind_at"] = append(all["remind_at"], said{body: object{name: "2026-01-05T09:00"}, want: object{"remind_at": "2026-01-05T09:00"}},
			said{stored: object{"remind_at": "2026-01-05"}, body: object{name: nil}, want: object{"remind_at": nil}},
			said{stored: object{"remind_at": "2026-01-05"}, body: object{name: ""}, want: object{"remind_at": nil}})
		if strings.HasPrefix(name, "reminder") {
			all["remind_at"] = append(all["remind_at"], said{stored: object{"remind_at": "2026-01-05"}, body: object{name: "1 hour before"}, want: object{"remind_at": "2026-01-05"}})
		} else {
			all["remind_at"] = append(all["remind_at"], said{body: object{name: "1 hour before"}, refused: name})
		}
	}
	all["timezone"] = []said{
		{body: object{"timezone": "Europe/Berlin"}, want: object{"timezone": "Europe/Berlin"}},
		{stored: object{"timezone": "Europe/Berlin"}, body: object{"timezone": ""}, want: object{"timezone": nil}},
		{stored: object{"timezone": "Europe/Berlin"}, body: object{"timezone": nil}, want: object{"timezone": nil}},
		{body: object{"timezone": "Local"}, refused: "timezone"},
		{body: object{"timezone": "Mars/Olympus"}, refused: "timezone"},
		{body: object{"timezone": "../../etc/passwd"}, refused: "timezone"},
	}
	all["repeat_from"] = []said{
		{body: object{"repeat_from": "completion"}, want: object{"repeat_from": "completion"}},
		{body: object{"repeatFrom": "Completion"}, want: object{"repeat_from": "completion"}},
		{stored: object{"repeat_from": "completion"}, body: object{"repeat_from": nil}, want: object{"repeat_from": "completion"}},
		{body: object{"repeat_from": "start"}, refused: "repeat_from"},
	}
	all["description"] = []said{
		{body: object{"description": ""}, want: object{"description": ""}},
		{stored: object{"description": "x"}, body: object{"description": nil}, want: object{"description": nil}},
		{body: object{"description": strings.Repeat("x", 1001)}, refused: "description"},
	}
	all["what the server makes"] = []said{
		{body: object{"id": 7, "created_at": "x", "completed_at": 3, "parent_task_id": "x", "series_start": "x", "extra": 1, "colour": "red"}, want: object{"parent_task_id": nil}},
		{body: object{"user_id": "alice"}},
		{body: object{"userId": ""}},
		{body: object{"user_id": nil}},
		{body: object{"user_id": "bob"}, refused: "user_id"},
		{body: object{"userId": 7}, refused: "userId"},
		{stored: object{}, body: object{"title": nil}, refused: "title"},
	}
	all.run(t)
}

// Tags come as arrays, as texts and as objects.
func TestTagsOfBodies(t *testing.T) {
	t.Parallel()
	fifty, many := strings.Repeat("é", 50), make([]string, 21)
	for i := range many {
		many[i] = fmt.Sprint("tag", i)
	}
	var all []said
	for _, name := range []string{"tags", "labels", "tag_ids", "tagIds"} {
		for _, tags := range []struct {
			given any
			want  []string
		}{
			{[]string{"work", "home"}, []string{"work", "home"}},
			{[]string{" Work ", "work", "", "work", "\t"}, []string{"Work", "work"}},
			{"work, home,,work", []string{"work", "home"}},
			{`["work","home"]`, []string{"work", "home"}},
			{`[{"name":"work"}, "home"]`, []string{"work", "home"}},
			{"[work", []string{"[work"}},
			{[]any{object{"name": "work", "color": "#fff", "id": 7}, object{"id": "home", "name": "home"}, "x,y"}, []string{"work", "home", "x", "y"}},
			{[]string{fifty}, []string{fifty}},
			{many[:20], many[:20]},
			{strings.Join(many[:20], ","), many[:20]},
			{append([]string{"tag0", "tag1,tag2"}, many[:20]...), many[:20]},
			{nil, []string{}},
			{"", []string{}},
			{[]string{}, []string{}},
			{"[]", []string{}},
		} {
			all = append(all, said{stored: object{"tags": []string{"before"}}, body: object{name: tags.given}, want: object{"tags": tags.want}})
		}
		all = append(all,
			said{body: object{name: many}, refused: name},
			said{body: object{name: strings.Join(many, ",")}, refused: name},
			said{body: object{name: []string{"work", strings.Repeat("x", 51)}}, refused: name + "[1]"},
			said{body: object{name: []any{"work", 7}}, refused: name + "[1]"},
			said{body: object{name: []any{object{"id": "work"}}}, refused: name + "[0]"},
			said{body: object{name: []any{nil}}, refused: name + "[0]"},
			said{body: object{name: 7}, refused: name},
			said{body: object{name: object{"name": "work"}}, refused: name},
			said{body: object{name: true}, refused: name})
	}
	checks{"tags": all}.run(t)
}

// A due date comes back as it was sent. A day or time that there is not is refused.
func TestDueDatesComeBack(t *testing.T) {
	t.Parallel()
	var all []said
	for _, name := range []string{"due_date", "remind_at"} {
		for _, text := range []string{
			"2026-01-05", "2024-02-29", "0001-01-01", "9999-12-31", "2026-01-05T09:30", "2026-01-05T09:30:15", "2026-01-05T09:30:00.123456789", "2026-03-29T02:30",
			"2026-01-05T09:30Z", "2026-01-05T09:30:00Z", "2026-01-05T09:30:00.000Z", "2026-01-05T09:30:00+05:30", "2026-01-05T09:30-23:59", "0001-01-01T00:00+14:00",
			"9999-12-31T23:59:59.999999999-12:00",
		} {
			for _, zone := range []any{nil, "Europe/Berlin", "Pacific/Kiritimati"} {
				all = append(all, said{body: object{name: text, "timezone": zone}, want: object{name: text, "timezone": zone}},
					said{stored: object{}, body: object{name: text, "timezone": zone}, want: object{name: text, "timezone": zone}})
			}
		}
		for _, wrong := range []any{
			"2026-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "2026-1-5", "05.01.2026", "2026-01-05 09:30", "2026-01-05T24:00", "2026-01-05T09:60",
			"2026-01-05T09:30:60Z", "2026-01-05T09:30+25:00", "2026-01-05T09:30:00.1234567890", "2026-02-30T09:30:00Z", "today", " 2026-01-05", 1767600000, true,
			[]string{"2026-01-05"},
		} {
			all = append(all, said{body: object{name: wrong}, refused: name})
		}
	}
	checks{"dates": all}.run(t)
}

// A client sends back the whole task that it read, with one of its names turned: that one counts.
func TestWholeTaskSentBack(t *testing.T) {
	t.Parallel()
	full := object{
		"status": "in_progress", "priority": "high", "due_date": "2026-01-05T09:30", "timezone": "Europe/Berlin", "tags": []string{"work"},
		"recurrence_rule": "FREQ=WEEKLY;BYDAY=MO", "remind_at": "2026-01-05", "description": "y", "repeat_from": "completion",
	}
	done := object{"status": "completed", "completed": true}
	checks{
		"one name turned": {
			{stored: full, back: object{}, want: full},
			{stored: full, back: object{"completed": true}, want: done},
			{stored: full, back: object{"is_completed": true}, want: done},
			{stored: full, back: object{"status": "completed"}, want: done},
			{stored: full, back: object{"status": "Todo"}, want: object{"status": "pending", "completed": false}},
			{stored: full, back: object{"completed": false}, want: object{"status": "in_progress"}},
			{stored: done, back: object{"completed": false}, want: object{"status": "pending", "completed": false}},
			{stored: done, back: object{"status": "in_progress"}, want: object{"status": "in_progress", "completed": false}},
			{stored: done, back: object{"status": "pending"}, want: object{"status": "pending", "completed": false}},
			{stored: full, back: object{"dueDate": "2026-01-06"}, want: object{"due_date": "2026-01-06"}},
			{stored: full, back: object{"deadline": ""}, want: object{"due_date": nil}},
			{stored: full, back: object{"due_date": nil}, want: object{"due_date": nil}},
			{stored: full, back: object{"labels": []string{"work", "home"}}, want: object{"tags": []string{"work", "home"}}},
			{stored: full, back: object{"tag_ids": []string{}}, want: object{"tags": []string{}}},
			{stored: object{}, back: object{"labels": "a,b"}, want: object{"tags": []string{"a", "b"}}},
			{stored: full, back: object{"priority": "High"}, want: full},
			{stored: full, back: object{"priority": "none"}, want: object{"priority": "none"}},
			{stored: full, back: object{"reminder": "2026-01-04"}, want: object{"remind_at": "2026-01-04"}},
			{stored: full, back: object{"reminder": "an hour before"}, want: full},
			{stored: full, back: object{"is_recurring": false}, want: object{"recurrence_rule": nil, "is_recurring": false, "recurrence_interval": nil}},
			{stored: full, back: object{"recurrence_pattern": "daily"}, want: object{"recurrence_rule": "FREQ=DAILY"}},
			{stored: full, back: object{"recurrence": "monthly"}, want: object{"recurrence_rule": "FREQ=MONTHLY"}},
			{stored: full, back: object{"recurrence_interval": 2}, want: object{"recurrence_rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"}},
			{stored: full, back: object{"recurrence_rule": "FREQ=DAILY;INTERVAL=3"}, want: object{"recurrence_rule": "FREQ=DAILY;INTERVAL=3", "recurrence_interval": 3}},
		},
		"stale further names": {
			{stored: full, back: object{"isCompleted": false, "done": false, "completed": true}, want: done},
			{stored: done, back: object{"isCompleted": true, "done": true, "status": "pending"}, want: object{"completed": false}},
			{stored: full, back: object{"dueDate": "2026-01-05T09:30", "deadline": "2026-01-05T09:30", "due_date": "2026-01-07"}, want: object{"due_date": "2026-01-07"}},
			{stored: full, back: object{"labels": []string{"work"}, "tags": []string{"x"}}, want: object{"tags": []string{"x"}}},
			{stored: full, body: object{"state": "In-Progress", "status": "done"}, want: done},
		},
		"two that differ": {
			{stored: full, body: object{"completed": true, "status": "pending"}, refused: "status"},
			{stored: done, body: object{"status": "pending", "state": "in_progress"}, refused: "state"},
			{stored: full, body: object{"due_date": "2026-01-06", "deadline": "2026-01-07"}, refused: "deadline"},
			{stored: full, body: object{"tags": []string{"a"}, "labels": []string{"b"}}, refused: "labels"},
			{stored: full, body: object{"due_date": "2026-01-06", "dueDate": "2026-01-06", "due": "2026-01-05T09:30"}, want: object{"due_date": "2026-01-06"}},
		},
		"a new task": {
			{body: object{"completed": true, "status": "pending"}, refused: "status"},
			{body: object{"completed": false, "status": "completed"}, refused: "status"},
			{body: object{"completed": false, "status": "in_progress"}, want: object{"status": "in_progress"}},
			{body: object{"due_date": "", "dueDate": "2026-01-06"}, want: object{"due_date": "2026-01-06"}},
			{body: object{"due_date": nil, "deadline": "2026-01-06"}, want: object{"due_date": "2026-01-06"}},
			{body: object{"due_date": "2026-01-05", "deadline": "2026-01-06"}, refused: "deadline"},
			{body: object{"tags": nil, "labels": []string{"a"}}, want: object{"tags": []string{"a"}}},
			{body: object{"tags": "", "tag_ids": []string{"a"}}, want: object{"tags": []string{"a"}}},
			{body: object{"recurrence": "none", "recurrence_pattern": "daily"}, want: object{"recurrence_rule": "FREQ=DAILY"}},
			{body: object{"recurrence_rule": nil, "is_recurring": true, "recurrence_pattern": "weekly", "recurrence_interval": "2"}, want: object{"recurrence_rule": "FREQ=WEEKLY;INTERVAL=2"}},
		},
	}.run(t)
}

// A body that holds nothing but the task, under its name, is the task.
func TestWrappedBodies(t *testing.T) {
	t.Parallel()
	var all []said
	for _, name := range []string{"task", "task_create", "task_update"} {
		all = append(all,
			said{stored: object{}, body: object{name: object{"title": "inner", "priority": "low"}}, want: object{"title": "inner", "priority": "low"}},
			said{stored: object{}, body: object{name: object{"title": "inner"}, "title": "outer"}, want: object{"title": "outer"}},
			said{stored: object{}, body: object{name: object{"due_date": "x"}}, refused: "due_date"},
			said{stored: object{}, body: object{name: "title"}, want: object{"title": "x"}})
	}
	checks{"wrapped": all}.run(t)
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		for _, name := range []string{"task", "task_create", "task_update"} {
			made := alice.create(t, encode(t, object{name: object{"title": "inner", "tags": "a"}}))
			at := "/api/tasks/" + made["id"].(string) + "/complete"
			if got := alice.send(t, "PATCH", at, encode(t, object{name: object{"status": "in_progress"}})).want(t, 200); got["status"] != "in_progress" {
				t.Errorf("%s: %v", name, got)
			}
			wantProblem(t, alice.send(t, "PATCH", at, encode(t, object{name: object{}})), 422)
		}
	})
}

// A deployment's further members are kept and answered exactly.
func TestFurtherMembers(t *testing.T) {
	t.Parallel()
	with := func(s *setup) { s.Fields = []string{"category", "reminder_offset", "labels", "isPinned"} }
	long := strings.Repeat("é", 998)
	all := []said{
		{want: object{"category": nil, "reminder_offset": nil, "labels": nil, "isPinned": nil}},
		{body: object{"labels": []string{"not", "tags"}}, want: object{"labels": []string{"not", "tags"}, "tags": []string{}}},
		{body: object{"tag_ids": []string{"a"}}, want: object{"tags": []string{"a"}, "labels": nil}},
		{body: object{"reminderOffset": 15}, want: object{"reminder_offset": 15}},
		{body: object{"is_pinned": true}, want: object{"isPinned": true}},
		{body: object{"category": long}, want: object{"category": long}},
		{body: object{"category": long + "x"}, refused: "category"},
		{body: object{"category": "a\x00b"}, refused: "category"},
		{body: object{"labels": []any{"a\x00b"}}, refused: "labels"},
		{body: object{"labels": []any{`\`, "\x00"}}, refused: "labels"},
		{body: object{"labels": []any{"\\\x00"}}, refused: "labels"},
		{body: object{"labels": []any{`\u0000`}}, want: object{"labels": []any{`\u0000`}}},
		{stored: object{"category": "a", "labels": 1}, body: object{"category": nil}, want: object{"category": nil, "labels": 1}},
		{stored: object{"category": "a", "labels": 1}, body: object{"isPinned": false}, want: object{"category": "a", "labels": 1, "isPinned": false}},
		{stored: object{"category": "a", "labels": 1}, back: object{"priority": "low"}, want: object{"category": "a", "labels": 1, "priority": "low"}},
	}
	for _, value := range []any{"", "x", "\"\\\u2028<>&😀", 0, -1.5, 1e300, true, false, []any{1, "a", nil}, object{"b": 1, "a": object{}}} {
		all = append(all, said{body: object{"category": value}, want: object{"category": value}})
	}
	checks{"members": all}.run(t, with)
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db, with).as(t, "alice")
		for _, raw := range []string{`1.50`, `12345678901234567890`, `{"b":1,  "a":[1,2.0]}`, `-0`, `1E5`, `{"a":1,"a":2}`} {
			got := alice.send(t, "POST", "/api/tasks", `{"title":"x","category":`+raw+`}`)
			if !strings.Contains(got.body, `"category":`+raw) {
				t.Errorf("%s came back as %s", raw, got.body)
			}
		}
		for title, value := range map[string]any{"text": "Work & play", "number": 5, "bool": true, "list": []int{1, 2}, "digits": "7", "quoted": `"q"`, "q": "q"} {
			alice.create(t, encode(t, object{"title": title, "reminder_offset": value}))
		}
		for value, want := range map[string]string{
			"Work+%26+play": "text", "work": "", "5": "number", "true": "bool", "[1,2]": "list", "7": "digits", "%22q%22": "quoted", "q": "q", "%22%5C%22q%5C%22%22": "", "null": "",
		} {
			for _, name := range []string{"reminder_offset", "reminderOffset"} {
				if got := strings.Join(alice.titles(t, "/api/tasks?"+name+"="+value), " "); got != want {
					t.Errorf("%s=%s: %q, want %q", name, value, got, want)
				}
			}
		}
	})
}

func withAliases(pairs ...string) func(*setup) {
	return func(s *setup) {
		for i := 0; i < len(pairs); i += 2 {
			s.Aliases = append(s.Aliases, config.Alias{Name: pairs[i], Field: pairs[i+1]})
		}
	}
}

// A deployment's further names stand in answers and in bodies, and in the place of other fields.
func TestAliases(t *testing.T) {
	t.Parallel()
	checks{"beside": {
		{body: object{"isDone": true}, want: object{"isDone": true, "completed": true, "status": "completed"}},
		{stored: object{}, back: object{"isDone": true}, want: object{"isDone": true, "completed": true}},
		{stored: object{}, back: object{"completed": true}, want: object{"isDone": true, "completed": true}},
		{body: object{"isDone": 1}, refused: "isDone"},
		{body: object{"stage": "doing"}, want: object{"stage": "in_progress", "status": "in_progress"}},
		{stored: object{}, back: object{"stage": "doing"}, want: object{"stage": "in_progress", "status": "in_progress"}},
		{stored: object{}, back: object{"status": "doing"}, want: object{"stage": "in_progress", "status": "in_progress"}},
		{stored: object{}, body: object{"stage": "doing", "completed": false, "status": "completed"}, refused: "status"},
		{body: object{"level": "none", "priority": "high"}, want: object{"priority": "high"}},
		{body: object{"level": "low", "priority": "high"}, refused: "priority"},
		{body: object{"due": "2026-01-05"}, want: object{"due": "2026-01-05", "due_date": "2026-01-05"}},
		{stored: object{"due_date": "2026-01-05"}, back: object{"due": "2026-01-06"}, want: object{"due": "2026-01-06", "due_date": "2026-01-06"}},
	}}.run(t, withAliases("isDone", "completed", "stage", "status", "level", "priority", "due", "due_date"))
	// The words of recurrence in the place of the rule.
	checks{"in place": {
		{body: object{"recurrence_rule": "biweekly"}, want: object{"recurrence_rule": "biweekly", "recurrence_pattern": "weekly", "recurrence_interval": 2}},
		{body: object{"recurrence": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}, want: object{"recurrence_rule": "weekdays"}},
		{body: object{"recurrence": "FREQ=MONTHLY;BYDAY=1MO"}, want: object{"recurrence_rule": "monthly"}},
		{want: object{"recurrence_rule": "none"}},
		{stored: object{"recurrence": "FREQ=MONTHLY;BYDAY=1MO"}, back: object{"title": "y"}, want: object{"title": "y", "recurrence_rule": "monthly"}},
		{stored: object{"recurrence_rule": "weekdays"}, back: object{"recurrence_rule": "none"}, want: object{"is_recurring": false, "recurrence_rule": "none"}},
		{stored: object{"recurrence_rule": "weekdays"}, back: object{"recurrence_rule": "daily"}, want: object{"recurrence_rule": "daily", "recurrence_interval": 1}},
	}}.run(t, withAliases("recurrence_rule", "recurrence_word"))
	checks{"status in the place of completed": {
		{body: object{"completed": "doing"}, want: object{"completed": "in_progress", "status": "in_progress"}},
		{stored: object{}, back: object{"completed": "completed"}, want: object{"completed": "completed", "status": "completed"}},
	}}.run(t, withAliases("completed", "status"))
	checks{"frequency": {
		{body: object{"freq": "weekdays"}, want: object{"freq": "weekly", "recurrence_rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}},
		{stored: object{"freq": "weekdays"}, back: object{"title": "y"}, want: object{"freq": "weekly", "recurrence_rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}},
		{want: object{"freq": "none"}},
	}}.run(t, withAliases("freq", "recurrence_frequency"))
}

// The case of names is a setting, whatever the format; tags may be one text.
func TestCaseAndTagsOfAnswers(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		settings := func(format config.Format, names config.Case, tags config.TagFormat) func(*setup) {
			return func(s *setup) {
				s.Format, s.Case, s.Tags, s.Fields = format, names, tags, []string{"my_field"}
				s.Aliases = []config.Alias{{Name: "due_on", Field: "due_date"}}
			}
		}
		camel := newAPI(t, db, settings(config.FormatWrapped, config.CaseCamel, config.TagCSV)).as(t, "alice")
		made := camel.create(t, `{"title":"a","tags":["work","home"],"dueDate":"2026-01-05","myField":1}`)
		for name, want := range map[string]any{
			"userId": "alice", "dueDate": "2026-01-05", "due_on": "2026-01-05", "tags": "work,home", "isRecurring": false, "recurrenceEndDate": nil, "repeatFrom": "due", "my_field": 1.0,
		} {
			if got, ok := made[name]; !ok || !reflect.DeepEqual(got, want) {
				t.Errorf("%s is %v, want %v: %v", name, got, want, made)
			}
		}
		for name := range made {
			if strings.Contains(name, "_") && name != "due_on" && name != "my_field" {
				t.Errorf("%s is no camelCase", name)
			}
		}
		made["title"] = "b" // the whole task, with the tags as they came
		if got := camel.send(t, "PUT", "/api/tasks/"+made["id"].(string), encode(t, made)).want(t, 200); got["tags"] != "work,home" || got["title"] != "b" {
			t.Errorf("sent back: %v", got)
		}
		camel.create(t, `{"title":"c"}`)
		list := camel.send(t, "GET", "/api/tasks?limit=1", "").want(t, 200)
		if _, ok := list["nextCursor"].(string); !ok || list["total"] != 2.0 || objects(list["tasks"])[0]["tags"] != "" {
			t.Errorf("the list is %v", list)
		}
		snake := newAPI(t, db, settings(config.FormatEnvelope, config.CaseSnake, config.TagObjects)).as(t, "alice")
		data := snake.send(t, "GET", "/api/tasks/"+made["id"].(string), "").want(t, 200)["data"].(object)
		tags := objects(data["tags"])
		if data["user_id"] != "alice" || data["due_date"] != "2026-01-05" || len(tags) != 2 || tags[1]["id"] != "home" || tags[1]["name"] != "home" {
			t.Errorf("in snake_case: %v", data)
		}
		if _, ok := tags[0]["color"]; !ok {
			t.Errorf("a tag has no color: %v", tags)
		}
		if got := snake.send(t, "PUT", "/api/tasks/"+made["id"].(string), encode(t, data)).want(t, 200)["task"].(object); len(objects(got["tags"])) != 2 {
			t.Errorf("sent back: %v", got)
		}
		page := snake.send(t, "GET", "/api/tasks?limit=1", "").want(t, 200)["data"].(object)
		if _, ok := page["next_cursor"].(string); !ok {
			t.Errorf("the list is %v", page)
		}
	})
}

// completed_at tells when; who completes once more leaves it.
func TestCompletedAt(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		task := alice.create(t, `{"title":"x","completed":true}`)
		at := "/api/tasks/" + task["id"].(string)
		first := task["completed_at"]
		if first != task["created_at"] {
			t.Errorf("created as completed: %v", task)
		}
		for _, again := range []string{`{"completed":true}`, `{"status":"done"}`, `{"title":"y"}`, `{"status":"completed","completed":true,"priority":"low"}`} {
			if got := alice.send(t, "PUT", at, again).want(t, 200); got["completed_at"] != first || got["completed"] != true {
				t.Errorf("%s: %v", again, got)
			}
		}
		for _, open := range []string{`{"completed":false}`, `{"status":"in_progress"}`} {
			if got := alice.send(t, "PATCH", at, open).want(t, 200); got["completed_at"] != nil {
				t.Errorf("%s: %v", open, got)
			}
		}
		if got := alice.send(t, "PATCH", at+"/complete", "").want(t, 200); got["completed_at"] != got["updated_at"] || got["completed_at"] == first {
			t.Errorf("completed anew: %v", got)
		}
		if got := alice.send(t, "PATCH", at+"/complete", "").want(t, 200); got["completed_at"] != nil || got["status"] != "pending" {
			t.Errorf("flipped: %v", got)
		}
	})
}
