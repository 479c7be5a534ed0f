package limit

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"todo-backend/ent/viewer"
)

// The figures that SECURITY.md names, in bytes.
const (
	share      = 64 << 20 // of one user
	allShares  = 4        // how many of them all users have together
	ofNobody   = 32 << 20
	notCounted = 64 << 10
)

// answering is a service whose answers to users, and to nobody, are counted.
type answering struct {
	*ResponseBudget
	app    *fiber.App
	shared []byte
	done   int // requests that a handler answered by itself
}

func newAnswering() *answering {
	a := &answering{ResponseBudget: NewResponseBudget(), shared: make([]byte, 2*notCounted)}
	a.app = fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		if errors.Is(err, ErrBusy) {
			return c.SendStatus(http.StatusServiceUnavailable)
		}
		return err
	}})
	a.app.Use(a.Count, func(c *fiber.Ctx) error {
		c.SetUserContext(viewer.NewContext(c.UserContext(), viewer.Viewer{ID: c.Get("User")}))
		return c.Next()
	}, a.Admit)
	a.app.Get("/shared", func(c *fiber.Ctx) error {
		SendShared(c, a.shared)
		return nil
	})
	a.app.All("/", func(c *fiber.Ctx) error {
		a.done++
		c.Response().SetBodyRaw(make([]byte, c.Context().QueryArgs().GetUintOrZero("size")))
		return nil
	})
	return a
}

// send returns an answer that its client has not read, and its status.
func (a *answering) send(method, path, user string) (*fasthttp.RequestCtx, int) {
	ctx := &fasthttp.RequestCtx{}
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(path)
	ctx.Request.Header.Set("User", user)
	a.app.Handler()(ctx)
	return ctx, ctx.Response.StatusCode()
}

// get has so many bytes be sent to a user, empty for nobody.
func (a *answering) get(user string, size int) (*fasthttp.RequestCtx, int) {
	return a.send(http.MethodGet, sized(size), user)
}

func sized(size int) string { return "/?size=" + string(fasthttp.AppendUint(nil, size)) }

// read has the client of an answer read it, as far as the server can tell.
func read(t *testing.T, answers ...*fasthttp.RequestCtx) {
	t.Helper()
	for _, answer := range answers {
		if err := answer.Response.CloseBodyStream(); err != nil {
			t.Error(err)
		}
	}
}

func (a *answering) wantNothingHeld(t *testing.T) {
	t.Helper()
	if a.users != 0 || a.anonymous != 0 || len(a.byUser) != 0 {
		t.Errorf("when all is read, %d, %d and %v are counted", a.users, a.anonymous, a.byUser)
	}
}

// Ann's answers that she does not read take her share and no more, while Bob still gets his, and all users' together take no
// more than theirs.
func TestUnreadAnswersOfUsers(t *testing.T) {
	t.Parallel()
	a := newAnswering()
	var held []*fasthttp.RequestCtx
	for i := range 2 * allShares {
		user := []string{"ann", "bob", "cid", "dan"}[i/2]
		answer, status := a.get(user, share/2)
		if status != http.StatusOK {
			t.Fatalf("%s's answer, while %d others are unread: %d", user, len(held), status)
		}
		held = append(held, answer)
		if _, status := a.get("ann", share/2+1); status != http.StatusServiceUnavailable {
			t.Errorf("more of ann's than one user may have: %d", status)
		}
	}
	if _, status := a.get("eve", notCounted+1); status != http.StatusServiceUnavailable {
		t.Errorf("more than all may have: %d", status)
	}
	if _, status := a.get("eve", notCounted); status != http.StatusOK {
		t.Errorf("a short answer, while all is taken: %d", status)
	}
	read(t, held...)
	a.wantNothingHeld(t)
}

// Whoever has no token takes nothing of what is there for users, and users nothing of what is there for the others.
func TestUnreadAnswersOfNobody(t *testing.T) {
	t.Parallel()
	a := newAnswering()
	nobodys, status := a.get("", ofNobody)
	if status != http.StatusOK {
		t.Fatalf("an answer to nobody: %d", status)
	}
	if _, status := a.get("", notCounted+1); status != http.StatusServiceUnavailable {
		t.Errorf("more than those without a token may have: %d", status)
	}
	held := []*fasthttp.RequestCtx{nobodys}
	for _, user := range []string{"ann", "bob", "cid", "dan"} {
		answer, status := a.get(user, share)
		if status != http.StatusOK {
			t.Errorf("%s's answer, while nobody's are unread: %d", user, status)
		}
		held = append(held, answer)
	}
	read(t, nobodys)
	again, status := a.get("", ofNobody)
	if status != http.StatusOK {
		t.Errorf("an answer to nobody, while users hold all of theirs: %d", status)
	}
	read(t, append(held[1:], again)...)
	a.wantNothingHeld(t)
}

// What is shared counts for nothing, however many do not read it, and is sent as it is, not as a copy.
func TestSharedAnswersCountForNothing(t *testing.T) {
	t.Parallel()
	a := newAnswering()
	for _, user := range []string{"", "ann", "ann"} {
		answer, status := a.send(http.MethodGet, "/shared", user)
		if status != http.StatusOK || a.users != 0 || a.anonymous != 0 {
			t.Errorf("a shared answer to %q is a %d and counts as %d and %d", user, status, a.users, a.anonymous)
		}
		sent := &firstByte{}
		if _, err := io.Copy(sent, answer.Response.BodyStream()); err != nil || sent.at != &a.shared[0] {
			t.Errorf("what is sent to %q is a copy, or %v", user, err)
		}
	}
}

// firstByte notes where the first byte stands that is written to it.
type firstByte struct{ at *byte }

// Write takes all of it.
func (f *firstByte) Write(p []byte) (int, error) {
	if f.at == nil {
		f.at = &p[0]
	}
	return len(p), nil
}

// A change that is made is answered, however much its user holds; while that is too much, no further one is made.
func TestChangesAreAnsweredOrNotMade(t *testing.T) {
	t.Parallel()
	a := newAnswering()
	first, status := a.get("ann", share-1)
	if status != http.StatusOK {
		t.Fatalf("ann's list: %d", status)
	}
	change, status := a.send(http.MethodPost, sized(share), "ann")
	if status != http.StatusOK || a.done != 2 {
		t.Errorf("ann's change is answered %d", status)
	}
	if _, status := a.send(http.MethodPost, sized(1), "ann"); status != http.StatusServiceUnavailable || a.done != 2 {
		t.Errorf("ann's change, while she holds too much, is answered %d and made: %t", status, a.done != 2)
	}
	if _, status := a.get("ann", notCounted); status != http.StatusOK {
		t.Errorf("a short answer to ann: %d", status)
	}
	if _, status := a.send(http.MethodPost, sized(1), "bob"); status != http.StatusOK {
		t.Errorf("bob's change: %d", status)
	}
	read(t, first, change)
	a.wantNothingHeld(t)
}
