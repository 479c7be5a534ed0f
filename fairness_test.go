package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/viewer"
	"todo-backend/middleware/token"
)

const (
	crowdClients  = 560
	crowdTasks    = 20_000
	crowdSecret   = "the secret of the service that is crowded"
	crowdDeadline = 30 * time.Second
	slowList      = "/api/tasks?sort=title&offset=9990"
)

// TestOneUserLeavesRoomForOthers has 560 clients of alice ask for slow lists again and again, more than the requests that may be
// in flight. Meanwhile bob reads and writes, and /ready answers: none of that is refused.
func TestOneUserLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	settings := []string{"RATE_LIMIT=0", "LOG_LEVEL=error", "BETTER_AUTH_SECRET=" + crowdSecret, fmt.Sprint("REQUEST_TIMEOUT=", crowdDeadline)}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		giveTasks(t, database.Source{SQLitePath: filepath.Join(dir, "data", "todo.db")})
		crowd(t, start(t, dir, settings...))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := databasetest.PostgresURL(t)
		giveTasks(t, database.Source{PostgresURL: url})
		crowd(t, start(t, t.TempDir(), append(settings, "NEON_DB_URL="+url)...))
	})
}

// giveTasks makes alice's tasks.
func giveTasks(t *testing.T, source database.Source) {
	t.Helper()
	const batch = 500
	db, err := database.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	alice := viewer.NewContext(t.Context(), viewer.Viewer{ID: "alice"})
	for first := 0; first < crowdTasks; first += batch {
		tasks := make([]*ent.TaskCreate, batch)
		for i := range tasks {
			tasks[i] = db.Client.Task.Create().SetTitle(fmt.Sprint("Task ", first+i))
		}
		if err := db.Client.Task.CreateBulk(tasks...).Exec(alice); err != nil {
			t.Fatal(err)
		}
	}
}

// crowd has alice's clients keep the service s busy while bob uses it.
func crowd(t *testing.T, s *service) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	refused := make(chan struct{})
	tellRefused := sync.OnceFunc(func() { close(refused) })
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: crowdClients}}
	alice := sign(t, "alice")
	var clients sync.WaitGroup
	for range crowdClients {
		clients.Go(func() {
			for ctx.Err() == nil {
				if getStatus(ctx, client, s.url+slowList, alice) != http.StatusOK {
					tellRefused()
					pause(ctx, time.Second) // as Retry-After says
				}
			}
		})
	}
	defer func() {
		stop()
		clients.Wait()
		client.CloseIdleConnections()
		_ = s.cmd.Process.Kill() // alice's last lists may take longer than the service waits for at its end
		<-s.ended
	}()
	select {
	case <-refused: // as many of alice's requests wait as may
	case <-time.After(crowdDeadline):
		t.Fatal("alice's requests all wait")
	}
	bob := sign(t, "bob")
	for range 20 {
		if res := s.do(t, http.MethodPost, "/api/tasks", bob, `{"title":"x"}`); res.StatusCode != http.StatusCreated {
			t.Errorf("bob's new task is answered %s", res.Status)
		}
		if res := s.get(t, "/api/tasks", bob); res.StatusCode != http.StatusOK {
			t.Errorf("bob's list is answered %s", res.Status)
		}
		if res := s.get(t, "/ready", ""); res.StatusCode != http.StatusOK {
			t.Errorf("/ready answers %s", res.Status)
		}
	}
}

func sign(t *testing.T, user string) string {
	t.Helper()
	signed, err := token.ForDevelopment(crowdSecret, user, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// getStatus reads an answer to its end and returns its status, or 0 where there is none.
func getStatus(ctx context.Context, client *http.Client, url, token string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
