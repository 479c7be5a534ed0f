package sqlite_test

import (
	"context"
	"database/sql"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"todo-backend/ent/database/sqlite"
)

// TestWALIsBounded writes beside reads that overlap, so that there is no moment without one. The
// log is cut time and again, where it would else keep all that was written.
func TestWALIsBounded(t *testing.T) {
	t.Parallel()
	const limit, cuts = 256 << 10, 12
	cut := writeBesideReads(t, limit, func(l log) bool { return l.cuts == cuts })
	whole := writeBesideReads(t, noLimit, func(l log) bool { return l.writes == cut.writes })
	t.Logf("after %d writes the log has had up to %d KB, without a limit %d KB", cut.writes, cut.longest>>10, whole.longest>>10)
	t.Logf("the slowest write took %v, without a limit %v", cut.slowest, whole.slowest)
	if cut.longest > whole.longest/2 || whole.cuts > 0 {
		t.Errorf("the log has had %d KB, without a limit %d KB", cut.longest>>10, whole.longest>>10)
	}
}

// log is what was seen of the write-ahead log.
type log struct {
	writes, cuts  int
	size, longest int64
	slowest       time.Duration // of the writes
}

const noLimit = math.MaxInt64

// writeBesideReads writes until it is enough. Without a limit a read goes on all the while, lest
// the reads make a pause by chance.
func writeBesideReads(t *testing.T, limit int64, isEnough func(log) bool) (seen log) {
	t.Helper()
	driver := open(t)
	driver.SetWALLimit(limit)
	execute(t, driver.Writer(), "CREATE TABLE texts (text text)")
	execute(t, driver.Writer(), "INSERT INTO texts VALUES ('a'), ('b')")
	ctx, stop := context.WithCancel(t.Context())
	var reads sync.WaitGroup
	defer reads.Wait()
	defer stop()
	if limit == noLimit {
		reads.Go(func() { holdRead(t, driver.Reader(), ctx.Done()) })
	}
	for range 4 {
		reads.Go(func() {
			for ctx.Err() == nil {
				holdRead(t, driver.Reader(), time.After(20*time.Millisecond))
			}
		})
	}
	for begin := time.Now(); !isEnough(seen); {
		if time.Since(begin) > time.Minute {
			t.Fatalf("the log was cut %d times in a minute", seen.cuts)
		}
		write := time.Now()
		if err := driver.Exec(t.Context(), "INSERT INTO texts VALUES (?)", []any{strings.Repeat("x", 20_000)}, nil); err != nil {
			t.Fatal(err)
		}
		seen.writes++
		seen.slowest = max(seen.slowest, time.Since(write))
		info, err := os.Stat(driver.Path() + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() < seen.size {
			seen.cuts++
		}
		seen.size = info.Size()
		seen.longest = max(seen.longest, seen.size)
	}
	return seen
}

// holdRead begins a read, and ends it when it may.
func holdRead[T any](t *testing.T, pool *sql.DB, end <-chan T) {
	rows, err := pool.QueryContext(t.Context(), "SELECT text FROM texts")
	if err != nil {
		t.Error(err)
		return
	}
	defer rows.Close()
	if !rows.Next() {
		t.Error("no row:", rows.Err())
	}
	<-end
}

// TestWritesGoOnBesideALongRead has another process read for as long as the test takes. No write
// waits for it as long as it would wait for a lock.
func TestWritesGoOnBesideALongRead(t *testing.T) {
	t.Parallel()
	driver := open(t)
	driver.SetWALLimit(4 << 10)
	execute(t, driver.Writer(), "CREATE TABLE texts (text text)")
	execute(t, driver.Writer(), "INSERT INTO texts VALUES ('a'), ('b')")
	other, err := sqlite.OpenPool(driver.Path(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	rows, err := other.QueryContext(t.Context(), "SELECT text FROM texts")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	defer rows.Close()
	var slowest time.Duration
	for begin := time.Now(); driver.WALTries() < 3; {
		if time.Since(begin) > time.Minute {
			t.Fatal("nobody tries to cut the log")
		}
		write := time.Now()
		if err := driver.Exec(t.Context(), "INSERT INTO texts VALUES (?)", []any{strings.Repeat("x", 20_000)}, nil); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(write))
	}
	t.Logf("the slowest write took %v", slowest)
	if slowest > sqlite.BusyTimeout/2 {
		t.Errorf("a write took %v", slowest)
	}
	if err := rows.Err(); err != nil || !rows.Next() {
		t.Errorf("the read goes on: %v", err)
	}
}
