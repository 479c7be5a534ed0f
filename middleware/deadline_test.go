package middleware

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// Who writes the longest time there is means none.
func TestDeadlineForEver(t *testing.T) {
	t.Parallel()
	shared := &deadlines{time: math.MaxInt64}
	for range 2 {
		if err := shared.context(time.Now()).Err(); err != nil {
			t.Errorf("a request that may take for ever: %v", err)
		}
	}
}

// Every request gets its time but for a hundredth at most, and those that come together share a context.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const allowed = 10 * time.Second
		shared := &deadlines{time: allowed}
		contexts := map[context.Context]bool{}
		for range 500 {
			now := time.Now()
			ctx := shared.context(now)
			deadline, _ := ctx.Deadline()
			if left := deadline.Sub(now); left < allowed-allowed/100 || left > allowed {
				t.Fatalf("a request gets %v", left)
			}
			contexts[ctx] = true
			time.Sleep(time.Millisecond)
		}
		if len(contexts) > 5 {
			t.Errorf("500 requests in half a second have %d contexts", len(contexts))
		}
		time.Sleep(allowed)
		for ctx := range contexts {
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				t.Errorf("a request's time is over, and its context says %v", ctx.Err())
			}
		}
	})
}
