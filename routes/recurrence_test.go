package routes_test

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/moment"
)

// setClock is a clock that a test sets.
type setClock struct{ at atomic.Pointer[time.Time] }

func (c *setClock) set(t *testing.T, instant string) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		t.Fatal(err)
	}
	c.at.Store(&at)
}

func (c *setClock) now() time.Time { return *c.at.Load() }

// recurring is a row of the table of cases.
type recurring struct{ name, rule, start, standsFor, due, zone, now, repeatFrom, want string }

func recurringCases(t *testing.T) []recurring {
	t.Helper()
	text, err := os.ReadFile("../ent/recurrence/testdata/recurrence.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var cases []recurring
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		cases = append(cases, recurring{f[0], strings.ReplaceAll(f[1], `\n`, "\n"), f[2], f[3], f[4], f[5], f[6], f[7], f[8]})
	}
	return cases
}

// Alice completes recurring tasks: the next one is due when the table of cases says, or the rule is
// refused.
func TestCompletingMakesTheNextTask(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		var clock setClock
		a := newAPI(t, db, func(s *setup) { s.now = clock.now })
		alice := a.as(t, "alice")
		for _, test := range recurringCases(t) {
			clock.set(t, test.now)
			body := object{
				"title": test.name, "due_date": test.start, "recurrence_rule": test.rule, "repeat_from": test.repeatFrom, "tags": []string{"again"},
				"priority": "high",
			}
			if test.zone != "" {
				body["timezone"] = test.zone
			}
			got := alice.send(t, "POST", "/api/tasks", encode(t, body))
			if strings.HasPrefix(test.want, "422") {
				if got.status != 422 {
					t.Errorf("%s: %d %s", test.name, got.status, got.body)
				}
				continue
			}
			first := got.want(t, 201)
			alice.moveTo(t, db, first["id"].(string), test)
			done := alice.send(t, "PATCH", "/api/tasks/"+first["id"].(string)+"/complete", `{"completed":true}`)
			done.want(t, 200)
			alice.checkNext(t, test, first, done)
		}
	})
}

// moveTo has a task stand where the case says, later in its series.
func (c client) moveTo(t *testing.T, db *database.Database, id string, test recurring) {
	t.Helper()
	update := db.Client.Task.UpdateOneID(uuid.MustParse(id))
	due, err := moment.Parse(test.due)
	if err != nil { // there is none
		update.ClearDueDate().ClearDueBegin().ClearDueEnd()
		if test.standsFor != "" {
			update.SetSeriesDay(test.standsFor)
		}
		update.SaveX(asViewer(t.Context(), c.user))
		return
	}
	zone := time.UTC
	if test.zone != "" {
		zone, _ = moment.Zone(test.zone)
	}
	day := test.standsFor
	if day == "" {
		on, _ := due.Wall(due.ReadIn(zone, zone))
		if test.zone == "" {
			on, _ = due.Wall(due.ReadIn(nil, time.UTC))
		}
		day = on.String()
	}
	update.SetDueDate(test.due).SetSeriesDay(day).
		SetDueBegin(due.Begin(zone)).SetDueEnd(due.End(zone)).SaveX(asViewer(t.Context(), c.user))
}

// checkNext compares what followed from a completion with the case.
func (c client) checkNext(t *testing.T, test recurring, first object, done answer) {
	t.Helper()
	address := done.header.Get("Next-Task")
	if test.want == "end" {
		if address != "" {
			t.Errorf("%s: the series goes on with %s", test.name, c.send(t, "GET", address, "").body)
		}
		return
	}
	if !strings.HasPrefix(address, "/api/tasks/") {
		t.Errorf("%s: Next-Task %q, want %s", test.name, address, test.want)
		return
	}
	next := c.send(t, "GET", address, "").want(t, 200)
	if next["due_date"] != test.want || next["status"] != "pending" || next["parent_task_id"] != first["id"] ||
		next["title"] != test.name || next["priority"] != "high" || fmt.Sprint(next["tags"]) != "[again]" {
		t.Errorf("%s: the next is %v, want it due %s", test.name, next, test.want)
	}
}

// Alice completes one task by every way there is, at once and again: there is one next task, and it
// stays when she reopens the first.
func TestOneNextTask(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		at := "/api/tasks/" + alice.create(t, `{"title":"x","due_date":"2026-01-05","recurrence":"daily"}`)["id"].(string)
		ways := []struct{ method, path, body string }{
			{"PATCH", at + "/complete", `{"completed":true}`},
			{"PUT", at, `{"status":"done"}`},
			{"PATCH", at, `{"is_completed":true}`},
			{"PATCH", at + "/toggle?completed=true", ``},
		}
		answers := make(chan answer)
		for _, way := range ways {
			go func() { answers <- alice.send(t, way.method, way.path, way.body) }()
		}
		made := 0
		for range ways {
			if (<-answers).header.Get("Next-Task") != "" {
				made++
			}
		}
		list := func() []object {
			var tasks []object
			alice.send(t, "GET", "/api/tasks", "").decode(t, 200, &tasks)
			return tasks
		}
		if tasks := list(); made != 1 || len(tasks) != 2 {
			t.Fatalf("%d completions made a next task, there are %v", made, tasks)
		}
		alice.send(t, "PATCH", at+"/incomplete", "").want(t, 200)
		if again := alice.send(t, "PATCH", at+"/complete", ""); again.header.Get("Next-Task") != "" || len(list()) != 2 {
			t.Errorf("completing again made another: %v", list())
		}
		next := list()[0]["id"].(string)
		alice.send(t, "DELETE", "/api/tasks/"+next, "").want(t, 200)
		alice.send(t, "PATCH", at+"/toggle", "").want(t, 200)
		if again := alice.send(t, "PATCH", at+"/toggle", ""); again.header.Get("Next-Task") == "" || len(list()) != 2 {
			t.Errorf("after the next was deleted completing makes none: %v", list())
		}
	})
}

// Rules are written in many ways and read back in one.
func TestRulesReadBack(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		for body, want := range map[string]string{
			`"recurrence_rule":"rrule:freq=weekly;byday=mo;"`:                         "FREQ=WEEKLY;BYDAY=MO weekly 1 <nil>",
			`"recurrence":"weekdays"`:                                                 "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR weekly 1 <nil>",
			`"recurring":true,"recurrence_pattern":"monthly"`:                         "FREQ=MONTHLY monthly 1 <nil>",
			`"recurrence_pattern":"weekly","recurrence_interval":2`:                   "FREQ=WEEKLY;INTERVAL=2 weekly 2 <nil>",
			`"recurrence":{"frequency":"daily","interval":3,"end_date":"2026-12-31"}`: "FREQ=DAILY;INTERVAL=3;UNTIL=20261231 daily 3 2026-12-31",
			`"recurrence_rule":null`:                                                  "<nil> <nil> <nil> <nil>",
			`"is_recurring":false,"recurrence_pattern":"daily"`:                       "<nil> <nil> <nil> <nil>",
		} {
			task := alice.create(t, `{"title":"x",`+body+`}`)
			got := fmt.Sprint(task["recurrence_rule"], " ", task["recurrence_pattern"], " ", task["recurrence_interval"], " ", task["recurrence_end_date"])
			if got != want || task["is_recurring"] != (task["recurrence_rule"] != nil) {
				t.Errorf("%s is read as %s, want %s", body, got, want)
			}
			back := alice.send(t, "PUT", "/api/tasks/"+task["id"].(string), encode(t, task)).want(t, 200)
			if back["recurrence_rule"] != task["recurrence_rule"] {
				t.Errorf("%s sent back whole becomes %v", body, back["recurrence_rule"])
			}
		}
		wantProblem(t, alice.send(t, "POST", "/api/tasks", `{"title":"x","recurrence_rule":"FREQ=SECONDLY"}`), 422)
	})
}
