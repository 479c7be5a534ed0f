package postgres_test

import (
	"context"
	"testing"
	"time"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/viewer"
)

// TestNoStatementBeginsLate has ann wait for a connection until more than half of her time is over: her statement is refused
// rather than begun, before its time is up, and the next one is served.
func TestNoStatementBeginsLate(t *testing.T) {
	t.Parallel()
	const deadline, free = 8 * time.Second, 6 * time.Second // as far from half and from the end as a busy machine may need
	db := databasetest.Postgres(t)
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	var held []*ent.Tx
	for range postgres.MaxConns - 1 { // statements leave one to who asks whether the database is ready
		held = append(held, begin(t, db))
	}
	refused := make(chan error)
	started := time.Now()
	go func() {
		ctx, cancel := context.WithTimeout(ann, deadline)
		defer cancel()
		refused <- db.Client.Task.Create().SetTitle("late").Exec(ctx)
	}()
	time.Sleep(free)
	for _, tx := range held {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
	if err := <-refused; !database.IsUnavailable(err) || time.Since(started) >= deadline {
		t.Errorf("after %v: %v", time.Since(started), err)
	}
	ctx, cancel := context.WithTimeout(ann, deadline)
	defer cancel()
	if err := db.Client.Task.Create().SetTitle("next").Exec(ctx); err != nil {
		t.Errorf("the next statement: %v", err)
	}
	if n, err := db.Client.Task.Query().Count(ann); n != 1 || err != nil {
		t.Errorf("%d tasks are there: %v", n, err)
	}
}

func begin(t *testing.T, db *database.Database) *ent.Tx {
	t.Helper()
	tx, err := db.Client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tx
}
