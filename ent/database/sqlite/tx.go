package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// tx is a transaction on the connection that writes.
type tx struct {
	driver   *Driver
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
	failed   error // of the last statement that failed
}

// Tx begins a transaction, as soon as all writes before it are done.
func (d *Driver) Tx(ctx context.Context) (dialect.Tx, error) {
	if err := d.beforeWrite(); err != nil {
		return nil, err
	}
	begun, err := d.Writer().BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return &tx{driver: d, tx: begun, prepared: map[string]*sql.Stmt{}}, nil
}

// Snapshot begins a transaction on a connection that reads. What it reads is as it is at its first
// statement.
func (d *Driver) Snapshot(ctx context.Context) (dialect.Tx, error) {
	return entsql.OpenDB(dialect.SQLite, d.Reader()).BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
}

// Exec runs a statement that returns no rows; v is nil or a *sql.Result.
func (t *tx) Exec(ctx context.Context, query string, args, v any) error {
	prepared, err := t.prepare(ctx, query) //nolint:sqlclosecheck // the transaction closes it
	if err != nil {
		return t.note(err)
	}
	done, err := prepared.ExecContext(ctx, args.([]any)...)
	if result, ok := v.(*entsql.Result); ok {
		*result = done
	}
	return t.note(err)
}

// Query runs a statement that returns rows; v is a *sql.Rows.
func (t *tx) Query(ctx context.Context, query string, args, v any) error {
	prepared, err := t.prepare(ctx, query) //nolint:sqlclosecheck // the transaction closes it
	if err != nil {
		return t.note(err)
	}
	rows, err := prepared.QueryContext(ctx, args.([]any)...) //nolint:rowserrcheck // who reads them checks
	if err != nil {
		return t.note(err)
	}
	v.(*entsql.Rows).ColumnScanner = rows
	return nil
}

// prepare returns the prepared statement of a text, of those that are kept for all or one that ends
// with the transaction: the only connection that writes is in use.
func (t *tx) prepare(ctx context.Context, query string) (prepared *sql.Stmt, err error) {
	if known, ok := t.prepared[query]; ok {
		return known, nil
	}
	if kept := t.driver.writer.kept(query); kept != nil {
		prepared = t.tx.StmtContext(ctx, kept)
	} else if prepared, err = t.tx.PrepareContext(ctx, query); err != nil {
		return nil, err
	}
	t.prepared[query] = prepared
	return prepared, nil
}

func (t *tx) note(err error) error {
	if err != nil {
		t.failed = err
	}
	return err
}

// Commit ends the transaction, and returns an error unless everything is kept.
func (t *tx) Commit() error {
	if _, err := t.driver.file.check(); err != nil {
		return errors.Join(err, t.tx.Rollback())
	}
	err := t.tx.Commit()
	t.driver.afterWrite(err)
	return err
}

// Rollback ends the transaction, if it was not committed.
func (t *tx) Rollback() error {
	err := t.tx.Rollback()
	if t.failed != nil {
		t.driver.afterWrite(t.failed)
	}
	return err
}
