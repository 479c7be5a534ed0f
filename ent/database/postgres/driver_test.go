package postgres_test

import (
	"database/sql"
	"errors"
	"testing"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
	"todo-backend/ent/viewer"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

// TestReadsOutliveCutConnections cuts every connection, as a restart of the server does: reads do
// not notice.
func TestReadsOutliveCutConnections(t *testing.T) {
	t.Parallel()
	address := databasetest.PostgresURL(t)
	db := databasetest.Open(t, database.Source{PostgresURL: address})
	admin := openPool(t, pgtest.Shared(t).URL("postgres"))
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	errs := make(chan error)
	readAll := func() error {
		for range 64 {
			go func() { errs <- second(db.Client.Task.Query().Fetch(ann)) }()
		}
		var all error
		for range 64 {
			all = errors.Join(all, <-errs)
		}
		return all
	}
	for range 3 {
		if err := readAll(); err != nil {
			t.Fatal(err)
		}
		cut := ask[int](t, admin, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '"+pgtest.Name(address)+"'")
		if cut == 0 {
			t.Fatal("no connection was there to be cut")
		}
	}
	if err := readAll(); err != nil {
		t.Errorf("reads notice that their connections are cut: %v", err)
	}
}

// TestFormerPrimaryIsLeft has a server refuse to write, as one does that is a replica now.
func TestFormerPrimaryIsLeft(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, database.Source{PostgresURL: databasetest.PostgresURL(t)})
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	if _, err := db.Pool.ExecContext(ann, "SET default_transaction_read_only = on"); err != nil {
		t.Fatal(err)
	}
	buy := func() error { return db.Client.Task.Create().SetTitle("Buy milk").Exec(ann) }
	if err := buy(); !database.IsUnavailable(err) {
		t.Errorf("the first write: %v", err)
	}
	if err := buy(); err != nil {
		t.Errorf("the second one does not get a connection to another server: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// openPool opens another way to a database, past Ent.
func openPool(t *testing.T, url string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func execute(t *testing.T, pool *sql.DB, query string) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// ask is the one value that a query returns.
func ask[T any](t *testing.T, pool *sql.DB, query string, args ...any) (value T) {
	t.Helper()
	if err := pool.QueryRowContext(t.Context(), query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}
