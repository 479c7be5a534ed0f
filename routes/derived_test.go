package routes_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/moment"
)

// asEarlierRelease writes as a release does that knows title, description and completed alone.
func asEarlierRelease(t *testing.T, raw *databasetest.Raw, set, id string) {
	t.Helper()
	step := "+ 1000"
	if raw.Dialect == "postgres" {
		step = "+ INTERVAL '1 millisecond'"
	}
	raw.Must(t, "UPDATE tasks SET "+set+", updated_at = updated_at "+step+" WHERE id = '"+id+"'")
}

// While an update rolls, an earlier release writes too. Nothing that it writes is lost, and what it
// leaves behind is put right at the next write of a task, and by migrate.
func TestWritesOfAnEarlierRelease(t *testing.T) {
	t.Parallel()
	mends := map[string]func(t *testing.T, db *database.Database, alice client, at string){
		"by the next write": func(t *testing.T, _ *database.Database, alice client, at string) {
			t.Helper()
			alice.send(t, "PATCH", at, `{"priority":"low"}`).want(t, 200)
		},
		"by migrate": func(t *testing.T, db *database.Database, _ client, _ string) {
			t.Helper()
			if err := db.Derive(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, mend := range mends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
				alice := newAPI(t, db).as(t, "alice")
				id := alice.create(t, `{"title":"Milk","due_date":"2026-01-05","tags":["home"]}`)["id"].(string)
				at := "/api/tasks/" + id
				asEarlierRelease(t, raw, "title = 'Bread', description = 'Rye', completed = TRUE", id)
				task := alice.send(t, "GET", at, "").want(t, 200)
				if task["title"] != "Bread" || task["status"] != "completed" || task["completed_at"] != task["updated_at"] || task["due_date"] != "2026-01-05" {
					t.Errorf("what the earlier release wrote is %v", task)
				}
				done := task["completed_at"]
				mend(t, db, alice, at)
				for _, search := range []string{"bread", "RYE", "home"} {
					if got := alice.titles(t, "/api/tasks?search="+search); len(got) != 1 {
						t.Errorf("%s is found in %v", search, got)
					}
				}
				if got := alice.titles(t, "/api/tasks?search=milk"); len(got) != 0 {
					t.Errorf("the old title is found in %v", got)
				}
				if task := alice.send(t, "GET", at, "").want(t, 200); task["completed_at"] != done {
					t.Errorf("it was completed at %v, now %v", done, task["completed_at"])
				}
				asEarlierRelease(t, raw, "completed = NOT completed", id)
				if task := alice.send(t, "GET", at, "").want(t, 200); task["status"] != "pending" || task["completed_at"] != nil {
					t.Errorf("reopened by the earlier release it is %v", task)
				}
			})
		})
	}
}

// A task of an earlier release has none of what follows from others: migrate makes it.
func TestTasksOfAnEarlierRelease(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		now := "1700000000000000"
		if raw.Dialect == "postgres" {
			now = "'2026-01-05T08:30:00Z'"
		}
		id := uuid.Must(uuid.NewV7()).String()
		raw.Must(t, "INSERT INTO tasks (id, user_id, created_at, updated_at, title, completed) VALUES ('"+id+"', 'alice', "+now+", "+now+", 'Crème', TRUE)")
		alice := newAPI(t, db).as(t, "alice")
		alice.send(t, "GET", "/api/tasks/"+id, "").want(t, 200)
		if err := db.Derive(t.Context(), time.UTC); err != nil {
			t.Fatal(err)
		}
		if got := alice.titles(t, "/api/tasks?search=CR%C3%88ME&status=completed"); len(got) != 1 {
			t.Errorf("found %v", got)
		}
	})
}

// Due dates are instants of a zone: where the default zone changes, migrate makes them anew, and until
// then the service knows.
func TestDefaultZoneChanges(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		honolulu, err := moment.Zone("Pacific/Honolulu")
		if err != nil {
			t.Fatal(err)
		}
		if ever, _, err := db.Derived(t.Context(), time.UTC); ever || err != nil {
			t.Errorf("a new database has derived columns already: %v, %v", ever, err)
		}
		alice := newAPI(t, db).as(t, "alice")
		id := alice.create(t, `{"title":"x","due_date":"2026-01-05T09:30"}`)["id"].(string)
		stored := func() time.Time {
			return *db.Client.Task.GetX(asViewer(t.Context(), "alice"), uuid.MustParse(id)).DueBegin
		}
		for _, zone := range []*time.Location{time.UTC, honolulu} {
			if err := db.Derive(t.Context(), zone); err != nil {
				t.Fatal(err)
			}
			if want := time.Date(2026, 1, 5, 9, 30, 0, 0, zone); !stored().Equal(want) {
				t.Errorf("in %s it is due at %v, want %v", zone, stored(), want)
			}
			if ever, current, err := db.Derived(t.Context(), zone); !ever || !current || err != nil {
				t.Errorf("after that: %v, %v, %v", ever, current, err)
			}
		}
		if _, current, _ := db.Derived(t.Context(), time.UTC); current {
			t.Error("nobody notices that the default zone is another one")
		}
	})
}
