package routes_test

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// shape tells how a dialect writes what a test looks at.
type shape struct {
	format        config.Format
	fields        []string // of a task, sorted
	state         func(task object) any
	done          any // what state returns of a completed task
	task          func(t *testing.T, answer object) object
	list          func(t *testing.T, a answer) []object
	deleteMessage func(t *testing.T, answer object) any // the message after a delete
}

var (
	snakeCase = []string{
		"completed", "completed_at", "created_at", "description", "due_date", "id", "is_recurring", "parent_task_id", "priority",
		"recurrence_end_date", "recurrence_interval", "recurrence_pattern", "recurrence_rule", "remind_at", "repeat_from", "status", "tags",
		"timezone", "title", "updated_at", "user_id",
	}
	camelCase = []string{
		"completed", "completedAt", "createdAt", "description", "dueDate", "id", "isRecurring", "parentTaskId", "priority",
		"recurrenceEndDate", "recurrenceInterval", "recurrencePattern", "recurrenceRule", "remindAt", "repeatFrom", "status", "tags",
		"timezone", "title", "updatedAt", "userId",
	}
)

var shapes = []shape{
	{
		format: config.FormatPlain,
		fields: snakeCase,
		state:  func(task object) any { return task["completed"] },
		done:   true,
		task:   func(_ *testing.T, answer object) object { return answer },
		list: func(t *testing.T, a answer) (tasks []object) {
			a.decode(t, 200, &tasks)
			return tasks
		},
		deleteMessage: func(_ *testing.T, answer object) any { return answer["message"] },
	},
	{
		format: config.FormatWrapped,
		fields: snakeCase,
		state:  func(task object) any { return task["completed"] },
		done:   true,
		task:   func(_ *testing.T, answer object) object { return answer },
		list: func(t *testing.T, a answer) []object {
			list := a.want(t, 200)
			wantFields(t, list, "next_cursor", "tasks", "total")
			tasks := objects(list["tasks"])
			if list["total"] != float64(len(tasks)) || list["next_cursor"] != nil {
				t.Errorf("total %v, next_cursor %v of %d tasks", list["total"], list["next_cursor"], len(tasks))
			}
			return tasks
		},
		deleteMessage: func(_ *testing.T, answer object) any { return answer["message"] },
	},
	{
		format: config.FormatEnvelope,
		fields: camelCase,
		state:  func(task object) any { return task["status"] },
		done:   "completed",
		task: func(t *testing.T, answer object) object {
			wantFields(t, answer, "data", "success", "task")
			data, task := answer["data"].(object), answer["task"].(object)
			if answer["success"] != true || !maps.EqualFunc(data["task"].(object), task, equal) {
				t.Errorf("not the same task everywhere: %v", answer)
			}
			for name, value := range task {
				if !equal(data[name], value) {
					t.Errorf("data.%s is %v, task.%[1]s %v", name, data[name], value)
				}
			}
			return task
		},
		list: func(t *testing.T, a answer) []object {
			list := a.want(t, 200)
			wantFields(t, list, "data", "success", "tasks")
			data := list["data"].(object)
			wantFields(t, data, "nextCursor", "tasks")
			if list["success"] != true || !slices.EqualFunc(objects(data["tasks"]), objects(list["tasks"]), func(a, b object) bool { return maps.EqualFunc(a, b, equal) }) {
				t.Errorf("not the same tasks everywhere: %v", list)
			}
			return objects(list["tasks"])
		},
		deleteMessage: func(t *testing.T, answer object) any {
			wantFields(t, answer, "data", "success")
			return answer["data"].(object)["message"]
		},
	},
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

func objects(list any) []object {
	var all []object
	for _, item := range list.([]any) {
		all = append(all, item.(object))
	}
	return all
}

func wantFields(t *testing.T, o object, fields ...string) {
	t.Helper()
	if got := slices.Sorted(maps.Keys(o)); !slices.Equal(got, fields) {
		t.Errorf("fields %v, want %v", got, fields)
	}
}

var (
	uuid7     = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	timeStamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`)
)

// A task's whole life, in every dialect, under both paths, with and without a trailing slash, on both databases.
func TestLifeOfATask(t *testing.T) {
	t.Parallel()
	for _, s := range shapes {
		for _, base := range []string{"/api/tasks", "/api/alice/tasks"} {
			for _, slash := range []string{"", "/"} {
				t.Run(string(s.format)+base+slash, func(t *testing.T) {
					t.Parallel()
					databasetest.Each(t, func(t *testing.T, db *database.Database) {
						runLifeOfATask(t, newAPI(t, db, withFormat(s.format)).as(t, "alice"), s, base, slash)
					})
				})
			}
		}
	}
}

func runLifeOfATask(t *testing.T, alice client, s shape, base, slash string) {
	t.Helper()
	created := alice.send(t, "POST", base+slash, `{"title":"  Buy milk ","description":"2 litres"}`)
	task := s.task(t, created.want(t, 201))
	id := task["id"].(string)
	checkNewTask(t, s, task)
	if location := created.header.Get("Location"); location != base+"/"+id {
		t.Errorf("Location %q, want %q", location, base+"/"+id)
	}
	at := base + "/" + id

	if list := s.list(t, alice.send(t, "GET", base+slash, "")); len(list) != 1 || !maps.EqualFunc(list[0], task, equal) {
		t.Errorf("the list has %v, want %v", list, task)
	}
	if got := s.task(t, alice.send(t, "GET", at+slash, "").want(t, 200)); !maps.EqualFunc(got, task, equal) {
		t.Errorf("read %v, want %v", got, task)
	}

	steps := []struct {
		method, path, body string
		title              string
		description        any
		done               bool
	}{
		{"PUT", at, `{"title":"Buy oat milk"}`, "Buy oat milk", "2 litres", false},
		{"PATCH", at, `{"description":null}`, "Buy oat milk", nil, false},
		{"PATCH", at, `{"description":""}`, "Buy oat milk", "", false},
		{"PUT", at, `{"completed":true}`, "Buy oat milk", "", true},
		{"PATCH", at, `{"status":"pending","is_completed":false}`, "Buy oat milk", "", false},
		{"PATCH", at + "/complete", ``, "Buy oat milk", "", true},
		{"PATCH", at + "/toggle", `{}`, "Buy oat milk", "", false},
		{"PATCH", at + "/toggle-status", `{"completed":true}`, "Buy oat milk", "", true},
		{"PATCH", at + "/status", `{"status":"completed"}`, "Buy oat milk", "", true},
		{"PUT", at, encode(t, task), "Buy milk", "2 litres", false}, // the whole task, sent back as it was fetched
	}
	previous := task[updatedField(s)].(string)
	for _, step := range steps {
		changed := s.task(t, alice.send(t, step.method, step.path+slash, step.body).want(t, 200))
		updated := changed[updatedField(s)].(string)
		if changed["title"] != step.title || changed["description"] != step.description || (s.state(changed) == s.done) != step.done {
			t.Errorf("after %s %s %s: %v", step.method, step.path, step.body, changed)
		}
		if updated <= previous {
			t.Errorf("%s %s left the time of the last change at %s, from %s", step.method, step.body, updated, previous)
		}
		previous = updated
	}

	unchanged := s.task(t, alice.send(t, "PATCH", at+slash, `{"importance":"high","id":"other"}`).want(t, 200))
	if unchanged[updatedField(s)] != previous || unchanged["id"] != id {
		t.Errorf("a body that names no field changed %v", unchanged)
	}
	if message := s.deleteMessage(t, alice.send(t, "DELETE", at+slash, "").want(t, 200)); message != "Task deleted successfully" {
		t.Errorf("the answer says %v", message)
	}
	alice.send(t, "GET", at+slash, "").want(t, 404)
	if list := s.list(t, alice.send(t, "GET", base+slash, "")); len(list) != 0 {
		t.Errorf("the list still has %v", list)
	}
}

func checkNewTask(t *testing.T, s shape, task object) {
	t.Helper()
	wantFields(t, task, s.fields...)
	created, updated := task[strings.Replace(updatedField(s), "updated", "created", 1)].(string), task[updatedField(s)].(string)
	switch {
	case !uuid7.MatchString(task["id"].(string)):
		t.Errorf("id %v is no UUID of version 7", task["id"])
	case task["title"] != "Buy milk" || task["description"] != "2 litres" || s.state(task) == s.done:
		t.Errorf("created %v", task)
	case task["user_id"] != "alice" && task["userId"] != "alice":
		t.Errorf("created for %v", task)
	case created != updated || !timeStamp.MatchString(created):
		t.Errorf("created at %s, updated at %s", created, updated)
	}
}

func updatedField(s shape) string {
	if slices.Contains(s.fields, "updatedAt") {
		return "updatedAt"
	}
	return "updated_at"
}

// Text survives exactly, whatever it is.
func TestTextSurvives(t *testing.T) {
	t.Parallel()
	texts := map[string]string{
		"emoji":            "👩‍👩‍👧‍👦 family 🇩🇪",
		"combining":        "e\u0301 is not \u00e9",
		"right to left":    "\u202eשלום עולם\u202c مرحبا",
		"astral":           "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𓀀",
		"markup":           `<b>&amp;"quotes"\ 'and' / slashes`,
		"control":          "tab\tbell\aescape\x1b",
		"line separators":  "a\u2028b\u2029c",
		"SQL":              `'; DROP TABLE tasks; -- $1 ? %s`,
		"255 code points":  strings.Repeat("é", 255),
		"255 astral":       strings.Repeat("😀", 255),
		"noncharacter":     "\ufffe \uffff \U0010ffff",
		"replacement char": "\ufffd",
	}
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		for name, text := range texts {
			body := encode(t, object{"title": text, "description": "\n " + text + " \n"})
			task := alice.create(t, body)
			read := alice.send(t, "GET", "/api/tasks/"+task["id"].(string), "").want(t, 200)
			for _, got := range []object{task, read} {
				if got["title"] != text || got["description"] != "\n "+text+" \n" {
					t.Errorf("%s: %q became %q", name, text, got)
				}
			}
		}
	})
}

// Two users share the service and nothing else.
func TestNobodySeesAnothersTasks(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		alice, bob := a.as(t, "alice"), a.as(t, "bob")
		hers := alice.create(t, `{"title":"hers"}`)
		his := bob.create(t, `{"title":"his"}`)
		id := hers["id"].(string)
		for _, call := range []struct{ method, path, body string }{
			{"GET", "/api/tasks/" + id, ""},
			{"PUT", "/api/tasks/" + id, `{"title":"his now"}`},
			{"PATCH", "/api/tasks/" + id, `{"title":"his now"}`},
			{"PATCH", "/api/bob/tasks/" + id, `{}`},
			{"PATCH", "/api/tasks/" + id + "/complete", ""},
			{"PATCH", "/api/bob/tasks/" + id + "/toggle", ""},
			{"DELETE", "/api/tasks/" + id, ""},
			{"DELETE", "/api/bob/tasks/" + strings.ToUpper(id), ""},
		} {
			if got := bob.send(t, call.method, call.path, call.body).want(t, 404); got["detail"] != "Task not found" {
				t.Errorf("%s %s: %v", call.method, call.path, got)
			}
			if got := bob.send(t, call.method, strings.Replace(strings.Replace(call.path, "/api/tasks", "/api/alice/tasks", 1), "/bob/", "/alice/", 1), call.body); got.status != 403 {
				t.Errorf("%s under her path: %d", call.method, got.status)
			}
		}
		if got := bob.titles(t, "/api/tasks"); !slices.Equal(got, []string{"his"}) {
			t.Errorf("his list has %v", got)
		}
		if got := alice.send(t, "GET", "/api/tasks/"+id, "").want(t, 200); !maps.EqualFunc(got, hers, equal) {
			t.Errorf("hers was %v, is %v", hers, got)
		}
		for _, owner := range []string{`"user_id":"alice"`, `"userId":"alice"`} {
			bob.send(t, "POST", "/api/tasks", `{"title":"planted",`+owner+`}`).want(t, 422)
			bob.send(t, "PATCH", "/api/tasks/"+his["id"].(string), `{`+owner+`}`).want(t, 422)
		}
		if got := alice.titles(t, "/api/tasks"); !slices.Equal(got, []string{"hers"}) {
			t.Errorf("her list has %v", got)
		}
	})
}
