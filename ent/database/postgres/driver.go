package postgres

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/time/rate"
)

// Driver is Ent's driver. It runs statements on pgx itself, without the conversions of
// database/sql, which cost a list of 50 as much as everything else around it.
type Driver struct {
	*entsql.Driver // the pool as database/sql has it

	pool   *pgxpool.Pool
	places *places
	resets rate.Sometimes
}

// Exec runs a statement that returns no rows; v is nil or a *sql.Result.
func (d *Driver) Exec(ctx context.Context, query string, args, v any) error {
	values := nativeArgs(args)
	return d.repeat(ctx, isRead(query), func(err error) error {
		c, acquired := d.places.acquire(ctx)
		if acquired != nil {
			return acquired
		}
		defer c.Release()
		return exec(ctx, c, query, unprepared(isStale(err), values), v)
	})
}

// Query runs a statement that returns rows; v is a *sql.Rows.
func (d *Driver) Query(ctx context.Context, query string, args, v any) error {
	values := nativeArgs(args)
	return d.repeat(ctx, isRead(query), func(err error) error {
		c, acquired := d.places.acquire(ctx)
		if acquired != nil {
			return acquired
		}
		return fetch(ctx, c, query, unprepared(isStale(err), values), v)
	})
}

func isRead(query string) bool { return strings.HasPrefix(query, "SELECT") }

// exec runs a statement that returns no rows.
func exec(ctx context.Context, c conn, query string, values []any, v any) error {
	done, err := c.Exec(ctx, query, values...)
	if result, ok := v.(*entsql.Result); ok {
		*result = driver.RowsAffected(done.RowsAffected())
	}
	return err
}

// fetch runs a statement that returns rows, and gives the connection back once they are read. It
// waits for the first row, since only then it is known whether the statement fails.
func fetch(ctx context.Context, c conn, query string, values []any, v any) error {
	native, err := c.Query(ctx, query, values...)
	if err != nil {
		c.Release()
		return err
	}
	rows := &nativeRows{Rows: native, conn: c, ahead: native.Next()}
	if err := rows.Err(); err != nil {
		_ = rows.Close() // which never fails
		return err
	}
	v.(*entsql.Rows).ColumnScanner = rows
	return nil
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

// Claim does nothing: any number of copies of the service share a database.
func (d *Driver) Claim(context.Context) error { return nil }

// Close closes all connections, once those in use are returned.
func (d *Driver) Close() error {
	defer d.pool.Close()
	return d.Driver.Close()
}

// nativeArgs has pgx encode ids by itself, not as text. Where a statement is not prepared, it knows
// an array by its Go type alone.
func nativeArgs(args any) []any {
	values := args.([]any)
	for i, value := range values {
		switch value := value.(type) {
		case uuid.UUID:
			values[i] = nativeID(value)
		case []uuid.UUID:
			ids := make([]pgtype.UUID, len(value))
			for i, id := range value {
				ids[i] = nativeID(id)
			}
			values[i] = ids
		}
	}
	return values
}

func nativeID(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }
