// Package database opens and migrates the service's database: Postgres, or SQLite embedded in the process. It is the one
// place that knows which of the two it is.
package database

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"todo-backend/ent"
	_ "todo-backend/ent/runtime" // connects the policies, hooks and defaults of the schema to the client
)

// Source names a database.
type Source struct {
	PostgresURL string // a URL that pgx understands; empty for SQLite
	SQLitePath  string // a file, made if it is missing

	Tracer trace.Tracer // makes a span of each statement; nil: none are made
}

// Database is an open database.
type Database struct {
	// Client reads and writes it under the ownership policies.
	Client *ent.Client
	// Name says which database it is, for people to read, without user or password.
	Name string

	// Pools tells how the connections are used.
	Pools prometheus.Collector

	// Pool is what answers Ping; to read and write there is the Client.
	Pool *sql.DB

	migrator func(context.Context) error
}

// Open returns the database of source. It connects lazily: an unreachable Postgres shows at the first use.
func Open(source Source) (*Database, error) {
	if source.PostgresURL != "" {
		return openPostgres(source)
	}
	return openSQLite(source)
}

// Migrate brings the schema up to date. Copies of the service that do so at the same time wait for each other.
func (d *Database) Migrate(ctx context.Context) error {
	if err := d.migrator(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", d.Name, err)
	}
	return nil
}

// Ping reports whether the database answers.
func (d *Database) Ping(ctx context.Context) error {
	if _, err := d.Pool.ExecContext(ctx, "SELECT 1"); err != nil {
		return fmt.Errorf("ping %s: %w", d.Name, err)
	}
	return nil
}

// Close closes all connections, once those in use are returned.
func (d *Database) Close() error {
	if err := d.Client.Close(); err != nil {
		return fmt.Errorf("close %s: %w", d.Name, err)
	}
	return nil
}
