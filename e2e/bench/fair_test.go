package bench

import (
	"database/sql"
	"encoding/json"
	"errors"
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

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
	"todo-backend/middleware/token"
	"todo-backend/routes"
)

// TestLimitIsFair holds the limit's answers, and what it stores, against the program's, on databases with the same tasks. What the limit
// writes has to be the program's answer, byte for byte: fields, headers and statuses. What the program writes beyond that the limit
// saves time on; the test says what it is.
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

// fairTasks is the dataset of both databases.
func fairTasks() dataset { return dataset{users: 3, each: 60} }

// fairRequests are sent to both, by the first user of the dataset or another one. {id} and {gone} are tasks of the first.
var fairRequests = []struct {
	from               fairUser
	method, path, body string
}{
	{first, "GET", "/api/tasks", ""},
	{first, "GET", "/api/tasks?limit=2", ""},
	{first, "GET", "/api/tasks?limit=60", ""},
	{stranger, "GET", "/api/tasks", ""},
	{first, "GET", "/api/tasks/{id}", ""},
	{other, "GET", "/api/tasks/{id}", ""},
	{first, "GET", "/api/tasks/1", ""},
	{nobody, "GET", "/api/tasks", ""},
	{forged, "GET", "/api/tasks", ""},
	{first, "PATCH", "/api/tasks/{id}", `{"title":"Buy tea, ÄHNLICH"}`},
	{first, "PATCH", "/api/tasks/{id}", `{"description":null,"completed":true}`},
	{first, "PATCH", "/api/tasks/{id}", `{"description":"Now","completed":false}`},
	{first, "PUT", "/api/tasks/{id}", `{}`},
	{first, "PATCH", "/api/tasks/{id}", `{"title":" "}`},
	{first, "POST", "/api/tasks", `{"title":"` + strings.Repeat("é", 256) + `"}`},
	{first, "POST", "/api/tasks", `{"title":"Rest"}`},
	{first, "POST", "/api/tasks", `{"title":" Buy milk ","description":"\u2028 \"<é>\"\n","completed":true}`},
	{first, "POST", "/api/tasks", `{"title":"\u2028","description":"","priority":"high","due_date":"2026-03-05T09:30","tags":["Work"," <b> ","Work","é\"\\"]}`},
	{first, "POST", "/api/tasks", createBody},
	{other, "PATCH", "/api/tasks/{id}", `{"title":"Stolen"}`},
	{first, "PATCH", "/api/tasks/{id}/complete", ""},
	{first, "GET", "/api/tasks/{id}", ""},
	{first, "PATCH", "/api/tasks/{id}/complete", ""},
	{other, "PATCH", "/api/tasks/{id}/complete", ""},
	{other, "DELETE", "/api/tasks/{id}", ""},
	{first, "GET", "/api/tasks?limit=5", ""},
	{first, "DELETE", "/api/tasks/{gone}", ""},
	{first, "DELETE", "/api/tasks/{gone}", ""},
}

// fairUser is who sends a request.
type fairUser int

const (
	first fairUser = iota
	other
	stranger // has no task
	nobody   // has no token
	forged   // has one that does not verify
)

func (u fairUser) token(t *testing.T) string {
	t.Helper()
	switch u {
	case nobody:
		return ""
	case stranger:
		return sign(t, "stranger")
	case forged:
		return sign(t, userName(0)) + "x"
	}
	return sign(t, userName(int(u)))
}

func compareWithLimit(t *testing.T, ofOurs, ofLimit database.Source) {
	t.Helper()
	serve := handlerOn(t, ofOurs)
	if err := makeLimitTables(t.Context(), ofLimit); err != nil {
		t.Fatal(err)
	}
	l, err := limitFor(t.Context(), ofLimit, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.store.close)
	fill(t, ofOurs)
	fill(t, ofLimit)
	ids := strings.NewReplacer("{id}", fairTasks().id(0, 49).String(), "{gone}", fairTasks().id(0, 8).String())
	begin, lacks := time.Now(), map[string]bool{}
	for _, r := range fairRequests {
		path := ids.Replace(r.path)
		its, ours := newRequest(r.from.token(t), r.method, path, r.body), newRequest(r.from.token(t), r.method, path, r.body)
		for range 2 {
			l.serve(its)
			serve(ours)
			got, want := outcomeOf(its, begin), outcomeOf(ours, begin)
			if wrong := got.differences(want, lacks); len(wrong) > 0 {
				t.Errorf("%s %s %s: the limit answers\n%+v, the program\n%+v: %v", r.method, r.path, r.body, got, want, wrong)
			}
			if r.method != "GET" || !ifChanged(its) || !ifChanged(ours) {
				break
			}
		}
	}
	t.Logf("the limit lacks %v", slices.Sorted(maps.Keys(lacks)))
	if its, ours := storedRows(t, ofLimit), storedRows(t, ofOurs); !slices.Equal(its, ours) {
		t.Errorf("the limit has stored\n%s\nthe program\n%s", strings.Join(its, "\n"), strings.Join(ours, "\n"))
	}
}

// fill adds the dataset's tasks to a database that has the tables.
func fill(t *testing.T, source database.Source) {
	t.Helper()
	if source.SQLitePath != "" {
		if err := insertTasks(t.Context(), source.SQLitePath, fairTasks()); err != nil {
			t.Fatal(err)
		}
		return
	}
	conn, err := pgx.Connect(t.Context(), source.PostgresURL)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(fairTasks().copyTo(t.Context(), conn), conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// storedRows are the tasks in a database, without their ids and with times only so far as they are not those of a write.
func storedRows(t *testing.T, source database.Source) (all []string) {
	t.Helper()
	driver, name := "sqlite", source.SQLitePath
	if source.PostgresURL != "" {
		driver, name = "pgx", source.PostgresURL
	}
	pool, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	rows, err := pool.QueryContext(t.Context(), `SELECT user_id, title, description, completed, started, priority, due_date, timezone, tags,
		recurrence_rule, repeat_from, parent_task_id, series_start, series_day, previous_task_id, remind_at, extra, due_begin, due_end,
		folded_title, folded_description, folded_tags, created_at = updated_at, completed_at = updated_at, derived_at = updated_at
		FROM tasks ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		err = errors.Join(err, rows.Scan(targets...))
		all = append(all, fmt.Sprintf("%v", values))
	}
	if err := errors.Join(err, rows.Err()); err != nil {
		t.Fatal(err)
	}
	return all
}

// outcome is what an answer says. Of a refusal that is its status alone, since the limit leaves the details out.
type outcome struct {
	status int
	header map[string]string
	body   string
	tasks  []map[string]json.RawMessage // in the body
}

// volatile are the headers that differ from one answer to the next, or that each server makes in its own way.
var volatile = []string{"Date", "X-Request-Id", "Etag", "Content-Length"}

// idOrTime is what differs between two databases where it was made by a write.
var idOrTime = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`)

// withoutWrites is a text without the ids and times that were made since the beginning.
func withoutWrites(text string, begin time.Time) string {
	milli := fmt.Sprintf("%012x", begin.UnixMilli())
	firstID, firstTime := milli[:8]+"-"+milli[8:], begin.UTC().Format(time.RFC3339)[:len("2026-01-05T09:30:00")]
	return idOrTime.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasSuffix(found, "Z") && found >= firstTime || !strings.HasSuffix(found, "Z") && found >= firstID {
			return "…"
		}
		return found
	})
}

// outcomeOf is what the answer to a request says.
func outcomeOf(ctx *fasthttp.RequestCtx, begin time.Time) outcome {
	res := &ctx.Response
	o := outcome{status: res.StatusCode(), header: map[string]string{}}
	if o.status > 304 {
		return o
	}
	for name, value := range res.Header.All() {
		o.header[string(name)] = withoutWrites(string(value), begin)
	}
	for _, name := range volatile {
		if _, ok := o.header[name]; ok {
			o.header[name] = "…"
		}
	}
	o.body = withoutWrites(string(res.Body()), begin)
	list := o.body
	if !strings.HasPrefix(list, "[") {
		list = "[" + list + "]"
	}
	_ = json.Unmarshal([]byte(list), &o.tasks) // else the bodies are compared
	return o
}

// ifChanged makes a request anew that asks for an answer only if it is another one than there was, and reports whether that had a tag.
func ifChanged(ctx *fasthttp.RequestCtx) bool {
	tag := ctx.Response.Header.Peek("ETag")
	ctx.Request.Header.SetBytesV("If-None-Match", tag)
	ctx.Response.Reset()
	return len(tag) > 0
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
	isWhole := true
	for i, task := range o.tasks {
		for field, value := range task {
			if string(value) != string(ours.tasks[i][field]) {
				wrong = append(wrong, fmt.Sprintf("%s of task %d", field, i))
			}
		}
		for field := range ours.tasks[i] {
			if _, ok := task[field]; !ok {
				lacks[field], isWhole = true, false
			}
		}
	}
	if isWhole && len(wrong) == 0 && o.body != ours.body {
		wrong = append(wrong, "the bytes of the body")
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
