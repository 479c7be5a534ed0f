package database

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// postgresFarewell is how long a connection whose answer was given up keeps its place in the pool. pgx would take up to 15 seconds
// to have the server cancel the statement and to read what it says about that: for as long, nobody got a connection that works.
const postgresFarewell = 2 * time.Second

// hurryCancel bounds the time to cancel a statement. Once the connection stands, that is all that is dialled for.
func hurryCancel(_ context.Context, config *pgx.ConnConfig) error {
	var stands atomic.Bool
	config.AfterConnect = func(context.Context, *pgconn.PgConn) error {
		stands.Store(true)
		return nil
	}
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if !stands.Load() {
			return dial(ctx, network, address)
		}
		end := time.Now().Add(postgresFarewell)
		ctx, cancel := context.WithDeadline(ctx, end)
		defer cancel()
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return conn, conn.SetDeadline(end)
	}
	return nil
}

// hurryClose bounds the time to read what is left of an answer that was given up.
func hurryClose(conn *pgx.Conn) {
	if conn.IsClosed() {
		time.AfterFunc(postgresFarewell, func() { _ = conn.PgConn().Conn().Close() })
	}
}
