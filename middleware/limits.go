package middleware

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/viewer"
)

// ErrBusy is the error of a request that comes when too many others are being answered.
var ErrBusy = errors.New("too many requests are in flight")

// Concurrency refuses requests at once while limit others are in flight: what would wait longer than clients do had better
// not be begun.
func Concurrency(limit int) fiber.Handler {
	var inFlight atomic.Int64
	return func(c *fiber.Ctx) error {
		n := inFlight.Add(1) // the refused count for a moment too
		defer inFlight.Add(-1)
		if n > int64(limit) {
			return ErrBusy
		}
		return c.Next()
	}
}

// rateWindow is the time in which a user's requests are counted.
const rateWindow = time.Minute

// Rate lets each user make limit requests in a minute, as this copy of the service counts, and tells in every answer how many are
// left (draft-ietf-httpapi-ratelimit-headers-10). It stands behind Auth.
func Rate(limit int) fiber.Handler {
	policy := fmt.Sprintf(`"user";q=%d;w=%d`, limit, int(rateWindow.Seconds()))
	var counter rateCounter
	return func(c *fiber.Ctx) error {
		v, _ := viewer.FromContext(c.UserContext())
		used, left := counter.count(v.ID, time.Now())
		seconds := strconv.Itoa(int(math.Ceil(left.Seconds())))
		c.Set("RateLimit-Policy", policy)
		c.Set("RateLimit", fmt.Sprintf(`"user";r=%d;t=%s`, max(limit-used, 0), seconds))
		if used > limit {
			c.Set(fiber.HeaderRetryAfter, seconds)
			return fiber.NewError(http.StatusTooManyRequests, "Too many requests, please wait "+seconds+" seconds")
		}
		return c.Next()
	}
}

// rateCounter counts requests in windows that are the same for all users, so that a new one forgets the last whole.
type rateCounter struct {
	mu     sync.Mutex
	window time.Time
	users  map[string]int
}

// count returns how many requests the user has made in this window, this one included, and how much of it is left.
func (r *rateCounter) count(user string, now time.Time) (used int, left time.Duration) {
	window := now.Truncate(rateWindow)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !window.Equal(r.window) {
		r.window, r.users = window, map[string]int{}
	}
	r.users[user]++
	return r.users[user], window.Add(rateWindow).Sub(now)
}
