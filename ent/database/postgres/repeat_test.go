package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/task"
	"todo-backend/ent/viewer"
)

// operations are a statement of each kind on a user's task, by their names.
func operations(ctx context.Context, client *ent.Client, id uuid.UUID) map[string]func() error {
	return map[string]func() error{
		"a read":   func() error { return second(client.Task.Query().FetchID(ctx, id)) },
		"a list":   func() error { return second(client.Task.Query().Fetch(ctx)) },
		"a create": func() error { return second(client.Task.Create().SetTitle("Buy bread").Insert(ctx)) },
		"a flip": func() error {
			return second(client.Task.UpdateOneID(id).FlipCompleted().SaveReturning(ctx))
		},
		"a change of many": func() error {
			return second(client.Task.Update().SetDescription("soon").Save(ctx))
		},
	}
}

// TestStaleStatementsRunAgain makes what is prepared on every connection useless, in each way in
// which that happens. Nobody notices, outside of transactions and in them.
func TestStaleStatementsRunAgain(t *testing.T) {
	t.Parallel()
	const conns = 4
	for name, spoil := range map[string]func(t *testing.T, url string, conn *pgxpool.Conn){
		"a column has another type": func(t *testing.T, url string, _ *pgxpool.Conn) {
			for _, kind := range []string{"text", "varchar", "text"} {
				execute(t, openPool(t, url), "ALTER TABLE tasks ALTER COLUMN title TYPE "+kind)
			}
		},
		"statements are forgotten": func(t *testing.T, _ string, conn *pgxpool.Conn) {
			if _, err := conn.Exec(t.Context(), "DEALLOCATE ALL"); err != nil {
				t.Fatal(err)
			}
		},
		"statements of these names are there already": prepareAgain,
	} {
		for _, inTx := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", in a transaction"}[inTx], func(t *testing.T) {
				t.Parallel()
				url := databasetest.PostgresURL(t)
				driver, err := postgres.Open(url+"&pool_max_conns="+strconv.Itoa(conns), 0)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { driver.Close() })
				client := ent.NewClient(ent.Driver(driver))
				db := &database.Database{Client: client}
				ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
				id := client.Task.Create().SetTitle("Buy milk").SaveX(ann).ID
				all := prepareOnAll(t, driver, db, conns)
				t.Cleanup(func() { releaseAll(all) }) // also where it can't be spoilt
				for _, conn := range all {
					spoil(t, url, conn)
				}
				releaseAll(all)
				for range conns + 1 {
					for name, run := range operations(ann, client, id) {
						err := run()
						if inTx {
							err = db.InTx(ann, func(client *ent.Client) error { return operations(ann, client, id)[name]() })
						}
						if err != nil {
							t.Errorf("%s: %v", name, err)
						}
					}
				}
			})
		}
	}
}

// prepareOnAll runs every operation on each connection, and returns the connections.
func prepareOnAll(t *testing.T, driver *postgres.Driver, db *database.Database, count int) []*pgxpool.Conn {
	t.Helper()
	var began, all sync.WaitGroup
	began.Add(count)
	for i := range count {
		all.Go(func() {
			user := viewer.NewContext(t.Context(), viewer.Viewer{ID: fmt.Sprint("user ", i)})
			err := db.InTx(user, func(client *ent.Client) error {
				began.Done()
				began.Wait()
				id := client.Task.Create().SetTitle("Buy milk").SaveX(user).ID
				var err error
				for _, run := range operations(user, client, id) {
					err = errors.Join(err, run())
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	conns := driver.Pool().AcquireAllIdle(t.Context())
	if len(conns) != count {
		t.Fatalf("%d connections are idle, want %d", len(conns), count)
	}
	return conns
}

func releaseAll(conns []*pgxpool.Conn) {
	for _, conn := range conns {
		conn.Release()
	}
}

// prepareAgain has the server keep what is prepared under the same names, which pgx does not know.
func prepareAgain(t *testing.T, _ string, conn *pgxpool.Conn) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT name, statement FROM pg_prepared_statements", pgx.QueryExecModeExec)
	if err != nil {
		t.Fatal(err)
	}
	type prepared struct{ Name, Statement string }
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[prepared])
	if err != nil || len(all) == 0 {
		t.Fatalf("%d statements are prepared: %v", len(all), err)
	}
	if err := conn.Conn().DeallocateAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, statement := range all {
		if _, err := conn.Conn().PgConn().Prepare(t.Context(), statement.Name, statement.Statement, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestConflictsAreSettled has many flip the same task at once where the server refuses all but one
// (serialization failures). Every flip counts.
func TestConflictsAreSettled(t *testing.T) {
	t.Parallel()
	const flips = 41
	db := databasetest.Open(t, database.Source{
		PostgresURL: databasetest.PostgresURL(t) + "&default_transaction_isolation=serializable",
	})
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	id := db.Client.Task.Create().SetTitle("Buy milk").SaveX(ann).ID
	var all sync.WaitGroup
	for i := range flips {
		all.Go(func() {
			flip := operations(ann, db.Client, id)["a flip"]
			if i%2 == 1 {
				flip = func() error {
					return db.InTx(ann, func(client *ent.Client) error { return operations(ann, client, id)["a flip"]() })
				}
			}
			if err := flip(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if !db.Client.Task.GetX(ann, id).Completed {
		t.Errorf("after %d flips it is not completed", flips)
	}
}

// TestDeadlocksAreSettled has two transactions change the same tasks in the opposite order, each
// waiting until the other has begun.
func TestDeadlocksAreSettled(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, database.Source{PostgresURL: databasetest.PostgresURL(t)})
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	ids := make([]uuid.UUID, 2)
	for i := range ids {
		ids[i] = db.Client.Task.Create().SetTitle("Buy milk").SaveX(ann).ID
	}
	var tries atomic.Int32
	var met, all sync.WaitGroup
	met.Add(len(ids))
	for i := range ids {
		all.Go(func() {
			meet := sync.OnceFunc(func() { met.Done(); met.Wait() })
			err := db.InTx(ann, func(client *ent.Client) error {
				tries.Add(1)
				if err := operations(ann, client, ids[i])["a flip"](); err != nil {
					return err
				}
				meet()
				return operations(ann, client, ids[1-i])["a flip"]()
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := tries.Load(); n < 3 {
		t.Errorf("after %d tries there was no deadlock", n)
	}
	if n := db.Client.Task.Query().Where(task.Completed(true)).CountX(ann); n != 0 {
		t.Errorf("after two flips of each %d tasks are completed", n)
	}
}
