package database

import (
	"context"
	"database/sql"
	"errors"

	"todo-backend/ent"
	"todo-backend/ent/database/postgres"
)

// txTries is how often a transaction is tried at most.
const txTries = 64

// InTx runs do in a transaction, all of it or nothing. Everything in it has to go through the
// client that do gets, which is like [Database.Client] otherwise: the policies hold, and the
// methods of one statement are as fast. Where do returns an error, or panics, nothing is kept, and
// the error is returned as it is.
//
// On Postgres it is repeated where the transaction was in the way of another one (deadlocks,
// serialization failures), where prepared statements were stale, and where its connection was cut
// before the commit. So do may run several times, and must begin anew each time. Where the
// connection is cut during the commit it may have been kept: it is not repeated, and
// [IsUnavailable] is true of the error.
//
// On SQLite it runs on the one connection that writes, from the beginning: all other writes wait
// for it, and one that do sends past its client waits until the deadline.
func (d *Database) InTx(ctx context.Context, do func(client *ent.Client) error) error {
	var err error
	for tries := range txTries {
		var wasCommitting bool
		wasCommitting, err = d.tryInTx(postgres.Unprepared(ctx, err), do)
		isUndone := postgres.WasNotRun(err) || postgres.IsCut(err) && !wasCommitting
		if err == nil || !isUndone || postgres.Pause(ctx, err, tries) != nil {
			break
		}
	}
	return err
}

// tryInTx runs do in a transaction. It tells whether an error comes from the commit.
func (d *Database) tryInTx(ctx context.Context, do func(*ent.Client) error) (wasCommitting bool, err error) {
	tx, err := d.Client.Tx(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // after a commit nothing; where it fails the connection goes
	if err := do(tx.Client()); err != nil {
		return false, err
	}
	err = tx.Commit()
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil { // it was undone when the context ended
		err = ctx.Err()
	}
	return true, err
}
