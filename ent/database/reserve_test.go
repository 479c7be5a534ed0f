package database_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/database/sqlite"
)

// backend is a driver and its way past the places of statements.
type backend interface {
	dialect.Driver
	Ready(ctx context.Context, where string) (writes bool, err error)
}

// TestOneConnectionIsKeptBack has statements take as many connections as they get. One more gets none, while the database is asked
// whether it is ready.
func TestOneConnectionIsKeptBack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		open        func(*testing.T) backend
		connections int
	}{
		"sqlite":                     {sqliteBackend, sqlite.MaxReaders},
		"postgres":                   {postgresBackend(postgres.MaxConns), postgres.MaxConns},
		"postgres, with a pool of 2": {postgresBackend(2), 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			driver := test.open(t)
			client := database.Reserve(driver, test.connections)
			for range test.connections - 1 {
				holdConnection(t, client)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			rows := &entsql.Rows{}
			err := client.Query(ctx, "SELECT 1", []any{}, rows)
			if err == nil {
				defer rows.Close()
			}
			if !errors.Is(err, context.DeadlineExceeded) || !database.IsUnavailable(err) {
				t.Errorf("one statement more: %v", err)
			}
			wantReady(t, driver)
		})
	}
}

// TestReadyGoesFirst has one connection, which a statement holds while five others wait for it. The question whether the database
// is ready comes last and is answered first.
func TestReadyGoesFirst(t *testing.T) {
	t.Parallel()
	const waiting = 5
	driver := postgresBackend(1)(t)
	client := database.Reserve(driver, 1)
	held := holdConnection(t, client)
	over := make(chan struct{})
	var others sync.WaitGroup
	for range waiting {
		others.Go(func() {
			rows := &entsql.Rows{}
			if err := client.Query(context.WithoutCancel(t.Context()), "SELECT 1", []any{}, rows); err != nil {
				t.Error(err)
				return
			}
			<-over // it keeps the connection
			rows.Close()
		})
	}
	defer others.Wait()
	defer close(over)
	awaitBlocked(t, waiting, "database.\\(\\*reserving\\).acquire")
	answered := make(chan error, 1)
	go func() {
		_, err := driver.Ready(t.Context(), "")
		answered <- err
	}()
	awaitBlocked(t, 1, "postgres.\\(\\*Driver\\).Ready")
	if err := held.Close(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-answered:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("another statement got the connection")
	}
}

// TestWaitingForAConnection has a statement wait for another. It is given up when half of its time is over.
func TestWaitingForAConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := database.Reserve(instant{}, 1)
		held := holdConnection(t, client)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := client.Exec(ctx, "DELETE", []any{}, nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		for range 2 { // the second time it does nothing
			if err := held.Close(); err != nil {
				t.Error(err)
			}
		}
		for range 3 {
			if err := client.Exec(ctx, "DELETE", []any{}, nil); err != nil {
				t.Error(err)
			}
		}
	})
}

// instant is a driver that does nothing.
type instant struct{ dialect.Driver }

func (instant) Dialect() string { return dialect.Postgres }

func (instant) Exec(context.Context, string, any, any) error { return nil }

func (instant) Query(_ context.Context, _ string, _, v any) error {
	v.(*entsql.Rows).ColumnScanner = noRows{}
	return nil
}

type noRows struct{ entsql.ColumnScanner }

func (noRows) Close() error { return nil }

// holdConnection reads rows that keep their connection until they are closed, at the latest when the test ends.
func holdConnection(t *testing.T, driver dialect.Driver) *entsql.Rows {
	t.Helper()
	rows := &entsql.Rows{}
	if err := driver.Query(t.Context(), "SELECT 1", []any{}, rows); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rows.Close() })
	return rows
}

func wantReady(t *testing.T, driver backend) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := driver.Ready(ctx, ""); err != nil {
		t.Errorf("whether the database is ready: %v", err)
	}
}

// awaitBlocked waits until so many goroutines wait for a semaphore in a function.
func awaitBlocked(t *testing.T, goroutines int, function string) {
	t.Helper()
	blocked := regexp.MustCompile(`goroutine \d+ \[select[^\n]*\n[^\n]*semaphore\.\(\*Weighted\)\.Acquire\((?:[^\n]+\n)*?[^\n]*` + function + `\(`)
	for range 1000 {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if len(blocked.FindAll(stacks, -1)) >= goroutines {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("there are not %d goroutines that wait in %s", goroutines, function)
}

func sqliteBackend(t *testing.T) backend {
	t.Helper()
	driver, err := sqlite.Open(filepath.Join(t.TempDir(), "todo.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { driver.Close() })
	return driver
}

// postgresBackend opens a database with a pool of so many connections.
func postgresBackend(connections int) func(*testing.T) backend {
	return func(t *testing.T) backend {
		t.Helper()
		address, err := url.Parse(databasetest.PostgresURL(t))
		if err != nil {
			t.Fatal(err)
		}
		query := address.Query()
		query.Set("pool_max_conns", fmt.Sprint(connections))
		address.RawQuery = query.Encode()
		driver, err := postgres.Open(address.String(), 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { driver.Close() })
		return driver
	}
}
