package middleware

import (
	"errors"

	"github.com/gofiber/fiber/v2"
)

const unreadKey = "unread"

// Rerun sends a request that the server gave up on before any handler ran, a body over the limit for one, through the
// application's handlers after all: Unread stops it there with err, and the answer carries what theirs carry. Of err only the
// status goes on: the server's own words quote the request that it could not read, token, cookies and body.
func Rerun(c *fiber.Ctx, err error) error {
	if failure, ok := errors.AsType[*fiber.Error](err); ok {
		err = fiber.NewError(failure.Code)
	}
	c.Context().SetUserValue(unreadKey, err)
	c.App().Server().Handler(c.Context()) // App.Handler would wait for a shutdown, which waits for this request
	return nil
}

// Unread ends a request that Rerun sent, with its error.
func Unread(c *fiber.Ctx) error {
	if err, ok := c.Locals(unreadKey).(error); ok {
		return err
	}
	return c.Next()
}
