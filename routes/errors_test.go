package routes_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware/token"
)

const unknownID = "01980000-0000-7000-8000-000000000000"

// brokenBody is a body that breaks rules, and the fields and codes that are listed.
type brokenBody struct {
	name, body string
	errors     []string
}

// Rules that every body with fields of a task must keep.
var brokenTasks = []brokenBody{
	{"empty title", `{"title":""}`, []string{"title length"}},
	{"blank title", `{"title":" \t\n\u00a0 "}`, []string{"title length"}},
	{"long title", `{"title":"` + strings.Repeat("é", 256) + `"}`, []string{"title length"}},
	{"title null", `{"title":null}`, []string{"title type"}},
	{"title a number", `{"title":1}`, []string{"title type"}},
	{"title with NUL", `{"title":"a\u0000b"}`, []string{"title text"}},
	{"long description", `{"title":"x","description":"` + strings.Repeat("😀", 1001) + `"}`, []string{"description length"}},
	{"description a list", `{"title":"x","description":[]}`, []string{"description type"}},
	{"description with NUL", `{"title":"x","description":"\u0000"}`, []string{"description text"}},
	{"completed a string", `{"title":"x","completed":"true"}`, []string{"completed type"}},
	{"completed a number", `{"title":"x","is_completed":1}`, []string{"is_completed type"}},
	{"status unknown", `{"title":"x","status":"sideways"}`, []string{"status enum"}},
	{"status empty", `{"title":"x","status":""}`, []string{"status enum"}},
	{"another user", `{"title":"x","user_id":"bob"}`, []string{"user_id owner"}},
	{"priority unknown", `{"title":"x","priority":"highest"}`, []string{"priority enum"}},
	{"priority a number", `{"title":"x","priority":1}`, []string{"priority enum"}},
	{"user a number", `{"title":"x","userId":7}`, []string{"userId owner"}},
	{
		"everything at once", `{"title":"","description":7,"status":"sideways","completed":"no","user_id":"bob"}`,
		[]string{"title length", "description type", "completed type", "status enum", "user_id owner"},
	},
}

// Rules that every body must keep.
var brokenBodies = []brokenBody{
	{"truncated", `{"title":"x"`, []string{" json"}},
	{"two values", `{"title":"x"} {}`, []string{" json"}},
	{"a list", `[]`, []string{" json"}},
	{"null", `null`, []string{" json"}},
	{"a string", `"title"`, []string{" json"}},
	{"NaN", `{"title":NaN}`, []string{" json"}},
	{"very deep", `{"title":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, []string{" json"}},
	{"invalid UTF-8", "{\"title\":\"a\xffb\"}", []string{" text"}},
	{"lone high surrogate", `{"title":"\ud83d"}`, []string{" text"}},
	{"lone low surrogate", `{"title":"\ude00x"}`, []string{" text"}},
	{"surrogates reversed", `{"title":"\ude00\ud83d"}`, []string{" text"}},
	{"surrogate before text", `{"title":"\ud83d\u0041"}`, []string{" text"}},
	{"surrogate in a name", `{"\ud83d":"x","title":"x"}`, []string{" text"}},
}

// listed are the fields and codes of an error.
func listed(o object) []string {
	var all []string
	for _, e := range objects(o["errors"]) {
		all = append(all, e["field"].(string)+" "+e["code"].(string))
	}
	return all
}

// wantProblem checks that the body is the one that every error has.
func wantProblem(t reporter, a answer, status int) object {
	t.Helper()
	o := a.want(t, status)
	for _, field := range []string{"success", "error", "type", "title", "status", "detail", "requestId"} {
		if _, ok := o[field]; !ok {
			t.Errorf("the error has no %s: %v", field, o)
		}
	}
	if o["success"] != false || o["status"] != float64(status) || o["error"] != o["detail"] || o["type"] != "about:blank" {
		t.Errorf("error %v", o)
	}
	if o["requestId"] != a.header.Get("X-Request-Id") || o["requestId"] == "" {
		t.Errorf("request id %v in the body, %q in the header", o["requestId"], a.header.Get("X-Request-Id"))
	}
	return o
}

func TestBrokenRules(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		task := alice.create(t, `{"title":"as it was"}`)
		at := "/" + task["id"].(string)
		operations := []struct {
			method, path string
			broken       []brokenBody
		}{
			{"POST", "", append(brokenTasks, brokenBody{"no title", `{"description":"x"}`, []string{"title required"}}, brokenBody{"contradiction", `{"title":"x","status":"completed","completed":false}`, []string{"status conflict"}}, brokenBody{"empty", ``, []string{" json"}})},
			{"PUT", at, brokenTasks},
			{"PATCH", at, append(brokenTasks, brokenBody{"empty", ``, []string{" json"}})},
			{"PATCH", at + "/complete", []brokenBody{
				{"completed null", `{"completed":null}`, []string{"status required"}},
				{"no state", `{"title":"x"}`, []string{"status required"}},
				{"status unknown", `{"status":"sideways"}`, []string{"status enum"}},
				{"another user", `{"user_id":"bob"}`, []string{"user_id owner"}},
			}},
		}
		for _, op := range operations {
			for _, base := range []string{"/api/tasks", "/api/alice/tasks"} {
				for _, broken := range append(slices.Clip(op.broken), brokenBodies...) {
					o := wantProblem(t, alice.send(t, op.method, base+op.path, broken.body), 422)
					if got := listed(o); !slices.Equal(got, broken.errors) {
						t.Errorf("%s %s%s, %s: %v, want %v", op.method, base, op.path, broken.name, got, broken.errors)
					}
				}
			}
		}
		var tasks []object
		alice.send(t, "GET", "/api/tasks", "").decode(t, 200, &tasks)
		if len(tasks) != 1 || !maps.EqualFunc(tasks[0], task, equal) {
			t.Errorf("bad input changed %v into %v", task, tasks)
		}
	})
}

func TestBrokenQueries(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		for query, want := range map[string][]string{
			"status=sideways":                   {"status enum"},
			"sort=importance":                   {"sort enum"},
			"priority=highest":                  {"priority enum"},
			"priority=high,highest":             {"priority enum"},
			"sortBy=id":                         {"sortBy enum"},
			"order=up":                          {"order enum"},
			"sort_order=down":                   {"sort_order enum"},
			"limit=1&limit=2":                   {"limit conflict"},
			"offset=10001":                      {"offset range"},
			"skip=99999999999999999999":         {"skip range"},
			"page=12":                           {"page range"},
			"page=9223372036854775807&limit=2":  {"page range"},
			"page=1002&limit=10":                {"page range"},
			"page=2&offset=1":                   {"page conflict"},
			"limit=0":                           {"limit range"},
			"limit=1001":                        {"limit range"},
			"limit=ten":                         {"limit range"},
			"limit=99999999999999999999":        {"limit range"},
			"offset=-1":                         {"offset range"},
			"skip=1.5":                          {"skip range"},
			"cursor=x":                          {"cursor cursor"},
			"cursor=" + strings.Repeat("A", 80): {"cursor cursor"},
			"sort=x&order=y&status=z&limit=0&offset=q": {"sort enum", "order enum", "status enum", "limit range", "offset range"},
		} {
			if got := listed(wantProblem(t, alice.send(t, "GET", "/api/tasks?"+query, ""), 422)); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		for _, query := range []string{"importance=high&_=1&status=&limit=", "offset=10000", "page=11", "page=1001&limit=10"} {
			alice.send(t, "GET", "/api/tasks?"+query, "").decode(t, 200, new([]object))
		}
		for _, query := range []string{"offset=10001", "page=12", "page=1002&limit=10"} {
			if got := alice.send(t, "GET", "/api/tasks?"+query, "").want(t, 422)["error"]; !strings.Contains(fmt.Sprint(got), "cursor") {
				t.Errorf("%s: %s, which does not lead to cursors", query, got)
			}
		}
	})
}

// operation is one call of the API, under both paths.
type operation struct{ method, path, body string }

// operationsOn are all operations of a user on a task.
func operationsOn(user, id string) []operation {
	var all []operation
	for _, base := range []string{"/api/tasks", "/api/" + user + "/tasks"} {
		all = append(all,
			operation{"GET", base, ""},
			operation{"POST", base, `{"title":"new"}`},
			operation{"GET", base + "/" + id, ""},
			operation{"PUT", base + "/" + id, `{"title":"changed"}`},
			operation{"PATCH", base + "/" + id, `{"title":"changed"}`},
			operation{"PATCH", base + "/" + id + "/complete", ""},
			operation{"DELETE", base + "/" + id, ""},
		)
	}
	return all
}

func TestUnknownTasks(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		var bodies []string
		for _, id := range []string{
			unknownID, "1", "abc", "null", "undefined", "{" + unknownID + "}", "urn:uuid:" + unknownID,
			strings.ReplaceAll(unknownID, "-", ""), unknownID + "x", "%00", "%ff", "..%2f", "ü", strings.Repeat("a", 2000),
		} {
			for _, op := range operationsOn("alice", id) {
				if !strings.Contains(op.path, id) {
					continue
				}
				o := wantProblem(t, alice.send(t, op.method, op.path, op.body), 404)
				delete(o, "requestId")
				if o["detail"] != "Task not found" {
					t.Errorf("%s %s: %v", op.method, op.path, o)
				}
				bodies = append(bodies, encode(t, o))
			}
		}
		if different := slices.Compact(bodies); len(different) != 1 {
			t.Errorf("unknown tasks are told apart: %v", different)
		}
	})
}

// Every operation needs a token that holds.
func TestTokens(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	a := newAPI(t, db)
	alice := a.as(t, "alice")
	id := alice.create(t, `{"title":"hers"}`)["id"].(string)
	hour := time.Now().Add(time.Hour).Unix()
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + token
	}
	valid := jwt.MapClaims{"sub": "alice", "exp": hour}
	for name, authorization := range map[string]string{
		"none":                 "",
		"empty":                "Bearer ",
		"another scheme":       "Basic YWxpY2U6c2VjcmV0",
		"no JWT":               "Bearer abc",
		"a session token":      "Bearer 0123456789abcdef0123456789abcdef.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2k=",
		"wrong secret":         sign(jwt.SigningMethodHS256, []byte("another secret of thirty-two bytes"), valid),
		"HS512":                sign(jwt.SigningMethodHS512, []byte(secret), valid),
		"alg none":             sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, valid),
		"expired":              sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"sub": "alice", "exp": time.Now().Add(-time.Minute).Unix()}),
		"no exp":               sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"sub": "alice"}),
		"e-mail verification":  sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"email": "a@example.com", "userId": "alice", "exp": hour}),
		"empty sub":            sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"sub": "", "id": "alice", "exp": hour}),
		"expired long ago":     sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"sub": "alice", "exp": 1}),
		"trailing second part": sign(jwt.SigningMethodHS256, []byte(secret), valid) + ".x",
	} {
		operations := append(operationsOn("alice", id),
			operation{"GET", "/api/auth/me", ""},
			operation{"GET", "/api/no/such/address", ""},
			operation{"DELETE", "/api/tasks", ""},
			operation{"GET", "/api/bob/tasks", ""},
		)
		for _, op := range operations {
			got := a.anonymous().send(t, op.method, op.path, op.body, header{"Authorization", authorization})
			wantProblem(t, got, 401)
			if challenge := got.header.Get("WWW-Authenticate"); !strings.HasPrefix(challenge, "Bearer ") {
				t.Errorf("%s, %s %s: WWW-Authenticate %q", name, op.method, op.path, challenge)
			}
		}
	}
	if got := alice.titles(t, "/api/tasks"); !slices.Equal(got, []string{"hers"}) {
		t.Errorf("the list has %v", got)
	}
}

func (a *api) anonymous() client { return client{api: a} }

// A refused token is told why in development only.
func TestTokenRefusalsSayLessInProduction(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	milliseconds, err := token.ForDevelopment(secret, "alice", 50*365*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for authorization, says := range map[string]string{
		"Bearer a.b.c":           "malformed",
		"Bearer " + milliseconds: "more than ten years",
		sign(t, "alice"):         "lacks Bearer",
	} {
		for _, production := range []bool{false, true} {
			a := newAPI(t, db, func(s *setup) { s.Production = production })
			o := a.anonymous().send(t, "GET", "/api/tasks", "", header{"Authorization", authorization}).want(t, 401)
			detail := fmt.Sprint(o["detail"])
			if vague := detail == "Invalid or expired token"; vague != production || !production && !strings.Contains(detail, says) {
				t.Errorf("production %v: %v", production, detail)
			}
		}
	}
}

// Errors have an order: whoever meets several reads the first.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		alice := a.as(t, "alice")
		id := alice.create(t, `{"title":"hers"}`)["id"].(string)
		form := header{"Content-Type", "application/x-www-form-urlencoded"}
		for _, test := range []struct {
			who          client
			method, path string
			body         string
			headers      []header
			status       int
		}{
			{a.anonymous(), "POST", "/api/bob/tasks", strings.Repeat("x", 64<<10+1), nil, 413},
			{a.anonymous(), "GET", "/api/no/such/address", "", nil, 401},
			{a.anonymous(), "DELETE", "/api/tasks", "", nil, 401},
			{alice, "GET", "/api/bob/no/such/address", "", nil, 404},
			{alice, "DELETE", "/api/bob/tasks", "", nil, 405},
			{alice, "POST", "/api/bob/tasks", "x", []header{form}, 403},
			{alice, "GET", "/api/bob/tasks?limit=0", "", nil, 403},
			{alice, "GET", "/api/%ff%zz/tasks", "", nil, 403},
			{alice, "GET", "/api/ALICE/tasks", "", nil, 403},
			{alice, "POST", "/api/tasks", "title=x", []header{form}, 415},
			{alice, "PATCH", "/api/tasks/1", "title=x", []header{{"Content-Type", "multipart/form-data; boundary=x"}}, 415},
			{alice, "PATCH", "/api/tasks/1/complete", "completed=true", []header{form}, 415},
			{alice, "PUT", "/api/tasks/" + id, "x", []header{{"Content-Encoding", "gzip"}}, 415},
			{alice, "PATCH", "/api/tasks/" + unknownID, "{", nil, 422},
			{alice, "PATCH", "/api/tasks/1/complete", "{", nil, 422},
			{alice, "PATCH", "/api/tasks/1", "{}", nil, 404},
			{alice, "GET", "/nowhere", "", nil, 404},
			{alice, "POST", "/health", "", nil, 405},
			{alice, "PUT", "/api/auth/me", "", nil, 405},
		} {
			got := test.who.send(t, test.method, test.path, test.body, test.headers...)
			wantProblem(t, got, test.status)
			if allow := got.header.Get("Allow"); (test.status == 405) != (allow != "") {
				t.Errorf("%s %s: Allow %q", test.method, test.path, allow)
			}
		}
	})
}

// Bodies are JSON whatever they are called, forms excepted.
func TestContentTypes(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	for _, contentType := range []string{"", "text/plain;charset=UTF-8", "application/json; charset=utf-8", "application/octet-stream", "application/vnd.api+json"} {
		alice.send(t, "POST", "/api/tasks", `{"title":"x"}`, header{"Content-Type", contentType}).want(t, 201)
	}
	for _, accept := range []string{"application/problem+json", "application/json, application/problem+json"} {
		got := alice.send(t, "GET", "/api/tasks/1", "", header{"Accept", accept})
		wantProblem(t, got, 404)
		if contentType := got.header.Get("Content-Type"); contentType != "application/problem+json" {
			t.Errorf("Accept %q: %q", accept, contentType)
		}
	}
	for _, accept := range []string{"", "*/*", "application/json", "text/html,*/*;q=0.8"} {
		got := alice.send(t, "GET", "/api/tasks/1", "", header{"Accept", accept})
		if contentType := got.header.Get("Content-Type"); contentType != "application/json" {
			t.Errorf("Accept %q: %q", accept, contentType)
		}
	}
}

// Errors stand on what a browser needs to read them, wherever they are made.
func TestCORS(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	alice := a.as(t, "alice")
	origin := header{"Origin", "http://localhost:3000"}
	for name, got := range map[string]answer{
		"200": alice.send(t, "GET", "/api/tasks", "", origin),
		"401": a.anonymous().send(t, "GET", "/api/tasks", "", origin),
		"404": alice.send(t, "GET", "/nowhere", "", origin),
		"405": alice.send(t, "DELETE", "/api/tasks", "", origin),
		"413": alice.send(t, "POST", "/api/tasks", strings.Repeat("x", 70000), origin),
		"422": alice.send(t, "POST", "/api/tasks", "{", origin),
	} {
		if got.header.Get("Access-Control-Allow-Origin") != origin.value || got.header.Get("Access-Control-Allow-Credentials") != "true" ||
			!strings.Contains(got.header.Get("Access-Control-Expose-Headers"), "Location") || got.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", name, got.header)
		}
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		got := a.anonymous().send(t, http.MethodOptions, "/api/tasks/"+unknownID, "", origin,
			header{"Access-Control-Request-Method", method}, header{"Access-Control-Request-Headers", "authorization,content-type,if-none-match,traceparent"})
		methods, headers := got.header.Get("Access-Control-Allow-Methods"), strings.ToLower(got.header.Get("Access-Control-Allow-Headers"))
		if got.status != 204 || !strings.Contains(methods, method) || !strings.Contains(headers, "authorization") || !strings.Contains(headers, "traceparent") {
			t.Errorf("preflight of %s: %d %v", method, got.status, got.header)
		}
	}
}

// Origins are compared to the letter: nothing that begins or ends with an allowed one is allowed. In development every origin on
// this machine is allowed too.
func TestAllowedOrigins(t *testing.T) {
	t.Parallel()
	const exact = "http://app.example"
	type allowed struct{ production, development bool }
	tests := map[string]allowed{
		exact:                                {true, true},
		"http://localhost:3002":              {false, true},
		"https://127.0.0.1":                  {false, true},
		"http://[::1]:5173":                  {false, true},
		"http://app.example.evil":            {},
		"http://www.app.example":             {},
		"http://evilapp.example":             {},
		"http://app.example:8080":            {},
		"http://app.example/path":            {},
		"https://app.example":                {},
		"http://localhost.evil":              {},
		"http://localhost:3000@evil.example": {},
		"http://evil.example":                {},
		"null":                               {},
	}
	db := databasetest.SQLite(t)
	for _, production := range []bool{true, false} {
		a := newAPI(t, db, func(s *setup) { s.Production, s.CORSOrigins = production, []string{exact} })
		for origin, allowed := range tests {
			want := ""
			if production && allowed.production || !production && allowed.development {
				want = origin
			}
			preflight := a.anonymous().send(t, "OPTIONS", "/api/tasks", "", header{"Origin", origin}, header{"Access-Control-Request-Method", "GET"})
			for _, got := range []answer{a.as(t, "alice").send(t, "GET", "/api/tasks", "", header{"Origin", origin}), preflight} {
				if got := got.header.Get("Access-Control-Allow-Origin"); got != want {
					t.Errorf("in production: %v: %s is allowed as %q, want %q", production, origin, got, want)
				}
			}
		}
	}
}

func TestCORSWithoutOrigins(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t), func(s *setup) { s.Production, s.CORSOrigins = true, nil })
	got := a.anonymous().send(t, "GET", "/health", "", header{"Origin", "http://localhost:3000"})
	if allowed := got.header.Get("Access-Control-Allow-Origin"); got.status != 200 || allowed != "" {
		t.Errorf("status %d, allowed %q", got.status, allowed)
	}
}

// A database that does not answer is a 503 that says nothing internal.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db, func(s *setup) { s.RequestTimeout = time.Nanosecond }).as(t, "alice")
		for _, op := range operationsOn("alice", unknownID) {
			got := alice.send(t, op.method, op.path, op.body)
			o := wantProblem(t, got, 503)
			if got.header.Get("Retry-After") == "" || strings.Contains(o["detail"].(string), "context") {
				t.Errorf("%s %s: %v %v", op.method, op.path, got.header, o)
			}
		}
	})
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		if got := newAPI(t, db).anonymous().send(t, "GET", "/ready", "").want(t, 200); got["status"] != "ready" || got["writes"] != true {
			t.Errorf("ready: %v", got)
		}
		stopping := newAPI(t, db, func(s *setup) { s.ready = func(context.Context) (bool, error) { return false, errors.New("stopping") } }).anonymous()
		wantProblem(t, stopping.send(t, "GET", "/ready", ""), 503)
		if got := stopping.send(t, "GET", "/health/", "").want(t, 200); got["status"] != "healthy" || got["service"] != "todo-backend" {
			t.Errorf("health: %v", got)
		}
	})
}

// TestReadOnlyDatabase has Postgres take no writes: the service is ready and says so, reads are served, each write is a 503.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, database.Source{PostgresURL: databasetest.PostgresURL(t) + "&default_transaction_read_only=on"})
	a := newAPI(t, db)
	if got := a.anonymous().send(t, "GET", "/ready", "").want(t, 200); got["status"] != "ready" || got["writes"] != false {
		t.Errorf("ready: %v", got)
	}
	alice := a.as(t, "alice")
	alice.send(t, "GET", "/api/tasks", "").decode(t, 200, new([]any))
	wantProblem(t, alice.send(t, "POST", "/api/tasks", `{"title":"Buy milk"}`), 503)
}

// TestMovedSQLiteFile moves the database away: a write is refused instead of going to a file that
// nobody finds, and the service gets no requests, until the file is back.
func TestMovedSQLiteFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "todo.db")
	db := databasetest.Open(t, database.Source{SQLitePath: path})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, db)
	alice := a.as(t, "alice")
	alice.create(t, `{"title":"before"}`)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, alice.send(t, "POST", "/api/tasks", `{"title":"lost"}`), 503)
	wantProblem(t, a.anonymous().send(t, "GET", "/ready", ""), 503)
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	alice.create(t, `{"title":"after"}`)
	a.anonymous().send(t, "GET", "/ready", "").want(t, 200)
	if got := alice.titles(t, "/api/tasks"); !slices.Equal(got, []string{"after", "before"}) {
		t.Errorf("the list has %q", got)
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	anonymous := newAPI(t, databasetest.SQLite(t)).anonymous()
	for _, id := range []string{"abc-123_x.Y", strings.Repeat("a", 64)} {
		if got := anonymous.send(t, "GET", "/health", "", header{"X-Request-Id", id}).header.Get("X-Request-Id"); got != id {
			t.Errorf("%q became %q", id, got)
		}
	}
	for _, id := range []string{"", "a b", strings.Repeat("a", 65), "<script>", "a\u00e9"} {
		if got := anonymous.send(t, "GET", "/health", "", header{"X-Request-Id", id}).header.Get("X-Request-Id"); got == id || got == "" {
			t.Errorf("%q became %q", id, got)
		}
	}
}

// TestMe finds the user where each format's clients look for it.
func TestMe(t *testing.T) {
	t.Parallel()
	nameless, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "1", "exp": time.Now().Add(time.Hour).Unix()}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	users := map[string]string{ // by token, as JSON
		"":       `{"id":"alice","email":"alice@example.com","name":"alice"}`,
		nameless: `{"id":"1","email":null,"name":null}`,
	}
	everywhere := func(user string) string {
		return strings.TrimSuffix(user, "}") + `,"success":true,"data":` + user + `,"user":` + user + `}`
	}
	formats := map[config.Format]func(user string) string{
		config.FormatPlain:    everywhere,
		config.FormatWrapped:  everywhere,
		config.FormatEnvelope: func(user string) string { return `{"success":true,"data":` + user + `}` },
	}
	for format, write := range formats {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			a := newAPI(t, databasetest.SQLite(t), withFormat(format), func(s *setup) { s.Case = config.CaseCamel })
			for token, user := range users {
				who := client{api: a, token: token}
				if token == "" {
					who = a.as(t, "alice")
				}
				got := who.send(t, "GET", "/api/auth/me", "")
				if got.status != 200 || strings.TrimSpace(got.body) != write(user) {
					t.Errorf("me is %d %s\nwant %s", got.status, got.body, write(user))
				}
			}
		})
	}
}

// TestHealth is asked without a token, at both addresses; below it is nothing but what needs one.
func TestHealth(t *testing.T) {
	t.Parallel()
	anonymous := newAPI(t, databasetest.SQLite(t)).anonymous()
	for _, path := range []string{"/health", "/api/health", "/api/health/"} {
		got := anonymous.send(t, "GET", path, "")
		if got.status != 200 || strings.TrimSpace(got.body) != `{"status":"healthy","service":"todo-backend"}` {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	wantProblem(t, anonymous.send(t, "GET", "/api/health/x", ""), 401)
	wantProblem(t, anonymous.send(t, "POST", "/api/health", ""), 401)
}

// A user's id is opaque text, and percent-decoded once in a path.
func TestOddUserIDs(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	for id, path := range map[string]string{
		"a/b":          "a%2Fb",
		"a b+c":        "a%20b+c",
		"50%25":        "50%2525",
		"ü@例え.example": "%C3%BC@%E4%BE%8B%E3%81%88.example",
		"tasks":        "tasks",
	} {
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": id, "exp": time.Now().Add(time.Hour).Unix()}).SignedString([]byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		user := client{api: a, token: token}
		created := user.send(t, "POST", "/api/"+path+"/tasks", `{"title":"x"}`)
		task := created.want(t, 201)
		if want := "/api/" + path + "/tasks/" + task["id"].(string); task["user_id"] != id || created.header.Get("Location") != want {
			t.Errorf("user %q: %v, Location %q, want %q", id, task, created.header.Get("Location"), want)
		}
		user.send(t, "GET", cmp.Or(created.header.Get("Location"), "/"), "").want(t, 200)
	}
}
