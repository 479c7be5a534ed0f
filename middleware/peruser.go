package middleware

import (
	"sync"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/viewer"
)

// PerUser lets limit requests of each user be under way at a time, so that none of them takes all connections to the database. The
// others wait for their turn, as long as their deadline lets them. It stands behind Auth.
func PerUser(limit int) fiber.Handler {
	users := turns{limit: limit, of: map[string]*turn{}}
	return func(c *fiber.Ctx) error {
		v, _ := viewer.FromContext(c.UserContext())
		mine := users.enter(v.ID)
		defer users.leave(v.ID, mine)
		select {
		case mine.slots <- struct{}{}:
			defer func() { <-mine.slots }()
			return c.Next()
		case <-c.UserContext().Done():
			return ErrBusy
		}
	}
}

// turns are those of the users who have requests under way or waiting.
type turns struct {
	limit int
	mu    sync.Mutex
	of    map[string]*turn
}

// turn is one user's.
type turn struct {
	slots    chan struct{} // holds one for each request under way
	requests int
}

func (t *turns) enter(user string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine, ok := t.of[user]
	if !ok {
		mine = &turn{slots: make(chan struct{}, t.limit)}
		t.of[user] = mine
	}
	mine.requests++
	return mine
}

func (t *turns) leave(user string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine.requests--
	if mine.requests == 0 {
		delete(t.of, user)
	}
}
