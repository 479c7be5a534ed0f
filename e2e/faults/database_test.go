//go:build faults

package faults

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver
)

const (
	sqliteSetting   = "SQLITE_PATH="
	postgresSetting = "NEON_DB_URL="
)

// eachDatabase runs the test on SQLite and on Postgres; source is the setting that names an empty database.
func eachDatabase(t *testing.T, test func(t *testing.T, source string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, sqliteSetting+filepath.Join(t.TempDir(), "todo.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, postgresSetting+durablePostgres(t))
	})
}

// openRaw opens a database beside the service. Of SQLite it opens a copy of the files as they are: to open the files themselves
// would recover what a killed service left, which is for its next start to do.
func openRaw(t *testing.T, source string) *sql.DB {
	t.Helper()
	if url, ok := strings.CutPrefix(source, postgresSetting); ok {
		return openPool(t, "pgx", url)
	}
	path := strings.TrimPrefix(source, sqliteSetting)
	twin := filepath.Join(t.TempDir(), "twin.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(twin+suffix, content, 0o600)
		}
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	pool := openPool(t, "sqlite", "file:"+twin)
	if result := ask[string](t, pool, "SELECT group_concat(integrity_check) FROM pragma_integrity_check"); result != "ok" {
		t.Errorf("the integrity check says %s", result)
	}
	if broken := ask[int](t, pool, "SELECT count(*) FROM pragma_foreign_key_check"); broken > 0 {
		t.Errorf("%d rows refer to some that are not there", broken)
	}
	return pool
}

func openPool(t *testing.T, driver, source string) *sql.DB {
	t.Helper()
	pool, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

// ask is the one value that a query returns.
func ask[T any](t *testing.T, pool *sql.DB, query string, args ...any) (value T) {
	t.Helper()
	if err := pool.QueryRowContext(t.Context(), query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func execute(t *testing.T, pool *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
