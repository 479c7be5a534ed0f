package routes

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"todo-backend/middleware"
)

const unreadKey = "unread"

// answerUnread returns the error handler of an application that answers errors with answer. A request that HTTP itself can't read,
// for its body is too long for one, has reached no handler of the application, and reaches none: around, the handlers that
// stand around every answer, are all that its answer passes.
func answerUnread(answer fiber.ErrorHandler, around []any) fiber.ErrorHandler {
	unread := fiber.New(fiber.Config{ErrorHandler: answer, DisableStartupMessage: true})
	unread.Use(around...)
	unread.Use(func(c *fiber.Ctx) error { return c.Locals(unreadKey).(error) })
	handle := unread.Handler()
	return func(c *fiber.Ctx, err error) error {
		if middleware.RequestID(c) != "" {
			return answer(c, err)
		}
		c.Locals(unreadKey, statusOf(err))
		handle(c.Context())
		return nil
	}
}

// statusOf is err without its words: those of the server quote the request that it could not read, token, cookies and body.
func statusOf(err error) error {
	if failure, ok := errors.AsType[*fiber.Error](err); ok {
		return fiber.NewError(failure.Code)
	}
	return fiber.ErrBadRequest
}
