package routes_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp/fasthttputil"
	"go.opentelemetry.io/otel/trace"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/viewer"
	"todo-backend/middleware"
	"todo-backend/middleware/token"
	"todo-backend/routes"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

// reporter is what a helper needs of a test, or of what stands for one.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

const secret = "a secret of thirty-two bytes or more"

// hangs is how long a test waits for what should happen soon before it fails. No speed is measured by it: a busy machine may
// take long.
const hangs = 2 * time.Minute

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begin := time.Now(); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > hangs {
			t.Fatalf("after %v it does not hold that %s", hangs, what)
		}
	}
}

// api is a running application that tests send requests to.
type api struct {
	app      *fiber.App
	http     *http.Client
	dial     func() (net.Conn, error)
	format   config.Format
	document func() document
}

// setup is what a test can change about its application.
type setup struct {
	config.Config
	rules token.Rules
	log   io.Writer
	ready func(context.Context) (writes bool, err error)
	now   func() time.Time // nil: time.Now

	developmentToken func() (string, error) // nil: pages hold none

	metrics   *middleware.Metrics
	tracer    trace.Tracer
	lifecycle *middleware.Lifecycle
}

// newAPI returns a running application on db, as development has it but for what changes say.
func newAPI(tb testing.TB, db *database.Database, changes ...func(*setup)) *api {
	tb.Helper()
	app, cfg := newApp(tb, db, changes...)
	return run(tb, app, cfg)
}

// run serves an application until the test ends.
func run(tb testing.TB, app *fiber.App, cfg config.Config) *api {
	tb.Helper()
	listener := fasthttputil.NewInmemoryListener()
	return &api{app: app, http: serve(tb, app, listener), dial: listener.Dial, format: cfg.Format, document: documentOf(cfg)}
}

// newApp returns an application that nobody serves yet.
func newApp(tb testing.TB, db *database.Database, changes ...func(*setup)) (*fiber.App, config.Config) {
	tb.Helper()
	s := setup{
		Config: config.Config{
			Format:         config.FormatPlain,
			RequestTimeout: 10 * time.Second,
			IdleTimeout:    2 * time.Minute,
			CORSOrigins:    []string{"http://localhost:3000"},
		},
		rules: token.Rules{Secret: secret},
		log:   io.Discard,
		ready: db.Ready,
	}
	for _, change := range changes {
		change(&s)
	}
	logger := slog.New(slog.NewJSONHandler(s.log, nil))
	s.rules.Logger = logger
	app, err := routes.New(routes.Dependencies{
		Client:      db.Client,
		Connections: db.Connections,
		Verifier:    token.NewVerifier(tb.Context(), s.rules),
		Logger:      logger,
		Ready:       s.ready,
		Now:         s.now,
		InTx:        db.InTx,
		Metrics:     s.metrics,
		Tracer:      s.tracer,
		Lifecycle:   s.lifecycle,

		DevelopmentToken: s.developmentToken,
	}, s.Config)
	if err != nil {
		tb.Fatal(err)
	}
	return app, s.Config
}

// serve serves app until the test ends and returns a client of it.
func serve(tb testing.TB, app *fiber.App, listener *fasthttputil.InmemoryListener) *http.Client {
	tb.Helper()
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(listener) }()
	transport := &http.Transport{
		DialContext:        func(context.Context, string, string) (net.Conn, error) { return listener.Dial() },
		DisableCompression: true,
	}
	tb.Cleanup(func() {
		transport.CloseIdleConnections()
		err := app.Shutdown()
		listener.Close() // the shutdown of a server that has not begun to serve yet leaves it open
		if err := errors.Join(err, <-ended); err != nil {
			tb.Error(err)
		}
	})
	return &http.Client{Transport: transport}
}

func withFormat(f config.Format) func(*setup) { return func(s *setup) { s.Format = f } }

// client sends requests as one user.
type client struct {
	*api
	token string
	user  string
}

// as returns a client with a fresh token of the user.
func (a *api) as(t reporter, user string) client {
	t.Helper()
	signed, err := token.ForDevelopment(secret, user, time.Hour)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return client{api: a, token: signed, user: user}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// header is a header of a request; one with an empty value is left out.
type header struct{ name, value string }

// send makes a request; body may be empty. Every answer that a test sees comes through here and is held against the document.
func (c client) send(t reporter, method, path, body string, headers ...header) answer {
	t.Helper()
	body = strings.ReplaceAll(body, "{unique}", uuid.NewString()[:8])
	req := &http.Request{
		Method: method,
		URL:    &url.URL{Scheme: "http", Host: "todo", Opaque: path}, // to the letter
		Header: http.Header{},
	}
	if body != "" {
		req.Body = io.NopCloser(strings.NewReader(body))
		req.ContentLength = int64(len(body))
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, h := range headers {
		req.Header.Set(h.name, h.value)
		if h.value == "" {
			req.Header.Del(h.name)
		}
	}
	do := c.http.Do
	if len(body) > tooLarge {
		do = c.sendHeadersOnly
	}
	res, err := do(req)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
		return answer{}
	}
	defer res.Body.Close()
	coding := res.Header.Get("Content-Encoding")
	if method == http.MethodHead || res.StatusCode == http.StatusNotModified {
		coding = "" // there is no body
	}
	content, err := unpack(coding, res.Body)
	if err != nil {
		t.Errorf("%s %s: read the answer: %v", method, path, err)
	}
	got := answer{status: res.StatusCode, header: res.Header, body: string(content)}
	if err := checkHeaders(method, path, got); err != nil {
		t.Errorf("%s %s, a %d: %v", method, path, got.status, err)
	}
	if err := c.document().check(method, path, got); err != nil {
		t.Errorf("%s %s is answered with what the document does not promise: %v", method, path, err)
	}
	return got
}

// tooLarge is the length from which on the server does not read a body.
const tooLarge = 64 << 10

// sendHeadersOnly sends a request without its body. A server that refuses the body closes the connection without having read it, and a
// client that still writes may miss the answer.
func (a *api) sendHeadersOnly(req *http.Request) (*http.Response, error) {
	conn, err := a.dial()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: todo\r\nContent-Length: %d\r\n", req.Method, req.URL.Opaque, req.ContentLength)
	if err := errors.Join(req.Header.Write(conn), writeLine(conn)); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(content))
	return res, err
}

func writeLine(w io.Writer) error {
	_, err := io.WriteString(w, "\r\n")
	return err
}

// asViewer is a context in which the user asks.
func asViewer(ctx context.Context, user string) context.Context {
	return viewer.NewContext(ctx, viewer.Viewer{ID: user})
}

// object is a JSON object.
type object = map[string]any

// want checks the status and returns the body as an object.
func (a answer) want(t reporter, status int) object {
	t.Helper()
	var o object
	a.decode(t, status, &o)
	return o
}

// decode checks the status and decodes the body.
func (a answer) decode(t reporter, status int, into any) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("the body is no JSON: %v: %s", err, a.body)
	}
}

// create makes a task and returns it, in the plain dialect.
func (c client) create(t *testing.T, body string) object {
	t.Helper()
	return c.send(t, "POST", "/api/tasks", body).want(t, 201)
}

// titles are the titles of a plain list at path.
func (c client) titles(t *testing.T, path string) []string {
	t.Helper()
	var tasks []object
	c.send(t, "GET", path, "").decode(t, 200, &tasks)
	titles := make([]string, len(tasks))
	for i, task := range tasks {
		titles[i] = fmt.Sprint(task["title"])
	}
	return titles
}

// encode is v as JSON.
func encode(t reporter, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(text)
}
