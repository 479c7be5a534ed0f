package routes

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"todo-backend/middleware"
)

// health is the answer of /health.
type health struct {
	Status  string `json:"status" example:"healthy"`
	Service string `json:"service" example:"todo-backend"`
} // @name Health

// readiness is the answer of /ready.
type readiness struct {
	Status  string `json:"status" example:"ready"`
	Service string `json:"service" example:"todo-backend"`
	Writes  bool   `json:"writes" example:"true"`
} // @name Readiness

const serviceName = "todo-backend"

// live answers as long as the process does; the database is not asked.
//
//	@ID			getHealth
//	@Summary	Is the process alive?
//	@Description	For whoever restarts processes that hang; whether requests can be served, the readiness says.
//	@Tags		Service
//	@Success	200	{object}	health	"It is; the database is not asked"
//	@Router		/health [get]
func live(c *fiber.Ctx) error {
	return writeJSON(c, health{Status: "healthy", Service: serviceName}, fiber.MIMEApplicationJSON)
}

// liveBelowAPI is live for clients that know one address, which ends in /api.
//
//	@ID			getAPIHealth
//	@Summary	Is the process alive?
//	@Description	The same as `/health`, for clients whose addresses all begin with `/api`.
//	@Tags		Service
//	@Success	200	{object}	health	"It is; the database is not asked"
//	@Router		/api/health [get]
func liveBelowAPI(c *fiber.Ctx) error { return live(c) }

// ready answers whether requests should be sent here.
//
//	@ID			getReadiness
//	@Summary	Should requests be sent here?
//	@Description	Not while the database does not answer or lacks what this version reads, or the service is stopping.
//	@Description	writes is false where the database is read-only: reads are served, each write is answered with 503.
//	@Tags		Service
//	@Success	200	{object}	readiness	"They should"
//	@Failure	503	"Failed"
//	@Router		/ready [get]
func ready(lifecycle *middleware.Lifecycle, check func(context.Context) (writes bool, err error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := lifecycle.Err()
		writes := false
		if err == nil {
			writes, err = check(c.UserContext())
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errNotReady, err)
		}
		return writeJSON(c, readiness{Status: "ready", Service: serviceName, Writes: writes}, fiber.MIMEApplicationJSON)
	}
}

// errNotReady is the error of a service that should get no requests.
var errNotReady = errors.New("not ready")
