package middleware

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Deadline bounds the time that a request may take, down to its statement in the database, to d, or up to a hundredth of it less.
// It replaces the user context, and so stands before whatever adds to that. The context does not end with the request.
func Deadline(d time.Duration) fiber.Handler {
	shared := &deadlines{time: d}
	return func(c *fiber.Ctx) error {
		c.SetUserContext(shared.context(time.Now()))
		return c.Next()
	}
}

// deadlines are contexts that end. Requests that come within a hundredth of the time that they may take share one: a context and
// a timer for each would cost more than all that Fiber does for it.
type deadlines struct {
	time   time.Duration
	latest atomic.Pointer[context.Context]
}

// context returns one that ends when a request that came now has had its time, or up to a hundredth of it earlier.
func (d *deadlines) context(now time.Time) context.Context {
	if latest := d.latest.Load(); latest != nil {
		if end, _ := (*latest).Deadline(); end.Sub(now) >= d.time-d.time/100 {
			return *latest
		}
	}
	ctx, cancel := context.WithDeadline(context.Background(), now.Add(d.time)) //nolint:gosec // its timer ends it
	_ = cancel                                                                 // nobody knows which request is its last
	d.latest.Store(&ctx)
	return ctx
}
