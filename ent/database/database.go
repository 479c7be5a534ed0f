// Package database opens and migrates the service's database: Postgres, or SQLite embedded in the
// process. Each has a driver in a package of its own below this one.
package database

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"entgo.io/ent/dialect"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/singleflight"

	"todo-backend/ent"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/database/sqlite"
	"todo-backend/ent/migrate"
	_ "todo-backend/ent/runtime" // connects the policies, hooks and defaults of the schema to the client
)

// Source names a database.
type Source struct {
	PostgresURL string // a URL that pgx understands; empty for SQLite
	SQLitePath  string // a file, made if it is missing

	// ConnectTimeout is how long a Postgres server may take to let a connection in, 5 s at least.
	ConnectTimeout time.Duration

	Tracer trace.Tracer // makes a span of each statement; nil: none are made
}

// Database is an open database.
type Database struct {
	// Client reads and writes it under the ownership policies.
	Client *ent.Client
	// Name says which database it is, for people to read, without user or password.
	Name string
	// Connections is how many connections there may be to read with. On Postgres the same
	// connections write.
	Connections int

	// Pools tells Prometheus how the connections are used.
	Pools prometheus.Collector
	// Pool runs statements past the policies. To read and write there is the Client.
	Pool *sql.DB

	writer     *sql.DB // as Pool, but on SQLite it may write
	isPostgres bool

	backend backend
	ready   *singleflight.Group
	migrate func(context.Context) error
	mayPass func(error) bool // reports whether an error of migrate may pass by itself
}

// backend is what the drivers of Postgres and SQLite have beside what Ent asks of them.
type backend interface {
	// Ready runs SELECT with a WHERE clause that reads what the service needs. It reports whether
	// the database takes writes.
	Ready(ctx context.Context, where string) (writes bool, err error)
	// Clock returns the time by the server's clock.
	Clock(ctx context.Context) (time.Time, error)
	// Claim keeps others from serving what only one process can.
	Claim(ctx context.Context) error
	// Snapshot begins a transaction that reads the database as it is at one moment.
	Snapshot(ctx context.Context) (dialect.Tx, error)
	Dialect() string
}

// Open returns the database of source. It connects lazily: an unreachable Postgres shows at the
// first use.
func Open(source Source) (*Database, error) {
	if source.PostgresURL != "" {
		return openPostgres(source)
	}
	return openSQLite(source)
}

func openPostgres(source Source) (*Database, error) {
	driver, err := postgres.Open(source.PostgresURL, source.ConnectTimeout)
	if err != nil {
		return nil, err
	}
	connections := int(driver.Pool().Config().MaxConns)
	reserved := reserve(driver, connections)
	return &Database{
		Client:      ent.NewClient(ent.Driver(source.trace(reserved))),
		Name:        driver.Name(),
		Connections: connections,
		backend:     driver,
		ready:       new(singleflight.Group),
		Pool:        driver.DB(),
		writer:      driver.DB(),
		isPostgres:  true,
		Pools:       pools{"postgres": reserved.stats(statsOfPgx(driver.Pool()))},
		migrate:     func(ctx context.Context) error { return migratePostgres(ctx, driver.DB(), migrate.Files) },
		mayPass:     postgres.MayPass,
	}, nil
}

func openSQLite(source Source) (*Database, error) {
	driver, err := sqlite.Open(source.SQLitePath)
	if err != nil {
		return nil, err
	}
	reserved := reserve(driver, sqlite.MaxReaders)
	return &Database{
		Client:      ent.NewClient(ent.Driver(source.trace(reserved))),
		Name:        "SQLite " + driver.Path(),
		Connections: sqlite.MaxReaders,
		backend:     driver,
		ready:       new(singleflight.Group),
		Pool:        driver.Reader(),
		writer:      driver.Writer(),
		Pools: pools{
			"sqlite_writer": statsOfSQL(driver.Writer()),
			"sqlite_reader": reserved.stats(statsOfSQL(driver.Reader())),
		},
		migrate: func(ctx context.Context) error { return migrateSQLite(ctx, driver.Path(), migrate.Files) },
		mayPass: func(error) bool { return false }, // the file is here, or can't be made
	}, nil
}

// Migrate brings the schema up to date. Copies of the service that do so at the same time wait for
// each other.
func (d *Database) Migrate(ctx context.Context) error {
	if err := d.migrate(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", d.Name, err)
	}
	return nil
}

// Clock returns the time by the clock of the database's server, which SQLite shares with the service.
func (d *Database) Clock(ctx context.Context) (time.Time, error) {
	now, err := d.backend.Clock(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask %s for the time: %w", d.Name, err)
	}
	return now, nil
}

// Claim is for who serves, before it does. It returns an error where another process serves from the
// same SQLite file. The claim ends with Close, or with the process.
func (d *Database) Claim(ctx context.Context) error {
	if err := d.backend.Claim(ctx); err != nil {
		return fmt.Errorf("open %s: %w", d.Name, err)
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
