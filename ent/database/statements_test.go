package database_test

import (
	"testing"

	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/viewer"
)

// TestMoreStatementsThanAreKept runs more different ones than stay prepared, by several at once.
func TestMoreStatementsThanAreKept(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	ctx := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	db.Client.Task.Create().SetTitle("Buy milk").SaveX(ctx)
	errs := make(chan error)
	for range 4 {
		go func() {
			for limit := range 300 {
				if _, err := db.Client.Task.Query().Limit(limit + 1).Fetch(ctx); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
