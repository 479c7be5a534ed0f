package routes_test

import (
	"testing"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// An answer that the client has already is not sent again; whatever changes it changes its tag, and nothing else does.
func TestConditionalReads(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		for _, s := range shapes {
			a := newAPI(t, db, withFormat(s.format))
			alice := a.as(t, "alice")
			at := "/api/tasks/" + s.task(t, alice.send(t, "POST", "/api/tasks", `{"title":"x"}`).want(t, 201))["id"].(string)
			for _, change := range []struct {
				method, path, body string
				task, list         bool // changes
			}{
				{"PATCH", at, `{}`, false, false},
				{"PATCH", at, `{"title":"y"}`, true, true},
				{"PATCH", at, `{"title":"y"}`, true, true}, // the time of the last change moves
				{"PATCH", at + "/complete", "", true, true},
				{"POST", "/api/tasks", `{"title":"another"}`, false, true},
			} {
				task, list := alice.tag(t, at), alice.tag(t, "/api/tasks")
				alice.send(t, change.method, change.path, change.body)
				if changed := alice.tag(t, at) != task; changed != change.task {
					t.Errorf("%s %s %s changes the task's tag: %v", change.method, change.path, change.body, changed)
				}
				if changed := alice.tag(t, "/api/tasks") != list; changed != change.list {
					t.Errorf("%s %s %s changes the list's tag: %v", change.method, change.path, change.body, changed)
				}
			}
			wantProblem(t, a.as(t, "bob").send(t, "GET", at, "", header{"If-None-Match", alice.tag(t, at)}), 404)
		}
	})
}

// The same task has another tag in each dialect.
func TestTagsOfDialects(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	at := "/api/tasks/" + newAPI(t, db).as(t, "alice").create(t, `{"title":"x"}`)["id"].(string)
	tags := map[string]bool{}
	for _, s := range shapes {
		tags[newAPI(t, db, withFormat(s.format)).as(t, "alice").tag(t, at)] = true
	}
	if len(tags) != len(shapes) {
		t.Errorf("%d dialects have %d tags", len(shapes), len(tags))
	}
}

// tag is the tag of what is at path, which is not sent to whoever names it, and does not depend on the token.
func (c client) tag(t *testing.T, path string) string {
	t.Helper()
	got := c.send(t, "GET", path, "")
	tag := got.header.Get("ETag")
	if tag == "" || got.header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("%s: %v", path, got.header)
	}
	for _, named := range []string{tag, `"other", W/` + tag, "*"} {
		for _, method := range []string{"GET", "HEAD"} {
			if got := c.send(t, method, path, "", header{"If-None-Match", named}); got.status != 304 || got.body != "" || got.header.Get("ETag") != tag {
				t.Errorf("%s %s, If-None-Match %s: %d %s", method, path, named, got.status, got.body)
			}
		}
	}
	if again := c.as(t, c.user).send(t, "GET", path, "", header{"If-None-Match", `"other"`}); again.status != 200 || again.header.Get("ETag") != tag {
		t.Errorf("%s: another token gets %d, tag %q", path, again.status, again.header.Get("ETag"))
	}
	return tag
}
