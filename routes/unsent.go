package routes

import (
	"bytes"
	"sync"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"

	"todo-backend/middleware"
)

// maxUnsent bounds what long answers take in all while their clients read them, in bytes. A client may take as long for one as the
// server lets it, and ask for more meanwhile.
const maxUnsent = 256 << 20

// unsent counts the bytes of long answers that are not sent yet.
type unsent struct{ size atomic.Int64 }

// hold counts the answer until the server is done with it, sent or not. It returns ErrBusy where there are too many.
func (u *unsent) hold(c *fiber.Ctx) error {
	res := c.Response()
	body := res.Body()
	if len(body) <= keptBody {
		return nil
	}
	size := int64(cap(body))
	if u.size.Add(size) > maxUnsent {
		u.size.Add(-size)
		res.Header.Del(fiber.HeaderContentEncoding)
		res.Header.Del(fiber.HeaderETag)
		res.Header.Del(fiber.HeaderLink)
		return middleware.ErrBusy
	}
	res.SetBodyStream(&unsentBody{Reader: bytes.NewReader(body), release: sync.OnceFunc(func() { u.size.Add(-size) })}, len(body))
	return nil
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
