package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/viewer"
)

// TestPoolOfTheURL has the URL say how many connections there are and how long they live.
func TestPoolOfTheURL(t *testing.T) {
	t.Parallel()
	const url = "postgres://u:p@h/d?sslmode=disable"
	type pool struct {
		most, least    int32
		lifetime, idle time.Duration
	}
	tests := map[string]pool{
		"": {postgres.MaxConns, 0, time.Hour, 4 * time.Minute},
		"&pool_max_conns=3&pool_min_conns=1&pool_max_conn_lifetime=5m&pool_max_conn_idle_time=1m": {3, 1, 5 * time.Minute, time.Minute},
		"&pool_max_conns=100": {100, 0, time.Hour, 4 * time.Minute},
	}
	for query, want := range tests {
		driver, err := postgres.Open(url+query, 0)
		if err != nil {
			t.Fatal(err)
		}
		config := driver.Pool().Config()
		if got := (pool{config.MaxConns, config.MinConns, config.MaxConnLifetime, config.MaxConnIdleTime}); got != want {
			t.Errorf("%q: %+v, want %+v", query, got, want)
		}
		if err := driver.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestTwoConnectionsSuffice to migrate and to serve: a migration takes one, its lock another.
func TestTwoConnectionsSuffice(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url, drop, err := server.CreateDatabase(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	db := databasetest.Open(t, database.Source{PostgresURL: url + "&pool_max_conns=2"})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	if err := db.Client.Task.Create().SetTitle("Buy milk").Exec(ann); err != nil {
		t.Error(err)
	}
}

// TestASchemaOfItsOwn has the URL name a schema: everything is there, and nothing elsewhere.
func TestASchemaOfItsOwn(t *testing.T) {
	t.Parallel()
	url, drop, err := pgtest.Shared(t).CreateDatabase(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	admin := databasetest.Open(t, database.Source{PostgresURL: url})
	if _, err := admin.Pool.ExecContext(t.Context(), "CREATE SCHEMA app"); err != nil {
		t.Fatal(err)
	}
	db := databasetest.Open(t, database.Source{PostgresURL: url + "&search_path=app"})
	for range 2 {
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	if err := db.Client.Task.Create().SetTitle("Buy milk").Exec(ann); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	var elsewhere int
	const count = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('app', 'pg_catalog', 'information_schema')"
	if err := admin.Pool.QueryRowContext(t.Context(), count).Scan(&elsewhere); err != nil || elsewhere != 0 {
		t.Errorf("%d tables are elsewhere, %v", elsewhere, err)
	}
}

// TestTextIsUTF8 also where the database's default, or the URL, says something else.
func TestTextIsUTF8(t *testing.T) {
	t.Parallel()
	const title = "Zürich ✓ 東京"
	for _, query := range []string{"", "&client_encoding=LATIN1"} {
		url := databasetest.PostgresURL(t)
		admin := databasetest.Open(t, database.Source{PostgresURL: url})
		if _, err := admin.Pool.ExecContext(t.Context(), "ALTER DATABASE "+pgtest.Name(url)+" SET client_encoding = 'LATIN1'"); err != nil {
			t.Fatal(err)
		}
		db := databasetest.Open(t, database.Source{PostgresURL: pgtest.Via(t, url) + query})
		ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
		if err := db.Client.Task.Create().SetTitle(title).Exec(ann); err != nil {
			t.Fatal(err)
		}
		var stored []byte
		if err := admin.Pool.QueryRowContext(t.Context(), "SELECT convert_to(title, 'UTF8') FROM tasks").Scan(&stored); err != nil {
			t.Fatal(err)
		}
		if string(stored) != title {
			t.Errorf("%q: %q is stored as %q", query, title, stored)
		}
	}
}

// TestPreparedStatementsAreBounded runs more statements than a connection keeps prepared, also where the URL wants more kept.
func TestPreparedStatementsAreBounded(t *testing.T) {
	t.Parallel()
	const most = 64 + 1 // one that is dropped is closed before the next statement
	for _, query := range []string{"", "&statement_cache_capacity=1000"} {
		driver, err := postgres.Open(databasetest.PostgresURL(t)+"&pool_max_conns=1"+query, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { driver.Close() })
		var got, kept int
		for n := range 2 * most {
			if err := driver.Pool().QueryRow(t.Context(), fmt.Sprintf("SELECT %d + $1::int", n), 1).Scan(&got); err != nil || got != n+1 {
				t.Fatalf("%d + 1 is %d: %v", n, got, err)
			}
		}
		err = driver.Pool().QueryRow(t.Context(), "SELECT count(*) FROM pg_prepared_statements").Scan(&kept)
		if err != nil || kept > most || kept < most/2 {
			t.Errorf("%q: %d statements are kept, want %d: %v", query, kept, most, err)
		}
	}
}
