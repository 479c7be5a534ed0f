package limit

import (
	"bytes"
	"io"
	"sync"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/viewer"
)

// The bounds of a [ResponseBudget], in bytes.
const (
	maxHeldByUsers     = 256 << 20
	maxHeldByUser      = maxHeldByUsers / 4
	maxHeldByAnonymous = 32 << 20
	// maxUncounted is what an answer may hold without counting. It is what a connection keeps anyway,
	// from one answer to the next.
	maxUncounted = 64 << 10
)

// ResponseBudget bounds the memory that answers hold until their clients have read them: a client may
// take as long for an answer as the server lets it, and ask for more meanwhile. There is one bound for
// all users together, one for each of them, and one for all requests without a user, which take
// nothing from the users.
//
// What requests share does not count, nor does what a handler writes as a stream: see
// [SendShared] and [ResponseBudget.HoldStream].
type ResponseBudget struct {
	mu        sync.Mutex
	users     int
	byUser    map[string]int
	anonymous int
}

// NewResponseBudget returns a budget of which nothing is taken.
func NewResponseBudget() *ResponseBudget { return &ResponseBudget{byUser: map[string]int{}} }

// Admit refuses a request that is not safe (RFC 9110 section 9.2.1) with [ErrBusy] while its user
// holds as much as may be, before anything is done: Count lets the answer to such a request pass. A
// user who holds nothing is not refused for what others hold. Admit stands behind the middleware that
// sets the viewer.
func (b *ResponseBudget) Admit(c *fiber.Ctx) error {
	if !isSafe(c) && b.isExhausted(userOf(c)) {
		return ErrBusy
	}
	return c.Next()
}

// Count counts the answer of every handler behind it. See Hold for what it returns.
func (b *ResponseBudget) Count(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		return err
	}
	return b.Hold(c)
}

// Hold counts the answer until the server is done with it, sent or not, if it holds more than 64 KiB
// of its own. Where there is no room it drops the answer and returns [ErrBusy]; only that to a request
// that is not safe it keeps, because what that asked for is done.
func (b *ResponseBudget) Hold(c *fiber.Ctx) error {
	res := c.Response()
	if res.IsBodyStream() {
		return nil
	}
	body := res.Body()
	size := cap(body)
	if size <= maxUncounted {
		return nil
	}
	res.SwapBody(nil) // or the connection would keep the buffer after the answer
	user := userOf(c)
	if !b.take(user, size, !isSafe(c)) {
		return ErrBusy
	}
	release := sync.OnceFunc(func() { b.release(user, size) })
	res.SetBodyStream(&heldBody{bytes.NewReader(body), release}, len(body))
	return nil
}

func (b *ResponseBudget) isExhausted(user string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	held := b.byUser[user]
	return held >= maxHeldByUser || held > 0 && b.users >= maxHeldByUsers
}

// take reports whether there was room, or it was taken regardless.
func (b *ResponseBudget) take(user string, size int, regardless bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if user == "" {
		if !regardless && b.anonymous+size > maxHeldByAnonymous {
			return false
		}
		b.anonymous += size
		return true
	}
	if !regardless && (b.users+size > maxHeldByUsers || b.byUser[user]+size > maxHeldByUser) {
		return false
	}
	b.users += size
	b.byUser[user] += size
	return true
}

func (b *ResponseBudget) release(user string, size int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if user == "" {
		b.anonymous -= size
		return
	}
	b.users -= size
	b.byUser[user] -= size
	if b.byUser[user] == 0 {
		delete(b.byUser, user)
	}
}

// HoldStream answers with a body that is made while it is read, and counts that it holds size bytes
// meanwhile. Where there is no room it returns [ErrBusy]. The server closes the body when it is done.
func (b *ResponseBudget) HoldStream(c *fiber.Ctx, body io.Reader, size int) error {
	user := userOf(c)
	if !b.take(user, size, false) {
		return ErrBusy
	}
	c.Response().SetBodyStream(&heldStream{body, sync.OnceFunc(func() { b.release(user, size) })}, -1)
	return nil
}

// heldStream is the body of a counted answer that is made while it is read.
type heldStream struct {
	io.Reader
	release func()
}

// Close ends the counting.
func (s *heldStream) Close() error {
	s.release()
	return nil
}

// heldBody is the body of a counted answer. The server closes it when it is done.
type heldBody struct {
	*bytes.Reader
	release func()
}

// Close ends the counting.
func (b *heldBody) Close() error {
	b.release()
	return nil
}

// SendShared answers with content that all requests share, and which must not be changed. Nothing of
// it is copied, and none of it counts against a [ResponseBudget].
func SendShared(c *fiber.Ctx, content []byte) {
	c.Response().SetBodyStream(bytes.NewReader(content), len(content))
}

// userOf is the user of a request, empty where it has none.
func userOf(c *fiber.Ctx) string {
	v, _ := viewer.FromContext(c.UserContext())
	return v.ID
}

func isSafe(c *fiber.Ctx) bool {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return true
	}
	return false
}
