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
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
	// postgresConnectTimeout bounds one attempt to connect where the URL has no connect_timeout.
	postgresConnectTimeout = 5 * time.Second
)

func openPostgres(url string) (*Database, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the Postgres URL: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = postgresConnectTimeout
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	pool.SetConnMaxIdleTime(postgresIdle)
	address := net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
	return &Database{
		Client:   ent.NewClient(ent.Driver(postgresDriver{entsql.OpenDB(dialect.Postgres, pool)})),
		Name:     fmt.Sprintf("Postgres %s at %s", config.Database, address),
		Pool:     pool,
		migrator: func(ctx context.Context) error { return migratePostgres(ctx, pool, migrate.Files) },
	}, nil
}

// postgresDriver repeats a read whose connection turns out to be cut, as all of them are after a restart of the server. A
// write is not repeated: it may have been done.
type postgresDriver struct{ *entsql.Driver }

// Query runs a statement; a SELECT on further connections, until one is whole.
func (d postgresDriver) Query(ctx context.Context, query string, args, v any) error {
	err := d.Driver.Query(ctx, query, args, v)
	if !strings.HasPrefix(query, "SELECT") {
		return err
	}
	for range postgresConns {
		if ctx.Err() != nil || !isCut(err) {
			break
		}
		err = d.Driver.Query(ctx, query, args, v)
	}
	return err
}

// ends are how the end of a connection shows. ErrBadConn is left where database/sql met more dead ones than it tries.
var ends = []error{io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, driver.ErrBadConn}

// isCut reports whether err is the end of a connection that stood, as opposed to one that could not be made.
func isCut(err error) bool {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refusal.Code == "57P01" || refusal.Code == "57P02" // admin_shutdown, crash_shutdown
	}
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	return !refused && slices.ContainsFunc(ends, func(end error) bool { return errors.Is(err, end) })
}
