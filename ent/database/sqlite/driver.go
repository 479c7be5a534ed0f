package sqlite

import (
	"context"
	"errors"
	"strings"

	entsql "entgo.io/ent/dialect/sql"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Driver is Ent's driver. It sends what writes through one connection, where it queues in order, and what only reads through
// several. SQLite has one writer at a time: with more connections writers would find the file locked and sleep, for seconds
// under load. Statements are kept prepared, since to prepare one takes longer than to run it.
type Driver struct {
	*entsql.Driver // transactions

	path           string
	writer, reader *statements
}

// Exec runs a statement that returns no rows; v is nil or a *sql.Result.
func (d *Driver) Exec(ctx context.Context, query string, args, v any) error {
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
func (d *Driver) Query(ctx context.Context, query string, args, v any) error {
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

// reopenAfter has the next write open the file anew where err says that it can only be read. A connection that found the file
// read-only stays so, whatever becomes of the file.
func (d *Driver) reopenAfter(err error) {
	if refusal, ok := errors.AsType[*sqlite.Error](err); ok && refusal.Code()&0xff == sqlite3.SQLITE_READONLY {
		d.writer.pool.SetMaxIdleConns(-1) // closes it
		d.writer.pool.SetMaxIdleConns(1)
	}
}

// Close closes both pools.
func (d *Driver) Close() error {
	return errors.Join(d.reader.pool.Close(), d.Driver.Close())
}
