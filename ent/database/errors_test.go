package database_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
	"todo-backend/ent/viewer"
)

// TestIsUnavailable takes errors from the databases themselves wherever they can be had.
func TestIsUnavailable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"no error", nil, false},
		{"the deadline", fmt.Errorf("list: %w", context.DeadlineExceeded), true},
		{"the client went away", context.Canceled, false},
		{"a connection that broke", fmt.Errorf("list: %w", driver.ErrBadConn), true},
		{"a connection that is closed", sql.ErrConnDone, true},
		{"no row", sql.ErrNoRows, false},
		{"no task", &ent.NotFoundError{}, false},
		{"an error of ours", errors.New("the title is wrong"), false},
	}
	for _, test := range tests {
		if got := database.IsUnavailable(test.err); got != test.want {
			t.Errorf("%s: %v, want %v: %v", test.name, got, test.want, test.err)
		}
	}
}

// TestPostgresUnavailable makes Postgres refuse statements.
func TestPostgresUnavailable(t *testing.T) {
	t.Parallel()
	fail := func(sqlState string) string {
		return "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '" + sqlState + "', MESSAGE = 'refused'; END $$"
	}
	tests := []struct {
		name, statement string
		want            bool
	}{
		{"a syntax error", "SELEKT 1", false},
		{"a table that is missing", "SELECT * FROM nothing", false},
		{"a division by zero", "SELECT 1/0", false},
		{"a constraint", "INSERT INTO goose_lock (lock_id) SELECT lock_id FROM goose_lock", false},
		{"a value that is too big", "SELECT 99999999999::int", false},
		{"the server stops", "SELECT pg_terminate_backend(pg_backend_pid())", true},
		{"the statement's time is up", "SET statement_timeout = 1; SELECT pg_sleep(9)", true},
		{"a read-only copy", "BEGIN READ ONLY; DELETE FROM tasks", true},
		{"a conflict of transactions", fail("40001"), true},
		{"a deadlock", fail("40P01"), true},
		{"too many connections", fail("53300"), true},
		{"no room on the disk", fail("53100"), true},
		{"the server starts", fail("57P03"), true},
		{"an error of input and output", fail("58030"), true},
		{"the pooler can't reach the server", fail("08006"), true},
		{"the pooler is not let in", fail("28P01"), true},
		{"the pooler finds no database", fail("3D000"), true},
	}
	url := databasetest.PostgresURL(t)
	for _, test := range tests {
		_, err := openPool(t, "pgx", url+"&default_query_exec_mode=simple_protocol").ExecContext(t.Context(), test.statement)
		if got := database.IsUnavailable(err); got != test.want || err == nil {
			t.Errorf("%s: %v, want %v: %v", test.name, got, test.want, err)
		}
	}
}

// TestPostgresUnreachable knocks where nobody answers, or nobody who knows us: for who asks the service both are outages.
func TestPostgresUnreachable(t *testing.T) {
	t.Parallel()
	right := databasetest.PostgresURL(t)
	tests := []struct {
		name   string
		change func(*url.URL)
	}{
		{"nobody listens", func(u *url.URL) { u.Host = "127.0.0.1:1" }},
		{"no such host", func(u *url.URL) { u.Host = "nowhere.invalid" }},
		{"no such database", func(u *url.URL) { u.Path = "/nothing" }},
		{"no such user", func(u *url.URL) { u.User = url.UserPassword("nobody", "secret word") }},
		{"a wrong password", func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "secret word") }},
		{"no server of the right kind", func(u *url.URL) { u.RawQuery += "&target_session_attrs=standby" }},
	}
	for _, test := range tests {
		u, err := url.Parse(right)
		if err != nil {
			t.Fatal(err)
		}
		test.change(u)
		db := databasetest.Open(t, database.Source{PostgresURL: u.String()})
		_, err = db.Ready(t.Context())
		if !database.IsUnavailable(err) {
			t.Errorf("%s: %v", test.name, err)
		}
		if err != nil && strings.Contains(err.Error()+db.Name, "secret") {
			t.Errorf("%s: the password is in %v", test.name, err)
		}
	}
}

// TestPostgresStops stops a server under an open client, in the middle of a statement and between two.
func TestPostgresStops(t *testing.T) { //nolint:paralleltest // it changes the environment
	server := ownServer(t)
	address, _, err := server.CreateDatabase(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	db := databasetest.Open(t, database.Source{PostgresURL: address})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	underWay := make(chan error)
	pool := openPool(t, "pgx", address)
	if err := pool.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := pool.ExecContext(ann, "SELECT pg_sleep(60)")
		underWay <- err
	}()
	waitForSleeper(t, address)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"a statement under way": <-underWay,
		"a write":               db.Client.Task.Create().SetTitle("Buy milk").Exec(ann),
		"a read":                second(db.Client.Task.Query().Fetch(ann)),
		"Ready":                 second(db.Ready(t.Context())),
	} {
		if !database.IsUnavailable(err) {
			t.Errorf("%s on a server that stopped: %v", what, err)
		}
	}
}

// ownServer starts a server that a test can stop.
func ownServer(t *testing.T) *pgtest.Server {
	t.Helper()
	t.Setenv("TEST_DATABASE_URL", "")
	server, err := pgtest.Start(t.Context())
	if errors.Is(err, pgtest.ErrNotFound) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	return server
}

func waitForSleeper(t *testing.T, address string) {
	t.Helper()
	pool := openPool(t, "pgx", address)
	for ask[int](t, pool, "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'") == 0 {
		time.Sleep(5 * time.Millisecond)
	}
}

func second[T any](_ T, err error) error { return err }

// TestSQLiteUnavailable makes SQLite refuse statements.
func TestSQLiteUnavailable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "todo.db")
	if err := openAndMigrate(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, setting, statement string
		want                     bool
	}{
		{"a syntax error", "", "SELEKT 1", false},
		{"a table that is missing", "", "SELECT * FROM nothing", false},
		{"a constraint", "", "INSERT INTO tasks (id) VALUES ('1')", false},
		{"a connection that only reads", "&_pragma=query_only(1)", "DELETE FROM tasks", true},
		{"a file that can only be read", "&mode=ro", "DELETE FROM tasks", true},
		{"no room", "&_pragma=max_page_count(1)", "CREATE TABLE big AS SELECT zeroblob(1000000)", true},
		// The next one makes the file locked for those after it.
		{"a transaction in a transaction", "", "BEGIN IMMEDIATE; BEGIN", false},
		{"another process writes", "", "DELETE FROM tasks", true},
	}
	for _, test := range tests {
		pool := openPool(t, "sqlite", "file:"+path+"?_pragma=busy_timeout(1)"+test.setting)
		_, err := pool.ExecContext(t.Context(), test.statement)
		if got := database.IsUnavailable(err); got != test.want || err == nil {
			t.Errorf("%s: %v, want %v: %v", test.name, got, test.want, err)
		}
	}
}
