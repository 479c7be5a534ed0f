package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"todo-backend/ent/database/pgtest"
)

// byHand are migrations that people wrote, with what the schema does not mean.
var byHand = map[string]string{
	"sqlite": `-- +goose Up
CREATE INDEX tasks_by_length ON tasks (user_id, length(title) COLLATE NOCASE) WHERE completed = 0;
CREATE TABLE log (id text);
-- +goose StatementBegin
CREATE TRIGGER tasks_log AFTER INSERT ON tasks BEGIN INSERT INTO log VALUES (new.id); INSERT INTO log VALUES (';'); END;
-- +goose StatementEnd
`,
	"postgres": `-- +goose Up
CREATE INDEX tasks_by_length ON tasks (user_id, length(title)) WHERE NOT completed;
CREATE TABLE log (id text);
-- +goose StatementBegin
CREATE FUNCTION tasks_log() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO log VALUES (new.id::text); INSERT INTO log VALUES (';'); RETURN new; END; $$;
-- +goose StatementEnd
CREATE TRIGGER tasks_log AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION tasks_log();
`,
}

const (
	addColumn = "ALTER TABLE tasks ADD COLUMN folded text;\n"
	// loseCompleted makes a difference to the schema for which SQLite makes the table anew: the
	// column that comes back has a default.
	loseCompleted = "DROP INDEX IF EXISTS task_user_id_completed_created_at_id;\nDROP INDEX IF EXISTS tasks_by_length;\n" +
		"ALTER TABLE tasks DROP COLUMN completed;\n"
)

// TestHandWrittenIsKept: with nothing changed in the schema nothing is written, and what is kept is told.
func TestHandWrittenIsKept(t *testing.T) {
	for name, write := range keepers {
		t.Run(name, func(t *testing.T) {
			folder := copyFolder(t, name)
			addMigration(t, folder, byHand[name]+addColumn)
			before := contents(t, folder)
			kept, err := write(t, folder)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(kept)
			if want := []string{"column tasks.folded", "index tasks.tasks_by_length"}; !slices.Equal(kept, want) {
				t.Errorf("%q is kept, want %q", kept, want)
			}
			if diff := cmp.Diff(before, contents(t, folder)); diff != "" {
				t.Errorf("it writes:\n%s", diff)
			}
		})
	}
}

// TestHandWrittenOutlivesItsTable changes the table below what was written by hand: in SQLite that is a
// new table.
func TestHandWrittenOutlivesItsTable(t *testing.T) {
	for name, write := range keepers {
		t.Run(name, func(t *testing.T) {
			folder := copyFolder(t, name)
			text := strings.ReplaceAll(byHand[name], "WHERE completed = 0", "WHERE title <> ''")
			text = strings.ReplaceAll(text, "WHERE NOT completed", "WHERE title <> ''")
			addMigration(t, folder, strings.Replace(text, "-- +goose Up\n", "-- +goose Up\n"+loseCompleted, 1))
			if _, err := write(t, folder); err != nil {
				t.Fatal(err)
			}
			all := migrations(t, folder)
			checkForward(t, all[len(all)-1])
			pool := apply(t, name, folder)
			insert := `INSERT INTO tasks (id, user_id, created_at, updated_at, title, completed)
				VALUES ('017f22e2-79b0-7000-98c4-dc0c0c07398f', 'ann', '2026-01-01', '2026-01-01', 'Buy milk', false)`
			if _, err := pool.Exec(insert); err != nil {
				t.Fatal(err)
			}
			var logged, indexes int
			countIndexes := "SELECT count(*) FROM sqlite_master WHERE name = 'tasks_by_length' AND sql LIKE '%NOCASE) WHERE title%'"
			if name == "postgres" {
				countIndexes = "SELECT count(*) FROM pg_indexes WHERE indexname = 'tasks_by_length'"
			}
			if err := pool.QueryRow("SELECT count(*) FROM log").Scan(&logged); err != nil || logged != 2 {
				t.Errorf("the trigger wrote %d rows: %v", logged, err)
			}
			if err := pool.QueryRow(countIndexes).Scan(&indexes); err != nil || indexes != 1 {
				t.Errorf("there are %d indexes: %v", indexes, err)
			}
			before := contents(t, folder)
			if _, err := write(t, folder); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, contents(t, folder)); diff != "" {
				t.Errorf("the second time it writes:\n%s", diff)
			}
		})
	}
}

// TestWhatCannotBeKeptIsRefused: a column that the schema does not mean is part of the table that
// SQLite makes anew.
func TestWhatCannotBeKeptIsRefused(t *testing.T) {
	for what, text := range map[string]string{
		"column tasks.folded": addColumn,
		"check tasks.shown":   "ALTER TABLE tasks ADD COLUMN x int CONSTRAINT shown CHECK (x > 0);\n",
	} {
		folder := copyFolder(t, "sqlite")
		addMigration(t, folder, "-- +goose Up\n"+loseCompleted+text)
		before := contents(t, folder)
		if _, err := keepers["sqlite"](t, folder); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want a refusal that names the %s", err, what)
		}
		if diff := cmp.Diff(before, contents(t, folder)); diff != "" {
			t.Errorf("it was refused, and yet:\n%s", diff)
		}
	}
	folder := copyFolder(t, "postgres")
	addMigration(t, folder, "-- +goose Up\n"+loseCompleted+addColumn)
	if kept, err := keepers["postgres"](t, folder); err != nil || !slices.Equal(kept, []string{"column tasks.folded"}) {
		t.Errorf("Postgres: %v, %q is kept", err, kept)
	}
}

// TestNamedIsDropped drops what is named, and nothing else.
func TestNamedIsDropped(t *testing.T) {
	for name, write := range keepers {
		t.Run(name, func(t *testing.T) {
			folder := copyFolder(t, name)
			addMigration(t, folder, byHand[name]+addColumn)
			if _, err := write(t, folder, "tasks.fold"); err == nil || !strings.Contains(err.Error(), "tasks.fold") {
				t.Errorf("a misspelt name: %v", err)
			}
			kept, err := write(t, folder, "tasks.tasks_by_length")
			if err != nil || !slices.Equal(kept, []string{"column tasks.folded"}) {
				t.Fatalf("%v, %q is kept", err, kept)
			}
			all := migrations(t, folder)
			content, err := os.ReadFile(all[len(all)-1])
			if err != nil || !strings.Contains(string(content), "DROP INDEX") || strings.Contains(string(content), "folded") {
				t.Errorf("%v: written is %s", err, content)
			}
			if kept, err := write(t, folder, "tasks.folded"); err != nil || len(kept) > 0 {
				t.Fatalf("%v, %q is kept", err, kept)
			}
			apply(t, name, folder)
		})
	}
}

// addMigration adds a migration that comes after all others, and before what is written next.
func addMigration(t *testing.T, folder, text string) {
	t.Helper()
	all := migrations(t, folder)
	version, _, _ := strings.Cut(filepath.Base(all[len(all)-1]), "_")
	n, err := strconv.Atoi(version)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d_by_hand.sql", n+1)), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	seal(t, folder)
}

// apply applies all migrations of a folder to an empty database.
func apply(t *testing.T, name, folder string) *sql.DB {
	t.Helper()
	driver, source, dialect := "sqlite", "file:"+filepath.Join(t.TempDir(), "applied.db"), goose.DialectSQLite3
	if name == "postgres" {
		url, remove, err := pgtest.Shared(t).CreateDatabase(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(remove)
		driver, source, dialect = "pgx", url, goose.DialectPostgres
	}
	pool, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	provider, err := goose.NewProvider(dialect, pool, os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	return pool
}
