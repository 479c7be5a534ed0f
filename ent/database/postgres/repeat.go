package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// leastRepeats is how often a statement is repeated at most; more often where there are more
	// connections, since all of them may be cut.
	leastRepeats = 64
	// longestPause bounds the time between two tries of statements that conflict.
	longestPause = 64 * time.Millisecond
)

// resetInterval is the least time between two resets of the pool. A server that takes no writes may
// refuse thousands of them in a second, and each reset takes the connections away from those who
// read.
const resetInterval = 5 * time.Second

// repeat runs a statement, and runs it again while that can do no harm and may help. run gets the
// error of the last try. A server that takes no writes may be a primary no longer: all connections
// are made anew, since what is read through them grows old.
func (d *Driver) repeat(ctx context.Context, isRead bool, run func(last error) error) error {
	err := run(nil)
	if err == nil {
		return nil
	}
	for tries := range max(leastRepeats, d.pool.Config().MaxConns) {
		isHarmless := WasNotRun(err) || isRead && IsCut(err)
		if !isHarmless || Pause(ctx, err, int(tries)) != nil {
			break
		}
		if err = run(err); err == nil {
			return nil
		}
	}
	if hasCode(err, readOnly) {
		d.resets.Do(d.pool.Reset)
	}
	return err
}

// Pause waits before a statement or transaction is repeated that failed with err: statements that
// conflict would do so again at once. It returns an error where ctx leaves no time.
func Pause(ctx context.Context, err error, tries int) error {
	if !isConflict(err) {
		return ctx.Err()
	}
	limit := min(time.Millisecond<<min(tries, 16), longestPause)
	return pause(ctx, rand.N(limit)) //nolint:gosec // who waits longer is no secret
}

// unprepared returns the arguments of a statement that is to run without being prepared, if it is.
func unprepared(is bool, values []any) []any {
	if !is {
		return values
	}
	return append([]any{pgx.QueryExecModeExec}, values...)
}

// unpreparedKey is the key of contexts in which a transaction prepares no statements.
type unpreparedKey struct{}

// Unprepared returns the context to repeat a transaction in that failed with err: one that prepares
// no statements, where those that are prepared turned out to be stale.
func Unprepared(ctx context.Context, err error) context.Context {
	if !isStale(err) {
		return ctx
	}
	return context.WithValue(ctx, unpreparedKey{}, true)
}

// WasNotRun reports whether err says that nothing of a statement was sent, or that the server ended
// its transaction without having changed anything.
func WasNotRun(err error) bool { return wasNotSent(err) || isConflict(err) || isStale(err) }

// wasNotSent reports whether nothing was sent. pgx says so too of a closed connection; but all that
// it hands out are open, and one that is closed later is closed because the answer did not arrive.
func wasNotSent(err error) bool {
	return pgconn.SafeToRetry(err) && !errors.Is(err, pgconn.ErrConnClosed)
}

// isConflict reports whether transactions were in each other's way: serialization_failure,
// deadlock_detected.
func isConflict(err error) bool { return hasCode(err, "40001", "40P01") }

// isStale reports whether a prepared statement is not what we take it for:
// invalid_sql_statement_name, duplicate_prepared_statement, or a plan whose columns changed their
// type. A pooler may have given us another session, or somebody changed the schema.
func isStale(err error) bool {
	if hasCode(err, "26000", "42P05") {
		return true
	}
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && refusal.Code == "0A000" && refusal.Routine == "RevalidateCachedQuery"
}
