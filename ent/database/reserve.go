package database

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"golang.org/x/sync/semaphore"
)

// reserving keeps one connection of a pool back for [Database.Ready], which does not run through it: however many statements there
// are, the database is asked whether it answers. Of a pool of one connection it takes no more than that one, so that Ready is
// the first to get it next. Statements wait for a place in the order in which they come.
type reserving struct {
	dialect.Driver

	places *semaphore.Weighted // one for each statement and each transaction
	waits  atomic.Int64        // of those that found no place
	waited atomic.Int64        // how long they waited, in nanoseconds
}

// reserve returns the driver of a pool with so many connections, of which one is kept back.
func reserve(driver dialect.Driver, connections int) *reserving {
	return &reserving{Driver: driver, places: semaphore.NewWeighted(int64(max(1, connections-1)))}
}

// stats adds the waits for a place to those for a connection.
func (d *reserving) stats(pool func() poolStats) func() poolStats {
	return func() poolStats {
		s := pool()
		s.waits += d.waits.Load()
		s.waited += time.Duration(d.waited.Load())
		return s
	}
}

// takes reports whether a statement runs on the connections that are counted. SQLite has one of its own for writes, where
// they queue.
func (d *reserving) takes(query string) bool {
	return d.Dialect() != dialect.SQLite || strings.HasPrefix(query, "SELECT")
}

// Exec runs a statement that returns no rows.
func (d *reserving) Exec(ctx context.Context, query string, args, v any) error {
	if !d.takes(query) {
		return d.Driver.Exec(ctx, query, args, v)
	}
	if err := d.acquire(ctx); err != nil {
		return err
	}
	defer d.places.Release(1)
	return d.Driver.Exec(ctx, query, args, v)
}

// Query runs a statement that returns rows, which keep their place until they are closed.
func (d *reserving) Query(ctx context.Context, query string, args, v any) error {
	if !d.takes(query) {
		return d.Driver.Query(ctx, query, args, v)
	}
	if err := d.acquire(ctx); err != nil {
		return err
	}
	if err := d.Driver.Query(ctx, query, args, v); err != nil {
		d.places.Release(1)
		return err
	}
	rows := v.(*entsql.Rows)
	rows.ColumnScanner = &reservedRows{ColumnScanner: rows.ColumnScanner, places: d.places}
	return nil
}

// Tx begins a transaction, which keeps its place until it ends. On SQLite it runs on the connection for writes.
func (d *reserving) Tx(ctx context.Context) (dialect.Tx, error) {
	if d.Dialect() == dialect.SQLite {
		return d.Driver.Tx(ctx)
	}
	if err := d.acquire(ctx); err != nil {
		return nil, err
	}
	tx, err := d.Driver.Tx(ctx)
	if err != nil {
		d.places.Release(1)
		return nil, err
	}
	return reservedTx{tx, sync.OnceFunc(func() { d.places.Release(1) })}, nil
}

// acquire waits for a place, for half of the time until the deadline of ctx at most. Under more load than the database carries
// every statement would else begin with no time left, and one that is cancelled takes its connection with it.
func (d *reserving) acquire(ctx context.Context) error {
	if d.places.TryAcquire(1) {
		return nil
	}
	begin := time.Now()
	d.waits.Add(1)
	defer func() { d.waited.Add(int64(time.Since(begin))) }()
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, deadline.Sub(begin)/2)
		defer cancel()
	}
	if err := d.places.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("no connection was free in time: %w", err)
	}
	return nil
}

// reservedRows give their place back when they are closed.
type reservedRows struct {
	entsql.ColumnScanner

	places   *semaphore.Weighted
	isClosed bool
}

// Close ends the reading.
func (r *reservedRows) Close() error {
	err := r.ColumnScanner.Close()
	if !r.isClosed {
		r.isClosed = true
		r.places.Release(1)
	}
	return err
}

// reservedTx gives its place back when it ends.
type reservedTx struct {
	dialect.Tx

	release func()
}

// Commit ends the transaction.
func (t reservedTx) Commit() error {
	defer t.release()
	return t.Tx.Commit()
}

// Rollback ends the transaction.
func (t reservedTx) Rollback() error {
	defer t.release()
	return t.Tx.Rollback()
}
