package postgres

import (
	"context"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
)

// tx is a transaction, which keeps its connection until it ends.
type tx struct {
	ctx        context.Context //nolint:containedctx // Commit and Rollback take none
	tx         pgx.Tx
	conn       conn
	unprepared bool
}

// Tx begins a transaction.
func (d *Driver) Tx(ctx context.Context) (dialect.Tx, error) {
	return d.begin(ctx, pgx.TxOptions{}, ctx.Value(unpreparedKey{}) != nil)
}

// Snapshot begins a transaction that reads the database as it is at its first statement. It prepares none:
// one that is stale would end the transaction.
func (d *Driver) Snapshot(ctx context.Context) (dialect.Tx, error) {
	const unprepared = true
	return d.begin(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, unprepared)
}

func (d *Driver) begin(ctx context.Context, options pgx.TxOptions, unprepared bool) (dialect.Tx, error) {
	t := &tx{ctx: ctx, unprepared: unprepared}
	const changesNothing = true
	err := d.repeat(ctx, changesNothing, func(error) error {
		c, err := d.places.acquire(ctx)
		if err != nil {
			return err
		}
		if t.tx, err = c.BeginTx(ctx, options); err != nil {
			c.Release()
			return err
		}
		t.conn = c
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Exec runs a statement that returns no rows; v is nil or a *sql.Result.
func (t *tx) Exec(ctx context.Context, query string, args, v any) error {
	return exec(ctx, t.borrowed(), query, unprepared(t.unprepared, nativeArgs(args)), v)
}

// Query runs a statement that returns rows; v is a *sql.Rows. They have to be closed before the
// next statement.
func (t *tx) Query(ctx context.Context, query string, args, v any) error {
	return fetch(ctx, t.borrowed(), query, unprepared(t.unprepared, nativeArgs(args)), v)
}

// borrowed is the connection without its place: a statement does not give it back.
func (t *tx) borrowed() conn { return conn{Conn: t.conn.Conn} }

// Commit ends the transaction, and returns an error unless everything is kept. After an error that
// is not one of the server it may be kept all the same.
func (t *tx) Commit() error {
	defer t.release()
	return t.tx.Commit(t.ctx)
}

// Rollback ends the transaction, if it was not committed.
func (t *tx) Rollback() error {
	defer t.release()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), abandonTimeout)
	defer cancel()
	return t.tx.Rollback(ctx)
}

// release gives the connection back, once.
func (t *tx) release() {
	t.conn.Release()
	t.conn = conn{}
}
