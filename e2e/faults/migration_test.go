//go:build faults

package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"todo-backend/ent/database"
)

const (
	// lease is how long the lock of a killed copy keeps the next one from migrating Postgres.
	lease = 30 * time.Second
	// crowd is how many tasks there are beside those of the load, so that a migration takes long enough to be killed.
	crowd = 10_000
	// firstExtra is the number of the first migration that the test adds.
	firstExtra = 20990101000001
)

// TestKilledWhileMigrating kills the service with -9 in the middle of a series of migrations, each of which rewrites a populated table.
// Exactly the migrations that are recorded as done are done, each as a whole, and the next start continues after them.
func TestKilledWhileMigrating(t *testing.T) {
	t.Parallel()
	line := 4**rounds + 8
	next := programWithMigrations(t, line)
	eachDatabase(t, func(t *testing.T, source string) {
		s := newService(t, source)
		s.start(t)
		l := newLoad(t, s.url(), 8, 2)
		l.run()
		l.awaitBack(10 * time.Second)
		time.Sleep(500 * time.Millisecond)
		l.stop()
		s.kill()
		populate(t, source)

		s.program = next
		done := 0
		for range *rounds {
			expireLease(t, source)
			l.mark("start")
			s.launch(t)
			awaitLock(t, source)
			time.Sleep(rand.N(200 * time.Millisecond))
			s.kill()
			done = checkWhole(t, source)
			l.mark("killed after %d of %d migrations", done, line)
		}
		if done == line {
			t.Error("the last kill came after the last migration")
		}
		s.launch(t)
		s.awaitReady(t, lease+time.Minute)
		l.mark("started")
		if done = checkWhole(t, source); done != line {
			t.Errorf("the start ended after %d of %d migrations", done, line)
		}
		l.check(t)
		l.run()
		l.awaitBack(10 * time.Second)
		l.stop()
		l.check(t)
	})
}

// populate adds the crowd.
func populate(t *testing.T, source string) {
	t.Helper()
	const insert = `INSERT INTO tasks (id, user_id, created_at, updated_at, title, description) `
	if url, ok := strings.CutPrefix(source, postgresSetting); ok {
		execute(t, openPool(t, "pgx", url), insert+`SELECT gen_random_uuid(), 'crowd', now(), now(), 'Task ' || n, repeat('x', 500)
			FROM generate_series(1, $1::int) n`, crowd)
		return
	}
	pool := openBeside(t, source)
	defer pool.Close()
	execute(t, pool, `WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ?) `+insert+
		`SELECT printf('%08d-0000-7000-8000-000000000000', n), 'crowd', n, n, 'Task ' || n, printf('%.500c', 'x') FROM series`, crowd)
}

// checkWhole returns how many of the line's migrations are recorded as done, having checked that as many are, and that the crowd
// is still there.
func checkWhole(t *testing.T, source string) (done int) {
	t.Helper()
	pool := openRaw(t, source)
	defer pool.Close()
	columns := `SELECT group_concat(name) FROM pragma_table_info('tasks') WHERE name LIKE 'extra_%'`
	if strings.HasPrefix(source, postgresSetting) {
		columns = `SELECT string_agg(attname, ',') FROM pg_attribute WHERE attrelid = 'tasks'::regclass AND attname LIKE 'extra_%'`
	}
	state := fmt.Sprintf("SELECT (SELECT count(*) FROM todo_backend_version WHERE version_id >= %d), coalesce((%s), 'extra_0')", firstExtra, columns)
	var column string
	if err := pool.QueryRowContext(t.Context(), state).Scan(&done, &column); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("extra_%d", done); column != want {
		t.Errorf("%d migrations are recorded, which lead to %s: there is %s", done, want, column)
	}
	if n := ask[int](t, pool, "SELECT count(*) FROM tasks WHERE user_id = 'crowd' AND length(description) = 500"); n != crowd {
		t.Errorf("%d tasks of the crowd are left, of %d", n, crowd)
	}
	return done
}

// expireLease ends the lease of a killed copy's lock, as time would.
func expireLease(t *testing.T, source string) {
	t.Helper()
	if url, ok := strings.CutPrefix(source, postgresSetting); ok {
		pool := openPool(t, "pgx", url)
		defer pool.Close()
		execute(t, pool, "UPDATE goose_lock SET lease_expires_at = now() WHERE locked")
	}
}

// awaitLock waits until the service holds the lock under which it migrates.
func awaitLock(t *testing.T, source string) {
	t.Helper()
	url, ok := strings.CutPrefix(source, postgresSetting)
	if !ok {
		time.Sleep(50 * time.Millisecond) // about what SQLite takes
		return
	}
	pool := openPool(t, "pgx", url)
	defer pool.Close()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if ask[bool](t, pool, "SELECT EXISTS (SELECT FROM goose_lock WHERE locked AND lease_expires_at > now())") {
			return
		}
	}
	t.Fatal("the service does not begin to migrate")
}

// programWithMigrations builds the program with so many further migrations.
func programWithMigrations(t *testing.T, count int) (file string) {
	t.Helper()
	overlay := map[string]string{}
	made := tasksOnSQLite(t)
	for i := range count {
		for folder, migration := range map[string]string{"sqlite": rebuildSQLite(made, i), "postgres": rewritePostgres(i)} {
			name := fmt.Sprintf("%d_extra.sql", firstExtra+i)
			written := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(written, []byte("-- +goose Up\n"+migration), 0o600); err != nil {
				t.Fatal(err)
			}
			place, err := filepath.Abs(filepath.Join("..", "..", "ent", "migrate", folder, name))
			if err != nil {
				t.Fatal(err)
			}
			overlay[place] = written
		}
	}
	content, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	replace := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(replace, content, 0o600); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "todo-backend")
	if err := build(file, "CGO_ENABLED=0", "-overlay", replace); err != nil {
		t.Fatal(err)
	}
	return file
}

// rebuildSQLite replaces the column extra_i by extra_(i+1) as Ent's migrations do on SQLite, by copying to a new
// table. made is the statement that created the present table.
func rebuildSQLite(made table, i int) string {
	columns := "`" + strings.Join(made.columns, "`, `") + "`"
	_, definitions, _ := strings.Cut(made.create, "(")
	return fmt.Sprintf("PRAGMA foreign_keys = off;\n"+
		"CREATE TABLE `new_tasks` (`extra_%d` text NULL, %s;\n"+
		"INSERT INTO `new_tasks` (%[3]s) SELECT %[3]s FROM `tasks`;\n"+
		"DROP TABLE `tasks`;\n"+
		"ALTER TABLE `new_tasks` RENAME TO `tasks`;\n"+
		"%[4]s;\n"+
		"PRAGMA foreign_keys = on;\n", i+1, definitions, columns, strings.Join(made.indexes, ";\n"))
}

// table is a table as it was made.
type table struct {
	create           string
	columns, indexes []string
}

// tasksOnSQLite is the table of tasks after all migrations.
func tasksOnSQLite(t *testing.T) (made table) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "todo.db")
	db, err := database.Open(database.Source{SQLitePath: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	made.create = ask[string](t, db.Pool, "SELECT sql FROM sqlite_master WHERE name = 'tasks'")
	made.columns = strings.Split(ask[string](t, db.Pool, "SELECT group_concat(name) FROM pragma_table_info('tasks')"), ",")
	made.indexes = strings.Split(ask[string](t, db.Pool,
		"SELECT group_concat(sql, '; ') FROM sqlite_master WHERE tbl_name = 'tasks' AND type = 'index' AND sql IS NOT NULL"), "; ")
	return made
}

// rewritePostgres does the same. The column's default differs from row to row, so that Postgres writes the table anew.
func rewritePostgres(i int) string {
	return fmt.Sprintf("ALTER TABLE tasks ADD COLUMN extra_%d text NOT NULL DEFAULT md5(random()::text);\n"+
		"ALTER TABLE tasks DROP COLUMN IF EXISTS extra_%d;\n", i+1, i)
}
