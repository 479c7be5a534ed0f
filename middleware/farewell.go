package middleware

import (
	"errors"

	"github.com/gofiber/fiber/v2"
)

// ErrStopping is the error of a readiness that ends in good order.
var ErrStopping = errors.New("the service is stopping")

// Farewell has answers end their connections while stopping says so. Whoever keeps connections open then comes back over a new
// one, to a copy that stays, instead of sending a request into a connection that is about to be closed.
func Farewell(stopping func() bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := c.Next()
		if stopping() {
			c.Context().SetConnectionClose()
		}
		return err
	}
}
