package routes

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
)

// health is the answer of /health and /ready.
type health struct {
	Status  string `json:"status" validate:"required" example:"healthy"`
	Service string `json:"service" validate:"required" example:"todo-backend"`
} // @name Health

const serviceName = "todo-backend"

// live answers as long as the process does; the database is not asked.
func live(c *fiber.Ctx) error {
	return writeJSON(c, health{Status: "healthy", Service: serviceName}, fiber.MIMEApplicationJSON)
}

// ready answers whether requests should be sent here.
func ready(check func(context.Context) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := check(c.UserContext()); err != nil {
			return &unavailable{err}
		}
		return writeJSON(c, health{Status: "ready", Service: serviceName}, fiber.MIMEApplicationJSON)
	}
}

// unavailable is the error of a service that is not ready.
type unavailable struct{ cause error }

func (e *unavailable) Error() string { return "not ready: " + e.cause.Error() }

func (e *unavailable) Unwrap() error { return e.cause }

func isNotReady(err error) bool {
	_, ok := errors.AsType[*unavailable](err)
	return ok
}
