package middleware

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// writes are what was written, each by itself.
type writes chan string

func (w writes) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

func TestLogBufferWritesInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := make(writes, 3)
		b := NewLogBuffer(out)
		for _, line := range []string{"one\n", "two\n"} {
			fmt.Fprint(b, line)
		}
		begin := time.Now()
		if got := <-out; got != "one\ntwo\n" || time.Since(begin) != logBufferDelay {
			t.Errorf("after %v %q is written", time.Since(begin), got)
		}
		fmt.Fprint(b, "three\n")
		b.Flush()
		if len(out) != 1 || <-out != "three\n" {
			t.Error("Flush does not write what waits")
		}
	})
}

func TestLogBufferKeepsEveryLineWhole(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := NewLogBuffer(&out)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 1000 {
				fmt.Fprintf(b, "%s\n", strings.Repeat(string(rune('a'+i)), 50))
			}
		})
	}
	fmt.Fprintf(b, "%s\n", strings.Repeat("long", logBufferSize))
	all.Wait()
	b.Flush()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 8001 {
		t.Errorf("%d lines are written", len(lines))
	}
	for _, line := range lines {
		if strings.Count(line, line[:1]) != len(line) && !strings.HasPrefix(line, "long") {
			t.Errorf("a line is broken: %.100q", line)
		}
	}
}
