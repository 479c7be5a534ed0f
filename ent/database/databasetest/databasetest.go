// Package databasetest gives every test a migrated database of its own.
package databasetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"todo-backend/ent/database"
	"todo-backend/ent/database/pgtest"
)

// Main is the TestMain of a package that uses this one.
func Main(m *testing.M) { pgtest.Main(m) }

// Each runs the test on SQLite and on Postgres, in parallel, each time with an empty database.
func Each(t *testing.T, test func(t *testing.T, db *database.Database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// SQLite returns an empty database in a file.
func SQLite(tb testing.TB) *database.Database {
	tb.Helper()
	content, err := migratedSQLite()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "todo.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return Open(tb, database.Source{SQLitePath: path})
}

// migratedSQLite is the file of an empty database. Migrating each one anew would wait for the disk.
var migratedSQLite = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "databasetest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "todo.db")
	db, err := database.Open(database.Source{SQLitePath: path})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(db.Migrate(context.Background()), db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Postgres returns an empty database on the shared server, reached as TEST_DATABASE_VIA says; without a server the test is
// skipped.
func Postgres(tb testing.TB) *database.Database {
	tb.Helper()
	return Open(tb, database.Source{PostgresURL: pgtest.Via(tb, PostgresURL(tb))})
}

// PostgresURL returns the URL of an empty, migrated database on the shared server, by the straight way.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	server := pgtest.Shared(tb)
	url, drop, err := server.CreateDatabase(context.Background(), template(tb, server))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(drop)
	return url
}

// Open opens a database and closes it after the test.
func Open(tb testing.TB, source database.Source) *database.Database {
	tb.Helper()
	db, err := database.Open(source)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

var migrated struct {
	once sync.Once
	name string
	err  error
}

// template names the migrated database that the others are copies of.
func template(tb testing.TB, server *pgtest.Server) string {
	tb.Helper()
	migrated.once.Do(func() { migrated.name, migrated.err = makeTemplate(server) })
	if migrated.err != nil {
		tb.Fatal(migrated.err)
	}
	return migrated.name
}

func makeTemplate(server *pgtest.Server) (string, error) {
	url, _, err := server.CreateDatabase(context.Background(), "")
	if err != nil {
		return "", err
	}
	db, err := database.Open(database.Source{PostgresURL: url})
	if err != nil {
		return "", err
	}
	defer db.Close()
	return pgtest.Name(url), db.Migrate(context.Background())
}
