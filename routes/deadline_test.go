package routes_test

import (
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// TestTheDeadlineReachesTheDatabase has somebody else hold the table while ann asks: her statement is given up in time, in
// the database too, and does nothing later.
func TestTheDeadlineReachesTheDatabase(t *testing.T) {
	t.Parallel()
	// late is far beyond what a busy machine adds, and less than the 15 s in which pgx gives up a connection by itself.
	const deadline, late = time.Second, 12 * time.Second
	const bothPaths = 2
	hold := map[string]string{dialect.Postgres: "BEGIN; LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE", dialect.SQLite: "BEGIN IMMEDIATE"}
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		id := newAPI(t, db).as(t, "ann").create(t, `{"title":"before"}`)["id"].(string)
		ann := newAPI(t, db, func(s *setup) { s.RequestTimeout = deadline }).as(t, "ann")
		raw.Must(t, hold[raw.Dialect])
		operations := operationsOn("ann", id)
		for _, op := range operations[:len(operations)/bothPaths] {
			begin := time.Now()
			got := ann.send(t, op.method, op.path, op.body)
			took := time.Since(begin)
			if op.method == "GET" && raw.Dialect == dialect.SQLite { // readers do not wait there
				if got.status != 200 {
					t.Errorf("%s %s: readers wait: %d", op.method, op.path, got.status)
				}
				continue
			}
			wantProblem(t, got, 503)
			if took < deadline/2 || took > late || got.header.Get("Retry-After") == "" {
				t.Errorf("%s %s: refused after %v, its deadline is %v: %v", op.method, op.path, took, deadline, got.header)
			}
		}
		waitUntilIdle(t, raw)
		raw.Must(t, "ROLLBACK")
		ann = newAPI(t, db).as(t, "ann") // with time to connect anew
		ann.create(t, `{"title":"after"}`)
		if got := ann.titles(t, "/api/tasks"); len(got) != 2 || got[0] != "after" || got[1] != "before" {
			t.Errorf("afterwards the list has %v", got)
		}
	})
}

// waitUntilIdle waits until nobody else has a statement under way. The lock is held all the while: what still runs was not
// cancelled.
func waitUntilIdle(t *testing.T, raw *databasetest.Raw) {
	t.Helper()
	if raw.Dialect == dialect.SQLite { // it runs in this process, and the answer was waited for
		return
	}
	const others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'"
	eventually(t, "no statement is under way", func() bool {
		raw.Must(t, "SELECT pg_stat_clear_snapshot()")
		return len(raw.Strings(t, "SELECT query "+others)) == 0
	})
}
