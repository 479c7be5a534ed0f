package database_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
	"todo-backend/ent/migrate"
	"todo-backend/ent/viewer"
)

// eachEmpty runs the test on SQLite and on Postgres, each time with an empty database.
func eachEmpty(t *testing.T, test func(t *testing.T, kind kind)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := t.TempDir() + "/todo.db"
		test(t, kind{goose.DialectSQLite3, "sqlite", database.Source{SQLitePath: path}, openFile(t, path)})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := emptyPostgres(t)
		test(t, kind{goose.DialectPostgres, "postgres", database.Source{PostgresURL: url}, openPool(t, "pgx", url)})
	})
}

// kind is a kind of database, and an empty one of it.
type kind struct {
	dialect goose.Dialect
	folder  string
	source  database.Source
	pool    *sql.DB
}

// migrate applies migrations as the service does.
func (k kind) migrate(t *testing.T, files fs.FS) error {
	if k.source.SQLitePath != "" {
		return database.MigrateSQLite(t.Context(), k.source.SQLitePath, files)
	}
	return database.MigratePostgres(t.Context(), k.pool, files)
}

// migrateAsBefore applies migrations as releases did that noted them under goose's own name.
func (k kind) migrateAsBefore(t *testing.T, files fs.FS) {
	t.Helper()
	folder, err := fs.Sub(files, k.folder)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(k.dialect, k.pool, folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Errorf("the release before: %v", err)
	}
}

func (k kind) versions(t *testing.T, table string) []int64 {
	t.Helper()
	rows, err := k.pool.QueryContext(t.Context(), "SELECT version_id FROM "+table+" ORDER BY version_id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var versions []int64
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			t.Fatal(err)
		}
		versions = append(versions, version)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return versions
}

// steps are migrations, each of which creates a table of its number.
func steps(folder string, numbers ...int) fstest.MapFS {
	files := fstest.MapFS{}
	for _, n := range numbers {
		text := fmt.Sprintf("-- +goose Up\nCREATE TABLE \"step%d\" (id int);\n", n)
		files[fmt.Sprintf("%s/%d_step.sql", folder, n)] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// TestReleasesBeforeAndAfter updates a database of a release that noted its migrations elsewhere,
// takes the update back, and updates it again. No migration runs twice.
func TestReleasesBeforeAndAfter(t *testing.T) {
	t.Parallel()
	eachEmpty(t, func(t *testing.T, k kind) {
		before, after := steps(k.folder, 1, 2), steps(k.folder, 1, 2, 4)
		k.migrateAsBefore(t, before)
		for _, step := range []struct {
			name string
			run  func() error
			want []int64
		}{
			{"the update", func() error { return k.migrate(t, after) }, []int64{0, 1, 2, 4}},
			{"the same release again", func() error { return k.migrate(t, after) }, []int64{0, 1, 2, 4}},
			{"the release before", func() error { k.migrateAsBefore(t, before); return nil }, []int64{0, 1, 2, 4}},
			{"a later one of those", func() error { k.migrateAsBefore(t, steps(k.folder, 1, 2, 5)); return nil }, []int64{0, 1, 2, 4}},
			{"the next update", func() error { return k.migrate(t, steps(k.folder, 1, 2, 4, 5, 6)) }, []int64{0, 1, 2, 4, 5, 6}},
		} {
			if err := step.run(); err != nil {
				t.Errorf("%s: %v", step.name, err)
			}
			if got := k.versions(t, "todo_backend_version"); fmt.Sprint(got) != fmt.Sprint(step.want) {
				t.Errorf("after %s the versions are %v, want %v", step.name, got, step.want)
			}
		}
		if got := k.versions(t, "goose_db_version"); fmt.Sprint(got) != "[0 1 2 5]" {
			t.Errorf("the former table has the versions %v", got)
		}
	})
}

// TestAnotherProgramsVersions has another program on the database that uses goose too. Neither
// takes the other's migrations for its own.
func TestAnotherProgramsVersions(t *testing.T) {
	t.Parallel()
	eachEmpty(t, func(t *testing.T, k kind) {
		k.migrateAsBefore(t, steps(k.folder, 7, 8))
		db := databasetest.Open(t, k.source)
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
		if err := db.Client.Task.Create().SetTitle("Buy milk").Exec(ann); err != nil {
			t.Error(err)
		}
		k.migrateAsBefore(t, steps(k.folder, 7, 8, 9))
		if got := k.versions(t, "goose_db_version"); fmt.Sprint(got) != "[0 7 8 9]" {
			t.Errorf("the other program's versions are %v", got)
		}
	})
}

// TestAnotherProgramsTables begins on a database with tables of an older backend, of the same
// names. The service says what is there and what to do, and leaves them alone.
func TestAnotherProgramsTables(t *testing.T) {
	t.Parallel()
	eachEmpty(t, func(t *testing.T, k kind) {
		execute(t, k.pool, "CREATE TABLE tasks (id integer PRIMARY KEY, user_id varchar(64), title varchar(200), completed boolean)")
		execute(t, k.pool, "INSERT INTO tasks VALUES (1, 'ann', 'Buy milk', false)")
		db := databasetest.Open(t, k.source)
		wantError := func(says ...string) {
			t.Helper()
			err := db.Migrate(t.Context())
			for _, words := range append(says, `a table "tasks" that this service did not make`, "id, user_id, title, completed", "rename the table") {
				if err == nil || !strings.Contains(err.Error(), words) {
					t.Errorf("it does not say %q: %v", words, err)
				}
			}
		}
		wantError(map[string]string{"sqlite": "SQLITE_PATH", "postgres": "schema=todo in NEON_DB_URL"}[k.folder])
		execute(t, k.pool, "CREATE TABLE alembic_version (version_num varchar(32))")
		wantError("SQLModel")
		if n := ask[int](t, k.pool, "SELECT count(*) FROM tasks WHERE title = 'Buy milk'"); n != 1 {
			t.Error("the table is not as it was")
		}

		execute(t, k.pool, "ALTER TABLE tasks RENAME TO tasks_before")
		if err := db.Migrate(t.Context()); err != nil {
			t.Errorf("once it is renamed: %v", err)
		}
	})
}

// TestASchemaOfItsOwn lives beside tables of the same names in another schema.
func TestASchemaOfItsOwn(t *testing.T) {
	t.Parallel()
	url := emptyPostgres(t)
	pool := openPool(t, "pgx", url)
	execute(t, pool, "CREATE TABLE tasks (id integer)")
	execute(t, pool, "CREATE SCHEMA todo")
	db := databasetest.Open(t, database.Source{PostgresURL: url + "&search_path=todo"})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	if err := db.Client.Task.Create().SetTitle("Buy milk").Exec(ann); err != nil {
		t.Error(err)
	}
	if n := ask[int](t, pool, "SELECT (SELECT count(*) FROM tasks) + 10 * (SELECT count(*) FROM todo.tasks)"); n != 10 {
		t.Errorf("the rows are elsewhere: %d", n)
	}
}

// TestEveryTableIsLookedFor reads our own migrations: what they create is found in them.
func TestEveryTableIsLookedFor(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"postgres", "sqlite"} {
		files, err := fs.Glob(migrate.Files, folder+"/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := fs.ReadFile(migrate.Files, file)
			if err != nil {
				t.Fatal(err)
			}
			creates := len(regexp.MustCompile(`(?i)\bCREATE\s+TABLE\b`).FindAll(text, -1))
			if found := len(database.CreateTable.FindAll(text, -1)); found != creates {
				t.Errorf("%s creates %d tables, %d are found", file, creates, found)
			}
		}
	}
}

// TestRoleWithoutTheSchema serves as a role with the privileges that docs/operating.md lists, and
// no others. A migration that it may not run is one that it says how to run.
func TestRoleWithoutTheSchema(t *testing.T) {
	t.Parallel()
	owners := databasetest.PostgresURL(t)
	owner := openPool(t, "pgx", owners+"&default_query_exec_mode=simple_protocol")
	execute(t, owner, "REVOKE CREATE ON SCHEMA public FROM PUBLIC") // as it is from Postgres 15 on
	role := "todo_app_" + pgtest.Name(owners)
	execute(t, owner, strings.ReplaceAll(privileges(t), "todo_app", role))
	t.Cleanup(func() {
		if _, err := owner.ExecContext(context.Background(), "DROP OWNED BY "+role+"; DROP ROLE "+role); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(owners)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, "choose one")

	db := databasetest.Open(t, database.Source{PostgresURL: u.String()})
	if err := db.Migrate(t.Context()); err != nil {
		t.Errorf("with nothing to migrate: %v", err)
	}
	if writes, err := db.Ready(t.Context()); !writes || err != nil {
		t.Errorf("ready: writes %v, %v", writes, err)
	}
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	for range 2 {
		made := db.Client.Task.Create().SetTitle("Buy milk").SaveX(ann)
		db.Client.Task.UpdateOneID(made.ID).FlipCompleted().SaveX(ann)
		db.Client.Task.DeleteOneID(made.ID).ExecX(ann)
	}
	for _, change := range []string{"ALTER TABLE tasks ADD COLUMN colour text", "CREATE TABLE colours (id int)", "DROP TABLE tasks"} {
		if _, err := db.Pool.ExecContext(t.Context(), change); err == nil {
			t.Errorf("the role may %s", change)
		}
	}

	next := migrations(t, "postgres")
	next["postgres/99990101000000_next.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE \"next\" (id int);\n")}
	err = database.MigratePostgres(t.Context(), db.Pool, next)
	if err == nil || !strings.Contains(err.Error(), "run the command migrate as the role that owns the tables") {
		t.Errorf("with a migration to run: %v", err)
	}
	if err := database.MigratePostgres(t.Context(), owner, next); err != nil {
		t.Fatal(err)
	}
	if err := database.MigratePostgres(t.Context(), db.Pool, next); err != nil {
		t.Errorf("once its owner has run it: %v", err)
	}
	if _, err := db.Pool.ExecContext(t.Context(), "INSERT INTO next VALUES (1)"); err != nil {
		t.Errorf("the new table: %v", err)
	}
}

// privileges are the statements below Privileges in docs/operating.md.
func privileges(t *testing.T) string {
	t.Helper()
	guide, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(guide), "### Privileges")
	_, block, _ := strings.Cut(section, "```sql\n")
	statements, _, found := strings.Cut(block, "```")
	if !found {
		t.Fatal("docs/operating.md lists no privileges")
	}
	return statements
}

// migrations are our own, for one kind of database.
func migrations(t *testing.T, folder string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(migrate.Files, folder+"/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(migrate.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: content}
	}
	return files
}
