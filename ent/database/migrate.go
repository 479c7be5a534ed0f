package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3/lock"

	"todo-backend/ent/database/sqlite"
)

// lockPoll is how often a copy that waits for another one's migration looks again.
const lockPoll = 200 * time.Millisecond

// migratePostgres applies what is pending in files under a lock in a table: unlike an advisory lock
// it also holds behind a pooler that gives every transaction another session. With nothing pending
// it takes no lock and writes nothing.
func migratePostgres(ctx context.Context, pool *sql.DB, files fs.FS) error {
	m, err := newMigrator(postgresCatalog, pool, files)
	if err != nil {
		return err
	}
	return m.run(ctx, func(ctx context.Context) (unlock func() error, err error) {
		const patience = 2 * time.Minute // longer than the 30 s after which the lock of a copy that died is free
		tries := lock.WithTableLockTimeout(lockPoll, uint64(patience/lockPoll))
		locker, err := lock.NewPostgresTableLocker(tries)
		if err != nil {
			return nil, fmt.Errorf("make the lock: %w", err)
		}
		return func() error { return locker.Unlock(ctx, pool) }, locker.Lock(ctx, pool)
	})
}

// migrateSQLite applies what is pending in files under a lock on a file, since SQLite's own locks
// do not span several transactions, and through a connection of its own without foreign keys:
// SQLite rebuilds a table to change it, and dropping the old one would delete what refers to it.
// That no reference was broken is checked afterwards.
func migrateSQLite(ctx context.Context, path string, files fs.FS) (err error) {
	pool, err := sqlite.OpenPool(path, 1, "foreign_keys(0)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	m, err := newMigrator(sqliteCatalog, pool, files)
	if err != nil {
		return err
	}
	err = m.run(ctx, func(ctx context.Context) (func() error, error) { return lockFile(ctx, path+".lock") })
	if err != nil {
		return err
	}
	return checkForeignKeys(ctx, pool)
}

func checkForeignKeys(ctx context.Context, pool *sql.DB) error {
	var table string
	err := pool.QueryRowContext(ctx, "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1").Scan(&table)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("check foreign keys: %w", err)
	}
	return fmt.Errorf("check foreign keys: a row of %s refers to one that is not there", table)
}

// lockFile waits for the lock on a file, which the system frees when its holder ends, however that
// happens.
func lockFile(ctx context.Context, path string) (unlock func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the lock: %w", err)
	}
	l := flock.New(path)
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return l.Close, nil
}
