// Package postgres is the driver that Ent uses for Postgres. It runs on a pool of pgx connections,
// repeats statements whose connection was cut, and gives up connections that hang.
package postgres

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/time/rate"
)

const (
	// MaxConns bounds the connections of one copy of the service where the URL has no
	// pool_max_conns. All are kept while idle: opening one costs more than a request.
	MaxConns = 16
	// maxIdleTime lets a database that scales to zero fall asleep once nobody asks, where the URL
	// has no pool_max_conn_idle_time.
	maxIdleTime = 4 * time.Minute
	// maxStatements is how many prepared statements a connection keeps. Each takes some 30 KB of
	// the server's memory.
	maxStatements = 64
	// dialTimeout bounds the time in which a machine has to answer, where the URL has no
	// connect_timeout. Where it names several hosts the next one is tried then.
	dialTimeout = 5 * time.Second
	// pingTimeout is how long an idle connection may take to show that it works before another one
	// is tried. If all of them hang, a request still gets a new one within its deadline.
	pingTimeout = 500 * time.Millisecond
)

// Open returns the driver of the database that the URL names, in the form that pgx takes. It
// connects at the first statement. A server that wakes slowly may take connectTimeout for that,
// where the URL has no connect_timeout.
func Open(url string, connectTimeout time.Duration) (*Driver, error) {
	config, err := configure(url, connectTimeout)
	if err != nil {
		return nil, fmt.Errorf("read the Postgres URL: %w", err)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("make the pool of connections to Postgres: %w", err)
	}
	return &Driver{
		Driver: entsql.OpenDB(dialect.Postgres, stdlib.OpenDBFromPool(pool)),
		pool:   pool,
		places: newPlaces(pool),
		resets: rate.Sometimes{Interval: resetInterval},
	}, nil
}

// configure reads the URL. Its own parameters of the pool go before the defaults of this package.
// The encoding is UTF-8, which is what Go's strings are, whatever the role's or the database's
// default is.
func configure(url string, connectTimeout time.Duration) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	given, err := pgx.ParseConfig(url) // it leaves the pool's parameters among those of the server
	if err != nil {
		return nil, err
	}
	if _, ok := given.RuntimeParams["pool_max_conns"]; !ok {
		config.MaxConns = MaxConns
	}
	if _, ok := given.RuntimeParams["pool_max_conn_idle_time"]; !ok {
		config.MaxConnIdleTime = maxIdleTime
	}
	config.PingTimeout, config.BeforeConnect, config.BeforeClose = pingTimeout, boundCancel, boundClose
	config.ConnConfig.RuntimeParams["client_encoding"] = "UTF8"
	if config.ConnConfig.ConnectTimeout == 0 {
		boundConnect(config.ConnConfig, connectTimeout)
	}
	if config.ConnConfig.StatementCacheCapacity > maxStatements {
		config.ConnConfig.StatementCacheCapacity = maxStatements
	}
	return config, nil
}

// boundConnect bounds the time to connect. A machine that is not there is given up earlier than a
// server that is.
func boundConnect(config *pgx.ConnConfig, timeout time.Duration) {
	config.DialFunc = (&net.Dialer{Timeout: dialTimeout}).DialContext
	config.ConnectTimeout = max(timeout, dialTimeout)
	hasFurtherHosts := slices.ContainsFunc(config.Fallbacks, func(further *pgconn.FallbackConfig) bool {
		return further.Host != config.Host || further.Port != config.Port
	})
	if hasFurtherHosts {
		config.ConnectTimeout = dialTimeout
	}
}

// Pool returns the connections.
func (d *Driver) Pool() *pgxpool.Pool { return d.pool }

// Name says which database it is, for people to read, without user or password.
func (d *Driver) Name() string {
	config := d.pool.Config().ConnConfig
	address := net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
	return fmt.Sprintf("Postgres %s at %s", config.Database, address)
}
