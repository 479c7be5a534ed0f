package main

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestOneProcessServesAFile starts a second service on the SQLite file of the first, by the same path
// or by a link. It is refused, while the other commands work. However the first one ends, the next
// one serves.
func TestOneProcessServesAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(filepath.Join(dir, "data", "todo.db"), link); err != nil && runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	const says = "another process serves from"
	for _, path := range []string{"data/todo.db", "./data//todo.db", link} {
		wantRefusal(t, command(t, dir, []string{"SQLITE_PATH=" + path}), 1, path[len(path)-5:], says, "stop that one first")
	}
	for _, args := range [][]string{{"migrate"}, {"doctor"}, {"token"}} {
		if out, err := command(t, dir, nil, args...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", args, err, out)
		}
	}
	if status := first.get(t, "/ready", "").StatusCode; status != http.StatusOK {
		t.Errorf("the first one is not ready: %d", status)
	}
	first.stop(t, syscall.SIGTERM)
	second := start(t, dir)
	if err := second.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
}
