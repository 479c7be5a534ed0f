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
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/viewer"
)

// answered is the status of an answer and what its Retry-After says.
type answered struct {
	status int
	retry  string
}

// userApp has at most limit requests of a user in flight, and all others of all users in flight at most. A request of alice
// ends once she may go on.
type userApp struct {
	*fiber.App
	users  *userConcurrency
	finish chan struct{}
}

func newUserApp(limit, all int) *userApp {
	a := &userApp{users: newUserConcurrency(limit), finish: make(chan struct{})}
	a.App = fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		if refused, ok := errors.AsType[*fiber.Error](err); ok {
			return c.SendStatus(refused.Code)
		}
		return c.SendStatus(http.StatusServiceUnavailable)
	}})
	a.Use(func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), time.Hour)
		defer cancel()
		c.SetUserContext(viewer.NewContext(ctx, viewer.Viewer{ID: c.Query("user")}))
		return c.Next()
	}, a.users.handle, Concurrency(all))
	a.Get("/", func(c *fiber.Ctx) error {
		if c.Query("user") == "alice" {
			<-a.finish
		}
		return c.SendStatus(http.StatusNoContent)
	})
	return a
}

// ask sends a request, whose answer comes later.
func (a *userApp) ask(t *testing.T, user string) <-chan answered {
	answer := make(chan answered, 1)
	go func() {
		res, err := a.Test(httptest.NewRequest(http.MethodGet, "/?user="+user, http.NoBody), -1)
		if err != nil {
			t.Error(err)
			answer <- answered{}
			return
		}
		res.Body.Close()
		answer <- answered{res.StatusCode, res.Header.Get("Retry-After")}
	}()
	return answer
}

// await waits until alice has so many requests, in flight and waiting.
func (a *userApp) await(count int) {
	for {
		a.users.mu.Lock()
		requests := a.users.users["alice"]
		reached := requests == nil && count == 0 || requests != nil && requests.count == count
		a.users.mu.Unlock()
		if reached {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// Alice has two requests in flight and 64 that wait. One more is refused, and bob is served, though no more than three requests
// of all users may be in flight. Those that wait are served when the others end, and nothing is kept of her then.
func TestPerUser(t *testing.T) {
	t.Parallel()
	app := newUserApp(2, 3)
	var answers []<-chan answered
	for range 2 + 64 {
		answers = append(answers, app.ask(t, "alice"))
	}
	app.await(2 + 64)
	if got := <-app.ask(t, "alice"); got != (answered{http.StatusTooManyRequests, "1"}) {
		t.Errorf("one more of alice is answered %v", got)
	}
	if got := <-app.ask(t, "bob"); got.status != http.StatusNoContent {
		t.Errorf("bob is answered %v", got)
	}
	close(app.finish)
	for _, answer := range answers {
		if got := <-answer; got.status != http.StatusNoContent {
			t.Errorf("alice is answered %v", got)
		}
	}
	app.await(0)
}

// Places are given in the order in which requests came. Who waited half of the time until the deadline gets none.
func TestWaitingForAPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		users := newUserConcurrency(1)
		alice := users.enter("alice")
		if err := alice.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		order := make(chan int, 3)
		for i := range 3 {
			go func() {
				if err := alice.wait(t.Context()); err == nil {
					order <- i
				}
			}()
			synctest.Wait()
		}
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := alice.wait(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		for want := range 3 {
			alice.places.Release(1)
			if got := <-order; got != want {
				t.Errorf("request %d gets a place before request %d", got, want)
			}
		}
	})
}

// However places and ends of time meet, no place is lost and none is given twice.
func TestPlacesAtTheEndOfTime(t *testing.T) {
	t.Parallel()
	users := newUserConcurrency(2)
	var inFlight atomic.Int32
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 200 {
				ctx, cancel := context.WithTimeout(context.Background(), 100*time.Microsecond)
				alice := users.enter("alice")
				if alice.wait(ctx) == nil {
					if n := inFlight.Add(1); n > 2 {
						t.Errorf("%d are in flight", n)
					}
					runtime.Gosched()
					inFlight.Add(-1)
					alice.places.Release(1)
				}
				users.leave("alice", alice)
				cancel()
			}
		})
	}
	all.Wait()
	if len(users.users) != 0 {
		t.Errorf("%v is kept", users.users)
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for connections, want := range map[int]int{0: 1, 1: 1, 2: 1, 4: 1, 7: 1, 8: 2, 16: 4, 100: 25} {
		if got := Share(connections); got != want {
			t.Errorf("of %d connections a user may use %d, want %d", connections, got, want)
		}
	}
}
