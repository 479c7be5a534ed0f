package database

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// queued is the context of a statement that waits for a connection, with the time when it may begin at the latest: it keeps
// half of what its deadline leaves it. Under more load than the database carries all that get a connection would else get
// it with no time left, and a statement that is cancelled takes its connection with it.
type queued struct {
	context.Context

	latest time.Time
}

func queue(ctx context.Context) context.Context {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx
	}
	return queued{ctx, deadline.Add(-time.Until(deadline) / 2)}
}

var errTooLate = fmt.Errorf("no connection was free in time: %w", context.DeadlineExceeded)

// begin decides whether a statement may begin on a connection, which is kept in any case.
func begin(ctx context.Context, _ *pgx.Conn) (keep bool, err error) {
	if q, ok := ctx.(queued); ok && time.Now().After(q.latest) {
		return true, errTooLate
	}
	return true, nil
}
