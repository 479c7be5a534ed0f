package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"
)

const (
	// withdrawal is how long no more connections are asked for than there are, once the server had
	// no room for another one.
	withdrawal = 5 * time.Second
	// connectPause is how long a statement waits until it tries to connect again, where there is no
	// connection that it could wait for.
	connectPause = 100 * time.Millisecond
)

// errNoTimeLeft is the error of a statement that waited too long for a connection.
var errNoTimeLeft = fmt.Errorf("no connection was free in time: %w", context.DeadlineExceeded)

// places are for statements that have a connection or make one. There are as many as the pool may
// have connections. Where the server has room for fewer, because a role has a CONNECTION LIMIT for
// example, the others are withdrawn for a while: statements wait for the connections that there
// are.
type places struct {
	pool *pgxpool.Pool
	free *semaphore.Weighted
	all  int64

	mu        sync.Mutex
	withdrawn int64
}

func newPlaces(pool *pgxpool.Pool) *places {
	all := int64(pool.Config().MaxConns)
	return &places{pool: pool, free: semaphore.NewWeighted(all), all: all}
}

// conn is a connection with its place. Without either it is one that another has to give back.
type conn struct {
	*pgxpool.Conn

	places *places
}

// Release gives both back.
func (c conn) Release() {
	if c.places != nil {
		c.Conn.Release()
		c.places.free.Release(1)
	}
}

// acquire returns a connection for a statement.
func (p *places) acquire(ctx context.Context) (conn, error) {
	begin := time.Now()
	for {
		if err := p.take(ctx, begin); err != nil {
			return conn{}, err
		}
		acquired, err := p.pool.Acquire(ctx)
		if err == nil {
			return conn{acquired, p}, nil
		}
		isFull := isFull(err)
		if isFull && p.withdraw() {
			continue
		}
		isOver := isFull && pause(ctx, connectPause) != nil
		p.free.Release(1)
		if !isFull || isOver {
			return conn{}, err
		}
	}
}

// take waits for a place. A statement that waited for one longer than half of the time from the
// beginning to its deadline does not begin. Under more load than the database carries every
// statement would else get its connection with no time left, and a statement that is cancelled
// takes its connection with it. The time that it takes to connect does not count.
func (p *places) take(ctx context.Context, begin time.Time) error {
	if p.free.TryAcquire(1) {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, begin.Add(deadline.Sub(begin)/2))
		defer cancel()
	}
	if p.free.Acquire(ctx, 1) != nil {
		return errNoTimeLeft
	}
	return nil
}

// withdraw takes the place of the caller away, and free ones, until there are as many as
// connections, and one at least. It reports whether it did.
func (p *places) withdraw() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	stat := p.pool.Stat()
	stay := max(1, int64(stat.TotalConns()-stat.ConstructingConns()))
	if p.all-p.withdrawn <= stay {
		return false
	}
	if p.withdrawn == 0 {
		time.AfterFunc(withdrawal, p.restore)
	}
	p.withdrawn++
	for p.all-p.withdrawn > stay && p.free.TryAcquire(1) {
		p.withdrawn++
	}
	return true
}

// restore gives all places back.
func (p *places) restore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free.Release(p.withdrawn)
	p.withdrawn = 0
}

// isFull reports whether the server has no room for another connection (too_many_connections).
func isFull(err error) bool { return hasCode(err, "53300") }

// pause waits, unless ctx ends before.
func pause(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
