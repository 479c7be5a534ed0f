//go:build !race

package routes_test

import (
	"testing"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/viewer"
)

// postgresBudgets are how many allocations a request may cost from the router to the encoded answer with
// pgx and the decoding of rows: what was measured, and a tenth.
var postgresBudgets = []struct {
	name, method, path, body string
	allocations              float64
}{
	{"get", "GET", "/api/tasks/", "", 43},
	{"list of 50", "GET", "/api/tasks?limit=50", "", 87},
	{"list of 100", "GET", "/api/tasks?limit=100", "", 95},
	{"create", "POST", "/api/tasks", `{"title":"Buy milk","description":"Two litres"}`, 107},
	{"update", "PATCH", "/api/tasks/", `{"title":"Buy oat milk"}`, 88},
}

// TestAllocationsOnPostgres counts on the way that requests take in production: a column that is decoded
// by reflection shows here alone.
func TestAllocationsOnPostgres(t *testing.T) { //nolint:paralleltest // others' allocations would be counted
	db := databasetest.Open(t, database.Source{PostgresURL: databasetest.PostgresURL(t)})
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	created := db.Client.Task.Create().SetTitle("Buy milk").SetDescription("Two litres").SaveX(ann)
	for range 120 {
		db.Client.Task.Create().SetTitle("Task 1 of many").SetDescription("It has to be done by the end of the week").
			SetTags([]string{"home", "errands"}).SetRecurrenceRule("FREQ=WEEKLY;BYDAY=MO").ExecX(ann)
	}
	serve := handlerFor(t, db.Client)
	for _, r := range postgresBudgets {
		path := r.path
		if path[len(path)-1] == '/' {
			path += created.ID.String()
		}
		ctx := newRequest(sign(t, "ann"), r.method, path, r.body)
		got := testing.AllocsPerRun(100, func() {
			serveAgain(serve, ctx)
		})
		if status := ctx.Response.StatusCode(); status >= 300 {
			t.Fatalf("%s is answered with %d %s", r.name, status, ctx.Response.Body())
		}
		t.Logf("%s: %.0f allocations", r.name, got)
		if got > r.allocations {
			t.Errorf("%s costs %.0f allocations, its budget is %.0f", r.name, got, r.allocations)
		}
	}
}
