package routes_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware"
)

// newObservedAPI returns an application that keeps metrics.
func newObservedAPI(t *testing.T, db *database.Database, changes ...func(*setup)) (*api, *middleware.Metrics) {
	t.Helper()
	metrics := middleware.NewMetrics(db.Pools, middleware.BuildInfo("v1", "abc"))
	return newAPI(t, db, append(changes, func(s *setup) { s.metrics = metrics })...), metrics
}

// counted are the requests that were counted, by method, route and status.
func counted(t *testing.T, metrics prometheus.Gatherer) map[string]uint64 {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]uint64{}
	for _, family := range families {
		if family.GetName() != "http_request_duration_seconds" {
			continue
		}
		for _, metric := range family.GetMetric() {
			var values []string
			for _, label := range metric.GetLabel() {
				values = append(values, label.GetValue())
			}
			counts[strings.Join(values, " ")] = metric.GetHistogram().GetSampleCount()
		}
	}
	return counts
}

// TestMetricsCountWhatWasAnswered has alice and others make known requests and compares. Where a minute ends meanwhile, the rate limit
// begins to count anew, and so does the test.
func TestMetricsCountWhatWasAnswered(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		for begin := thisMinute(); ; begin = thisMinute() {
			a, metrics := newObservedAPI(t, db, func(s *setup) { s.RateLimit = 10 })
			id := askInKnownWays(t, a)
			if !begin.Equal(thisMinute()) {
				continue
			}
			checkCounts(t, metrics)
			checkScrape(t, metrics, id, a.as(t, "alice-with-a-name").token, "alice-with-a-name", "private")
			return
		}
	})
}

func thisMinute() time.Time { return time.Now().Truncate(time.Minute) }

// askInKnownWays makes the requests that checkCounts knows of, and returns the id of a task of alice's.
func askInKnownWays(t *testing.T, a *api) (id string) {
	t.Helper()
	alice, bob := a.as(t, "alice-with-a-name"), a.as(t, "bob")
	created := alice.send(t, "POST", "/api/tasks", `{"title":"private title"}`)
	id = created.want(t, 201)["id"].(string)
	alice.send(t, "GET", "/api/alice-with-a-name/tasks/"+id, "")
	alice.send(t, "GET", "/api/alice-with-a-name/tasks/"+unknownID, "")
	alice.send(t, "GET", "/api/tasks?status=private", "")
	alice.send(t, "GET", "/api/bob/tasks", "")
	alice.send(t, "POST", "/api/tasks", strings.Repeat("x", tooLarge+1))
	a.anonymous().send(t, "GET", "/api/tasks", "")
	a.anonymous().send(t, "GET", "/api/tasks", "", header{"Authorization", "Bearer a.b.c"})
	a.anonymous().send(t, "GET", "/health", "")
	for range 12 {
		bob.send(t, "GET", "/api/auth/me", "")
	}
	return id
}

func checkCounts(t *testing.T, metrics *middleware.Metrics) {
	t.Helper()
	want := map[string]uint64{
		"POST /api/tasks 201":             1,
		"GET /api/:user_id/tasks/:id 200": 1,
		"GET /api/:user_id/tasks/:id 404": 1,
		"GET /api/tasks 422":              1,
		"GET /api/:user_id/tasks 403":     1,
		"POST / 413":                      1, // refused before its route was looked for
		"GET /api 401":                    2,
		"GET /health 200":                 1,
		"GET /api/auth/me 200":            10,
		"GET /api 429":                    2,
	}
	if got := counted(t, metrics.Gatherer()); !maps.Equal(got, want) {
		t.Errorf("counted\n%v, want\n%v", got, want)
	}
	refused := `
# HELP http_requests_refused_total Requests that were not served, for reasons that the status alone does not tell.
# TYPE http_requests_refused_total counter
http_requests_refused_total{reason="rate"} 2
http_requests_refused_total{reason="token_malformed"} 1
http_requests_refused_total{reason="token_missing"} 1
http_requests_refused_total{reason="too_large"} 1
`
	if err := testutil.GatherAndCompare(metrics.Gatherer(), strings.NewReader(refused), "http_requests_refused_total"); err != nil {
		t.Error(err)
	}
}

// checkScrape reads the metrics as Prometheus does: nothing private stands there, and no name is against the customs.
func checkScrape(t *testing.T, metrics *middleware.Metrics, private ...string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(recorder, httptest.NewRequest("GET", "/metrics", nil))
	for _, text := range private {
		if strings.Contains(recorder.Body.String(), text) {
			t.Errorf("the metrics tell %q", text)
		}
	}
	for _, name := range []string{"db_client_connections_max{pool=", "todo_backend_build_info{", "go_goroutines ", "process_resident_memory_bytes "} {
		if !strings.Contains(recorder.Body.String(), name) {
			t.Errorf("the metrics lack %s", name)
		}
	}
	problems, err := testutil.GatherAndLint(metrics.Gatherer())
	if err != nil || len(problems) > 0 {
		t.Errorf("a linter of metrics says %v, %v", problems, err)
	}
}

// TestLabelsAreFew sends methods and paths that nobody has heard of: a client can't fill the memory with labels.
func TestLabelsAreFew(t *testing.T) {
	t.Parallel()
	a, metrics := newObservedAPI(t, databasetest.SQLite(t))
	alice := a.as(t, "alice")
	authorization := "Authorization: Bearer " + alice.token + "\r\n"
	for i := range 50 {
		for _, path := range []string{"/", "/api/", "/api/tasks/", "/docs/", "/api/alice/tasks/" + uuid.NewString() + "/"} {
			method := []string{"GET", "PROPFIND", fmt.Sprint("METHOD", i)}[i%3]
			a.raw(t, fmt.Sprintf("%s %s%d HTTP/1.1\r\nHost: todo\r\nX-Request-Id: id-%d\r\n%s\r\n", method, path, i, i, authorization))
		}
	}
	if got := counted(t, metrics.Gatherer()); len(got) > 4 {
		t.Errorf("counted %v", got)
	}
}

// TestPoolsTellWhoWaits takes every connection that writes and has alice wait for one.
func TestPoolsTellWhoWaits(t *testing.T) {
	t.Parallel()
	if os.Getenv("TEST_DATABASE_VIA") == "pgbouncer" {
		t.Skip("the pooler has fewer connections than the transactions that this test holds")
	}
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a, metrics := newObservedAPI(t, db)
		alice := a.as(t, "alice")
		// Whether she waits yet can't be seen from outside before it is over: where she was not there in time, there is a longer
		// while for it.
		waits := 0.0
		for while := 20 * time.Millisecond; waits == 0 && while < hangs; while *= 4 {
			waits = waitForConnection(t, db, alice, metrics, while)
		}
		if waits != 1 {
			t.Errorf("%v waits are counted, want 1", waits)
		}
		if waited := pooled(t, metrics, "db_client_connection_wait_seconds_total"); waited <= 0 {
			t.Errorf("who waited did so for %v s", waited)
		}
		if used := pooled(t, metrics, "db_client_connections"); used != 0 {
			t.Errorf("%v connections are used when all is done", used)
		}
	})
}

// waitForConnection holds every connection that writes, but for the one that is kept back, for a while in which alice wants to make a
// task. It returns how many waits are counted.
func waitForConnection(t *testing.T, db *database.Database, alice client, metrics *middleware.Metrics, while time.Duration) float64 {
	t.Helper()
	free := max(1, pooled(t, metrics, "db_client_connections_max")-1)
	var held []*ent.Tx
	for range int(free) {
		tx, err := db.Client.Tx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, tx)
	}
	before := pooled(t, metrics, "db_client_connection_waits_total")
	answered := make(chan int)
	go func() { answered <- alice.send(t, "POST", "/api/tasks", `{"title":"x"}`).status }()
	time.Sleep(while)
	if used := pooled(t, metrics, "db_client_connections"); used != free {
		t.Errorf("%v connections are used, want %v", used, free)
	}
	for _, tx := range held {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
	if status := <-answered; status != 201 {
		t.Errorf("who waited is answered with %d", status)
	}
	return pooled(t, metrics, "db_client_connection_waits_total") - before
}

// pooled is the value of a metric: of several that of the pool that writes, and of its connections that of those in use.
func pooled(t *testing.T, metrics *middleware.Metrics, name string) float64 {
	t.Helper()
	families, err := metrics.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			labels := fmt.Sprint(metric.GetLabel())
			if !strings.Contains(labels, "reader") && !strings.Contains(labels, "idle") {
				return metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}
