package databasetest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"path/filepath"
	"sync"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/pgtest"
)

// Raw is another way to a database, past its policies. It notes what is sent to the driver.
type Raw struct {
	*sql.DB
	// Client sends Ent's statements this way.
	Client *ent.Client
	// Dialect is dialect.SQLite or dialect.Postgres.
	Dialect string

	notes *notes
}

// Statement is what a driver was asked to do: a statement with its arguments, or BEGIN.
type Statement struct {
	Query string
	Args  []any
}

// EachRaw is Each with a second, raw way to the same database.
func EachRaw(t *testing.T, test func(t *testing.T, db *database.Database, raw *Raw)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "todo.db")
		db := Open(t, database.Source{SQLitePath: path})
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		source := "file:" + path + "?_pragma=busy_timeout(10000)&_time_integer_format=unix_micro&_inttotime=1"
		test(t, db, openRaw(t, dialect.SQLite, "sqlite", source))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := PostgresURL(t)
		test(t, Open(t, database.Source{PostgresURL: pgtest.Via(t, url)}), openRaw(t, dialect.Postgres, "pgx", url))
	})
}

// openRaw uses one connection, so that a test can change the settings of its session.
func openRaw(t *testing.T, dialect, driverName, source string) *Raw {
	t.Helper()
	pool, err := sql.Open(driverName, source)
	if err != nil {
		t.Fatal(err)
	}
	inner := pool.Driver()
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	raw := &Raw{Dialect: dialect, notes: &notes{}}
	raw.DB = sql.OpenDB(connector{inner, source, raw.notes})
	raw.SetMaxOpenConns(1)
	raw.Client = ent.NewClient(ent.Driver(entsql.OpenDB(dialect, raw.DB)))
	t.Cleanup(func() {
		if err := raw.Close(); err != nil {
			t.Error(err)
		}
	})
	return raw
}

// Sent returns what reaches the driver while do runs.
func (r *Raw) Sent(do func()) []Statement {
	r.notes.take()
	do()
	return r.notes.take()
}

// Must executes a statement.
func (r *Raw) Must(tb testing.TB, query string, args ...any) {
	tb.Helper()
	if _, err := r.ExecContext(tb.Context(), query, args...); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
}

// Strings returns the rows of a query, every value as text in quotes, null without.
func (r *Raw) Strings(tb testing.TB, query string, args ...any) [][]string {
	tb.Helper()
	rows, err := r.QueryContext(tb.Context(), query, args...)
	if err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	var all [][]string
	for rows.Next() {
		row := make([]sql.NullString, len(columns))
		targets := make([]any, len(columns))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := rows.Scan(targets...); err != nil {
			tb.Fatal(err)
		}
		all = append(all, texts(row))
	}
	if err := rows.Err(); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return all
}

func texts(row []sql.NullString) []string {
	all := make([]string, len(row))
	for i, value := range row {
		all[i] = "null"
		if value.Valid {
			all[i] = "'" + value.String + "'"
		}
	}
	return all
}

type notes struct {
	mu         sync.Mutex
	statements []Statement
}

func (n *notes) add(query string, args []driver.NamedValue) {
	s := Statement{Query: query}
	for _, arg := range args {
		s.Args = append(s.Args, arg.Value)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.statements = append(n.statements, s)
}

func (n *notes) take() []Statement {
	n.mu.Lock()
	defer n.mu.Unlock()
	defer func() { n.statements = nil }()
	return n.statements
}

// connector opens connections of a driver that note what they are asked to do.
type connector struct {
	inner  driver.Driver
	source string
	notes  *notes
}

func (c connector) Connect(context.Context) (driver.Conn, error) {
	inner, err := c.inner.Open(c.source)
	if err != nil {
		return nil, err
	}
	return conn{inner.(capable), c.notes}, nil
}

func (c connector) Driver() driver.Driver { return c.inner }

// capable is what the connections of both drivers can do.
type capable interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

type conn struct {
	capable
	notes *notes
}

func (c conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	c.notes.add("BEGIN", nil)
	return c.capable.BeginTx(ctx, options)
}

func (c conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.notes.add("PREPARE "+query, nil)
	return c.capable.PrepareContext(ctx, query)
}

func (c conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.notes.add(query, args)
	return c.capable.ExecContext(ctx, query, args)
}

func (c conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.notes.add(query, args)
	return c.capable.QueryContext(ctx, query, args)
}

// CheckNamedValue leaves the arguments to the driver, where it wants them.
func (c conn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.capable.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}
