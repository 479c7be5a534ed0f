package routes_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"todo-backend/ent/database/databasetest"
)

// checkHeaders looks for the headers that every answer has: no cache may store it, unless it is something that is read and has a
// tag; then caches ask before they use it.
func checkHeaders(method, path string, got answer) error {
	if types := got.header.Values("X-Content-Type-Options"); !slices.Equal(types, []string{"nosniff"}) {
		return fmt.Errorf("X-Content-Type-Options is %q", types)
	}
	read := (method == http.MethodGet || method == http.MethodHead) && (got.status == 200 || got.status == 304)
	want := []string{"no-store"}
	switch tagged := got.header.Get("ETag") != ""; {
	case read && strings.HasPrefix(path, "/docs") && tagged:
		want = []string{"no-cache", "public, max-age=31536000, immutable"}
	case read && tagged:
		want = []string{"private, no-cache"}
	case got.status >= 400 && (tagged || got.header.Get("Link") != "" || got.header.Get("Content-Encoding") != ""):
		return fmt.Errorf("a %d has the headers of another answer: %v", got.status, got.header)
	}
	if caching := got.header.Values("Cache-Control"); len(caching) != 1 || !slices.Contains(want, caching[0]) {
		return fmt.Errorf("Cache-Control is %q, not one of %q", caching, want)
	}
	return nil
}

// Behind a proxy that caches nobody gets another's answer, nor an error that was somebody else's.
func TestNothingIsStoredUnasked(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t), func(s *setup) {
		s.ready = func(context.Context) (bool, error) { return false, context.DeadlineExceeded }
		s.RateLimit = 4
	})
	alice, anonymous := a.as(t, "alice"), a.anonymous()
	for _, request := range []struct {
		who          client
		method, path string
		status       int
		caching      string
	}{
		{alice, "GET", "/api/auth/me", 200, "no-store"},
		{alice, "POST", "/api/tasks", 422, "no-store"},
		{alice, "GET", "/api/tasks", 200, "private, no-cache"},
		{alice, "GET", "/api/bob/tasks", 403, "no-store"},
		{alice, "GET", "/api/auth/me", 429, "no-store"},
		{anonymous, "GET", "/api/auth/me", 401, "no-store"},
		{anonymous, "GET", "/health", 200, "no-store"},
		{anonymous, "GET", "/ready", 503, "no-store"},
		{anonymous, "GET", "/nothing", 404, "no-store"},
		{anonymous, "DELETE", "/health", 405, "no-store"},
		{anonymous, "GET", "/docs", 200, "no-cache"},
		{anonymous, "GET", "/docs/nothing", 404, "no-store"},
	} {
		got := request.who.send(t, request.method, request.path, "")
		if got.status != request.status || got.header.Get("Cache-Control") != request.caching {
			t.Errorf("%s %s is %d: %v", request.method, request.path, got.status, got.header)
		}
	}
}

// What the server refuses before any handler runs has the headers too.
func TestUnreadableRequestsAreNotStored(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	for status, request := range map[int]string{
		400: "GARBAGE\r\n\r\n",
		413: "POST /api/tasks HTTP/1.1\r\nHost: todo\r\nContent-Length: 100000\r\n\r\n",
		431: "GET /health HTTP/1.1\r\nHost: todo\r\nX-Note: " + strings.Repeat("x", 20_000) + "\r\n\r\n",
	} {
		got := a.raw(t, request)
		if err := checkHeaders("", "", got); err != nil || got.status != status {
			t.Errorf("%d, want %d: %v", got.status, status, err)
		}
	}
}
