package postgres_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/viewer"
)

// readOnly is a migrated database whose server takes no writes from its clients, and the client of
// ann.
func readOnly(t *testing.T) (db *database.Database, ann context.Context) {
	t.Helper()
	url := databasetest.PostgresURL(t)
	ann = viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	databasetest.Open(t, database.Source{PostgresURL: url}).Client.Task.Create().SetTitle("Buy milk").ExecX(ann)
	return databasetest.Open(t, database.Source{PostgresURL: url + "&default_transaction_read_only=on"}), ann
}

// TestReadOnlyServer serves reads, and says that it takes no writes.
func TestReadOnlyServer(t *testing.T) {
	t.Parallel()
	db, ann := readOnly(t)
	if writes, err := db.Ready(ann); writes || err != nil {
		t.Errorf("ready: writes %v, %v", writes, err)
	}
	if err := db.Client.Task.Create().SetTitle("Buy bread").Exec(ann); !database.IsUnavailable(err) {
		t.Errorf("a write: %v", err)
	}
	if tasks, err := db.Client.Task.Query().Fetch(ann); len(tasks) != 1 || err != nil {
		t.Errorf("a read: %v, %v", tasks, err)
	}
}

// TestRefusedWritesLeaveReadersTheirConnections compares what readers get done alone with what they
// do beside writers whose every write is refused.
func TestRefusedWritesLeaveReadersTheirConnections(t *testing.T) {
	t.Parallel()
	const rounds, slot = 4, 250 * time.Millisecond
	db, ann := readOnly(t)
	var alone, beside int64
	for range rounds {
		alone += readsIn(ann, t, db.Client, slot, 0)
		beside += readsIn(ann, t, db.Client, slot, 4)
	}
	ratio := float64(beside) / float64(alone)
	t.Logf("%d reads alone, %d beside refused writes: %.2f", alone, beside, ratio)
	if ratio < 0.15 { // measured: 0.65, and 0.05 where each refused write takes the connections away
		t.Errorf("refused writes leave readers %.3f of what they do alone", ratio)
	}
}

// readsIn counts what 4 readers read in a time, beside writers.
func readsIn(ctx context.Context, t *testing.T, client *ent.Client, slot time.Duration, writers int) int64 {
	t.Helper()
	var reads atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(slot)
	for range writers {
		all.Go(func() {
			for time.Now().Before(end) {
				if err := client.Task.Create().SetTitle("Buy bread").Exec(ctx); !database.IsUnavailable(err) {
					t.Errorf("a write: %v", err)
				}
			}
		})
	}
	for range 4 {
		all.Go(func() {
			for time.Now().Before(end) {
				if _, err := client.Task.Query().Fetch(ctx); err != nil {
					t.Errorf("a read: %v", err)
				}
				reads.Add(1)
			}
		})
	}
	all.Wait()
	return reads.Load()
}
