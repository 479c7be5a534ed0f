package database

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
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
		Client:   ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, pool))),
		Name:     fmt.Sprintf("Postgres %s at %s", config.Database, address),
		pool:     pool,
		migrator: func(ctx context.Context) error { return migratePostgres(ctx, pool, migrate.Files) },
	}, nil
}
