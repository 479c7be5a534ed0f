package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/time/rate"
)

// Driver is Ent's driver. It runs single statements on pgx itself, without the conversions of
// database/sql, which cost a list of 50 as much as everything else around it. Transactions run on
// the same connections, through database/sql.
type Driver struct {
	*entsql.Driver // transactions, and the pool as database/sql has it

	pool   *pgxpool.Pool
	resets rate.Sometimes
}

// resetInterval is the least time between two resets of the pool. A server that takes no writes may
// refuse thousands of them in a second, and each reset takes the connections away from those who
// read.
const resetInterval = 5 * time.Second

// Exec runs a statement that returns no rows; v is nil or a *sql.Result.
func (d *Driver) Exec(ctx context.Context, query string, args, v any) error {
	values := nativeArgs(args)
	return d.repeat(ctx, query, func() error {
		conn, err := acquire(ctx, d.pool)
		if err != nil {
			return err
		}
		defer conn.Release()
		done, err := conn.Exec(ctx, query, values...)
		if result, ok := v.(*entsql.Result); ok {
			*result = driver.RowsAffected(done.RowsAffected())
		}
		return err
	})
}

// Query runs a statement that returns rows; v is a *sql.Rows.
func (d *Driver) Query(ctx context.Context, query string, args, v any) error {
	values := nativeArgs(args)
	return d.repeat(ctx, query, func() error {
		rows, err := d.query(ctx, query, values)
		if err != nil {
			return err
		}
		v.(*entsql.Rows).ColumnScanner = rows
		return nil
	})
}

// repeat runs a statement again while its connection turns out to be cut, as all of them are after
// a restart of the server: a read always, a write only where nothing of it was sent. A server that
// takes no writes may be a primary no longer: all connections are made anew, since what is read
// through them grows old.
func (d *Driver) repeat(ctx context.Context, query string, run func() error) error {
	err := run()
	if err == nil {
		return nil
	}
	isRead := strings.HasPrefix(query, "SELECT")
	for range d.pool.Stat().MaxConns() {
		again := pgconn.SafeToRetry(err) || isRead && isCut(err)
		if !again || ctx.Err() != nil {
			break
		}
		err = run()
	}
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok && refusal.Code == readOnly {
		d.resets.Do(d.pool.Reset)
	}
	return err
}

// query waits for the first row, since only then it is known whether the statement fails.
func (d *Driver) query(ctx context.Context, query string, args []any) (*nativeRows, error) {
	conn, err := acquire(ctx, d.pool)
	if err != nil {
		return nil, err
	}
	native, err := conn.Query(ctx, query, args...)
	if err != nil {
		conn.Release()
		return nil, err
	}
	rows := &nativeRows{Rows: native, conn: conn, ahead: native.Next()}
	if err := rows.Err(); err != nil {
		_ = rows.Close() // which never fails
		return nil, err
	}
	return rows, nil
}

// Ready runs SELECT with a WHERE clause, and reports whether the server takes writes: a replica
// does not, and no server does for a role or a database whose transactions are read-only by
// default.
func (d *Driver) Ready(ctx context.Context, where string) (writes bool, err error) {
	const query = "SELECT current_setting('transaction_read_only') = 'off' "
	rows := &entsql.Rows{}
	if err := d.Query(ctx, query+where, []any{}, rows); err != nil {
		return false, err
	}
	defer rows.Close()
	return entsql.ScanBool(rows)
}

// Clock returns the time by the server's clock.
func (d *Driver) Clock(ctx context.Context) (now time.Time, err error) {
	err = d.DB().QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&now)
	return now, err
}

// Close closes all connections, once those in use are returned.
func (d *Driver) Close() error {
	defer d.pool.Close()
	return d.Driver.Close()
}

// nativeArgs has pgx encode ids by itself, not as text.
func nativeArgs(args any) []any {
	values := args.([]any)
	for i, value := range values {
		if id, ok := value.(uuid.UUID); ok {
			values[i] = pgtype.UUID{Bytes: id, Valid: true}
		}
	}
	return values
}
