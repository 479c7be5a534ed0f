package database_test

import (
	"context"
	"errors"
	"testing"

	"entgo.io/ent/dialect"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/viewer"
)

var errUnwanted = errors.New("not wanted after all")

// TestInTx has ann change several tasks at once: all of them or none.
func TestInTx(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
		bob := viewer.NewContext(t.Context(), viewer.Viewer{ID: "bob"})
		annas := db.Client.Task.Create().SetTitle("Buy milk").SaveX(ann)
		bobs := db.Client.Task.Create().SetTitle("Buy oats").SaveX(bob)
		work := func(client *ent.Client) error {
			made, err := client.Task.Create().SetTitle("Buy bread").Insert(ann)
			if err != nil {
				return err
			}
			if _, err := client.Task.UpdateOneID(annas.ID).FlipCompleted().SaveReturning(ann); err != nil {
				return err
			}
			if _, err := client.Task.UpdateOneID(bobs.ID).FlipCompleted().SaveReturning(ann); !ent.IsNotFound(err) {
				t.Errorf("ann changes bob's task: %v", err)
			}
			if own, err := client.Task.Query().Fetch(ann); len(own) != 2 || err != nil {
				t.Errorf("ann sees %d tasks: %v", len(own), err)
			}
			if n, err := db.Client.Task.Query().Count(ann); n != 1 || err != nil {
				t.Errorf("outside there are %d tasks: %v", n, err)
			}
			return second(client.Task.Query().FetchID(ann, made.ID))
		}
		for _, test := range []struct {
			name string
			run  func() error
			err  error
			want int // tasks of ann afterwards
		}{
			{"it fails", func() error {
				return db.InTx(ann, func(client *ent.Client) error { return errors.Join(work(client), errUnwanted) })
			}, errUnwanted, 1},
			{"it panics", func() (err error) {
				defer func() { err = recover().(error) }()
				return db.InTx(ann, func(client *ent.Client) error { panic(errors.Join(work(client), errUnwanted)) })
			}, errUnwanted, 1},
			{"it succeeds", func() error { return db.InTx(ann, work) }, nil, 2},
		} {
			if err := test.run(); !errors.Is(err, test.err) {
				t.Errorf("%s: %v", test.name, err)
			}
			if n, err := db.Client.Task.Query().Count(ann); n != test.want || err != nil {
				t.Errorf("%s: there are %d tasks: %v", test.name, n, err)
			}
			if got := db.Client.Task.GetX(ann, annas.ID).Completed; got != (test.err == nil) {
				t.Errorf("%s: the task is completed: %v", test.name, got)
			}
		}
	})
}

// TestInTxWithoutAViewer has nobody ask: the policies hold in transactions too.
func TestInTxWithoutAViewer(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		err := db.InTx(t.Context(), func(client *ent.Client) error {
			_, err := client.Task.Query().Fetch(t.Context())
			return err
		})
		if err == nil {
			t.Error("nobody reads tasks")
		}
	})
}

// TestInTxIsRepeated cuts the connection between two statements, where nothing can be kept yet. One
// that is found to be cut at the commit is not repeated.
func TestInTxIsRepeated(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		if raw.Dialect != dialect.Postgres {
			t.Skip("SQLite has no connections that could be cut")
		}
		ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
		for _, test := range []struct {
			creates, tries, kept int
		}{{2, 2, 2}, {1, 1, 0}} {
			before := db.Client.Task.Query().CountX(ann)
			tries := 0
			err := db.InTx(ann, func(client *ent.Client) error {
				tries++
				for range test.creates {
					if err := client.Task.Create().SetTitle("Buy milk").Exec(ann); err != nil {
						return err
					}
					if tries == 1 {
						raw.Must(t, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "+
							"WHERE datname = current_database() AND state = 'idle in transaction'")
					}
				}
				return nil
			})
			isKept := test.kept > 0
			if tries != test.tries || isKept != (err == nil) || !isKept && !database.IsUnavailable(err) {
				t.Errorf("with %d statements it ends after %d tries: %v", test.creates, tries, err)
			}
			if n := db.Client.Task.Query().CountX(ann) - before; n != test.kept {
				t.Errorf("with %d statements %d tasks are kept", test.creates, n)
			}
		}
	})
}

// TestInTxEndsWithItsDeadline leaves no transaction open.
func TestInTxEndsWithItsDeadline(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
		ctx, cancel := context.WithCancel(ann)
		err := db.InTx(ctx, func(client *ent.Client) error {
			if err := client.Task.Create().SetTitle("Buy milk").Exec(ctx); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it ends with %v", err)
		}
		if err := db.Client.Task.Create().SetTitle("Buy bread").Exec(ann); err != nil {
			t.Errorf("the next write: %v", err)
		}
		if n, err := db.Client.Task.Query().Count(ann); n != 1 || err != nil {
			t.Errorf("there are %d tasks: %v", n, err)
		}
	})
}
