package database_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"todo-backend/ent/database"
	"todo-backend/ent/viewer"
)

// TestBackupIsRestored makes a backup beside a service that writes, and puts it in the place of the
// file, as docs/operating.md says.
func TestBackupIsRestored(t *testing.T) {
	t.Parallel()
	const vacuum = "VACUUM INTO 'backup.db'"
	guide, err := os.ReadFile("../../docs/operating.md")
	if err != nil || !strings.Contains(string(guide), vacuum) {
		t.Fatalf("docs/operating.md does not say %s: %v", vacuum, err)
	}
	folder := t.TempDir()
	path, backup := filepath.Join(folder, "todo.db"), filepath.Join(folder, "backup.db")
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	db := openSQLite(ann, t, path)
	create(ann, t, db, 0, 100)
	written := make(chan bool)
	go func() {
		defer close(written)
		create(ann, t, db, 100, 200)
	}()
	execute(t, openFile(t, path), strings.Replace(vacuum, "backup.db", backup, 1))
	<-written
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if err := os.Rename(backup, path); err != nil {
		t.Fatal(err)
	}
	db = openSQLite(ann, t, path)
	defer db.Close()
	count, err := db.Client.Task.Query().Count(ann)
	if count < 100 || err != nil {
		t.Errorf("the backup has %d tasks: %v", count, err)
	}
	if result := ask[string](t, openFile(t, path), "PRAGMA integrity_check"); result != "ok" {
		t.Errorf("the file is damaged: %s", result)
	}
	create(ann, t, db, count, count+1)
}

// openSQLite opens and migrates a file.
func openSQLite(ctx context.Context, t *testing.T, path string) *database.Database {
	t.Helper()
	db, err := database.Open(database.Source{SQLitePath: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return db
}

// create makes tasks that are numbered.
func create(ctx context.Context, t *testing.T, db *database.Database, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if err := db.Client.Task.Create().SetTitle(fmt.Sprint("task ", n)).Exec(ctx); err != nil {
			t.Error(err)
		}
	}
}
