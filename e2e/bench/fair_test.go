package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
	"todo-backend/middleware/token"
	"todo-backend/routes"
)

// TestLimitIsFair holds the limit's answers against the program's. What the limit writes has to be the program's answer, byte for byte:
// fields, headers and statuses. What the program writes beyond that the limit saves time on; the test says what it is.
func TestLimitIsFair(t *testing.T) {
	t.Parallel()
	for name, sources := range map[string]func(t *testing.T) (ours, its database.Source){
		"postgres": func(t *testing.T) (ours, its database.Source) {
			t.Helper()
			ours.PostgresURL, its.PostgresURL = databasetest.PostgresURL(t), emptyPostgres(t)
			return ours, its
		},
		"sqlite": func(t *testing.T) (ours, its database.Source) {
			t.Helper()
			dir := t.TempDir()
			ours.SQLitePath, its.SQLitePath = filepath.Join(dir, "ours.db"), filepath.Join(dir, "its.db")
			return ours, its
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, its := sources(t)
			compareWithLimit(t, ours, its)
		})
	}
}

func emptyPostgres(t *testing.T) (url string) {
	t.Helper()
	url, drop, err := pgtest.Shared(t).CreateDatabase(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return url
}

func compareWithLimit(t *testing.T, ofOurs, ofLimit database.Source) {
	t.Helper()
	ours := handlerOn(t, ofOurs)
	if err := makeLimitTables(t.Context(), ofLimit); err != nil {
		t.Fatal(err)
	}
	l, err := limitFor(t.Context(), ofLimit, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.store.close)
	ann, bob := sign(t, "ann"), sign(t, "bob")
	for _, description := range []string{`"Two litres"`, `null`, `"\u2028 \"<é>\"\n"`} {
		body := `{"title":" Buy milk ","description":` + description + `,"completed":true}`
		direct(l.serve, ann, "POST", "/api/tasks", body)
		direct(ours, ann, "POST", "/api/tasks", body)
	}
	oursID, limitID := create(ours, ann), create(l.serve, ann)
	requests := []struct{ token, method, path, body string }{
		{ann, "GET", "/api/tasks", ""},
		{ann, "GET", "/api/tasks?limit=2", ""},
		{ann, "GET", "/api/tasks?limit=6", ""},
		{bob, "GET", "/api/tasks", ""},
		{ann, "GET", "/api/tasks/{id}", ""},
		{bob, "GET", "/api/tasks/{id}", ""},
		{ann, "GET", "/api/tasks/1", ""},
		{"", "GET", "/api/tasks", ""},
		{bob + "x", "GET", "/api/tasks", ""},
		{ann, "PATCH", "/api/tasks/{id}", `{"title":"Buy tea"}`},
		{ann, "PATCH", "/api/tasks/{id}", `{"description":null,"completed":false}`},
		{ann, "PUT", "/api/tasks/{id}", `{}`},
		{ann, "PATCH", "/api/tasks/{id}", `{"title":" "}`},
		{ann, "POST", "/api/tasks", `{"title":"` + strings.Repeat("é", 256) + `"}`},
		{ann, "POST", "/api/tasks", `{"title":"Rest"}`},
		{bob, "PATCH", "/api/tasks/{id}", `{"title":"Stolen"}`},
		{ann, "PATCH", "/api/tasks/{id}/complete", ""},
		{bob, "PATCH", "/api/tasks/{id}/complete", ""},
		{bob, "DELETE", "/api/tasks/{id}", ""},
	}
	lacks := map[string]bool{}
	for _, r := range requests {
		want := direct(ours, r.token, r.method, strings.ReplaceAll(r.path, "{id}", oursID), r.body)
		got := direct(l.serve, r.token, r.method, strings.ReplaceAll(r.path, "{id}", limitID), r.body)
		if wrong := got.differences(want, lacks); len(wrong) > 0 {
			t.Errorf("%s %s %s: the limit answers\n%+v, the program\n%+v: %v", r.method, r.path, r.body, got, want, wrong)
		}
	}
	t.Logf("the limit lacks %v", slices.Sorted(maps.Keys(lacks)))
	for _, handler := range []fasthttp.RequestHandler{l.serve, ours} {
		made := create(handler, ann)
		if got := direct(handler, ann, "DELETE", "/api/tasks/"+made, ""); got.status != 200 || len(got.tasks) != 1 || !strings.Contains(string(got.tasks[0]["message"]), "deleted") {
			t.Errorf("a task is deleted with %+v", got)
		}
	}
}

// create makes a task and returns its id.
func create(handler fasthttp.RequestHandler, token string) string {
	ctx := newRequest(token, "POST", "/api/tasks", `{"title":"Run"}`)
	handler(ctx)
	return string(ctx.Response.Body()[len(`{"id":"`):][:36])
}

// outcome is what an answer says. Of a refusal that is its status alone, since the limit leaves the details out.
type outcome struct {
	status int
	header map[string]string
	tasks  []map[string]json.RawMessage
}

// volatile are the headers that differ from one answer to the next, or that each server makes in its own way.
var volatile = []string{"Date", "X-Request-Id", "Etag", "Content-Length"}

// What differs from one request, or from one write, to the next.
var (
	cursorValue = regexp.MustCompile(`(cursor=)[\w-]+`)
	ofWrite     = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`)
)

func direct(handler fasthttp.RequestHandler, token, method, path, body string) outcome {
	ctx := newRequest(token, method, path, body)
	handler(ctx)
	res := &ctx.Response
	o := outcome{status: res.StatusCode(), header: map[string]string{}}
	if o.status >= 300 {
		return o
	}
	for name, value := range res.Header.All() {
		o.header[string(name)] = ofWrite.ReplaceAllString(cursorValue.ReplaceAllString(string(value), "$1…"), "…")
	}
	for _, name := range volatile {
		if _, ok := o.header[name]; ok {
			o.header[name] = "…"
		}
	}
	text := ofWrite.ReplaceAll(res.Body(), []byte("…"))
	if !bytes.HasPrefix(text, []byte("[")) {
		text = slices.Concat([]byte("["), text, []byte("]"))
	}
	if err := json.Unmarshal(text, &o.tasks); err != nil {
		o.header["body"] = string(text)
	}
	return o
}

// differences says where the limit's answer is not part of the program's, and adds to lacks what the program says beyond it.
func (o outcome) differences(ours outcome, lacks map[string]bool) (wrong []string) {
	if o.status != ours.status || len(o.tasks) != len(ours.tasks) {
		return []string{"the status or the number of tasks"}
	}
	for name, value := range o.header {
		if !isPart(value, ours.header[name]) {
			wrong = append(wrong, name)
		}
	}
	for name, value := range ours.header {
		if !isPart(value, o.header[name]) {
			lacks[name] = true
		}
	}
	for i, task := range o.tasks {
		for field, value := range task {
			if string(value) != string(ours.tasks[i][field]) {
				wrong = append(wrong, fmt.Sprintf("%s of task %d", field, i))
			}
		}
		for field := range ours.tasks[i] {
			if _, ok := task[field]; !ok {
				lacks[field] = true
			}
		}
	}
	return wrong
}

// isPart reports whether every element of a list with commas is an element of another.
func isPart(list, other string) bool {
	elements := strings.FieldsFunc(other, isSeparator)
	for _, element := range strings.FieldsFunc(list, isSeparator) {
		if !slices.Contains(elements, element) {
			return false
		}
	}
	return true
}

func isSeparator(r rune) bool { return r == ',' || r == ' ' }

// handlerOn is the program's application on a migrated database.
func handlerOn(t *testing.T, source database.Source) fasthttp.RequestHandler {
	t.Helper()
	db := databasetest.Open(t, source)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	app, err := routes.New(routes.Dependencies{
		Client:      db.Client,
		Connections: db.Connections,
		Verifier:    token.NewVerifier(t.Context(), token.Rules{Secret: secret}),
		Logger:      slog.New(slog.DiscardHandler),
	}, config.Config{Format: config.FormatPlain, RequestTimeout: time.Minute, CORSOrigins: []string{origin}})
	if err != nil {
		t.Fatal(err)
	}
	return app.Handler()
}

// newRequest is a request of a user's browser, without a connection.
func newRequest(token, method, path, body string) *fasthttp.RequestCtx {
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, nil, nil)
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(path)
	ctx.Request.Header.Set("Origin", origin)
	if token != "" {
		ctx.Request.Header.Set("Authorization", "Bearer "+token)
	}
	ctx.Request.SetBodyString(body)
	return &ctx
}
