package database_test

import (
	"testing"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/viewer"
)

// TestSnapshot has ann read while she writes beside: she reads what there was at the first statement, waits for
// nothing, and can't change it. Nobody else reads it.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
		bob := viewer.NewContext(t.Context(), viewer.Viewer{ID: "bob"})
		first := db.Client.Task.Create().SetTitle("Buy milk").SaveX(ann)
		err := db.Snapshot(ann, func(client *ent.Client) error {
			for range 2 {
				tasks, err := client.Task.Query().Fetch(ann)
				if err != nil {
					return err
				}
				if len(tasks) != 1 || tasks[0].Title != "Buy milk" {
					t.Errorf("in the snapshot there are %v", tasks)
				}
				db.Client.Task.Create().SetTitle("Buy oats").SaveX(ann)
				db.Client.Task.UpdateOneID(first.ID).SetTitle("Buy bread").ExecX(ann)
			}
			if _, err := client.Task.Query().Fetch(t.Context()); err == nil {
				t.Error("nobody reads tasks")
			}
			if tasks, err := client.Task.Query().Fetch(bob); len(tasks) != 0 || err != nil {
				t.Errorf("bob reads %v, %v", tasks, err)
			}
			if _, err := client.Task.Create().SetTitle("Buy salt").Insert(ann); err == nil {
				t.Error("a task is created in a snapshot")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := db.Client.Task.Query().CountX(ann); n != 3 {
			t.Errorf("afterwards there are %d tasks", n)
		}
	})
}
