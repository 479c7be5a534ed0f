package main

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"todo-backend/ent/database/databasetest"
)

// startAt runs the program at an address, and does not wait until it answers.
func startAt(t *testing.T, address string, env ...string) *service {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{cmd: command(t, t.TempDir(), append(env, "PORT="+port)), url: "http://" + address, output: &buffer{}, ended: make(chan error, 1)}
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s
}

// forward passes connections at an address on to another one.
func forward(t *testing.T, from, to string) {
	t.Helper()
	listener, err := net.Listen("tcp", from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				t.Error(err)
				return
			}
			go func() {
				_, _ = io.Copy(server, client)
				server.Close()
			}()
			go func() {
				_, _ = io.Copy(client, server)
				client.Close()
			}()
		}
	}()
}

// TestStartsBeforeItsDatabase begins where nobody listens. It says so, lives, gets no requests yet, and serves once the database is
// there.
func TestStartsBeforeItsDatabase(t *testing.T) {
	t.Parallel()
	databaseURL, err := url.Parse(databasetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	reached := databaseURL.Host
	databaseURL.Host = freeAddress(t)
	s := startAt(t, freeAddress(t), "NEON_DB_URL="+databaseURL.String())
	eventually(t, "it says that it waits", func() bool { return strings.Contains(s.output.String(), "connection refused") })
	for path, want := range map[string]int{"/health": 200, "/ready": 503, "/docs/": 200, "/api/tasks": 401} {
		if got := s.get(t, path, ""); got.StatusCode != want {
			t.Errorf("while it waits %s answers %s", path, got.Status)
		}
	}
	if said := s.output.String(); strings.Contains(said, "Listening on") || strings.Contains(said, "level=ERROR") {
		t.Errorf("while it waits it says:\n%s", said)
	}
	forward(t, databaseURL.Host, reached)
	eventually(t, "it is ready", func() bool { return s.get(t, "/ready", "").StatusCode == http.StatusOK })
	eventually(t, "it says where it listens", func() bool { return bannerToken.MatchString(s.output.String()) })
	token := bannerToken.FindStringSubmatch(s.output.String())[1]
	if got := s.do(t, "POST", "/api/tasks", token, `{"title":"x"}`); got.StatusCode != http.StatusCreated {
		t.Errorf("a request is answered %s", got.Status)
	}
	s.stop(t, os.Interrupt)
}

// TestEndsWhileItWaits does not wait for the end of the minute, and tells no password.
func TestEndsWhileItWaits(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{"nobody listens": "127.0.0.1:1", "the name is not found": "nowhere.invalid"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startAt(t, freeAddress(t), "NEON_DB_URL=postgres://u:hunter2@"+address+"/todo", "DRAIN_DELAY=1h")
			eventually(t, "it says that it waits", func() bool { return strings.Contains(s.output.String(), "can't be reached yet") })
			s.stop(t, syscall.SIGTERM)
			if said := s.output.String(); strings.Contains(said, "hunter2") || !strings.Contains(said, strings.Split(address, ":")[0]) {
				t.Errorf("it says:\n%s", said)
			}
		})
	}
}
