package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"modernc.org/sqlite" // the driver, pure Go
	sqlite3 "modernc.org/sqlite/lib"

	"todo-backend/ent"
	"todo-backend/ent/migrate"
)

// sqliteReaders bounds the connections that read beside the one that writes.
const sqliteReaders = 8

func openSQLite(source Source) (*Database, error) {
	path := filepath.Clean(source.SQLitePath) // two slashes at the start would name a host
	if err := makePrivate(path); err != nil {
		return nil, fmt.Errorf("make the SQLite database: %w", err)
	}
	driver, err := openSQLiteDriver(path)
	if err != nil {
		return nil, err
	}
	return &Database{
		Client:   ent.NewClient(ent.Driver(source.trace(driver))),
		Name:     "SQLite " + path,
		Pool:     driver.reader.pool,
		Pools:    pools{"sqlite_writer": statsOfSQL(driver.writer.pool), "sqlite_reader": statsOfSQL(driver.reader.pool)},
		migrator: func(ctx context.Context) error { return migrateSQLite(ctx, path, migrate.Files) },
	}, nil
}

// makePrivate makes the file and its folder, where they are missing, for the service's own user alone. What SQLite puts beside the
// file has its mode.
func makePrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// openSQLitePool opens the file with at most conns connections, each kept, and further pragmas set on each. What is
// committed survives a power cut (synchronous=FULL), readers do not wait for the writer (WAL), and times are integers,
// microseconds since 1970, so that their order is the order of time.
func openSQLitePool(path string, conns int, pragmas ...string) (*sql.DB, error) {
	query := url.Values{
		"_pragma":              append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}, pragmas...),
		"_txlock":              {"immediate"},
		"_time_integer_format": {"unix_micro"},
		"_inttotime":           {"1"},
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, fmt.Errorf("open SQLite %s: %w", path, err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

// sqliteDriver sends what writes through one connection, where it queues in order, and what only reads through several.
// SQLite has one writer at a time: with more connections writers would find the file locked and sleep, for seconds under
// load. Statements are kept prepared, since to prepare one takes longer than to run it.
type sqliteDriver struct {
	*entsql.Driver // transactions
	writer, reader *statements
}

func openSQLiteDriver(path string) (*sqliteDriver, error) {
	writer, err := openSQLitePool(path, 1, "foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	reader, err := openSQLitePool(path, sqliteReaders, "query_only(1)", "cache_size(-1000)")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	return &sqliteDriver{entsql.OpenDB(dialect.SQLite, writer), newStatements(writer), newStatements(reader)}, nil
}

// Exec runs a statement that returns no rows; v is nil or a *sql.Result.
func (d *sqliteDriver) Exec(ctx context.Context, query string, args, v any) error {
	prepared, err := d.writer.prepare(ctx, query) //nolint:sqlclosecheck // it is kept
	if err != nil {
		return err
	}
	done, err := prepared.ExecContext(ctx, args.([]any)...)
	d.reopenAfter(err)
	if result, ok := v.(*entsql.Result); ok {
		*result = done
	}
	return err
}

// Query runs a statement that returns rows; v is a *sql.Rows. A SELECT runs on a reader; everything else that returns rows is a
// write with RETURNING.
func (d *sqliteDriver) Query(ctx context.Context, query string, args, v any) error {
	on := d.writer
	if strings.HasPrefix(query, "SELECT") {
		on = d.reader
	}
	rows, err := on.query(ctx, query, args.([]any)) //nolint:rowserrcheck // who reads them checks
	d.reopenAfter(err)
	if err != nil {
		return err
	}
	v.(*entsql.Rows).ColumnScanner = rows
	return nil
}

// reopenAfter has the next write open the file anew where err says that it can only be read: a connection that found the file so
// stays so, whatever becomes of it.
func (d *sqliteDriver) reopenAfter(err error) {
	if refusal, ok := errors.AsType[*sqlite.Error](err); ok && refusal.Code()&0xff == sqlite3.SQLITE_READONLY {
		d.writer.pool.SetMaxIdleConns(-1) // closes it
		d.writer.pool.SetMaxIdleConns(1)
	}
}

// Close closes both pools.
func (d *sqliteDriver) Close() error {
	return errors.Join(d.reader.pool.Close(), d.Driver.Close())
}
