package limit

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/viewer"
)

// Alice's third request waits for the end of one of the others, or of its time; Bob's does not.
func TestPerUser(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}, 3), make(chan struct{})
	app := fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		if errors.Is(err, ErrBusy) {
			return c.SendStatus(http.StatusServiceUnavailable)
		}
		return err
	}})
	app.Use(func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), time.Second)
		defer cancel()
		c.SetUserContext(viewer.NewContext(ctx, viewer.Viewer{ID: c.Query("user")}))
		return c.Next()
	}, PerUser(2))
	app.Get("/", func(c *fiber.Ctx) error {
		if c.Query("user") == "alice" {
			begun <- struct{}{}
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
	<-begun
	<-begun
	third := ask("alice")
	if status := <-ask("bob"); status != http.StatusNoContent {
		t.Errorf("bob is answered %d", status)
	}
	if status := <-third; status != http.StatusServiceUnavailable {
		t.Errorf("alice's third request is answered %d, while two are under way", status)
	}
	fourth := ask("alice")
	time.Sleep(100 * time.Millisecond) // most likely it waits then
	close(finish)
	for _, status := range []int{<-first, <-second, <-fourth} {
		if status != http.StatusNoContent {
			t.Errorf("alice is answered %d", status)
		}
	}
}

// A turn goes to who waits longest, a late one's to nobody, and nothing is kept of users who are gone.
func TestTurns(t *testing.T) {
	t.Parallel()
	users := newTurns(1)
	late, end := context.WithCancel(t.Context())
	end()
	if !users.take(t.Context(), "alice") || users.take(late, "alice") {
		t.Error("one turn at a time is not what alice gets")
	}
	second, third := users.enter("alice"), users.enter("alice")
	users.leave("alice")
	if !isClosed(second) || isClosed(third) {
		t.Error("the turn is not handed to who waits longest")
	}
	users.leave("alice")
	if !isClosed(third) || users.take(late, "alice") {
		t.Error("the turn is not handed to who is left")
	}
	users.leave("alice")
	if len(users.of) != 0 {
		t.Errorf("%v is kept", users.of)
	}
}

func isClosed(place chan struct{}) bool {
	select {
	case <-place:
		return true
	default:
		return false
	}
}

// However turns and ends of time meet, no turn is lost and none is given twice.
func TestTurnsAtTheEndOfTime(t *testing.T) {
	t.Parallel()
	users := newTurns(2)
	var underWay atomic.Int32
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 200 {
				ctx, cancel := context.WithTimeout(context.Background(), 50*time.Microsecond)
				if users.take(ctx, "alice") {
					if n := underWay.Add(1); n > 2 {
						t.Errorf("%d are under way", n)
					}
					runtime.Gosched()
					underWay.Add(-1)
					users.leave("alice")
				}
				cancel()
			}
		})
	}
	all.Wait()
	if len(users.of) != 0 {
		t.Errorf("%v is kept", users.of)
	}
}
