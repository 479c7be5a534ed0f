//go:build faults

package faults

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestKilledWhileWriting kills the service with -9 in the middle of writes, and starts it again.
func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, source string) {
		s := newService(t, source)
		s.start(t)
		l := newLoad(t, s.url(), 16, 4)
		var longest time.Duration
		for range *rounds {
			l.run()
			longest = max(longest, l.awaitBack(20*time.Second))
			time.Sleep(rand.N(time.Second))
			l.mark("kill -9")
			s.kill()
			l.stop()
			openRaw(t, source).Close() // checks the file as it was left
			l.mark("start")
			s.start(t)
			l.check(t)
		}
		t.Logf("from a start until it serves: %v at worst", longest)
	})
}
