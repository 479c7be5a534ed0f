package routes_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"todo-backend/config"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware/token"
	"todo-backend/routes"
)

// Whatever route there will be, what its answers hold until they are read is counted, for the user of the token or for nobody.
func TestUnreadAnswersOfAnyRouteAreBounded(t *testing.T) {
	t.Parallel()
	app, err := routes.New(routes.Dependencies{
		Client:   databasetest.SQLite(t).Client,
		Verifier: token.NewVerifier(t.Context(), token.Rules{Secret: secret, Logger: slog.New(slog.DiscardHandler)}),
		Logger:   slog.New(slog.DiscardHandler),
	}, config.Config{Format: config.FormatPlain, RequestTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	long := func(c *fiber.Ctx) error {
		made++
		c.Response().SetBodyRaw(make([]byte, 1<<20))
		return nil
	}
	app.Get("/later", long)
	app.Get("/api/later", long)
	app.Post("/api/later", long)
	var unread []*fasthttp.RequestCtx
	ask := func(bearer, method, path string) int {
		ctx := newRequest(bearer, method, path, "")
		app.Handler()(ctx)
		unread = append(unread, ctx)
		return ctx.Response.StatusCode()
	}
	ann, bob := sign(t, "ann"), sign(t, "bob")
	for _, step := range []struct {
		bearer, method, path string
		answered             int // before one is refused, in MiB
	}{
		{"", http.MethodGet, "/later", 32},
		{ann, http.MethodGet, "/api/later", 64},
		{bob, http.MethodPost, "/api/later", 64},
		{ann, http.MethodPost, "/api/later", 0},
	} {
		before := made
		for range step.answered {
			if status := ask(step.bearer, step.method, step.path); status != http.StatusOK {
				t.Fatalf("%s %s is a %d after %d", step.method, step.path, status, made-before)
			}
		}
		if status := ask(step.bearer, step.method, step.path); status != http.StatusServiceUnavailable {
			t.Errorf("%s %s is a %d after %d", step.method, step.path, status, made-before)
		}
		if step.method == http.MethodPost && made-before != step.answered {
			t.Errorf("a change is made that is refused then")
		}
	}
}
