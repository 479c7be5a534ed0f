package postgres_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"testing"
	"time"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/viewer"
)

// TestTimeToConnect is that of a request, where the URL has none of its own and no other host to try.
func TestTimeToConnect(t *testing.T) {
	t.Parallel()
	const url = "postgres://u:p@h/d?sslmode=disable"
	for address, want := range map[string]time.Duration{
		url:                             20 * time.Second,
		url + "&connect_timeout=2":      2 * time.Second,
		"postgres://u:p@h/d":            20 * time.Second, // without TLS where the server has none, at the same host
		"postgres://u:p@h,i/d":          5 * time.Second,
		"postgres://u:p@h:5432,h:5433/": 5 * time.Second,
	} {
		driver, err := postgres.Open(address, 20*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if got := driver.Pool().Config().ConnConfig.ConnectTimeout; got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
		if err := driver.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestASlowlyWakingServer accepts connections at once and answers after six seconds, as one that scaled to zero does: the first
// request is answered, for its deadline is later.
func TestASlowlyWakingServer(t *testing.T) {
	t.Parallel()
	const wakes = 6 * time.Second
	u, err := url.Parse(databasetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	awake := u.Host
	asleep := time.Now().Add(wakes)
	u.Host = serve(t, func(client net.Conn) {
		time.Sleep(time.Until(asleep))
		server, err := net.Dial("tcp", awake)
		if err != nil {
			return
		}
		defer server.Close()
		go func() { _, _ = io.Copy(server, client) }()
		_, _ = io.Copy(client, server)
	})
	const deadline = time.Minute
	db := databasetest.Open(t, database.Source{PostgresURL: u.String(), ConnectTimeout: deadline})
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	begin := time.Now()
	if err := db.Client.Task.Create().SetTitle("Buy milk").Exec(viewer.NewContext(ctx, viewer.Viewer{ID: "ann"})); err != nil || time.Since(begin) < wakes/2 {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}
