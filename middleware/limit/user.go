package limit

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/semaphore"

	"todo-backend/ent/viewer"
)

// maxWaiting is how many requests of one user may wait for others of the same user to end.
const maxWaiting = 64

// ErrUserBusy is the error of a request of a user of whom too many others wait already.
var ErrUserBusy = fiber.NewError(http.StatusTooManyRequests, "Too many of your requests are waiting, please try again")

// Share returns how many requests of one user may be in flight where the database has so many
// connections: a quarter of them, so that four users can't take them all, and at least one.
func Share(connections int) int { return max(1, connections/4) }

// PerUser lets limit requests of each user be in flight at a time. Of one user 64 others wait, in the
// order in which they came. One that waited for half of the time until its deadline is given up, since
// it would begin with too little time to end. A further one is refused with [ErrUserBusy].
//
// PerUser stands behind the middleware that sets the viewer, and before [Concurrency], so that a
// request that waits counts for no limit that holds for all users.
func PerUser(limit int) fiber.Handler { return newUserConcurrency(limit).handle }

// userConcurrency bounds the requests in flight of each user.
type userConcurrency struct {
	limit int
	mu    sync.Mutex
	users map[string]*userRequests // without those who have none
}

// userRequests are one user's.
type userRequests struct {
	places *semaphore.Weighted // one for each request in flight
	count  int                 // in flight and waiting
}

func newUserConcurrency(limit int) *userConcurrency {
	return &userConcurrency{limit: limit, users: map[string]*userRequests{}}
}

func (u *userConcurrency) handle(c *fiber.Ctx) error {
	ctx := c.UserContext()
	v, _ := viewer.FromContext(ctx)
	requests := u.enter(v.ID)
	if requests == nil {
		c.Set(fiber.HeaderRetryAfter, "1")
		return ErrUserBusy
	}
	defer u.leave(v.ID, requests)
	if err := requests.wait(ctx); err != nil {
		return fmt.Errorf("wait for other requests of the user: %w", err)
	}
	defer requests.places.Release(1)
	return c.Next()
}

// wait takes a place, at the latest after half of the time until the deadline of ctx.
func (r *userRequests) wait(ctx context.Context) error {
	if r.places.TryAcquire(1) {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	return r.places.Acquire(ctx, 1)
}

// enter counts a request of the user. It returns nil where too many wait already.
func (u *userConcurrency) enter(user string) *userRequests {
	u.mu.Lock()
	defer u.mu.Unlock()
	requests := u.users[user]
	if requests == nil {
		requests = &userRequests{places: semaphore.NewWeighted(int64(u.limit))}
		u.users[user] = requests
	}
	if requests.count == u.limit+maxWaiting {
		return nil
	}
	requests.count++
	return requests
}

// leave ends the counting of a request. A user who has no others is forgotten.
func (u *userConcurrency) leave(user string, requests *userRequests) {
	u.mu.Lock()
	defer u.mu.Unlock()
	requests.count--
	if requests.count == 0 {
		delete(u.users, user)
	}
}
