package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	entsql "entgo.io/ent/dialect/sql"

	"todo-backend/ent/database/sqlite"
)

// TestMovedFile takes the file away, or puts another in its place. Until the file is back nothing
// is written and nobody is told that it was.
func TestMovedFile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(t *testing.T, path string)
		back   func(t *testing.T, path string) // nil: there is no way
	}{
		{"removed", remove(""), nil},
		{"moved and put back", move("", "-moved"), move("-moved", "")},
		{"moved away with its log and put back", moveAll("", "-moved"), moveAll("-moved", "")},
		{"replaced and put back", replace(""), move("-old", "")},
		{"its log removed", remove("-wal"), nil},
		{"its log moved and put back", move("-wal", "-moved"), move("-moved", "-wal")},
		{"its log replaced and put back", replace("-wal"), move("-wal-old", "-wal")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			driver := open(t)
			execute(t, driver.Writer(), "CREATE TABLE numbers (n integer)")
			writes := writesOf(t, driver)
			for name, write := range writes {
				if err := write(); err != nil {
					t.Fatalf("%s before: %v", name, err)
				}
			}
			test.change(t, driver.Path())
			for range 2 {
				for name, write := range writes {
					if err := write(); !sqlite.IsUnavailable(err) {
						t.Errorf("%s: %v", name, err)
					}
				}
				if _, err := driver.Ready(t.Context(), "WHERE TRUE"); !sqlite.IsUnavailable(err) {
					t.Errorf("ready: %v", err)
				}
			}
			if test.back == nil {
				return
			}
			test.back(t, driver.Path())
			for name, write := range writes {
				if err := write(); err != nil {
					t.Errorf("%s once it is back: %v", name, err)
				}
			}
			if writes, err := driver.Ready(t.Context(), "WHERE TRUE"); !writes || err != nil {
				t.Errorf("ready once it is back: %v, %v", writes, err)
			}
		})
	}
}

// TestFileMovedDuringATransaction moves the file before the commit.
func TestFileMovedDuringATransaction(t *testing.T) {
	t.Parallel()
	driver := open(t)
	execute(t, driver.Writer(), "CREATE TABLE numbers (n integer)")
	tx, err := driver.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Exec(t.Context(), "INSERT INTO numbers VALUES (1)", []any{}, nil); err != nil {
		t.Fatal(err)
	}
	move("", "-moved")(t, driver.Path())
	if err := tx.Commit(); !sqlite.IsUnavailable(err) {
		t.Errorf("the commit: %v", err)
	}
	move("-moved", "")(t, driver.Path())
	var kept int
	if err := driver.Writer().QueryRowContext(t.Context(), "SELECT count(*) FROM numbers").Scan(&kept); kept != 0 || err != nil {
		t.Errorf("%d rows are kept: %v", kept, err)
	}
}

// writesOf are all ways to write.
func writesOf(t *testing.T, driver *sqlite.Driver) map[string]func() error {
	const insert = "INSERT INTO numbers VALUES (1)"
	return map[string]func() error{
		"a write": func() error { return driver.Exec(t.Context(), insert, []any{}, nil) },
		"a write that returns rows": func() error {
			var rows entsql.Rows
			if err := driver.Query(t.Context(), insert+" RETURNING n", []any{}, &rows); err != nil {
				return err
			}
			return rows.Close()
		},
		"a transaction": func() error {
			tx, err := driver.Tx(t.Context())
			if err != nil {
				return err
			}
			defer tx.Rollback()
			if err := tx.Exec(t.Context(), insert, []any{}, nil); err != nil {
				return err
			}
			return tx.Commit()
		},
	}
}

func remove(suffix string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		if err := os.Remove(path + suffix); err != nil {
			t.Fatal(err)
		}
	}
}

func move(from, to string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		if err := os.Rename(path+from, path+to); err != nil {
			t.Fatal(err)
		}
	}
}

func moveAll(from, to string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		for _, kind := range []string{"", "-wal", "-shm"} {
			move(from+kind, to+kind)(t, path)
		}
	}
}

// replace puts a copy in the place of a file, which is moved to -old.
func replace(suffix string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		move(suffix, suffix+"-old")(t, path)
		content, err := os.ReadFile(path + suffix + "-old")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+suffix, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLinkedFile opens a file by a link, and lets the link lead elsewhere.
func TestLinkedFile(t *testing.T) {
	t.Parallel()
	folder, elsewhere := t.TempDir(), t.TempDir()
	link := filepath.Join(folder, "todo.db")
	file := filepath.Join(elsewhere, "first.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	driver, err := sqlite.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	defer driver.Close()
	create := func() error {
		return driver.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS numbers (n integer)", []any{}, nil)
	}
	for range 2 {
		if err := create(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(elsewhere, "second.db"), link); err != nil {
		t.Fatal(err)
	}
	if err := create(); !sqlite.IsUnavailable(err) {
		t.Errorf("a write where the link leads nowhere: %v", err)
	}
}

// TestFileIsNotMadeAnew removes the file before the first connection to it is there.
func TestFileIsNotMadeAnew(t *testing.T) {
	t.Parallel()
	driver := open(t)
	remove("")(t, driver.Path())
	if _, err := driver.Writer().ExecContext(t.Context(), "CREATE TABLE numbers (n integer)"); !sqlite.IsUnavailable(err) {
		t.Errorf("a write: %v", err)
	}
	if _, err := os.Stat(driver.Path()); !os.IsNotExist(err) {
		t.Errorf("the file: %v", err)
	}
}
