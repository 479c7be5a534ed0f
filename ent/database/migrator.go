package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
)

const (
	// versionTable has the migrations that were applied. No other program has one of this name.
	versionTable = "todo_backend_version"
	// formerVersionTable is where they stood before, by the name that every program has that uses
	// goose.
	formerVersionTable = "goose_db_version"
)

// catalog is what differs between kinds of databases when they are asked what they have.
type catalog struct {
	dialect goose.Dialect
	folder  string // of the migrations
	columns string // a query: the columns of a table by its name, none where there is no such table
	instead string // where the service's tables can be where another program has some of their names
}

var (
	postgresCatalog = catalog{
		goose.DialectPostgres, "postgres",
		// The information schema shows only what the role may use.
		"SELECT attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid " +
			"JOIN pg_namespace ON pg_namespace.oid = relnamespace " +
			"WHERE nspname = current_schema() AND relname = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
		"a schema of its own (CREATE SCHEMA todo, and schema=todo in NEON_DB_URL)",
	}
	sqliteCatalog = catalog{
		goose.DialectSQLite3, "sqlite",
		"SELECT name FROM pragma_table_info(?)",
		"another file (SQLITE_PATH)",
	}
)

// migrator brings a schema up to date.
type migrator struct {
	catalog

	pool     *sql.DB
	files    fs.FS
	provider *goose.Provider
}

func newMigrator(c catalog, pool *sql.DB, files fs.FS) (*migrator, error) {
	migrations, err := fs.Sub(files, c.folder)
	if err != nil {
		return nil, fmt.Errorf("find the migrations: %w", err)
	}
	provider, err := goose.NewProvider(c.dialect, pool, migrations, goose.WithTableName(versionTable))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return &migrator{c, pool, migrations, provider}, nil
}

// run applies what is pending, under a lock.
func (m *migrator) run(ctx context.Context, lock func(context.Context) (unlock func() error, err error)) (err error) {
	pending, err := m.pending(ctx)
	if len(pending) == 0 || err != nil {
		return explain(err)
	}
	unlock, err := lock(ctx)
	if err != nil {
		return explain(err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := m.adoptVersions(ctx); err != nil {
		return explain(err)
	}
	if err := m.checkTables(ctx); err != nil {
		return err
	}
	_, err = m.provider.Up(ctx)
	return explain(err)
}

// explain says what to do about an error that the role's privileges are to blame for.
func explain(err error) error {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok && refusal.Code == "42501" { // insufficient_privilege
		return fmt.Errorf("%w: run the command migrate as the role that owns the tables, "+
			"and give this one the privileges that docs/operating.md lists", err)
	}
	return err
}

// pending are the migrations that were not applied.
func (m *migrator) pending(ctx context.Context) ([]*goose.Source, error) {
	applied, err := m.applied(ctx)
	if err != nil {
		return nil, err
	}
	isApplied := func(source *goose.Source) bool { return slices.Contains(applied, source.Version) }
	return slices.DeleteFunc(m.provider.ListSources(), isApplied), nil
}

// applied are the versions of the migrations that were applied.
func (m *migrator) applied(ctx context.Context) (versions []int64, err error) {
	if columns, err := m.columnsOf(ctx, versionTable); len(columns) == 0 || err != nil {
		return nil, err
	}
	return collect[int64](ctx, m.pool, "SELECT version_id FROM "+versionTable+" WHERE is_applied")
}

// adoptVersions makes the table of versions, and notes there which of our migrations were applied
// when another table had them. That one stays as it is, for a release that is taken back; it may
// also be another program's.
func (m *migrator) adoptVersions(ctx context.Context) error {
	if _, err := m.provider.HasPending(ctx); err != nil { // which makes the table
		return err
	}
	former, err := m.columnsOf(ctx, formerVersionTable)
	if err != nil {
		return err
	}
	if !slices.Equal(former, []string{"id", "version_id", "is_applied", "tstamp"}) {
		return nil
	}
	const copyVersion = "INSERT INTO " + versionTable + " (version_id, is_applied, tstamp) " +
		"SELECT version_id, TRUE, MIN(tstamp) FROM " + formerVersionTable + " WHERE is_applied AND version_id = $1 " +
		"AND version_id NOT IN (SELECT version_id FROM " + versionTable + ") GROUP BY version_id"
	for _, source := range m.provider.ListSources() {
		if _, err := m.pool.ExecContext(ctx, copyVersion, source.Version); err != nil {
			return fmt.Errorf("copy the versions from %s: %w", formerVersionTable, err)
		}
	}
	return nil
}

// createTable finds the tables that a migration creates.
var createTable = regexp.MustCompile("(?m)^CREATE TABLE [\"`](\\w+)[\"`]")

// checkTables returns an error where a table is there that a pending migration is about to create:
// one of an older backend on the same database, for example.
func (m *migrator) checkTables(ctx context.Context) error {
	pending, err := m.pending(ctx)
	if err != nil {
		return err
	}
	for _, source := range pending {
		text, err := fs.ReadFile(m.files, source.Path)
		if err != nil {
			return fmt.Errorf("read a migration: %w", err)
		}
		for _, match := range createTable.FindAllSubmatch(text, -1) {
			if err := m.checkTable(ctx, string(match[1])); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *migrator) checkTable(ctx context.Context, name string) error {
	columns, err := m.columnsOf(ctx, name)
	if len(columns) == 0 || err != nil {
		return err
	}
	return fmt.Errorf("there is a table %q that this service did not make, with the columns %s%s. "+
		"It is left as it is: name %s, or rename the table",
		name, strings.Join(columns, ", "), m.suspects(ctx), m.instead)
}

// suspects says which programs may have made the tables that are there.
func (m *migrator) suspects(ctx context.Context) string {
	for _, program := range []struct{ table, name string }{
		{"_prisma_migrations", "Prisma"}, {"alembic_version", "Alembic (SQLModel, SQLAlchemy)"}, {"django_migrations", "Django"},
	} {
		if columns, err := m.columnsOf(ctx, program.table); len(columns) > 0 && err == nil {
			return "; a table " + program.table + " says that " + program.name + " works on this database"
		}
	}
	return ""
}

// columnsOf are the columns of a table, none where there is no such table.
func (m *migrator) columnsOf(ctx context.Context, table string) ([]string, error) {
	return collect[string](ctx, m.pool, m.columns, table)
}

// collect are the values of a query's one column.
func collect[T any](ctx context.Context, pool *sql.DB, query string, args ...any) (values []T, err error) {
	rows, err := pool.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var value T
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, rows.Err()
}
