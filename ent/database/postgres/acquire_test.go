package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/viewer"
)

// TestNoStatementBeginsLate has ann wait for a connection until more than half of her time is over:
// her statement is refused rather than begun, before its time is up, and the next one is served.
func TestNoStatementBeginsLate(t *testing.T) {
	t.Parallel()
	const deadline, free = 8 * time.Second, 6 * time.Second // as far from half and from the end as a busy machine may need
	db := databasetest.Postgres(t)
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	var held []*ent.Tx
	for range postgres.MaxConns - 1 { // statements leave one to who asks whether the database is ready
		held = append(held, begin(t, db))
	}
	refused := make(chan error)
	started := time.Now()
	go func() {
		ctx, cancel := context.WithTimeout(ann, deadline)
		defer cancel()
		refused <- db.Client.Task.Create().SetTitle("late").Exec(ctx)
	}()
	time.Sleep(free)
	for _, tx := range held {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
	if err := <-refused; !database.IsUnavailable(err) || time.Since(started) >= deadline {
		t.Errorf("after %v: %v", time.Since(started), err)
	}
	ctx, cancel := context.WithTimeout(ann, deadline)
	defer cancel()
	if err := db.Client.Task.Create().SetTitle("next").Exec(ctx); err != nil {
		t.Errorf("the next statement: %v", err)
	}
	if n, err := db.Client.Task.Query().Count(ann); n != 1 || err != nil {
		t.Errorf("%d tasks are there: %v", n, err)
	}
}

func begin(t *testing.T, db *database.Database) *ent.Tx {
	t.Helper()
	tx, err := db.Client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// TestConnectionLimit has a role that may have 3 connections, of a pool of 16: 40 users at once wait
// for those 3.
func TestConnectionLimit(t *testing.T) {
	t.Parallel()
	db := limited(t, 3)
	var all sync.WaitGroup
	for i := range 40 {
		user := viewer.NewContext(t.Context(), viewer.Viewer{ID: fmt.Sprint("user ", i)})
		all.Go(func() {
			for range 5 {
				if err := db.Client.Task.Create().SetTitle("Buy milk").Exec(user); err != nil {
					t.Errorf("a write: %v", err)
				}
				if _, err := db.Client.Task.Query().Fetch(user); err != nil {
					t.Errorf("a read: %v", err)
				}
			}
		})
	}
	all.Wait()
}

// TestNoConnectionAtAll has others use all connections of the role. A request waits, and is served
// when one of them is given back.
func TestNoConnectionAtAll(t *testing.T) {
	t.Parallel()
	db := limited(t, 1)
	other, err := pgx.Connect(t.Context(), db.url)
	if err != nil {
		t.Fatal(err)
	}
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	short, cancel := context.WithTimeout(ann, 300*time.Millisecond)
	defer cancel()
	if err := db.Client.Task.Create().SetTitle("Buy milk").Exec(short); !database.IsUnavailable(err) {
		t.Errorf("while there is no connection: %v", err)
	}
	served := make(chan error)
	for range 4 {
		go func() { served <- db.Client.Task.Create().SetTitle("Buy milk").Exec(ann) }()
	}
	time.Sleep(300 * time.Millisecond)
	if err := other.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if err := <-served; err != nil {
			t.Errorf("once there is one: %v", err)
		}
	}
}

type limitedDatabase struct {
	*database.Database

	url string
}

// limited is a migrated database, opened by a role that may have so many connections.
func limited(t *testing.T, connections int) limitedDatabase {
	t.Helper()
	u, err := url.Parse(databasetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	admin := openPool(t, u.String())
	role := "limited_" + pgtest.Name(u.String())
	execute(t, admin, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'secret' CONNECTION LIMIT %d", role, connections))
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP OWNED BY "+role+"; DROP ROLE "+role); err != nil {
			t.Error(err)
		}
	})
	execute(t, admin, "GRANT ALL ON ALL TABLES IN SCHEMA public TO "+role)
	u.User = url.UserPassword(role, "secret")
	return limitedDatabase{databasetest.Open(t, database.Source{PostgresURL: u.String()}), u.String()}
}
