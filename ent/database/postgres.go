package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"todo-backend/ent"
	"todo-backend/ent/migrate"
)

const (
	// postgresConns bounds the connections of one copy of the service. All are kept while idle: opening one costs more than
	// a request.
	postgresConns = 16
	// postgresIdle lets a database that scales to zero fall asleep once nobody asks.
	postgresIdle = 4 * time.Minute
	// postgresStatements is how many prepared statements a connection keeps. Each takes some 30 KB of the server's memory.
	postgresStatements = 64
	// postgresConnectTimeout bounds one attempt to connect where the URL has no connect_timeout.
	postgresConnectTimeout = 5 * time.Second
	// postgresPingTimeout is how long an idle connection may take to show that it works before another one is tried. If all of
	// them hang, a request still gets a new one within its deadline.
	postgresPingTimeout = 500 * time.Millisecond
)

func openPostgres(source Source) (*Database, error) {
	config, err := pgxpool.ParseConfig(source.PostgresURL)
	if err != nil {
		return nil, fmt.Errorf("read the Postgres URL: %w", err)
	}
	config.MaxConns, config.MaxConnIdleTime = postgresConns, postgresIdle
	config.PingTimeout, config.BeforeConnect, config.BeforeClose = postgresPingTimeout, hurryCancel, hurryClose
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = postgresConnectTimeout
	}
	if config.ConnConfig.StatementCacheCapacity > postgresStatements {
		config.ConnConfig.StatementCacheCapacity = postgresStatements
	}
	native, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("make the pool of connections to Postgres: %w", err)
	}
	pool := stdlib.OpenDBFromPool(native)
	address := net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(config.ConnConfig.Port)))
	return &Database{
		Client:   ent.NewClient(ent.Driver(source.trace(postgresDriver{entsql.OpenDB(dialect.Postgres, pool), native}))),
		Name:     fmt.Sprintf("Postgres %s at %s", config.ConnConfig.Database, address),
		Pool:     pool,
		Pools:    pools{"postgres": statsOfPgx(native)},
		migrator: func(ctx context.Context) error { return migratePostgres(ctx, pool, migrate.Files) },
	}, nil
}

// postgresDriver runs single statements on pgx itself, without the conversions of database/sql, which cost a list of 50 as much
// as everything else around it. Transactions run on the same connections, through database/sql.
type postgresDriver struct {
	*entsql.Driver
	pool *pgxpool.Pool
}

// Exec runs a statement that returns no rows; v is nil or a *sql.Result.
func (d postgresDriver) Exec(ctx context.Context, query string, args, v any) error {
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
func (d postgresDriver) Query(ctx context.Context, query string, args, v any) error {
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

// repeat runs a statement again while its connection turns out to be cut, as all of them are after a restart of the server: a
// read always, a write only where nothing of it was sent. A server that takes no writes is a primary no longer: all connections
// are made anew, since what the others read there grows old.
func (d postgresDriver) repeat(ctx context.Context, query string, run func() error) error {
	err := run()
	if err == nil {
		return nil
	}
	isRead := strings.HasPrefix(query, "SELECT")
	for range postgresConns {
		again := pgconn.SafeToRetry(err) || isRead && isCut(err)
		if !again || ctx.Err() != nil {
			break
		}
		err = run()
	}
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok && refusal.Code == readOnly {
		d.pool.Reset()
	}
	return err
}

// query waits for the first row, since only then it is known whether the statement fails.
func (d postgresDriver) query(ctx context.Context, query string, args []any) (*nativeRows, error) {
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

// Close closes all connections.
func (d postgresDriver) Close() error {
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

// ends are how the end of a connection shows.
var ends = []error{io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE}

// isCut reports whether err is the end of a connection that stood, as opposed to one that could not be made.
func isCut(err error) bool {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refusal.Code == "57P01" || refusal.Code == "57P02" // admin_shutdown, crash_shutdown
	}
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	return !refused && slices.ContainsFunc(ends, func(end error) bool { return errors.Is(err, end) })
}
