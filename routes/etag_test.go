package routes_test

import (
	"testing"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// An answer that the client has already is not sent again; whatever changes it changes its tag.
func TestConditionalReads(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		for _, s := range shapes {
			a := newAPI(t, db, withFormat(s.format))
			alice, bob := a.as(t, "alice "+string(s.format)), a.as(t, "bob "+string(s.format))
			created := s.task(t, alice.send(t, "POST", "/api/tasks", `{"title":"x"}`).want(t, 201))
			at := "/api/tasks/" + created["id"].(string)
			seen := map[string]bool{}
			for _, change := range []operation{
				{"GET", at, ""}, // as created
				{"PATCH", at, `{"title":"y"}`},
				{"PATCH", at, `{"title":"y"}`}, // the time of the last change moves
				{"PATCH", at + "/complete", ""},
				{"POST", "/api/tasks", `{"title":"another"}`},
			} {
				alice.send(t, change.method, change.path, change.body)
				for _, path := range []string{"/api/tasks", at} {
					tag := alice.send(t, "GET", path, "").header.Get("ETag")
					if tag == "" || seen[path+tag] && path != at {
						t.Errorf("%s: after %v the tag is %q", path, change, tag)
					}
					seen[path+tag] = true
					for _, header := range []header{{"If-None-Match", tag}, {"If-None-Match", `"other", W/` + tag}, {"If-None-Match", "*"}} {
						if got := alice.send(t, "GET", path, "", header); got.status != 304 || got.body != "" || got.header.Get("ETag") != tag {
							t.Errorf("%s, If-None-Match %s: %d %s", path, header.value, got.status, got.body)
						}
						if got := alice.send(t, "HEAD", path, "", header); got.status != 304 {
							t.Errorf("HEAD %s, If-None-Match %s: %d", path, header.value, got.status)
						}
					}
					if again := a.as(t, alice.user).send(t, "GET", path, "", header{"If-None-Match", `"other"`}); again.status != 200 || again.header.Get("ETag") != tag {
						t.Errorf("%s: another token gets %d, tag %q", path, again.status, again.header.Get("ETag"))
					}
				}
			}
			tag := alice.send(t, "GET", at, "").header.Get("ETag")
			wantProblem(t, bob.send(t, "GET", at, "", header{"If-None-Match", tag}), 404)
		}
	})
}
