package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// errNoTimeLeft is the error of a statement that waited too long for a connection.
var errNoTimeLeft = fmt.Errorf("no connection was free in time: %w", context.DeadlineExceeded)

// acquire takes a connection for a statement. A statement that waited for one longer than half of
// the time until its deadline does not begin. Under more load than the database carries every
// statement would else get its connection with no time left, and a statement that is cancelled
// takes its connection with it.
func acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	begin := time.Now()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Since(begin) > deadline.Sub(begin)/2 {
		conn.Release()
		return nil, errNoTimeLeft
	}
	return conn, nil
}
