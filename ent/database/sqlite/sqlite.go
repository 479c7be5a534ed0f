// Package sqlite is the driver that Ent uses for SQLite, which runs inside the process. One connection writes, several read
// beside it.
package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	_ "modernc.org/sqlite" // the engine, in pure Go
)

// MaxReaders bounds the connections that read beside the one that writes.
const MaxReaders = 8

// Open returns the driver of the database in a file, which it makes where it is missing.
func Open(path string) (*Driver, error) {
	path = filepath.Clean(path) // two slashes at the start would name a host
	if err := makePrivate(path); err != nil {
		return nil, fmt.Errorf("make the SQLite database: %w", err)
	}
	writer, err := OpenPool(path, 1, "foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	reader, err := OpenPool(path, MaxReaders, "query_only(1)", "cache_size(-1000)")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	return &Driver{
		Driver: entsql.OpenDB(dialect.SQLite, writer),
		path:   path,
		writer: newStatements(writer),
		reader: newStatements(reader),
	}, nil
}

// makePrivate makes the file and its folder, where they are missing, for the service's own user alone. The files that SQLite puts
// beside it have its mode.
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

// OpenPool opens the file with at most conns connections, each kept while idle, and further pragmas set on each. What is
// committed survives a power cut (synchronous=FULL), readers do not wait for the writer (WAL), and times are integers,
// microseconds since 1970, so that their order is the order of time.
func OpenPool(path string, conns int, pragmas ...string) (*sql.DB, error) {
	query := url.Values{
		"_pragma":              append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}, pragmas...),
		"_txlock":              {"immediate"},
		"_dqs":                 {"0"}, // "name" is a column that exists, or an error, but no text
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

// Path returns the name of the file.
func (d *Driver) Path() string { return d.path }

// Writer returns the pool of the one connection that writes.
func (d *Driver) Writer() *sql.DB { return d.writer.pool }

// Reader returns the pool of the connections that read.
func (d *Driver) Reader() *sql.DB { return d.reader.pool }
