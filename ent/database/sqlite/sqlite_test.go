package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	entsql "entgo.io/ent/dialect/sql"

	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/sqlite"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

// open opens an empty database, and closes it after the test.
func open(t *testing.T) *sqlite.Driver {
	t.Helper()
	driver, err := sqlite.Open(filepath.Join(t.TempDir(), "todo.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { driver.Close() })
	return driver
}

func execute(t *testing.T, pool *sql.DB, query string) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// TestReadOnlyConnection has the writing connection be one that only reads, as one is that found
// the file read-only: a write fails, the next one has another connection.
func TestReadOnlyConnection(t *testing.T) {
	t.Parallel()
	driver := open(t)
	execute(t, driver.Writer(), "CREATE TABLE numbers (n integer)")
	for name, write := range map[string]func() error{
		"a write": func() error { return driver.Exec(t.Context(), "INSERT INTO numbers VALUES (1)", []any{}, nil) },
		"a write that returns rows": func() error {
			var rows entsql.Rows
			if err := driver.Query(t.Context(), "INSERT INTO numbers VALUES (1) RETURNING n", []any{}, &rows); err != nil {
				return err
			}
			return rows.Close()
		},
	} {
		execute(t, driver.Writer(), "PRAGMA query_only = 1")
		if err := write(); !sqlite.IsUnavailable(err) {
			t.Errorf("%s through a connection that only reads: %v", name, err)
		}
		if writes, err := driver.Ready(t.Context(), "WHERE TRUE"); writes || err != nil {
			t.Errorf("after that: writes %v, %v", writes, err)
		}
		if err := write(); err != nil {
			t.Errorf("%s after that: %v", name, err)
		}
		if writes, err := driver.Ready(t.Context(), "WHERE TRUE"); !writes || err != nil {
			t.Errorf("in the end: writes %v, %v", writes, err)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	driver := open(t)
	for name, pool := range map[string]*sql.DB{"writer": driver.Writer(), "reader": driver.Reader()} {
		want := map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "10000"}
		conns := sqlite.MaxReaders
		switch name {
		case "writer":
			want["foreign_keys"], want["query_only"], conns = "1", "0", 1
		case "reader":
			want["query_only"] = "1"
		}
		for i, conn := range everyConn(t, pool, conns) {
			for pragma, value := range want {
				var got string
				if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != value {
					t.Errorf("%s %d: %s is %q, want %q: %v", name, i, pragma, got, value, err)
				}
			}
		}
	}
}

// everyConn takes all connections of a pool at once.
func everyConn(t *testing.T, pool *sql.DB, count int) []*sql.Conn {
	t.Helper()
	if limit := pool.Stats().MaxOpenConnections; limit != count {
		t.Errorf("the pool has up to %d connections, want %d", limit, count)
	}
	conns := make([]*sql.Conn, count)
	for i := range conns {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conns[i] = conn
	}
	return conns
}
