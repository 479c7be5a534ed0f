package routes

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"todo-backend/ent/resource"
	"todo-backend/middleware"
	"todo-backend/middleware/limit"
)

// The answers to wrong requests may be long too: those that nobody reads are bounded as all others, and the last refusal is short.
func TestUnreadErrorsAreBounded(t *testing.T) {
	t.Parallel()
	p := problems{responses: limit.NewResponseBudget()}
	app := fiber.New(fiber.Config{ErrorHandler: p.write})
	app.Use(middleware.Identify)
	app.Get("/", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderETag, `"tag"`)
		c.Response().AppendBodyString("what was written until it failed")
		var broken resource.Invalid
		for range 10_000 {
			broken.Add("title", "length", "must have 1 to 255 characters")
		}
		return broken
	})
	var unread []*fasthttp.RequestCtx
	for len(unread) < 100 {
		ctx := &fasthttp.RequestCtx{}
		ctx.Request.SetRequestURI("/")
		app.Handler()(ctx)
		res := &ctx.Response
		if res.Header.Peek(fiber.HeaderETag) != nil || string(res.Header.Peek(fiber.HeaderCacheControl)) != "no-store" {
			t.Fatalf("an error has the headers of another answer: %s", &res.Header)
		}
		if res.StatusCode() == http.StatusServiceUnavailable {
			if !bytes.HasPrefix(res.Body(), []byte(`{"success":false,`)) {
				t.Errorf("the refusal is %s", res.Body())
			}
			break
		}
		unread = append(unread, ctx)
	}
	if size := len(unread) * unread[0].Response.Header.ContentLength(); size < 16<<20 || size > 32<<20 {
		t.Errorf("%d errors that nobody has read hold %d bytes", len(unread), size)
	}
}
