package routes

import (
	"errors"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"todo-backend/middleware"
)

// Long answers are counted until they are sent, and refused where too many are not.
func TestUnsent(t *testing.T) {
	t.Parallel()
	app := fiber.New()
	var u unsent
	answer := func(size int) (*fiber.Ctx, error) {
		c := app.AcquireCtx(&fasthttp.RequestCtx{})
		c.Set(fiber.HeaderETag, `"tag"`)
		c.Response().SetBodyRaw(make([]byte, size))
		return c, u.hold(c)
	}
	if _, err := answer(keptBody); err != nil || u.size.Load() != 0 {
		t.Errorf("a short answer: %v, %d bytes are counted", err, u.size.Load())
	}
	var held []*fiber.Ctx
	for range 4 {
		c, err := answer(maxUnsent / 4)
		if err != nil {
			t.Fatalf("%d long answers: %v", len(held)+1, err)
		}
		held = append(held, c)
	}
	refused, err := answer(keptBody + 1)
	if !errors.Is(err, middleware.ErrBusy) || len(refused.Response().Header.Peek(fiber.HeaderETag)) > 0 {
		t.Errorf("one more: %v", err)
	}
	for _, c := range held {
		if err := c.Response().CloseBodyStream(); err != nil {
			t.Error(err)
		}
	}
	if u.size.Load() != 0 {
		t.Errorf("all are sent, and %d bytes counted", u.size.Load())
	}
}
