package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"todo-backend/ent/database"
	"todo-backend/ent/database/pgtest"
)

// tables say for whom a database is made: each has tables of its own.
type tables int

const (
	programTables tables = iota
	limitTables
)

const postgresSetting, sqliteSetting = "NEON_DB_URL=", "SQLITE_PATH="

// eachDatabase runs a benchmark on Postgres, at its default durability, and on SQLite. newDatabase returns the setting of a database
// with the tasks of the dataset.
func eachDatabase(b *testing.B, run func(b *testing.B, newDatabase func(tables) string)) {
	b.Helper()
	b.Run("postgres", func(b *testing.B) {
		server := startPostgres(b)
		run(b, func(whose tables) string { return postgresSetting + loadPostgres(b, server, benchDataset(), whose) })
	})
	b.Run("sqlite", func(b *testing.B) {
		run(b, func(whose tables) string { return sqliteSetting + fillSQLite(b, benchDataset(), whose) })
	})
}

// makeTables makes an empty database's tables.
func makeTables(b *testing.B, source database.Source, whose tables) {
	b.Helper()
	create := migrate
	if whose == limitTables {
		create = makeLimitTables
	}
	if err := create(b.Context(), source); err != nil {
		b.Fatal(err)
	}
}

func makeLimitTables(ctx context.Context, source database.Source) error {
	pool, err := openSQLite(source.SQLitePath, 1)
	statements := sqliteTables
	if source.PostgresURL != "" {
		pool, err = sql.Open("pgx", source.PostgresURL)
		statements = postgresTables
	}
	if err != nil {
		return err
	}
	defer pool.Close()
	for _, statement := range statements {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// migrate makes the program's tables.
func migrate(ctx context.Context, source database.Source) error {
	db, err := database.Open(source)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Migrate(ctx)
}

// startPostgres starts a server at its default durability.
func startPostgres(b *testing.B, settings ...string) *pgtest.Server {
	b.Helper()
	server, err := pgtest.StartDurable(b.Context(), settings...)
	if errors.Is(err, pgtest.ErrNotFound) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { server.Stop() })
	return server
}

// loadPostgres makes a database with the tasks of the dataset and returns its URL.
func loadPostgres(b *testing.B, server *pgtest.Server, tasks dataset, whose tables) (url string) {
	b.Helper()
	ctx := b.Context()
	url, drop, err := server.CreateDatabase(ctx, "")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(drop)
	makeTables(b, database.Source{PostgresURL: url}, whose)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(tasks.copyTo(ctx, conn), conn.Close(ctx)); err != nil {
		b.Fatal(err)
	}
	return url
}

// clonePostgres returns the settings of copies of a database.
func clonePostgres(b *testing.B, server *pgtest.Server, template string, n int) []string {
	b.Helper()
	settings := make([]string, n)
	for i := range settings {
		url, drop, err := server.CreateDatabase(b.Context(), pgtest.Name(template))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(drop)
		settings[i] = postgresSetting + url
	}
	return settings
}

// fillSQLite makes a database with the tasks of the dataset and returns its path.
func fillSQLite(b *testing.B, tasks dataset, whose tables) (path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "todo.db")
	makeTables(b, database.Source{SQLitePath: path}, whose)
	if err := insertTasks(b.Context(), path, tasks); err != nil {
		b.Fatal(err)
	}
	return path
}

func insertTasks(ctx context.Context, path string, tasks dataset) error {
	pool, err := openSQLite(path, 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	columns := strings.Count(datasetColumns, ",") + 1
	insert := "INSERT INTO tasks (" + datasetColumns + ") VALUES (?" + strings.Repeat(", ?", columns-1) + ")"
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, t := range tasks.inOrder() {
		if _, err := tx.ExecContext(ctx, insert, tasks.row(t, sqliteStore{})...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}
