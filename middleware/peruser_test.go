package middleware

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/viewer"
)

// Alice's third request waits for the end of one of the others, or of its time; Bob's does not.
func TestPerUser(t *testing.T) {
	t.Parallel()
	finish := make(chan struct{})
	app := fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		if errors.Is(err, ErrBusy) {
			return c.SendStatus(http.StatusServiceUnavailable)
		}
		return err
	}})
	app.Use(func(c *fiber.Ctx) error {
		c.SetUserContext(viewer.NewContext(c.UserContext(), viewer.Viewer{ID: c.Query("user")}))
		return c.Next()
	}, Deadline(time.Second), PerUser(2))
	app.Get("/", func(c *fiber.Ctx) error {
		if c.Query("user") == "alice" {
			<-finish
		}
		return c.SendStatus(http.StatusNoContent)
	})
	ask := func(user string) <-chan int {
		status := make(chan int, 1)
		go func() {
			res, err := app.Test(httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/?user="+user, http.NoBody), -1)
			if err != nil {
				t.Error(err)
				status <- 0
				return
			}
			res.Body.Close()
			status <- res.StatusCode
		}()
		return status
	}
	first, second := ask("alice"), ask("alice")
	time.Sleep(100 * time.Millisecond)
	third := ask("alice")
	if status := <-ask("bob"); status != http.StatusNoContent {
		t.Errorf("bob is answered %d", status)
	}
	if status := <-third; status != http.StatusServiceUnavailable {
		t.Errorf("alice's third request is answered %d, while two are under way", status)
	}
	fourth := ask("alice")
	time.Sleep(100 * time.Millisecond)
	close(finish)
	for _, status := range []int{<-first, <-second, <-fourth} {
		if status != http.StatusNoContent {
			t.Errorf("alice is answered %d", status)
		}
	}
}

// Nothing is kept of users who are gone.
func TestTurnsAreForgotten(t *testing.T) {
	t.Parallel()
	users := turns{limit: 1, of: map[string]*turn{}}
	first, second := users.enter("alice"), users.enter("alice")
	if first != second || len(users.of) != 1 {
		t.Error("a user has several turns")
	}
	users.leave("alice", first)
	users.leave("alice", second)
	if len(users.of) != 0 {
		t.Errorf("%d users are kept", len(users.of))
	}
}
