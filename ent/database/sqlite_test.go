package database_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
	"todo-backend/ent/viewer"
)

// TestSQLiteConcurrency has 64 users write and read at once, through two copies of the service on one file. Nobody is told
// that the database is locked, and what was acknowledged is there.
func TestSQLiteConcurrency(t *testing.T) {
	t.Parallel()
	const users, rounds = 64, 10
	path := filepath.Join(t.TempDir(), "todo.db")
	var clients [2]*ent.Client
	for i := range clients {
		db := databasetest.Open(t, database.Source{SQLitePath: path})
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		clients[i] = db.Client
	}
	var slowest atomic.Int64
	var wg sync.WaitGroup
	for user := range users {
		wg.Go(func() {
			ctx := viewer.NewContext(t.Context(), viewer.Viewer{ID: fmt.Sprint("user ", user)})
			for round := range rounds {
				begin := time.Now()
				if err := writeAndRead(ctx, clients[user%2], round); err != nil {
					t.Errorf("user %d, round %d: %v", user, round, err)
				}
				raise(&slowest, int64(time.Since(begin)))
			}
		})
	}
	wg.Wait()
	pool := openFile(t, path)
	if n := ask[int](t, pool, "SELECT count(*) FROM tasks WHERE completed"); n != users*rounds {
		t.Errorf("%d tasks are there and completed, want %d", n, users*rounds)
	}
	if result := ask[string](t, pool, "PRAGMA integrity_check"); result != "ok" {
		t.Errorf("the file is damaged: %s", result)
	}
	t.Logf("a round of four statements took %v at most", time.Duration(slowest.Load()).Round(time.Millisecond))
}

// writeAndRead makes a task, completes it and reads it back, alone and in the list.
func writeAndRead(ctx context.Context, client *ent.Client, earlier int) error {
	created, err := client.Task.Create().SetTitle("Buy milk").Save(ctx)
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if _, err := client.Task.UpdateOneID(created.ID).FlipCompleted().SaveReturning(ctx); err != nil {
		return fmt.Errorf("flip: %w", err)
	}
	got, err := client.Task.Query().Where(task.ID(created.ID)).FetchOne(ctx)
	if err != nil || !got.Completed {
		return fmt.Errorf("get: %v: %w", got, err)
	}
	tasks, total, err := client.Task.Query().FetchCounted(ctx, stmt.Page{})
	if err != nil || len(tasks) != earlier+1 || total != earlier+1 {
		return fmt.Errorf("list: %d of %d, want %d: %w", len(tasks), total, earlier+1, err)
	}
	return nil
}

func raise(highest *atomic.Int64, value int64) {
	for old := highest.Load(); value > old; old = highest.Load() {
		if highest.CompareAndSwap(old, value) {
			return
		}
	}
}

// TestReadersDoNotWait reads while a transaction that has written is still open.
func TestReadersDoNotWait(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	ctx, cancel := context.WithTimeout(viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"}), time.Minute) // who waits for the other does so for good
	defer cancel()
	tx, err := db.Client.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Task.Create().SetTitle("Buy milk").Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if n, err := db.Client.Task.Query().Count(ctx); n != 0 || err != nil {
		t.Errorf("a reader sees %d tasks that are not committed: %v", n, err)
	}
	if n, err := tx.Task.Query().Count(ctx); n != 1 || err != nil {
		t.Errorf("the transaction sees %d of its own: %v", n, err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if n, err := db.Client.Task.Query().Count(ctx); n != 1 || err != nil {
		t.Errorf("a reader sees %d tasks that are committed: %v", n, err)
	}
}

// TestSQLitePaths opens files whose names mean something in the address that SQLite is given.
func TestSQLitePaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"todo.db", "with spaces.db", "what?.db", "a?mode=memory", "1#2.db", "100%.db", "%41.db", "a&b=c;d.db", "it's+\"ours\".db",
		"größer 📝.db", "a:b.db", "file:x.db", "new folder/deeper/todo.db", "/twice/the//slash.db",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := t.TempDir() + "/" + name
			for range 2 { // the second time it is there
				db, err := database.Open(database.Source{SQLitePath: path})
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(db.Migrate(t.Context()), second(db.Ready(t.Context())), db.Close()); err != nil {
					t.Fatal(err)
				}
			}
			if info, err := os.Stat(path); err != nil || info.Size() == 0 {
				t.Errorf("the file is not where it should be: %v", err)
			}
		})
	}
}

// TestSQLiteRelativePath opens files beside the process, as in development, and one by an address with too many slashes.
func TestSQLiteRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"todo.db", "./here.db", "data/todo.db", "a:b.db", "/" + folder + "/slashes.db"} {
		db := databasetest.Open(t, database.Source{SQLitePath: path})
		if err := db.Migrate(t.Context()); err != nil {
			t.Errorf("%s: %v", path, err)
		} else if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: the file is not where it should be: %v", path, err)
		}
	}
}

// TestUnusableSQLite names the file in each error.
func TestUnusableSQLite(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("Not a database at all.\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		says       []string
	}{
		{"a folder", folder, []string{"is a directory"}},
		{"a text", text, []string{"file is not a database"}},
		{"below a file", filepath.Join(text, "todo.db"), []string{"not a directory"}},
		{"in a folder that nobody can write to", filepath.Join(unwritable(t), "todo.db"), []string{"permission denied", "no such file"}},
		{"below such a folder", filepath.Join(unwritable(t), "data", "todo.db"), []string{"permission denied", "no such file"}},
		{"damaged", damaged(t), []string{"malformed"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := openAndMigrate(t.Context(), test.path)
			says := func(words string) bool { return err != nil && strings.Contains(err.Error(), words) }
			if !slices.ContainsFunc(test.says, says) || !says(filepath.Dir(test.path)) {
				t.Errorf("%v, want one that says %q of %s", err, test.says, test.path)
			}
		})
	}
}

func openAndMigrate(ctx context.Context, path string) error {
	db, err := database.Open(database.Source{SQLitePath: path})
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(ctx), db.Close())
}

// unwritable is a folder in which nobody can make files, and not even the administrator.
func unwritable(t *testing.T) string {
	t.Helper()
	if os.Geteuid() == 0 {
		return "/proc"
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	return folder
}

// damaged is a database of which only the first half was copied.
func damaged(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "damaged.db")
	if err := openAndMigrate(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A new database and what stands beside it are nobody else's to read; one that is there keeps the mode that its operator chose.
func TestSQLiteFilesArePrivate(t *testing.T) {
	t.Parallel()
	made, kept := filepath.Join(t.TempDir(), "made.db"), filepath.Join(t.TempDir(), "kept.db")
	if err := os.WriteFile(kept, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	ctx := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	for path, want := range map[string]os.FileMode{made: 0o600, kept: 0o640} {
		db := databasetest.Open(t, database.Source{SQLitePath: path})
		if err := db.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		db.Client.Task.Create().SetTitle("Buy milk").SaveX(ctx)
		for _, file := range []string{path, path + "-wal", path + "-shm"} {
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s has the mode %o, want %o", filepath.Base(file), got, want)
			}
		}
	}
}
