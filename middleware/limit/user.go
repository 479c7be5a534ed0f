package limit

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
	limit int
	mu    sync.Mutex
	of    map[string]turn // by user
}

// turn is one user's. Somebody waits only while as many requests are under way as may be.
type turn struct {
	underWay int
	waiting  []chan struct{} // closed when it is their turn; the longest waiting first
}

func newTurns(limit int) *turns { return &turns{limit: limit, of: map[string]turn{}} }

// take reports whether it got the user a turn before ctx ended.
func (t *turns) take(ctx context.Context, user string) bool {
	place := t.enter(user)
	if place == nil {
		return true
	}
	select {
	case <-place:
		return true
	case <-ctx.Done():
		return !t.giveUp(user, place)
	}
}

// enter takes a turn if one is free, and otherwise a place among those who wait.
func (t *turns) enter(user string) (place chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := t.of[user]
	if mine.underWay < t.limit {
		mine.underWay++
	} else {
		place = make(chan struct{})
		mine.waiting = append(mine.waiting, place)
	}
	t.of[user] = mine
	return place
}

// giveUp ends the waiting. It reports false if the turn has come meanwhile.
func (t *turns) giveUp(user string, place chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := t.of[user]
	i := slices.Index(mine.waiting, place)
	if i < 0 {
		return false
	}
	mine.waiting = slices.Delete(mine.waiting, i, i+1)
	t.of[user] = mine
	return true
}

// leave hands the turn to who waits longest.
func (t *turns) leave(user string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := t.of[user]
	if len(mine.waiting) > 0 {
		close(mine.waiting[0])
		mine.waiting = mine.waiting[1:]
	} else {
		mine.underWay--
	}
	if mine.underWay == 0 {
		delete(t.of, user)
		return
	}
	t.of[user] = mine
}
