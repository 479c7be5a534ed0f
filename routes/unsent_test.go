package routes

import (
	"errors"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"todo-backend/middleware/limit"
)

// Long answers are counted until they are sent, and refused where too many are not: too many of ann's, while bob still gets his,
// and too many of all.
func TestUnsent(t *testing.T) {
	t.Parallel()
	app, u := fiber.New(), newUnsent()
	answer := func(user string, size int) (*fiber.Ctx, error) {
		c := app.AcquireCtx(&fasthttp.RequestCtx{})
		c.Set(fiber.HeaderETag, `"tag"`)
		c.Response().SetBodyRaw(make([]byte, size))
		return c, u.hold(c, user)
	}
	if _, err := answer("ann", keptBody); err != nil || u.size != 0 {
		t.Errorf("a short answer: %v, %d bytes are counted", err, u.size)
	}
	var held []*fiber.Ctx
	for _, user := range []string{"ann", "ann", "bob", "bob", "cid", "cid", "dan", "dan"} {
		c, err := answer(user, maxUnsentOfUser/2)
		if err != nil {
			t.Fatalf("%s's long answer, while %d others are held: %v", user, len(held), err)
		}
		held = append(held, c)
		refused, err := answer("ann", maxUnsentOfUser/2+1)
		if !errors.Is(err, limit.ErrBusy) || len(refused.Response().Header.Peek(fiber.HeaderETag)) > 0 {
			t.Errorf("more of ann's than one user may have: %v", err)
		}
	}
	if _, err := answer("eve", keptBody+1); !errors.Is(err, limit.ErrBusy) {
		t.Errorf("more than all may have: %v", err)
	}
	for _, c := range held {
		if err := c.Response().CloseBodyStream(); err != nil {
			t.Error(err)
		}
	}
	if u.size != 0 || len(u.of) != 0 {
		t.Errorf("all are sent, and %d bytes of %v counted", u.size, u.of)
	}
}
