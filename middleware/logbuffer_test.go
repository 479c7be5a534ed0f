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

func TestLogBufferWritesInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		b := NewLogBuffer(&out)
		for _, line := range []string{"one\n", "two\n"} {
			fmt.Fprint(b, line)
		}
		if out.Len() > 0 {
			t.Errorf("%q is written at once", out.String())
		}
		time.Sleep(logBufferDelay)
		synctest.Wait()
		if out.String() != "one\ntwo\n" {
			t.Errorf("after the delay %q is written", out.String())
		}
		fmt.Fprint(b, "three\n")
		b.Flush()
		if !strings.HasSuffix(out.String(), "two\nthree\n") {
			t.Errorf("after Flush %q is written", out.String())
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
