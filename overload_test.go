//go:build !race

// With the race detector the clients here are the slow ones.

package main

import (
	"cmp"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware/token"
)

var overloadFor = flag.Duration("overload", 0, "how long the overload lasts, on both databases, with bounds on time; 0: shortly, on Postgres")

const (
	overloadDeadline = 2 * time.Second
	overloadFactor   = 10
	overloadConns    = 1000
	overloadMemory   = 400 << 20 // bytes; with the race detector, which takes several times the memory
)

// What makes each new task slow in the database, so that its capacity does not depend on the machine alone, and 512 that wait
// take longer than their deadline.
const (
	slowPostgres = `
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION slow()`
	slowSQLite = `
CREATE TABLE few AS SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9,10]');
CREATE TRIGGER slow AFTER INSERT ON tasks BEGIN SELECT count(a.value+b.value+c.value+d.value) FROM few a, few b, few c, few d, (SELECT value FROM few LIMIT 8); END`
)

// load is what became of requests.
type load struct {
	mu        sync.Mutex
	lasted    time.Duration
	took      map[int][]time.Duration // by status; 0: no answer
	noRetries int                     // answers 503 without Retry-After
}

const overloadSecret = "the secret of the service that is overloaded"

var overloadSettings = []string{"RATE_LIMIT=0", "LOG_LEVEL=error", "BETTER_AUTH_SECRET=" + overloadSecret, fmt.Sprint("REQUEST_TIMEOUT=", overloadDeadline)}

func TestOverloadOnPostgres(t *testing.T) {
	t.Parallel()
	address := databasetest.PostgresURL(t)
	s := start(t, t.TempDir(), append(overloadSettings, "NEON_DB_URL="+address)...)
	execute(t, "pgx", address, slowPostgres)
	overload(t, s, cmp.Or(*overloadFor, 2*time.Second))
}

func TestOverloadOnSQLite(t *testing.T) { //nolint:paralleltest // two overloads at once would disturb each other
	if *overloadFor == 0 {
		t.Skip("it runs with -overload")
	}
	dir := t.TempDir()
	s := start(t, dir, overloadSettings...)
	execute(t, "sqlite", filepath.Join(dir, "data", "todo.db"), slowSQLite)
	overload(t, s, *overloadFor)
}

func execute(t *testing.T, driver, source, statements string) {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// overload sends ten times what the service can carry. It refuses most of that sooner than it serves the rest, does not grow, and
// is itself again when it is over. With -overload, on a machine that does nothing else, it also goes on doing what it can and
// answers everybody in time.
func overload(t *testing.T, s *service, lasts time.Duration) {
	t.Helper()
	before := s.load(t, 16, 0, time.Second)
	capacity := before.rate(201)
	memory := s.memory(t)
	during := s.load(t, overloadConns, capacity*overloadFactor, lasts)
	peak := s.memory(t)
	time.Sleep(time.Second)
	after := s.load(t, 16, 0, time.Second)
	t.Logf("before: %s, %d MB", before, memory>>20)
	t.Logf("%d times that over %d connections: %s, %d MB at most", overloadFactor, overloadConns, during, peak>>20)
	t.Logf("a second after: %s", after)
	during.check(t, 201, 503)
	after.check(t, 201)
	if refused, served := during.quantile(503, 0.1), during.quantile(201, 0.5); refused > served {
		t.Errorf("nine of ten that were refused waited %v or longer, half of those that were served %v at most", refused, served)
	}
	if peak > overloadMemory {
		t.Errorf("the service took %d MB, want %d at most", peak>>20, overloadMemory>>20)
	}
	if *overloadFor > 0 {
		checkTimes(t, capacity, during, after)
	}
	s.stop(t, os.Interrupt)
}

// checkTimes checks what depends on the machine having nothing else to do.
func checkTimes(t *testing.T, capacity float64, during, after *load) {
	t.Helper()
	const slack = time.Second
	if done := during.rate(201); done < capacity/4 {
		t.Errorf("under overload %.0f a second were served, before %.0f", done, capacity)
	}
	if first := during.quantile(503, 0.1); first > overloadDeadline/4 { // requests that wait for the database wait for half of it at least
		t.Errorf("nine of ten that were refused waited %v or longer", first)
	}
	if done := after.rate(201); done < capacity/3 {
		t.Errorf("after the overload %.0f a second were served, before %.0f", done, capacity)
	}
	for status, took := range during.took {
		if longest := slices.Max(took); longest > overloadDeadline+slack {
			t.Errorf("an answer %d took %v, the deadline is %v", status, longest, overloadDeadline)
		}
	}
}

// check wants answers of these statuses only, and refusals that say when to try again.
func (l *load) check(t *testing.T, statuses ...int) {
	t.Helper()
	for status, took := range l.took {
		if !slices.Contains(statuses, status) {
			t.Errorf("%d were answered with %d, want only %v", len(took), status, statuses)
		}
	}
	if l.noRetries > 0 {
		t.Errorf("%d refusals do not say when to try again", l.noRetries)
	}
}

// load has conns clients, each a user of its own, create tasks, rate a second between them, or each one after the other where rate
// is 0.
func (s *service) load(t *testing.T, conns int, rate float64, lasts time.Duration) *load {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: conns}, Timeout: hangs}
	defer client.CloseIdleConnections()
	tokens := make([]string, conns)
	for i := range tokens {
		var err error
		if tokens[i], err = token.ForDevelopment(overloadSecret, fmt.Sprint("user ", i), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	l := &load{lasted: lasts, took: map[int][]time.Duration{}}
	begin := time.Now()
	var clients sync.WaitGroup
	for i, bearer := range tokens {
		clients.Go(func() {
			var pause time.Duration
			if rate > 0 {
				pause = time.Duration(float64(conns) / rate * float64(time.Second))
			}
			for next := begin.Add(pause * time.Duration(i) / time.Duration(conns)); time.Since(begin) < lasts; next = next.Add(pause) {
				time.Sleep(time.Until(next))
				l.create(t.Context(), client, s, bearer)
			}
		})
	}
	clients.Wait()
	return l
}

func (l *load) create(ctx context.Context, client *http.Client, s *service, bearer string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/tasks", strings.NewReader(`{"title":"x"}`))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	begin := time.Now()
	status, retry := 0, ""
	if res, err := client.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		status, retry = res.StatusCode, res.Header.Get("Retry-After")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took[status] = append(l.took[status], time.Since(begin))
	if status == http.StatusServiceUnavailable && retry == "" {
		l.noRetries++
	}
}

// rate is how many answers of a status came in a second.
func (l *load) rate(status int) float64 { return float64(len(l.took[status])) / l.lasted.Seconds() }

// quantile is the time within which that part of the answers of a status came.
func (l *load) quantile(status int, part float64) time.Duration {
	took := l.took[status]
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[int(part*float64(len(took)-1))].Round(time.Millisecond)
}

func (l *load) String() string {
	var parts []string
	for status := range l.took {
		parts = append(parts, fmt.Sprintf("%.0f/s answered with %d in %v (half), %v (99 of 100), %v (all)",
			l.rate(status), status, l.quantile(status, 0.5), l.quantile(status, 0.99), l.quantile(status, 1)))
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

var peakMemory = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// memory is the most that the process has taken, in bytes.
func (s *service) memory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Skip("the memory of a process is known on Linux only")
	}
	found := peakMemory.FindSubmatch(status)
	if found == nil {
		t.Fatalf("the status of the process is %s", status)
	}
	kilobytes, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
