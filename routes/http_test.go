package routes_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// log is what the application logs, line by line.
type log struct {
	mu      sync.Mutex
	written bytes.Buffer
}

// Write makes a log of it that requests can write at the same time.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written.Write(p)
}

// String is all that was written.
func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written.String()
}

// lines are those of a level.
func (l *log) lines(t *testing.T, level string) []object {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []object
	for line := range strings.Lines(l.written.String()) {
		var o object
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatal(err)
		}
		if o["level"] == level {
			all = append(all, o)
		}
	}
	return all
}

// A panic is a 500 like any other: the user reads nothing internal, the log has where it was.
func TestPanic(t *testing.T) {
	t.Parallel()
	var written log
	a := newAPI(t, databasetest.SQLite(t), func(s *setup) {
		s.log = &written
		s.ready = func(context.Context) (bool, error) { panic("driver text") }
	})
	got := a.handleDirectly(t, "GET /ready?private HTTP/1.1\r\nHost: todo\r\nOrigin: http://localhost:3000\r\nAuthorization: Bearer private\r\n\r\n")
	o := wantProblem(t, got, 500)
	if strings.Contains(got.body, "driver text") || got.header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("a panic is answered with %v %s", got.header, got.body)
	}
	lines := written.lines(t, "ERROR")
	if len(lines) != 2 || lines[0]["cause"] != "driver text" || lines[0]["id"] != o["requestId"] || !strings.Contains(lines[0]["stack"].(string), "http_test.go") {
		t.Errorf("a panic is logged as %v", lines)
	}
	if strings.Contains(fmt.Sprint(lines), "private") {
		t.Errorf("a panic has the log tell a token: %v", lines)
	}
}

// The cause of a 500 stands in the log, under the id that the user has, and nowhere else.
func TestCauseIsLogged(t *testing.T) {
	t.Parallel()
	var written log
	unmigrated := databasetest.Open(t, database.Source{SQLitePath: filepath.Join(t.TempDir(), "todo.db")})
	alice := newAPI(t, unmigrated, func(s *setup) { s.log = &written }).as(t, "alice")
	got := alice.send(t, "GET", "/api/tasks", "")
	o := wantProblem(t, got, 500)
	lines := written.lines(t, "ERROR")
	if len(lines) != 1 || lines[0]["id"] != o["requestId"] || !strings.Contains(lines[0]["error"].(string), "no such table") || strings.Contains(got.body, "table") {
		t.Errorf("answered %s, logged %v", got.body, lines)
	}
}

// raw sends bytes and reads one answer.
func (a *api) raw(t *testing.T, request string) answer {
	t.Helper()
	conn, err := a.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, request) }() // what is refused may not be read to the end
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: string(body)}
}

// handleDirectly has a request handled in the goroutine of the test, so that a panic that nothing recovers fails this test alone.
func (a *api) handleDirectly(t *testing.T, request string) answer {
	t.Helper()
	defer func() {
		if cause := recover(); cause != nil {
			t.Fatalf("a handler's panic would end the service: %v", cause)
		}
	}()
	var ctx fasthttp.RequestCtx
	if err := ctx.Request.Read(bufio.NewReader(strings.NewReader(request))); err != nil {
		t.Fatal(err)
	}
	a.app.Handler()(&ctx)
	res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(ctx.Response.String())), nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: string(ctx.Response.Body())}
}

// There are only so many connections: those beyond are refused, until others are closed. However long it takes to open them, none
// is closed because it is idle.
func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	app, cfg := newApp(t, databasetest.SQLite(t), func(s *setup) { s.IdleTimeout = time.Hour })
	app.Server().ConnState, app.Server().ReadTimeout = nil, time.Hour
	a := run(t, app, cfg)
	most := a.app.Config().Concurrency
	conns := make([]net.Conn, most)
	for i := range conns {
		conn, err := a.dial()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conns[i] = conn
	}
	const request = "GET /health HTTP/1.1\r\nHost: todo\r\n\r\n"
	if got := a.raw(t, request); got.status != 503 {
		t.Errorf("beyond %d connections: %d", most, got.status)
	}
	conns[0].Close()
	eventually(t, "somebody is served once a connection is closed", func() bool { return a.raw(t, request).status == 200 })
}

// Too much work at once is refused rather than queued: while the database is held up, 512 requests wait for it, of so many users
// that none of these waits for another of the same user.
func TestBusy(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	a := newAPI(t, db, func(s *setup) { s.RequestTimeout = time.Minute })
	writing, err := db.Client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const requests, inFlight = 600, 512
	statuses := make(chan int)
	for i := range requests {
		user := a.as(t, fmt.Sprint("user ", i))
		go func() { statuses <- user.send(t, "POST", "/api/tasks", `{"title":"x"}`).status }()
	}
	for range requests - inFlight {
		if status := <-statuses; status != 503 {
			t.Errorf("while the database is held up: %d", status)
		}
	}
	if err := writing.Rollback(); err != nil {
		t.Fatal(err)
	}
	for range inFlight {
		if status := <-statuses; status != 201 {
			t.Errorf("of those that waited: %d", status)
		}
	}
}

// Texts reach the client as they are, not escaped for a page that they do not stand in.
func TestMarkupIsNotEscaped(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	if got := alice.send(t, "POST", "/api/tasks", `{"title":"<b> & co"}`); !strings.Contains(got.body, `"<b> & co"`) {
		t.Errorf("the title is written as %s", got.body)
	}
}

// A request id that was taken over stays what it was when the connection is used again.
func TestRequestIDsOutliveTheirRequest(t *testing.T) {
	t.Parallel()
	var written log
	anonymous := newAPI(t, databasetest.SQLite(t), func(s *setup) { s.log = &written }).anonymous()
	for i := range 20 {
		anonymous.send(t, "GET", "/health", "", header{"X-Request-Id", fmt.Sprintf("request-%02d", i)})
	}
	for i, line := range written.lines(t, "INFO") {
		if want := fmt.Sprintf("request-%02d", i); line["id"] != want {
			t.Errorf("request %s is logged as %v", want, line["id"])
		}
	}
}
