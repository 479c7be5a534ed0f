package database_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofrs/flock"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
	"todo-backend/ent/migrate"
	"todo-backend/ent/viewer"
)

// TestCopiesStartTogether starts eight copies of the service on an empty database: one migrates,
// the others wait.
func TestCopiesStartTogether(t *testing.T) {
	t.Parallel()
	const copies = 8
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "new", "todo.db")
		startTogether(t, copies, copyOnSQLite+"="+path)
		checkMigrated(t, database.Source{SQLitePath: path}, "sqlite", openFile(t, path))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := emptyPostgres(t)
		startTogether(t, copies, copyOnPostgres+"="+url)
		checkMigrated(t, database.Source{PostgresURL: url}, "postgres", openPool(t, "pgx", url))
	})
	t.Run("pgbouncer", func(t *testing.T) {
		t.Parallel()
		url := emptyPostgres(t)
		through := pgtest.StartPgBouncer(t, pgtest.Shared(t))(pgtest.Name(url))
		startTogether(t, copies, copyOnPostgres+"="+through)
		checkMigrated(t, database.Source{PostgresURL: through}, "postgres", openPool(t, "pgx", url))
	})
}

func emptyPostgres(t *testing.T) string {
	t.Helper()
	url, drop, err := pgtest.Shared(t).CreateDatabase(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return url
}

// checkMigrated shows that every migration was applied once, and that the database works.
func checkMigrated(t *testing.T, source database.Source, folder string, pool *sql.DB) {
	t.Helper()
	files, err := fs.Glob(migrate.Files, folder+"/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	applied := ask[int](t, pool, "SELECT count(*) FROM todo_backend_version WHERE version_id > 0")
	if applied != len(files) {
		t.Errorf("%d migrations were applied, want each of the %d once", applied, len(files))
	}
	db := databasetest.Open(t, source)
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	if err := db.Client.Task.Create().SetTitle("Buy milk").Exec(ann); err != nil {
		t.Error(err)
	}
	if n, err := db.Client.Task.Query().Count(ann); n != 1 || err != nil {
		t.Errorf("Ann has %d tasks: %v", n, err)
	}
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

func openFile(t *testing.T, path string) *sql.DB {
	t.Helper()
	return openPool(t, "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)")
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

// TestMigratedAlready shows that a copy that has nothing to migrate does not write.
func TestMigratedAlready(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		versions := raw.Strings(t, "SELECT * FROM todo_backend_version")
		begin := time.Now()
		const starts = 10
		for range starts {
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("a start with nothing to migrate takes %v", (time.Since(begin) / starts).Round(10*time.Microsecond))
		if after := raw.Strings(t, "SELECT * FROM todo_backend_version"); fmt.Sprint(after) != fmt.Sprint(versions) {
			t.Errorf("the versions were %v, are %v", versions, after)
		}
	})
}

// TestPostgresLock has another copy hold the lock: a copy with nothing to migrate starts all the
// same, one with a migration waits, and takes over once the lease of the other, which died, has run
// out.
func TestPostgresLock(t *testing.T) {
	t.Parallel()
	url := databasetest.PostgresURL(t)
	pool := openPool(t, "pgx", url)
	hold := func(lease string) {
		execute(t, pool, `UPDATE goose_lock SET locked = true, locked_by = 'another', locked_at = now(),
			lease_expires_at = now() + $1::interval`, lease)
	}
	hold("1 hour")
	db := databasetest.Open(t, database.Source{PostgresURL: url})
	if err := db.Migrate(t.Context()); err != nil {
		t.Errorf("with nothing to migrate: %v", err)
	}

	next := fstest.MapFS{"postgres/99990101000000_next.sql": {Data: []byte("-- +goose Up\nCREATE TABLE next (id int);\n")}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := database.MigratePostgres(ctx, pool, next); !database.IsUnavailable(err) {
		t.Errorf("while another copy migrates: %v, want to wait", err)
	}
	if ask[bool](t, pool, "SELECT to_regclass('next') IS NOT NULL") {
		t.Error("migrated beside another copy")
	}
	begin := time.Now()
	hold("1 second")
	if err := database.MigratePostgres(t.Context(), pool, next); err != nil {
		t.Errorf("after the other copy died: %v", err)
	}
	if waited := time.Since(begin); waited < 900*time.Millisecond || !ask[bool](t, pool, "SELECT to_regclass('next') IS NOT NULL") {
		t.Errorf("waited %v for a lease of a second", waited)
	}
}

// TestSQLiteLock has another copy hold the lock on the file.
func TestSQLiteLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "todo.db")
	other := flock.New(path + ".lock")
	if err := other.Lock(); err != nil {
		t.Fatal(err)
	}
	db := databasetest.Open(t, database.Source{SQLitePath: path})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := db.Migrate(ctx); !database.IsUnavailable(err) {
		t.Errorf("while another copy migrates: %v, want to wait", err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Errorf("once it has: %v", err)
	}
}

// TestOlderCopy starts a copy on a database that a newer one has migrated, as when a release is
// taken back.
func TestOlderCopy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "todo.db")
	older, newer := listsAndEntries(), listsAndEntries()
	delete(older, "sqlite/2_rebuild.sql")
	for _, files := range []fs.FS{newer, older} {
		if err := database.MigrateSQLite(t.Context(), path, files); err != nil {
			t.Errorf("MigrateSQLite: %v", err)
		}
	}
}

// listsAndEntries are migrations as they are written for a parent and its children: the second one
// rebuilds the parent's table, as SQLite must even for one more column.
func listsAndEntries() fstest.MapFS {
	return fstest.MapFS{
		"sqlite/1_make.sql": {Data: []byte(`-- +goose Up
CREATE TABLE lists (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE entries (id integer PRIMARY KEY, list_id integer NOT NULL REFERENCES lists (id) ON DELETE CASCADE);
`)},
		"sqlite/2_rebuild.sql": {Data: []byte(`-- +goose Up
PRAGMA foreign_keys = off;
CREATE TABLE new_lists (id integer PRIMARY KEY, name text NOT NULL, color text NOT NULL DEFAULT 'blue');
INSERT INTO new_lists (id, name) SELECT id, name FROM lists;
DROP TABLE lists;
ALTER TABLE new_lists RENAME TO lists;
PRAGMA foreign_keys = on;
`)},
	}
}

// populated is a database after the first of files, with three lists and nine entries.
func populated(t *testing.T, files fstest.MapFS) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "todo.db")
	if err := database.MigrateSQLite(t.Context(), path, fstest.MapFS{"sqlite/1_make.sql": files["sqlite/1_make.sql"]}); err != nil {
		t.Fatal(err)
	}
	pool := openFile(t, path)
	defer pool.Close()
	execute(t, pool, "INSERT INTO lists (id, name) VALUES (1, 'home'), (2, 'work'), (3, 'garden')")
	execute(t, pool, "INSERT INTO entries (list_id) SELECT a.id FROM lists a, lists b")
	return path
}

func TestRebuiltParentKeepsItsChildren(t *testing.T) {
	t.Parallel()
	files := listsAndEntries()
	path := populated(t, files)
	if err := database.MigrateSQLite(t.Context(), path, files); err != nil {
		t.Fatal(err)
	}
	pool := openFile(t, path)
	blue := ask[int](t, pool, "SELECT count(*) FROM entries JOIN lists ON lists.id = list_id WHERE color = 'blue'")
	if blue != 9 {
		t.Errorf("after the rebuild %d entries are on lists with a colour, want 9", blue)
	}
	if _, err := pool.ExecContext(t.Context(), "INSERT INTO entries (list_id) VALUES (99)"); err == nil {
		t.Error("an entry refers to a list that is not there")
	}
}

// TestBrokenReference has a migration lose a parent: the service does not start on what is left.
func TestBrokenReference(t *testing.T) {
	t.Parallel()
	files := listsAndEntries()
	path := populated(t, files)
	files["sqlite/2_rebuild.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nDELETE FROM lists WHERE id = 2;\n")}
	err := database.MigrateSQLite(t.Context(), path, files)
	if err == nil || !strings.Contains(err.Error(), "a row of entries refers to one that is not there") {
		t.Errorf("MigrateSQLite: %v", err)
	}
}

// TestFailedMigration shows that a migration that fails half way changes nothing, and that its
// repair is applied.
func TestFailedMigration(t *testing.T) {
	t.Parallel()
	files := listsAndEntries()
	path := populated(t, files)
	broken := listsAndEntries()
	broken["sqlite/2_rebuild.sql"] = &fstest.MapFile{Data: append(files["sqlite/2_rebuild.sql"].Data, "SELECT nonsense;\n"...)}
	if err := database.MigrateSQLite(t.Context(), path, broken); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a migration that can't work: %v", err)
	}
	checkNotRebuilt(t, path)
	if err := database.MigrateSQLite(t.Context(), path, files); err != nil {
		t.Errorf("its repair: %v", err)
	}
}

func checkNotRebuilt(t *testing.T, path string) {
	t.Helper()
	pool := openFile(t, path)
	defer pool.Close()
	if n := ask[int](t, pool, "SELECT count(*) FROM pragma_table_info('lists') WHERE name = 'color'"); n != 0 {
		t.Error("the table is rebuilt")
	}
	if n := ask[int](t, pool, "SELECT count(*) FROM sqlite_master WHERE name = 'new_lists'"); n != 0 {
		t.Error("the rebuild left its new table")
	}
	if n := ask[int](t, pool, "SELECT count(*) FROM entries"); n != 9 {
		t.Errorf("%d entries, want 9", n)
	}
}

// TestKilledMigration kills a copy in the middle of a migration. The next one finds the database as
// it was before, and completes it.
func TestKilledMigration(t *testing.T) {
	t.Parallel()
	files := listsAndEntries()
	path := populated(t, files)

	endless := strings.Replace(string(files["sqlite/2_rebuild.sql"].Data), "DROP TABLE lists;", `DROP TABLE lists;
INSERT INTO new_lists (name) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT hex(zeroblob(1000)) FROM n;`, 1)
	c := launch(t, copyOnSQLite+"="+path, copyMigrations+"="+writeFiles(t, map[string][]byte{
		"sqlite/1_make.sql":    files["sqlite/1_make.sql"].Data,
		"sqlite/2_rebuild.sql": []byte(endless),
	}))
	c.stdin.Close()
	waitForSize(t, path+"-wal", 4<<20)
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil || c.ProcessState.Exited() {
		t.Fatalf("the copy ended by itself: %v: %s", err, &c.output)
	}

	checkNotRebuilt(t, path)
	if err := database.MigrateSQLite(t.Context(), path, files); err != nil {
		t.Fatalf("the next start: %v", err)
	}
	if n := ask[int](t, openFile(t, path), "SELECT count(*) FROM entries JOIN lists ON lists.id = list_id WHERE color = 'blue'"); n != 9 {
		t.Errorf("after the next start %d entries are on lists with a colour, want 9", n)
	}
}

func writeFiles(t *testing.T, files map[string][]byte) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func waitForSize(t *testing.T, path string, size int64) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(path); err == nil && info.Size() >= size {
			return
		}
	}
	t.Fatalf("%s did not grow", path)
}
