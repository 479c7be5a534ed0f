package middleware

import (
	"context"
	"slices"
	"sync"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/viewer"
)

// PerUser lets limit requests of each user be under way at a time, so that none of them takes all connections to the database. The
// others wait for their turn, as long as their deadline lets them. It stands behind Auth.
func PerUser(limit int) fiber.Handler {
	users := newTurns(limit)
	return func(c *fiber.Ctx) error {
		ctx := c.UserContext()
		v, _ := viewer.FromContext(ctx)
		if !users.take(ctx, v.ID) {
			return ErrBusy
		}
		defer users.leave(v.ID)
		return c.Next()
	}
}

// turns are those of the users who have requests under way.
type turns struct {
	limit    int
	mu       sync.Mutex
	underWay map[string]int             // by user
	waiting  map[string][]chan struct{} // closed when it is their turn; the longest waiting first
}

func newTurns(limit int) *turns {
	return &turns{limit: limit, underWay: map[string]int{}, waiting: map[string][]chan struct{}{}}
}

// take reports whether it got the user a turn before ctx ended.
func (t *turns) take(ctx context.Context, user string) bool {
	t.mu.Lock()
	if t.underWay[user] < t.limit {
		t.underWay[user]++
		t.mu.Unlock()
		return true
	}
	turn := make(chan struct{})
	t.waiting[user] = append(t.waiting[user], turn)
	t.mu.Unlock()
	select {
	case <-turn:
		return true
	case <-ctx.Done():
		return !t.giveUp(user, turn)
	}
}

// giveUp ends the waiting for a turn. It reports false if the turn has come meanwhile.
func (t *turns) giveUp(user string, turn chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.waiting[user], turn)
	if i < 0 {
		return false
	}
	t.setWaiting(user, slices.Delete(t.waiting[user], i, i+1))
	return true
}

// leave hands the turn to who waits longest.
func (t *turns) leave(user string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if waiting := t.waiting[user]; len(waiting) > 0 {
		close(waiting[0])
		t.setWaiting(user, waiting[1:])
		return
	}
	t.underWay[user]--
	if t.underWay[user] == 0 {
		delete(t.underWay, user)
	}
}

func (t *turns) setWaiting(user string, waiting []chan struct{}) {
	if len(waiting) == 0 {
		delete(t.waiting, user)
		return
	}
	t.waiting[user] = waiting
}
