package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/viewer"
)

// TestUserCommand exports and deletes alice's tasks beside a running service, on both databases. What bob has stays.
func TestUserCommand(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]func(*testing.T) []string{
		"sqlite":   func(*testing.T) []string { return nil },
		"postgres": func(t *testing.T) []string { t.Helper(); return []string{"NEON_DB_URL=" + databasetest.PostgresURL(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, env := t.TempDir(), env(t)
			s := start(t, dir, env...)
			token := func(user string) string {
				made, err := command(t, dir, env, "token", user).Output()
				if err != nil {
					t.Fatal(err)
				}
				return strings.TrimSpace(string(made))
			}
			alice, bob := token("alice"), token("bob")
			for i, user := range []string{alice, alice, bob} {
				if got := s.do(t, "POST", "/api/tasks", user, fmt.Sprintf(`{"title":"Task %d"}`, i)); got.StatusCode != http.StatusCreated {
					t.Fatal(got.Status)
				}
			}
			run := func(args ...string) (stdout, stderr string) {
				cmd := command(t, dir, env, append([]string{"user"}, args...)...)
				var out, told bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &told
				if err := cmd.Run(); err != nil {
					t.Errorf("user %q: %v\n%s", args, err, &told)
				}
				return out.String(), told.String()
			}
			out, told := run("export", "alice")
			if strings.Count(out, "\n") != 2 || !strings.Contains(out, `"Task 0"`) || strings.Contains(out, `"Task 2"`) {
				t.Errorf("the export of alice is\n%s", out)
			}
			if told != "todo-backend: exported 0 api_tokens, 0 tags, 2 tasks\n" {
				t.Errorf("an export says %q", told)
			}
			for _, want := range []string{"deleted 0 api_tokens, 0 tags, 2 tasks\n", "deleted 0 api_tokens, 0 tags, 0 tasks\n"} {
				if out, told := run("delete", "alice"); out != want || told != "" {
					t.Errorf("a deletion says %q and %q", out, told)
				}
			}
			if out, _ := run("export", "alice"); out != "" {
				t.Errorf("after it alice has\n%s", out)
			}
			for user, want := range map[string]bool{alice: false, bob: true} {
				body, err := io.ReadAll(s.get(t, "/api/tasks", user).Body)
				if err != nil || strings.Contains(string(body), "Task") != want {
					t.Errorf("the service lists %s, %v", body, err)
				}
			}
			s.stop(t, os.Interrupt)
		})
	}
}

// withTasks makes a database in a folder in which alice has more tasks than a pipe and two pages hold.
func withTasks(t *testing.T, dir string) *database.Database {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	db := databasetest.Open(t, database.Source{SQLitePath: filepath.Join(dir, "data", "todo.db")})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	alice := viewer.NewContext(t.Context(), viewer.Viewer{ID: "alice"})
	for range 12 {
		creates := make([]*ent.TaskCreate, 100)
		for i := range creates {
			creates[i] = db.Client.Task.Create().SetTitle(strings.Repeat("x", 200))
		}
		if _, err := db.Client.Task.CreateBulk(creates...).Insert(alice); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// TestExportsReaderGoes closes the reader of an export after its first line, as head does. That is no error, and the
// export does not claim to be complete.
func TestExportsReaderGoes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	withTasks(t, dir)
	cmd := command(t, dir, nil, "user", "export", "alice")
	var told bytes.Buffer
	cmd.Stderr = &told
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, `{"entity":"task"`) {
		t.Errorf("the first line is %q, %v", line, err)
	}
	out.Close()
	err = cmd.Wait()
	if said := told.String(); err != nil || strings.Count(said, "\n") != 1 || !strings.Contains(said, "nobody reads on") {
		t.Errorf("it ends with %v and says %q", err, said)
	}
}

// interruption interrupts what writes to it.
type interruption struct {
	bytes.Buffer

	interrupt func()
}

func (i *interruption) Write(b []byte) (int, error) {
	if len(b) > 0 {
		i.interrupt()
	}
	return i.Buffer.Write(b)
}

// TestInterruptedExport interrupts an export at its first page. It ends with whole lines and an error that says how
// far it came. An interrupted deletion says so too, and the next one deletes the rest.
func TestInterruptedExport(t *testing.T) {
	t.Parallel()
	db := withTasks(t, t.TempDir())
	ctx, interrupt := context.WithCancel(t.Context())
	out := &interruption{interrupt: interrupt}
	err := exportUser(ctx, db, "alice", out)
	if err == nil || !strings.Contains(err.Error(), "interrupted: the export is not complete, it ends after 0 api_tokens, 0 tags, 500 tasks") {
		t.Errorf("an interrupted export ends with %v", err)
	}
	if lines := out.String(); strings.Count(lines, "\n") != 500 || !strings.HasSuffix(lines, "}\n") {
		t.Errorf("it wrote %d lines", strings.Count(lines, "\n"))
	}
	err = deleteUser(ctx, db, "alice", io.Discard)
	if err == nil || !strings.Contains(err.Error(), "interrupted: at least 0 api_tokens are deleted") {
		t.Errorf("an interrupted deletion ends with %v", err)
	}
	var told bytes.Buffer
	if err := deleteUser(t.Context(), db, "alice", &told); err != nil || told.String() != "deleted 0 api_tokens, 0 tags, 1200 tasks\n" {
		t.Errorf("the next one says %q: %v", &told, err)
	}
}
