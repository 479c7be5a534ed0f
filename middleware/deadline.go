package middleware

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Deadline bounds the time that a request may take, down to its statement in the database: to d, and up to a hundredth of it more.
// It begins the request's user context, and stands before whatever puts something there.
func Deadline(d time.Duration) fiber.Handler {
	shared := &deadlines{time: d}
	return func(c *fiber.Ctx) error {
		c.SetUserContext(shared.context(time.Now()))
		return c.Next()
	}
}

// deadlines are contexts that end. Requests share one if they come within a hundredth of the time that they may take: a context and
// a timer for each would cost more than all that Fiber does for it.
type deadlines struct {
	time   time.Duration
	latest atomic.Pointer[deadline]
}

// deadline is a context for the requests that come until a time.
type deadline struct {
	context.Context

	until time.Time
}

// context returns one that ends when a request that came now has had its time.
func (d *deadlines) context(now time.Time) context.Context {
	if latest := d.latest.Load(); latest != nil && now.Before(latest.until) {
		return latest.Context
	}
	slice := d.time / 100
	ctx, cancel := context.WithTimeout(context.Background(), d.time+slice)
	context.AfterFunc(ctx, cancel) // by itself: nobody knows which request is its last
	d.latest.Store(&deadline{ctx, now.Add(slice)})
	return ctx
}
