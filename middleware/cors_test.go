package middleware

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

func TestOrigins(t *testing.T) {
	t.Parallel()
	exact := Origins{Exact: []string{"http://app.example", "https://app.example:8443", "http://localhost:3000", "tauri://localhost"}}
	withLoopback := Origins{Exact: exact.Exact, Loopback: true}
	tests := map[string]struct{ isExact, withLoopback bool }{
		"http://app.example":              {true, true},
		"https://app.example:8443":        {true, true},
		"http://localhost:3000":           {true, true},
		"tauri://localhost":               {true, true},
		"http://localhost":                {false, true},
		"https://localhost":               {false, true},
		"http://localhost:3001":           {false, true},
		"http://app.localhost:5173":       {false, true},
		"http://127.0.0.1:8000":           {false, true},
		"http://127.1.2.3":                {false, true},
		"http://[::1]:5173":               {false, true},
		"capacitor://localhost":           {false, true},
		"":                                {},
		"null":                            {},
		"*":                               {},
		"app.example":                     {},
		"http://app.example.evil":         {},
		"http://app.example.evil:80":      {},
		"http://app.exampl":               {},
		"http://www.app.example":          {},
		"http://evilapp.example":          {},
		"http://app.example:80":           {},
		"http://app.example:8080":         {},
		"http://app.example:":             {},
		"http://app.example/":             {},
		"http://app.example/evil":         {},
		"http://app.example?evil":         {},
		"http://app.example#evil":         {},
		"http://app.example@evil":         {},
		"http://evil@app.example":         {},
		"https://app.example":             {},
		"https://app.example:84430":       {},
		"http://app_example":              {},
		"http://localhost.evil":           {},
		"http://evillocalhost":            {},
		"http://localhost:3000.evil":      {},
		"http://localhost:3000/":          {},
		"http://localhost:port":           {},
		"http://127.0.0.1.evil":           {},
		"http://128.0.0.1":                {},
		"http://[::2]":                    {},
		"http://[::1].evil":               {},
		"http://u@localhost":              {},
		"http://localhost@evil":           {},
		"http://evil/localhost":           {},
		"http://evil#.localhost":          {},
		"http://evil\\.localhost":         {},
		"http://evil, http://app.example": {},
	}
	for origin, want := range tests {
		if got := exact.Allow(origin); got != want.isExact {
			t.Errorf("%s: %v", origin, got)
		}
		if got := withLoopback.Allow(origin); got != want.withLoopback {
			t.Errorf("with every origin of this machine, %s: %v", origin, got)
		}
	}
}

// corsApp is an application of http://api.example, which http://app.example may call.
func corsApp() (*fiber.App, *bytes.Buffer) {
	var log bytes.Buffer
	app := fiber.New()
	app.Use(CORS(Origins{Exact: []string{"http://app.example"}}, slog.New(slog.NewTextHandler(&log, nil))))
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("ok") })
	return app, &log
}

// call sends a request with headers, each written as "Name: value".
func call(t *testing.T, app *fiber.App, method string, headers ...string) http.Header {
	t.Helper()
	req := httptest.NewRequest(method, "/", nil)
	req.Host = "api.example"
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Add(name, value)
	}
	res, err := app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.Header
}

// A page of an allowed origin may send the headers that it asks for, whatever they are. One of another origin is allowed nothing.
func TestPreflight(t *testing.T) {
	t.Parallel()
	const (
		asked  = "authorization,baggage,content-type,traceparent,x-request-id,x-whatever"
		method = "Access-Control-Request-Method: PATCH"
	)
	app, _ := corsApp()
	got := call(t, app, "OPTIONS", "Origin: http://app.example", method, "Access-Control-Request-Headers: "+asked)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":          "http://app.example",
		"Access-Control-Allow-Credentials":     "true",
		"Access-Control-Allow-Methods":         "GET,HEAD,POST,PUT,PATCH,DELETE",
		"Access-Control-Allow-Headers":         asked,
		"Access-Control-Allow-Private-Network": "",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
	for _, name := range []string{"Origin", "Access-Control-Request-Headers", "Access-Control-Request-Private-Network"} {
		if !strings.Contains(got.Get("Vary"), name) {
			t.Errorf("Vary: %s, want %s among them", got.Get("Vary"), name)
		}
	}
	got = call(t, app, "OPTIONS", "Origin: http://app.example", method, "Access-Control-Request-Private-Network: true")
	if got.Get("Access-Control-Allow-Private-Network") != "true" {
		t.Errorf("a page of the internet is not allowed to call: %v", got)
	}
	for _, odd := range []string{"", "eyJhbGciOiJIUzI1NiJ9.e30.AA", "x=y", "authorization,,x", strings.Repeat("x", 65)} {
		got = call(t, app, "OPTIONS", "Origin: http://app.example", method, "Access-Control-Request-Headers: "+odd)
		if allowed := got.Get("Access-Control-Allow-Headers"); allowed != "" || got.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("what is no list of names, %q, is answered %q", odd, allowed)
		}
	}
	got = call(t, app, "OPTIONS", "Origin: http://app.example.evil", method, "Access-Control-Request-Private-Network: true",
		"Access-Control-Request-Headers: "+asked)
	for _, name := range []string{"Origin", "Credentials", "Headers", "Private-Network"} {
		if value := got.Get("Access-Control-Allow-" + name); value != "" {
			t.Errorf("a page of another origin is allowed %s %q", name, value)
		}
	}
}

// A page reads the headers of an answer that the contract names.
func TestExposedHeaders(t *testing.T) {
	t.Parallel()
	app, _ := corsApp()
	const want = "ETag,Link,Location,Next-Task,RateLimit,RateLimit-Policy,Retry-After,X-Request-Id"
	if got := call(t, app, "GET", "Origin: http://app.example").Get("Access-Control-Expose-Headers"); got != want {
		t.Errorf("%s are exposed, want %s", got, want)
	}
}

// A refused origin is logged once, with the setting that would allow it. What is no origin, and the service's own, is not.
func TestRefusedOriginsAreLogged(t *testing.T) {
	t.Parallel()
	app, log := corsApp()
	for range 3 {
		for _, origin := range []string{
			"http://app.example", "http://api.example", "null", "http://x.example/eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9.e30.AA",
			"http://eyJhbGciOiJIUzI1NiJ9.e30.AA", "http://user:password@x.example", "http://" + strings.Repeat("x", 300),
			"http://other.example", "tauri://localhost:1", "http://[::1]:3000",
		} {
			call(t, app, "GET", "Origin: "+origin)
		}
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("the log has\n%s", log)
	}
	for i, origin := range []string{"http://other.example", "tauri://localhost:1", "http://[::1]:3000"} {
		if !strings.Contains(lines[i], origin) || !strings.Contains(lines[i], "CORS_ORIGINS") || !strings.Contains(lines[i], "level=WARN") {
			t.Errorf("%s is logged as %s", origin, lines[i])
		}
	}
}

// However many origins are refused, few are remembered.
func TestRefusedOriginsAreBounded(t *testing.T) {
	t.Parallel()
	app := fiber.New()
	refused := newRefusedOrigins(slog.New(slog.DiscardHandler))
	app.Get("/", func(c *fiber.Ctx) error {
		refused.log(c, c.Get("Origin"))
		return nil
	})
	for i := range 200 {
		call(t, app, "GET", fmt.Sprintf("Origin: http://%d.example", i))
	}
	if kept := refused.logged.Keys(); len(kept) != 128 || kept[127] != "http://199.example" {
		t.Errorf("%d are remembered: %q", len(kept), kept)
	}
}
