// Package sqlite is the driver that Ent uses for SQLite, which runs inside the process. One
// connection writes, several read beside it. Reads end at their deadline, the write-ahead log stays
// small, and nothing is written once the file is no longer where it was opened.
package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"golang.org/x/time/rate"
	"modernc.org/sqlite"
)

const (
	// MaxReaders bounds the connections that read beside the one that writes.
	MaxReaders = 8
	// busyTimeout is how long a statement waits for a lock that another process holds, in
	// milliseconds.
	busyTimeout = 10_000
)

// Open returns the driver of the database in a file, which it makes where it is missing.
func Open(path string) (*Driver, error) {
	file, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("open the SQLite database: %w", err)
	}
	reads := newReadGate()
	limit := "journal_size_limit(" + strconv.Itoa(walLimit) + ")"
	writer, err := openPool(file, nil, 1, "foreign_keys(1)", limit)
	if err != nil {
		return nil, err
	}
	reader, err := openPool(file, reads, MaxReaders, "query_only(1)", "cache_size(-1000)")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	return &Driver{
		Driver: entsql.OpenDB(dialect.SQLite, writer),
		file:   file,
		writer: newStatements(writer),
		reader: newStatements(reader),
		wal:    newWALCutter(writer, reads),

		reopens: rate.Sometimes{Interval: reopenInterval},
	}, nil
}

// OpenPool opens a file, which it makes where it is missing, with at most conns connections, each
// kept while idle, and further pragmas set on each. What is committed survives a power cut
// (synchronous=FULL), readers do not wait for the writer (WAL), and times are integers,
// microseconds since 1970, so that their order is the order of time.
func OpenPool(path string, conns int, pragmas ...string) (*sql.DB, error) {
	file, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("open the SQLite database: %w", err)
	}
	return openPool(file, nil, conns, pragmas...)
}

// openPool is OpenPool for a file that stays the same one. Its reads go through a gate, unless that
// is nil.
func openPool(file *file, reads *readGate, conns int, pragmas ...string) (*sql.DB, error) {
	pragmas = append(pragmas, busyTimeoutPragma(busyTimeout), "journal_mode(WAL)", "synchronous(FULL)")
	query := url.Values{
		"_pragma":              pragmas,
		"_txlock":              {"immediate"},
		"_dqs":                 {"0"}, // "name" is a column that exists, or an error, but no text
		"_time_integer_format": {"unix_micro"},
		"_inttotime":           {"1"},
		"mode":                 {"rw"}, // a file that is gone is not made anew
	}
	inner, err := sqlite.NewConnector("file:" + (&url.URL{Path: file.path}).EscapedPath() + "?" + query.Encode())
	if err != nil {
		return nil, fmt.Errorf("open SQLite %s: %w", file.path, err)
	}
	pool := sql.OpenDB(connector{inner, file, reads})
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

func busyTimeoutPragma(milliseconds int) string {
	return "busy_timeout(" + strconv.Itoa(milliseconds) + ")"
}

// Path returns the name of the file.
func (d *Driver) Path() string { return d.file.path }

// Writer returns the pool of the one connection that writes.
func (d *Driver) Writer() *sql.DB { return d.writer.pool }

// Reader returns the pool of the connections that read.
func (d *Driver) Reader() *sql.DB { return d.reader.pool }
