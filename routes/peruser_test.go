package routes_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware"
)

// Ann makes 50 tasks at once, and then changes one of them 50 times at once. Every change is made, also where she may use one
// connection only.
func TestManyChangesAtOnce(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB) *database.Database{
		"sqlite":                    databasetest.SQLite,
		"postgres":                  databasetest.Postgres,
		"postgres with a pool of 4": smallPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ann := newAPI(t, open(t), func(s *setup) { s.RequestTimeout = time.Minute }).as(t, "ann")
			ann.sendAtOnce(t, 50, http.StatusCreated, "POST", "/api/tasks", `{"title":"x"}`)
			var tasks []object
			ann.send(t, "GET", "/api/tasks", "").decode(t, http.StatusOK, &tasks)
			if len(tasks) != 50 {
				t.Fatalf("the list has %d tasks, want 50", len(tasks))
			}
			one := "/api/tasks/" + tasks[0]["id"].(string)
			ann.sendAtOnce(t, 51, http.StatusOK, "PATCH", one+"/complete", "")
			if got := ann.send(t, "GET", one, "").want(t, http.StatusOK); got["completed"] != true {
				t.Errorf("after 51 flips the task is %v", got)
			}
		})
	}
}

// smallPostgres is a Postgres database with a pool of 4 connections.
func smallPostgres(tb testing.TB) *database.Database {
	tb.Helper()
	address, err := url.Parse(databasetest.PostgresURL(tb))
	if err != nil {
		tb.Fatal(err)
	}
	query := address.Query()
	query.Set("pool_max_conns", "4")
	address.RawQuery = query.Encode()
	return databasetest.Open(tb, database.Source{PostgresURL: address.String()})
}

// sendAtOnce sends a request n times at once and wants a status of all answers.
func (c client) sendAtOnce(t *testing.T, n, status int, method, path, body string) {
	t.Helper()
	answers := make(chan answer)
	for range n {
		go func() { answers <- c.send(t, method, path, body) }()
	}
	for range n {
		if got := <-answers; got.status != status {
			t.Errorf("%s %s is answered %d %s", method, path, got.status, got.body)
		}
	}
}

// While nobody can write, ann's share of the connections is taken by her requests, and 64 others of hers wait. All further ones
// are refused at once. When writing is possible again, everything that waited is done.
func TestOneUsersRequestsAreBounded(t *testing.T) {
	t.Parallel()
	const refused = 5
	share := map[string]int{dialect.SQLite: 2, dialect.Postgres: 4}
	hold := map[string]string{dialect.Postgres: "BEGIN; LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE", dialect.SQLite: "BEGIN IMMEDIATE"}
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		metrics := middleware.NewMetrics()
		ann := newAPI(t, db, func(s *setup) { s.RequestTimeout, s.metrics = 20*time.Second, metrics }).as(t, "ann")
		raw.Must(t, hold[raw.Dialect])
		answers := make(chan answer)
		taken := share[raw.Dialect] + 64
		for range taken + refused {
			go func() { answers <- ann.send(t, "POST", "/api/tasks", `{"title":"x"}`) }()
		}
		for range refused {
			if got := <-answers; got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "1" {
				t.Errorf("one of too many is answered %d with Retry-After %q", got.status, got.header.Get("Retry-After"))
			}
		}
		raw.Must(t, "ROLLBACK")
		statuses := map[int]int{}
		for range taken {
			statuses[(<-answers).status]++
		}
		if statuses[http.StatusCreated] != taken {
			t.Errorf("those that waited are answered %v, want %d times 201", statuses, taken)
		}
		counted := fmt.Sprintf("# HELP http_requests_refused_total Requests that were not served, for reasons that the status alone does not tell.\n# TYPE http_requests_refused_total counter\nhttp_requests_refused_total{reason=\"user_busy\"} %d\n", refused)
		if err := testutil.GatherAndCompare(metrics.Gatherer(), strings.NewReader(counted), "http_requests_refused_total"); err != nil {
			t.Error(err)
		}
	})
}
