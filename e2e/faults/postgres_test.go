//go:build faults

package faults

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"todo-backend/ent/database/pgtest"
)

// TestPostgresStops stops Postgres under the load and starts it again.
func TestPostgresStops(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		way      os.Signal
		isPooled bool
	}{
		{"fast", pgtest.Fast, false},
		{"immediate", pgtest.Immediate, false},
		{"behind PgBouncer", pgtest.Immediate, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := ownPostgres(t)
			source := emptyDatabase(t, server)
			if test.isPooled {
				source = pgtest.StartPgBouncer(t, server)(pgtest.Name(source))
			}
			stopAndStart(t, server, test.way, source)
		})
	}
}

func stopAndStart(t *testing.T, server *pgtest.Server, way os.Signal, source string) {
	t.Helper()
	s := newService(t, postgresSetting+source)
	s.start(t)
	l := newLoad(t, s.url(), 16, 4)
	l.run()
	l.awaitBack(10 * time.Second)
	time.Sleep(time.Second)
	l.mark("Postgres stops")
	halt(t, server, way)
	l.mark("Postgres is down")
	time.Sleep(time.Second)
	if got := s.readiness(); got != http.StatusServiceUnavailable {
		t.Errorf("without Postgres /ready says %d", got)
	}
	l.mark("Postgres starts")
	if err := server.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.mark("Postgres serves")
	l.awaitBack(5 * time.Second)
	time.Sleep(time.Second)
	l.stop()
	l.wantAnswers(requestTimeout)
	l.check(t)
}

// requestTimeout is the service's, where a test does not set it.
const requestTimeout = 10 * time.Second

// wantAnswers fails the test where a request was not answered, by success or 503, soon after its deadline.
func (l *load) wantAnswers(deadline time.Duration) {
	l.t.Helper()
	for outcome, n := range l.sum() {
		if !slices.Contains([]string{"200", "201", "503"}, outcome) {
			l.t.Errorf("%d × %s", n, outcome)
		}
	}
	for _, p := range l.phases {
		if p.slowest > deadline+2*time.Second {
			l.t.Errorf("%s: a request took %v with a deadline of %v", p.step, p.slowest, deadline)
		}
	}
}

// ownPostgres starts a server that the test may halt.
func ownPostgres(t *testing.T) *pgtest.Server {
	t.Helper()
	server, err := pgtest.StartOwn(t.Context())
	if errors.Is(err, pgtest.ErrNotFound) {
		leaveOut(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	return server
}

func emptyDatabase(t *testing.T, server *pgtest.Server) (url string) {
	t.Helper()
	url, _, err := server.CreateDatabase(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func halt(t *testing.T, server *pgtest.Server, way os.Signal) {
	t.Helper()
	if err := server.Halt(way); err != nil {
		t.Fatal(err)
	}
}
