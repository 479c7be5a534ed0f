package routes

import (
	"bytes"
	"sync"

	"github.com/gofiber/fiber/v2"

	"todo-backend/middleware/limit"
)

// A client may take as long for a long answer as the server lets it, and ask for more meanwhile. What such answers take in memory
// until they are sent is bounded, in bytes, in all and for each user.
const (
	maxUnsent       = 256 << 20
	maxUnsentOfUser = maxUnsent / 4
)

// unsent counts the bytes of long answers that are not sent yet.
type unsent struct {
	mu   sync.Mutex
	size int
	of   map[string]int // by user
}

func newUnsent() *unsent { return &unsent{of: map[string]int{}} }

// hold counts the user's answer until the server is done with it, sent or not. It returns ErrBusy where there are too many.
func (u *unsent) hold(c *fiber.Ctx, user string) error {
	res := c.Response()
	body := res.Body()
	if len(body) <= keptBody {
		return nil
	}
	size := cap(body)
	if !u.take(user, size) {
		res.Header.Del(fiber.HeaderContentEncoding)
		res.Header.Del(fiber.HeaderETag)
		res.Header.Del(fiber.HeaderLink)
		return limit.ErrBusy
	}
	res.SetBodyStream(&unsentBody{Reader: bytes.NewReader(body), release: sync.OnceFunc(func() { u.release(user, size) })}, len(body))
	return nil
}

// take reports whether there was room.
func (u *unsent) take(user string, size int) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.size+size > maxUnsent || u.of[user]+size > maxUnsentOfUser {
		return false
	}
	u.size += size
	u.of[user] += size
	return true
}

func (u *unsent) release(user string, size int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.size -= size
	u.of[user] -= size
	if u.of[user] == 0 {
		delete(u.of, user)
	}
}

// unsentBody is the body of an answer, which the server closes.
type unsentBody struct {
	*bytes.Reader
	release func()
}

// Close ends the counting.
func (b *unsentBody) Close() error {
	b.release()
	return nil
}
