// Package limit bounds what clients may take of the service: how many requests are in flight, and how
// many each user may make.
package limit

import (
	"errors"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
)

// ErrBusy is the error of a request that comes when too many others are in flight.
var ErrBusy = errors.New("too many requests are in flight")

// Concurrency refuses a request with [ErrBusy] while limit others are in flight. To wait would take
// longer than clients do.
func Concurrency(limit int) fiber.Handler {
	var inFlight atomic.Int64
	return func(c *fiber.Ctx) error {
		n := inFlight.Add(1) // a refused request counts for a moment too
		defer inFlight.Add(-1)
		if n > int64(limit) {
			return ErrBusy
		}
		return c.Next()
	}
}
