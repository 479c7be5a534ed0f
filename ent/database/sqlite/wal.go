package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// walLimit is the size in bytes past which the write-ahead log is written back into the
	// database and cut. SQLite writes back by itself, but begins the log anew only at a moment when
	// nobody reads, which never comes while reads overlap.
	walLimit = 8 << 20
	// walBusyTimeout is how long, in milliseconds, the writer waits for readers of other processes,
	// and all writes with it.
	walBusyTimeout = 50
	// Reads are held back for leastPatience until those under way are done, for twice that after
	// each time that they were not, and for mostPatience at last.
	leastPatience, mostPatience = 50 * time.Millisecond, time.Second
	// pausesPerPatience is how much longer reads are let through after that than they were held
	// back.
	pausesPerPatience = 5
)

// readGate lets reads pass, or holds new ones back. Nil is a gate that always stands open.
type readGate struct{ running *semaphore.Weighted }

func newReadGate() *readGate { return &readGate{semaphore.NewWeighted(MaxReaders)} }

// enter waits until reads may begin, or ctx ends.
func (g *readGate) enter(ctx context.Context) error {
	if g == nil {
		return nil
	}
	return g.running.Acquire(ctx, 1)
}

// leave tells that a read is done.
func (g *readGate) leave() {
	if g != nil {
		g.running.Release(1)
	}
}

// close waits until no read is under way, and holds back those that come meanwhile and later.
func (g *readGate) close(ctx context.Context) error { return g.running.Acquire(ctx, MaxReaders) }

// open lets reads through again.
func (g *readGate) open() { g.running.Release(MaxReaders) }

// walCutter cuts the write-ahead log.
type walCutter struct {
	writer *sql.DB
	reads  *readGate
	limit  int64

	isUnderWay atomic.Bool
	patience   time.Duration // of the next try; only the one that is under way uses it

	closed context.Context // ends with the driver
	close  context.CancelFunc
	tries  sync.WaitGroup
	count  atomic.Int64 // of tries
}

func newWALCutter(writer *sql.DB, reads *readGate) *walCutter {
	c := &walCutter{writer: writer, reads: reads, limit: walLimit, patience: leastPatience}
	c.closed, c.close = context.WithCancel(context.Background())
	return c
}

// cutPast cuts a log whose size is past the limit, in the background.
func (c *walCutter) cutPast(size int64) {
	if size <= c.limit || !c.isUnderWay.CompareAndSwap(false, true) {
		return
	}
	c.tries.Go(func() {
		defer c.isUnderWay.Store(false)
		c.count.Add(1)
		patience := c.patience
		if err := c.try(patience); err == nil {
			c.patience = leastPatience
			return
		}
		c.patience = min(2*patience, mostPatience)
		select {
		case <-c.closed.Done():
		case <-time.After(pausesPerPatience * patience):
		}
	})
}

// try cuts the log if the reads under way are done in time.
func (c *walCutter) try(patience time.Duration) error {
	ctx, cancel := context.WithTimeout(c.closed, patience)
	defer cancel()
	if err := c.reads.close(ctx); err != nil {
		return err
	}
	defer c.reads.open()
	conn, err := c.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return checkpoint(c.closed, conn)
}

// checkpoint writes the log back and cuts it.
func checkpoint(ctx context.Context, conn *sql.Conn) (err error) {
	if _, err := conn.ExecContext(ctx, "PRAGMA "+busyTimeoutPragma(walBusyTimeout)); err != nil {
		return err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		_, restored := conn.ExecContext(ctx, "PRAGMA "+busyTimeoutPragma(busyTimeout))
		err = errors.Join(err, restored)
	}()
	var isBusy bool
	var pages, written int
	if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&isBusy, &pages, &written); err != nil {
		return err
	}
	if isBusy {
		return fmt.Errorf("another process reads: %d of %d pages were written back", written, pages)
	}
	return nil
}

// whenNobodyReads runs do, in the background, at a moment when no read is under way. It does nothing
// where reads take too long, or something else is under way; who needs it asks again.
func (c *walCutter) whenNobodyReads(do func()) {
	if !c.isUnderWay.CompareAndSwap(false, true) {
		return
	}
	c.tries.Go(func() {
		defer c.isUnderWay.Store(false)
		ctx, cancel := context.WithTimeout(c.closed, mostPatience)
		defer cancel()
		if c.reads.close(ctx) == nil {
			do()
			c.reads.open()
		}
	})
}

// stop waits for the try that is under way.
func (c *walCutter) stop() {
	c.close()
	c.tries.Wait()
}
