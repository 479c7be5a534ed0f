package middleware

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// writes are what was written, each by itself. Nobody reads more than there is room for.
type writes chan string

func (w writes) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

// failing writes a number of bytes and fails then.
type failing int

func (f failing) Write([]byte) (int, error) { return int(f), errors.New("broken pipe") }

func TestLogQueueWritesInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const delay = 100 * time.Millisecond
		out := make(writes, 3)
		q := NewLogQueue(out, delay)
		for _, line := range []string{"one\n", "two\n"} {
			fmt.Fprint(q, line)
		}
		begin := time.Now()
		if got := <-out; got != "one\ntwo\n" || time.Since(begin) != delay {
			t.Errorf("after %v %q is written", time.Since(begin), got)
		}
		fmt.Fprint(q, "three\n")
		q.Close(time.Minute)
		if len(out) != 1 || <-out != "three\n" || time.Since(begin) != delay {
			t.Error("Close does not write at once what waits")
		}
		fmt.Fprint(q, "too late\n")
		if got := testutil.ToFloat64(q.Dropped); got != 1 {
			t.Errorf("%v lines are dropped, want the one behind Close", got)
		}
	})
}

// TestLogQueueWaitsForNobody has nobody read: lines are taken at once, those that find no room are counted, and the end does not
// wait for good.
func TestLogQueueWaitsForNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := make(writes)
		q := NewLogQueue(out, 0)
		begin := time.Now()
		fmt.Fprint(q, "first\n")
		synctest.Wait() // it is being written
		const fit, more = 10, 7
		q.size = fit * len("a line\n")
		for range fit + more {
			fmt.Fprint(q, "a line\n")
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("who writes lines waits for %v", took)
		}
		if got := testutil.ToFloat64(q.Dropped); got != more {
			t.Errorf("%v lines are dropped, want %d", got, more)
		}
		q.Close(time.Second)
		if took := time.Since(begin); took != time.Second {
			t.Errorf("the end waits for %v", took)
		}
		if first, rest := <-out, <-out; first != "first\n" || strings.Count(rest, "a line\n") != fit {
			t.Errorf("written are %q and %q", first, rest)
		}
	})
}

// TestLogQueueCountsWhatCantBeWritten also where a part was.
func TestLogQueueCountsWhatCantBeWritten(t *testing.T) {
	t.Parallel()
	q := NewLogQueue(failing(len("one\nt")), time.Hour)
	fmt.Fprint(q, "one\ntwo\nthree\n")
	q.Close(time.Minute)
	if got := testutil.ToFloat64(q.Dropped); got != 2 {
		t.Errorf("%v lines are dropped, want 2", got)
	}
}

func TestLogQueueKeepsEveryLineWhole(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	q := NewLogQueue(&out, 0)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 1000 {
				fmt.Fprintf(q, "%s\n", strings.Repeat(string(rune('a'+i)), 50))
			}
		})
	}
	all.Wait()
	q.Close(time.Minute)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 8000 {
		t.Errorf("%d lines are written", len(lines))
	}
	for _, line := range lines {
		if strings.Count(line, line[:1]) != 50 {
			t.Errorf("a line is broken: %.100q", line)
		}
	}
}
