package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"github.com/google/go-cmp/cmp"

	"todo-backend/ent/database/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// keepers write the next migration of a folder, as main does, and return what they kept.
var keepers = map[string]func(t *testing.T, folder string, drop ...string) ([]string, error){
	"sqlite": func(t *testing.T, folder string, drop ...string) ([]string, error) {
		return writeSQLite(t.Context(), folder, "next", drop)
	},
	"postgres": func(t *testing.T, folder string, drop ...string) ([]string, error) {
		url, remove, err := pgtest.Shared(t).CreateDatabase(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer remove()
		return writePostgres(t.Context(), folder, url, "next", drop)
	},
}

// writers are keepers where there is nothing to keep.
var writers = map[string]func(t *testing.T, folder string) error{
	"sqlite":   func(t *testing.T, folder string) error { return nothingKept(keepers["sqlite"](t, folder)) },
	"postgres": func(t *testing.T, folder string) error { return nothingKept(keepers["postgres"](t, folder)) },
}

func nothingKept(kept []string, err error) error {
	if err == nil && len(kept) > 0 {
		err = fmt.Errorf("%q is kept", kept)
	}
	return err
}

// TestMigrationsLeadToTheSchema fails where the schema was changed and no migration written.
func TestMigrationsLeadToTheSchema(t *testing.T) {
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			folder := copyFolder(t, name)
			before := contents(t, folder)
			if err := write(t, folder); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, contents(t, folder)); diff != "" {
				t.Errorf("go run ./ent/migrate/diff NAME has something to write:\n%s", diff)
			}
		})
	}
}

// TestMissingMigration takes the last migration away: what the folder then lacks is written, and nothing after that.
func TestMissingMigration(t *testing.T) {
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			folder := copyFolder(t, name)
			all := migrations(t, folder)
			last := all[len(all)-1]
			if err := os.Remove(last); err != nil {
				t.Fatal(err)
			}
			seal(t, folder)
			if err := write(t, folder); err != nil {
				t.Fatal(err)
			}
			written := migrations(t, folder)
			if len(written) != len(all) || !strings.HasSuffix(written[len(written)-1], "_next.sql") {
				t.Fatalf("there are %v, want one more _next.sql", written)
			}
			checkForward(t, written[len(written)-1])
			before := contents(t, folder)
			if err := write(t, folder); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, contents(t, folder)); diff != "" {
				t.Errorf("the second time it writes:\n%s", diff)
			}
		})
	}
}

// TestDroppedColumn lets a migration lose a column that the schema has, so that a table has to be changed, not made.
func TestDroppedColumn(t *testing.T) {
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			folder := copyFolder(t, name)
			lose := "-- +goose Up\nALTER TABLE tasks DROP COLUMN description;\n"
			if err := os.WriteFile(filepath.Join(folder, "20261231235959_lose.sql"), []byte(lose), 0o600); err != nil {
				t.Fatal(err)
			}
			seal(t, folder)
			if err := write(t, folder); err != nil {
				t.Fatal(err)
			}
			for path, content := range contents(t, folder) {
				if strings.HasSuffix(path, "_next.sql") && strings.Contains(content, "description") {
					return
				}
			}
			t.Errorf("no migration brings the column back: %v", migrations(t, folder))
		})
	}
}

// TestEditedMigration refuses to go on from a migration that was changed after it was written.
func TestEditedMigration(t *testing.T) {
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			folder := copyFolder(t, name)
			file, err := os.OpenFile(migrations(t, folder)[0], os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if _, err := file.WriteString("-- one more line\n"); err != nil {
				t.Fatal(err)
			}
			if err := write(t, folder); err == nil || !strings.Contains(err.Error(), "checksum mismatch") {
				t.Errorf("%v, want a checksum mismatch", err)
			}
		})
	}
}

func copyFolder(t *testing.T, name string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("..", name))); err != nil {
		t.Fatal(err)
	}
	return folder
}

func migrations(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations in %s: %v", folder, err)
	}
	return files
}

// contents are the files of a folder by their names.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, path))
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// seal writes the checksums of what is in the folder.
func seal(t *testing.T, folder string) {
	t.Helper()
	dir, err := sqltool.NewGooseDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := dir.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	if err := atlas.WriteSumFile(dir, sum); err != nil {
		t.Fatal(err)
	}
}

// checkForward shows that a migration is one of goose's, runs in a transaction and does not lead back.
func checkForward(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	if !strings.HasPrefix(text, "-- +goose Up\n") || strings.Contains(text, "+goose Down") || strings.Contains(text, "NO TRANSACTION") {
		t.Errorf("%s is not a forward migration of goose's:\n%s", filepath.Base(path), text)
	}
}
