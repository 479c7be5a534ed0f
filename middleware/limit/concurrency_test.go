package limit

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// Whoever comes while all places are taken is refused at once, and served again when one is free.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	app := fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		return c.Status(http.StatusServiceUnavailable).SendString(err.Error())
	}})
	entered, leave := make(chan struct{}), make(chan struct{})
	app.Use(Concurrency(2))
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("quick") })
	app.Get("/slow", func(*fiber.Ctx) error {
		entered <- struct{}{}
		<-leave
		return nil
	})
	get := func(path string) string {
		res, err := app.Test(httptest.NewRequest(http.MethodGet, path, http.NoBody), -1)
		if err != nil {
			return err.Error()
		}
		body, err := io.ReadAll(res.Body)
		return fmt.Sprint(res.StatusCode, string(body), err)
	}
	ended := make(chan string)
	for range 2 {
		go func() { ended <- get("/slow") }()
		<-entered
	}
	if got := get("/"); got != "503"+ErrBusy.Error()+"<nil>" {
		t.Errorf("with all places taken: %s", got)
	}
	leave <- struct{}{}
	<-ended
	if got := get("/"); got != "200quick<nil>" {
		t.Errorf("with a place free: %s", got)
	}
	close(leave)
	<-ended
}
