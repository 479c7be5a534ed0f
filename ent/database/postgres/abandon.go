package postgres

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// abandonTimeout is how long a connection keeps its place in the pool after the answer to its
// statement was given up. pgx takes up to 15 seconds to have the server cancel the statement and to
// read its last words. For as long the place serves nobody.
const abandonTimeout = 2 * time.Second

// boundCancel bounds the time to cancel a statement. Once the connection stands, pgx dials for that
// alone.
func boundCancel(_ context.Context, config *pgx.ConnConfig) error {
	var isConnected atomic.Bool
	config.AfterConnect = func(context.Context, *pgconn.PgConn) error {
		isConnected.Store(true)
		return nil
	}
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if !isConnected.Load() {
			return dial(ctx, network, address)
		}
		end := time.Now().Add(abandonTimeout)
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

// boundClose bounds the time to read what is left of an answer that was given up.
func boundClose(conn *pgx.Conn) {
	if conn.IsClosed() {
		time.AfterFunc(abandonTimeout, func() { _ = conn.PgConn().Conn().Close() })
	}
}
