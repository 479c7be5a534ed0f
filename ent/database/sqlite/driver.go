package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/gofrs/flock"
	"golang.org/x/time/rate"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// reopenInterval is the least time between two tries to have those that read see a file as writable.
const reopenInterval = time.Second

// Driver is Ent's driver. It sends what writes through one connection, where it queues in order,
// and what only reads through several. SQLite has one writer at a time: with more connections
// writers would find the file locked and sleep, for seconds under load. Statements are kept
// prepared, since to prepare one takes longer than to run it.
type Driver struct {
	*entsql.Driver // transactions

	file           *file
	writer, reader *statements
	wal            *walCutter
	claim          *flock.Flock // nil: nothing is served from the file
	isReadOnly     atomic.Bool  // the last write was refused for that
	reopens        rate.Sometimes
}

// Exec runs a statement that returns no rows; v is nil or a *sql.Result.
func (d *Driver) Exec(ctx context.Context, query string, args, v any) error {
	if err := d.beforeWrite(); err != nil {
		return err
	}
	done, err := d.writer.exec(ctx, query, args.([]any))
	d.afterWrite(err)
	if result, ok := v.(*entsql.Result); ok {
		*result = done
	}
	return err
}

// Query runs a statement that returns rows; v is a *sql.Rows. A SELECT runs on a reader; everything
// else that returns rows is a write with RETURNING.
func (d *Driver) Query(ctx context.Context, query string, args, v any) error {
	on := d.reader
	if !strings.HasPrefix(query, "SELECT") {
		if err := d.beforeWrite(); err != nil {
			return err
		}
		on = d.writer
	}
	rows, err := on.query(ctx, query, args.([]any)) //nolint:rowserrcheck // who reads them checks
	if on == d.writer {
		d.afterWrite(err)
	}
	if err != nil {
		return err
	}
	v.(*entsql.Rows).ColumnScanner = rows
	return nil
}

// beforeWrite returns an error where what is written would be lost, and has the write-ahead log cut
// if it has grown too long.
func (d *Driver) beforeWrite() error {
	walSize, err := d.file.check()
	if err != nil {
		return err
	}
	d.wal.cutPast(walSize)
	return nil
}

// afterWrite notes whether the file can be written. Where it can't, the next write opens it anew: a
// connection that found the file read-only stays so, whatever becomes of the file. If those that
// read were opened then, the next one shares their view, and they are opened anew too.
func (d *Driver) afterWrite(err error) {
	if err == nil {
		d.file.noteWritten()
		d.isReadOnly.Store(false)
		return
	}
	if refusal, ok := errors.AsType[*sqlite.Error](err); ok && refusal.Code()&0xff == sqlite3.SQLITE_READONLY {
		d.isReadOnly.Store(true)
		d.file.forgetWAL() // the last connection that is closed removes it
		closeIdle(d.Writer(), 1)
		d.reopens.Do(func() { d.wal.whenNobodyReads(d.reopenReaders) })
	}
}

func (d *Driver) reopenReaders() {
	d.file.alignModes()
	closeIdle(d.Reader(), MaxReaders)
}

// closeIdle closes the connections of a pool that are idle, and has it keep so many again.
func closeIdle(pool *sql.DB, kept int) {
	pool.SetMaxIdleConns(-1)
	pool.SetMaxIdleConns(kept)
}

// Ready runs SELECT with a WHERE clause on a reader, if the file is where it was opened. It reports
// that the database takes no writes where the last one found the file read-only.
func (d *Driver) Ready(ctx context.Context, where string) (writes bool, err error) {
	if _, err := d.file.check(); err != nil {
		return false, err
	}
	rows := &entsql.Rows{}
	if err := d.Query(ctx, "SELECT 1 "+where, []any{}, rows); err != nil {
		return false, err
	}
	return !d.isReadOnly.Load(), rows.Close()
}

// Clock returns the time of this machine.
func (d *Driver) Clock(context.Context) (time.Time, error) { return time.Now(), nil }

// Close closes both pools.
func (d *Driver) Close() error {
	d.wal.stop()
	return errors.Join(d.reader.pool.Close(), d.Driver.Close(), d.release())
}
