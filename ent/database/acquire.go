package database

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

var errTooLate = fmt.Errorf("no connection was free in time: %w", context.DeadlineExceeded)

// acquire takes a connection for a statement. One that waited longer than half of what its deadline left it may not begin: under
// more load than the database carries all that get a connection would else get it with no time left, and a statement that is
// cancelled takes its connection with it.
func acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	begin := time.Now()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Since(begin) > deadline.Sub(begin)/2 {
		conn.Release()
		return nil, errTooLate
	}
	return conn, nil
}
