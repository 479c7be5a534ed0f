package database

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"

	"todo-backend/ent"
)

// Snapshot runs do with a client that reads the database as it was at one moment, whatever others write
// meanwhile: on Postgres in a transaction that is REPEATABLE READ, on SQLite in one of a connection that
// reads. The policies hold, and nothing can be changed. Rows have to be read to their end before the next
// statement.
//
// Others may write, but meanwhile Postgres keeps all row versions, and SQLite's write-ahead log grows. It
// is for commands, beside a service.
func (d *Database) Snapshot(ctx context.Context, do func(client *ent.Client) error) (err error) {
	tx, err := d.backend.Snapshot(ctx)
	if err != nil {
		return fmt.Errorf("begin to read %s: %w", d.Name, err)
	}
	defer func() { _ = tx.Rollback() }() // it changed nothing
	return do(ent.NewClient(ent.Driver(snapshot{tx, d.backend.Dialect()})))
}

// snapshot is a transaction as a client's driver.
type snapshot struct {
	dialect.ExecQuerier

	dialect string
}

// Dialect returns the database's.
func (s snapshot) Dialect() string { return s.dialect }

// Tx refuses to begin another transaction.
func (s snapshot) Tx(context.Context) (dialect.Tx, error) {
	return nil, errors.New("nothing is written to a snapshot")
}

// Close leaves the end to who began the transaction.
func (s snapshot) Close() error { return nil }
