package limit

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/viewer"
)

// rateWindow is the time in which a user's requests are counted.
const rateWindow = time.Minute

// Rate lets each user make limit requests a minute, as this copy of the service counts them, and
// says in every answer how many are left (draft-ietf-httpapi-ratelimit-headers-10). A further request
// is a 429. Rate stands behind the middleware that sets the viewer.
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

// rateCounter counts requests in windows that are the same for all users, so that the counts of a
// window are dropped as a whole when the next one begins.
type rateCounter struct {
	mu     sync.Mutex
	window time.Time
	users  map[string]int
}

// count returns how many requests the user has made in this window, this one included, and how much
// of the window is left.
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
