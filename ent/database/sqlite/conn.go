package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"reflect"
	"sync"

	sqlite3 "modernc.org/sqlite/lib"
)

// connector opens connections to a file for as long as it is the same one.
type connector struct {
	driver.Connector

	file  *file
	reads *readGate // that every read passes; nil: the connections write
}

// Connect opens a connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if _, err := c.file.check(); err != nil {
		return nil, err
	}
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	handle, err := handleOf(inner)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	if c.reads == nil {
		c.file.forgetWAL()
	}
	return &conn{inner.(capable), handle, c.reads}, nil
}

// handleOf returns SQLite's handle of a connection, by which it can be interrupted. The driver
// keeps it to itself.
func handleOf(conn driver.Conn) (uintptr, error) {
	handle := reflect.ValueOf(conn).Elem().FieldByName("db")
	if handle.Kind() != reflect.Uintptr {
		return 0, errors.New("this version of SQLite's driver can't be interrupted")
	}
	return uintptr(handle.Uint()), nil
}

// capable is what the connections of the driver can do.
type capable interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is a connection whose reads end once their context does. The driver itself interrupts a read
// only until the first row is there; the search for the next one may take as long.
type conn struct {
	capable

	handle uintptr
	reads  *readGate
}

// PrepareContext prepares a statement.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	inner, err := c.capable.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &stmt{inner.(capableStmt), c}, nil
}

// QueryContext runs a statement that returns rows.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.rows(ctx, func() (driver.Rows, error) { return c.capable.QueryContext(ctx, query, args) })
}

// rows runs a statement that returns rows.
func (c *conn) rows(ctx context.Context, run func() (driver.Rows, error)) (driver.Rows, error) {
	if err := c.reads.enter(ctx); err != nil {
		return nil, err
	}
	inner, err := run()
	if err != nil {
		c.reads.leave()
		return nil, err
	}
	r := &rows{Rows: inner, conn: c}
	r.cancel = context.AfterFunc(ctx, r.interrupt)
	return r, nil
}

type capableStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// stmt is a prepared statement of a connection.
type stmt struct {
	capableStmt

	conn *conn
}

// QueryContext runs the statement and returns its rows.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.rows(ctx, func() (driver.Rows, error) { return s.capableStmt.QueryContext(ctx, args) })
}

// rows are the rows of a statement that is under way until they are closed.
type rows struct {
	driver.Rows

	conn   *conn
	cancel func() bool // the interruption

	mu       sync.Mutex
	isClosed bool
}

// interrupt ends the search for the next row. Once the rows are closed the connection may run
// another statement already.
func (r *rows) interrupt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.isClosed {
		sqlite3.Xsqlite3_interrupt(nil, r.conn.handle)
	}
}

// Close ends the statement.
func (r *rows) Close() error {
	r.cancel()
	r.mu.Lock()
	r.isClosed = true
	r.mu.Unlock()
	defer r.conn.reads.leave()
	return r.Rows.Close()
}
