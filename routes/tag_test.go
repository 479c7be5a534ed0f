package routes_test

import (
	"fmt"
	"strings"
	"testing"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// tagList is the user's tags as a line: name color count.
func (c client) tagList(t *testing.T) string {
	t.Helper()
	var tags []object
	c.send(t, "GET", "/api/tags", "").decode(t, 200, &tags)
	lines := make([]string, len(tags))
	for i, tag := range tags {
		if tag["id"] != tag["name"] {
			t.Errorf("the id of %v is not its name", tag)
		}
		lines[i] = fmt.Sprint(tag["name"], " ", tag["color"], " ", tag["count"])
	}
	return strings.Join(lines, ", ")
}

// Alice's tags are those that she made and those that her tasks have; Bob's are his own.
func TestTags(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		alice, bob := a.as(t, "alice"), a.as(t, "bob")
		both := "/api/tasks/" + alice.create(t, `{"title":"a","tags":["work","home","Work"]}`)["id"].(string)
		alice.create(t, `{"title":"b","tags":["work"]}`)
		bob.create(t, `{"title":"c","tags":["work"]}`)
		steps := []struct {
			method, path, body string
			status             int
			tags               string
		}{
			{"GET", "/api/tags", "", 200, "Work <nil> 1, home <nil> 1, work <nil> 2"},
			{"POST", "/api/alice/tags", `{"name":" new ","color":"red"}`, 201, "Work <nil> 1, home <nil> 1, new red 0, work <nil> 2"},
			{"POST", "/api/tags", `{"name":"work","color":"blue"}`, 200, "Work <nil> 1, home <nil> 1, new red 0, work blue 2"},
			{"POST", "/api/tags", `{"name":"work"}`, 200, "Work <nil> 1, home <nil> 1, new red 0, work blue 2"},
			{"POST", "/api/tags", `{"name":"a,b"}`, 422, ""},
			{"POST", "/api/tags", `{"name":""}`, 422, ""},
			{"POST", "/api/tags", `{"color":"red"}`, 422, ""},
			{"POST", "/api/tags", `{"name":"` + strings.Repeat("x", 51) + `"}`, 422, ""},
			{"GET", "/api/tags/work", "", 200, ""},
			{"GET", "/api/tags/nothing", "", 404, ""},
			{"PATCH", "/api/tags/nothing", `{"name":"x"}`, 404, ""},
			{"DELETE", "/api/tags/nothing", "", 404, ""},
			{"PATCH", "/api/tags/home", `{"color":"green"}`, 200, "Work <nil> 1, home green 1, new red 0, work blue 2"},
			{"PATCH", "/api/tags/home", `{"color":null}`, 200, "Work <nil> 1, home <nil> 1, new red 0, work blue 2"},
			{"PUT", "/api/tags/home", `{"name":"house/1"}`, 200, "Work <nil> 1, house/1 <nil> 1, new red 0, work blue 2"},
			{"PUT", "/api/tags/house%2F1", `{"name":"at home"}`, 200, "Work <nil> 1, at home <nil> 1, new red 0, work blue 2"},
			{"PUT", "/api/tags/work", `{"name":"Work"}`, 200, "Work blue 2, at home <nil> 1, new red 0"},
			{"DELETE", "/api/tags/at%20home", "", 200, "Work blue 2, new red 0"},
		}
		for _, step := range steps {
			if got := alice.send(t, step.method, step.path, step.body); got.status != step.status {
				t.Errorf("%s %s %s: %d %s", step.method, step.path, step.body, got.status, got.body)
			}
			if got := alice.tagList(t); step.tags != "" && got != step.tags {
				t.Errorf("after %s %s %s the tags are %s, want %s", step.method, step.path, step.body, got, step.tags)
			}
		}
		if task := alice.send(t, "GET", both, "").want(t, 200); fmt.Sprint(task["tags"]) != "[Work]" {
			t.Errorf("the task's tags are %v", task["tags"])
		}
		for search, want := range map[string]int{"WORK": 2, "home": 0, "house": 0} {
			if got := alice.titles(t, "/api/tasks?search="+search); len(got) != want {
				t.Errorf("%s is found in %v", search, got)
			}
		}
		if got := bob.tagList(t); got != "work <nil> 1" {
			t.Errorf("Bob's tags are %s", got)
		}
		for _, path := range []string{"/api/tags/new", "/api/tags/Work"} {
			wantProblem(t, bob.send(t, "GET", path, ""), 404)
			wantProblem(t, bob.send(t, "PATCH", path, `{"name":"mine"}`), 404)
			wantProblem(t, bob.send(t, "DELETE", path, ""), 404)
		}
		wantProblem(t, bob.send(t, "GET", "/api/alice/tags", ""), 403)
	})
}

// A tag that joins another keeps the other's place, and the order of the rest.
func TestTagsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		at := "/api/tasks/" + alice.create(t, `{"title":"a","tags":["d","a","c","b"]}`)["id"].(string)
		for _, step := range []struct{ from, to, want string }{
			{"a", "z", "[d z c b]"}, {"d", "b", "[z c b]"}, {"c", "z", "[z b]"},
		} {
			alice.send(t, "PATCH", "/api/tags/"+step.from, `{"name":"`+step.to+`"}`).want(t, 200)
			if task := alice.send(t, "GET", at, "").want(t, 200); fmt.Sprint(task["tags"]) != step.want {
				t.Errorf("after %s became %s: %v, want %s", step.from, step.to, task["tags"], step.want)
			}
		}
	})
}

// With API_TAGS=objects a new colour shows at once: nobody is told that nothing changed.
func TestColorsShowAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db, func(s *setup) { s.Tags = config.TagObjects }).as(t, "alice")
		at := "/api/tasks/" + alice.create(t, `{"title":"a","tags":["work"]}`)["id"].(string)
		tags := map[string]string{at: alice.tag(t, at), "/api/tasks": alice.tag(t, "/api/tasks")}
		alice.send(t, "POST", "/api/tags", `{"name":"work","color":"red"}`).want(t, 200)
		for path, tag := range tags {
			got := alice.send(t, "GET", path, "", header{"If-None-Match", tag})
			if got.status != 200 || !strings.Contains(got.body, `{"id":"work","name":"work","color":"red"}`) {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
	})
}

// Alice counts her tasks.
func TestStats(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		var clock setClock
		clock.set(t, "2026-01-05T12:00:00Z")
		a := newAPI(t, db, func(s *setup) { s.now = clock.now })
		alice := a.as(t, "alice")
		for _, body := range []string{
			`{"title":"a","priority":"high","due_date":"2026-01-05"}`, `{"title":"b","status":"in_progress","due_date":"2026-01-04"}`,
			`{"title":"c","completed":true,"due_date":"2026-01-05"}`, `{"title":"d","due_date":"2026-01-05T11:00:00Z"}`, `{"title":"e"}`,
		} {
			alice.create(t, body)
		}
		a.as(t, "bob").create(t, `{"title":"his"}`)
		got := alice.send(t, "GET", "/api/tasks/stats", "").body
		want := `{"total":5,"pending":3,"in_progress":1,"completed":1,"overdue":2,"due_today":2,` +
			`"by_priority":{"critical":0,"urgent":0,"high":1,"medium":4,"low":0,"none":0}}`
		if strings.TrimSpace(got) != want {
			t.Errorf("%s, want %s", got, want)
		}
		wantProblem(t, alice.send(t, "GET", "/api/tasks/stats?timezone=Nowhere", ""), 422)
	})
}

// Alice changes, deletes and creates several tasks at once: all or none.
func TestBulk(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		alice, bob := a.as(t, "alice"), a.as(t, "bob")
		bulk := func(body string, status int) object {
			t.Helper()
			return alice.send(t, "POST", "/api/tasks/bulk", body).want(t, status)
		}
		his := bob.create(t, `{"title":"his"}`)["id"].(string)
		made := objects(bulk(`{"tasks":[{"title":"a","due_date":"2026-01-05"},{"title":"b","recurrence":"daily","due_date":"2026-01-05"},{"title":"c"}]}`, 200)["tasks"])
		ids := make([]string, len(made))
		for i, task := range made {
			ids[i] = `"` + task["id"].(string) + `"`
		}
		all := strings.Join(ids, ",")
		if len(made) != 3 || made[1]["recurrence_rule"] != "FREQ=DAILY" {
			t.Fatalf("made %v", made)
		}
		o := bulk(`{"tasks":[{"title":"x"},{"title":"","priority":"odd"}]}`, 422)
		if got := fmt.Sprint(listed(o)); got != "[tasks[1].title length tasks[1].priority enum]" {
			t.Errorf("broken are %s", got)
		}
		if got := bulk(`{"task_ids":[`+all+`,"`+his+`"],"changes":{"title":"stolen"}}`, 404); !strings.Contains(got["detail"].(string), his) {
			t.Errorf("the foreign one is not named: %v", got)
		}
		bulk(`{"task_ids":[`+all+`,"`+his+`"],"delete":true}`, 404)
		for _, body := range []string{`{}`, `{"task_ids":[` + all + `]}`, `{"task_ids":[` + all + `],"delete":true,"changes":{}}`, `{"tasks":[1]}`, `{"task_ids":"x","delete":true}`} {
			bulk(body, 422)
		}
		changed := bulk(`{"task_ids":[`+all+`],"changes":{"timezone":"Europe/Berlin","completed":true,"tags":["done"]}}`, 200)
		if changed["count"] != 3.0 || len(objects(changed["created"])) != 1 || objects(changed["created"])[0]["title"] != "b" {
			t.Errorf("changed %v", changed)
		}
		for i, task := range objects(changed["tasks"]) {
			if task["title"] != made[i]["title"] || task["status"] != "completed" || task["timezone"] != "Europe/Berlin" {
				t.Errorf("task %d is %v", i, task)
			}
		}
		again := bulk(`{"task_ids":[`+all+`],"changes":{"completed":true}}`, 200)
		if len(objects(again["created"])) != 0 {
			t.Errorf("completing again made %v", again["created"])
		}
		if got := bulk(`{"task_ids":[`+all+`],"delete":true}`, 200); got["count"] != 3.0 {
			t.Errorf("deleted %v", got)
		}
		if left := alice.titles(t, "/api/tasks"); fmt.Sprint(left) != "[b]" {
			t.Errorf("left are %v", left)
		}
		if left := bob.titles(t, "/api/tasks"); fmt.Sprint(left) != "[his]" {
			t.Errorf("Bob has %v", left)
		}
	})
}
