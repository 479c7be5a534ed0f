package limit

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/viewer"
)

// Each user has requests of their own, and every minute anew.
func TestRateCounter(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var counter rateCounter
	for _, request := range []struct {
		user string
		at   time.Duration
		used int
		left time.Duration
	}{
		{"ann", 0, 1, time.Minute},
		{"ann", 15 * time.Second, 2, 45 * time.Second},
		{"bob", 30 * time.Second, 1, 30 * time.Second},
		{"ann", 59 * time.Second, 3, time.Second},
		{"ann", 60 * time.Second, 1, time.Minute},
		{"bob", 61 * time.Second, 1, 59 * time.Second},
	} {
		if used, left := counter.count(request.user, noon.Add(request.at)); used != request.used || left != request.left {
			t.Errorf("%s at %v: %d used, %v left; want %d, %v", request.user, request.at, used, left, request.used, request.left)
		}
	}
	if len(counter.users) != 2 {
		t.Errorf("the counter keeps %v", counter.users)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	if _, err := fiber.New().Test(httptest.NewRequest(http.MethodGet, "/", http.NoBody), -1); err != nil {
		t.Fatal(err) // the first answer of a process starts a goroutine that never ends, which a bubble would wait for
	}
	synctest.Test(t, testRate) // all requests come in one window
}

func testRate(t *testing.T) {
	t.Helper()
	app := fiber.New()
	app.Use(func(c *fiber.Ctx) error {
		c.SetUserContext(viewer.NewContext(c.UserContext(), viewer.Viewer{ID: c.Query("user")}))
		return c.Next()
	}, Rate(2))
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("done") })
	seconds := regexp.MustCompile(`^[1-9]\d?$`)
	for i, want := range []struct {
		user, rate string
		status     int
	}{
		{"ann", `"user";r=1;t=`, 200},
		{"ann", `"user";r=0;t=`, 200},
		{"ann", `"user";r=0;t=`, 429},
		{"bob", `"user";r=1;t=`, 200},
	} {
		res, err := app.Test(httptest.NewRequest(http.MethodGet, "/?user="+want.user, http.NoBody), -1)
		if err != nil {
			t.Fatal(err)
		}
		left, ok := strings.CutPrefix(res.Header.Get("RateLimit"), want.rate)
		retry := map[bool]string{true: left}[want.status == 429]
		if got := res.Header; res.StatusCode != want.status || !ok || !seconds.MatchString(left) || got.Get("Retry-After") != retry || got.Get("RateLimit-Policy") != `"user";q=2;w=60` {
			t.Errorf("request %d of %s: %s %v", i, want.user, res.Status, got)
		}
	}
}
