package sqlite_test

import (
	"fmt"
	"testing"

	"entgo.io/ent/dialect/sql"

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

// TestOffsetsAreNotKept runs statements of which clients can make any number.
func TestOffsetsAreNotKept(t *testing.T) {
	t.Parallel()
	driver := open(t)
	for _, test := range []struct {
		text string
		kept int
	}{{"SELECT %d LIMIT 1 OFFSET 1", 0}, {"SELECT %d LIMIT 1", 10}} {
		for i := range 10 {
			rows := &sql.Rows{}
			if err := driver.Query(t.Context(), fmt.Sprintf(test.text, i), []any{}, rows); err != nil {
				t.Fatal(err)
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if kept := driver.KeptStatements(); kept != test.kept {
			t.Errorf("of 10 like %q %d are kept", test.text, kept)
		}
	}
}
