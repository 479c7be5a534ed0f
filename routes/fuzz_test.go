package routes_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware/token"
	"todo-backend/routes"
)

// Whatever a client sends, the answer is no server error, comes as soon as others, has the body that every answer of its kind has, and
// nothing of another user's. To search for what breaks that:
//
//	go test ./routes -run '^$' -fuzz '^FuzzBody$' -fuzztime 5m

// fuzzTarget is an application with a task of alice's, who sends all requests, and one of bob's.
type fuzzTarget struct {
	db      *database.Database
	handler fasthttp.RequestHandler
	alice   string // her token
}

const (
	bob       = "bob-whose-name-no-fuzzer-guesses"
	aliceTask = "01980000-0000-7000-8000-00000000000a"
	bobTask   = "01980000-0000-7000-8000-00000000000b"
	bobTitle  = "bob's and nobody else's"

	// soon is within what an answer takes on a machine that is busy. One that takes longer, and longTimes as long as a plain list
	// beside it, time and again, is slow.
	soon, longTimes = 100 * time.Millisecond, 50
)

func newFuzzTarget(f *testing.F) fuzzTarget {
	f.Helper()
	db := databasetest.SQLite(f)
	app, err := routes.New(routes.Dependencies{
		Client:   db.Client,
		Verifier: token.NewVerifier(f.Context(), token.Rules{Secret: secret}),
		Logger:   slog.New(slog.DiscardHandler),
		Ready:    db.Ready,
	}, config.Config{Format: config.FormatPlain, RequestTimeout: 10 * time.Second, Fields: []string{"category"}})
	if err != nil {
		f.Fatal(err)
	}
	p := fuzzTarget{db: db, handler: app.Handler(), alice: "Bearer " + sign(f, "alice")}
	p.put(f, "alice", aliceTask, "alice's")
	p.put(f, bob, bobTask, bobTitle)
	return p
}

// put makes a task with an id of the test's own.
func (p fuzzTarget) put(tb testing.TB, user, id, title string) {
	tb.Helper()
	create := p.db.Client.Task.Create().SetID(uuid.MustParse(id)).SetTitle(title)
	if _, err := create.Save(asViewer(tb.Context(), user)); err != nil {
		tb.Fatal(err)
	}
}

// send sends a request and checks what holds for every answer. One that comes late is asked for again, beside a plain request: the
// machine may have been busy.
func (p fuzzTarget) send(t *testing.T, method, uri, authorization, contentType string, body []byte) (status int, content []byte) {
	t.Helper()
	var took, plain time.Duration
	for range 5 {
		var ctx fasthttp.RequestCtx
		took = p.answer(&ctx, method, uri, authorization, contentType, body)
		checkAnswer(t, &ctx)
		if took > soon {
			plain = p.answer(new(fasthttp.RequestCtx), "GET", "/api/tasks", p.alice, "", nil)
		}
		if took <= max(soon, longTimes*plain) {
			return ctx.Response.StatusCode(), ctx.Response.Body()
		}
	}
	t.Fatalf("%s %q is answered after %s, a plain request after %s", method, uri, took, plain)
	return 0, nil
}

// answer has a request answered in ctx, and returns how long that took.
func (p fuzzTarget) answer(ctx *fasthttp.RequestCtx, method, uri, authorization, contentType string, body []byte) time.Duration {
	ctx.Init(&fasthttp.Request{}, nil, nil)
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(uri)
	ctx.Request.Header.Set("Authorization", authorization)
	ctx.Request.Header.Set("Content-Type", contentType)
	ctx.Request.SetBody(body)
	begin := time.Now()
	p.handler(ctx)
	return time.Since(begin)
}

func checkAnswer(t *testing.T, ctx *fasthttp.RequestCtx) {
	t.Helper()
	status, body := ctx.Response.StatusCode(), ctx.Response.Body()
	if status >= 500 || !json.Valid(body) || strings.Contains(string(body), bobTitle) {
		t.Fatalf("%s is answered %d %s", &ctx.Request, status, body)
	}
	if status < 400 {
		return
	}
	header := &ctx.Response.Header
	id := string(header.Peek("X-Request-Id"))
	wantProblem(t, answer{status: status, body: string(body), header: http.Header{"X-Request-Id": {id}}}, status)
	if challenge := header.Peek("WWW-Authenticate"); (status == 401) != (len(challenge) > 0) {
		t.Errorf("%d with WWW-Authenticate %q", status, challenge)
	}
}

func FuzzBody(f *testing.F) {
	p := newFuzzTarget(f)
	for _, broken := range slices.Concat(brokenTasks, brokenBodies) {
		f.Add("application/json", []byte(broken.body))
	}
	for _, body := range []string{
		``, `{}`, `{"title":"x"}`, `{"title":" x ","description":"","completed":true,"status":"completed"}`, `{"title":"a","title":"b"}`,
		`{"TITLE":"x"}`, `{"title":"\ud83d\ude00"}`, `{"title":"\\ud83d"}`, `{"title":1e999999}`, `{"title":"x","n":123456789012345678901234567890}`,
		`{"title":"x","priority":"High","due_date":"2026-01-05T09:30","timezone":"Europe/Berlin","tags":["a",{"name":"b"}],"remind_at":"2026-01-05","state":"in-progress"}`,
		`{"task":{"title":"x","labels":"a,b","deadline":"2026-01-05T09:30:00.123456789+05:30","reminder":"soon","priority":null}}`,
		`{"title":"x","tag_ids":"[\"a\",{\"name\":\"b\"}]","due":"","timezone":"Pacific/Apia","status":"done","completed":false}`,
		`{"title":"x","recurrence":{"frequency":"weekly","interval":2,"end_date":"2026-12-31T00:00:00Z"},"is_recurring":true,"repeat_from":"completion"}`,
		`{"title":"x","rrule":"FREQ=MONTHLY;BYDAY=-1FR;COUNT=3","due_date":"0001-01-01","completed":true}`,
		`{"title":"x","recurrence_pattern":"weekdays","recurrence_interval":"1","recurring_end_date":"9999-12-31","dueDate":"9999-12-31T23:59:59.999999999-23:59"}`,
		`{"title":"x","category":{"a":[1,"\u2028",null,1e400]}}`, `{"title":"x","category":"\u0000"}`, `{"title":"x","tags":[[],{},{"name":{}},null,1]}`,
	} {
		f.Add("", []byte(body))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		status, content := p.send(t, "POST", "/api/tasks", p.alice, contentType, body)
		switch {
		case status == 201:
			checkCreated(t, content, body)
		case status != 415 && status != 422:
			t.Fatalf("%q is answered %d", body, status)
		}
		p.send(t, "PATCH", "/api/tasks/"+aliceTask, p.alice, contentType, body)
		p.send(t, "PATCH", "/api/tasks/"+aliceTask+"/complete", p.alice, contentType, body)
		if status, _ := p.send(t, "PUT", "/api/tasks/"+bobTask, p.alice, contentType, body); status < 400 {
			t.Fatalf("bob's task is changed by %q", body)
		}
		p.db.Client.Task.Delete().ExecX(asViewer(t.Context(), "alice")) // or lists would grow without end
		p.put(t, "alice", aliceTask, "alice's")
	})
}

// checkCreated holds a new task against its body, as encoding/json reads it.
func checkCreated(t *testing.T, content, body []byte) {
	t.Helper()
	said, err := decodeExactly(body)
	if err != nil {
		t.Fatalf("%q is taken for a task", body)
	}
	made, err := decodeExactly(content)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"task", "task_create", "task_update"} {
		if inner, ok := said[name].(map[string]any); ok && len(said) == 1 {
			said = inner
			break
		}
	}
	title, ok := said["title"].(string)
	if !ok || made["title"] != strings.TrimSpace(title) || !reflect.DeepEqual(made["description"], said["description"]) || made["user_id"] != "alice" {
		t.Errorf("%q became %s", body, content)
	}
}

// decodeExactly decodes an object that may have numbers which no float64 holds.
func decodeExactly(text []byte) (o object, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&o)
	return o, err
}

func FuzzQuery(f *testing.F) {
	p := newFuzzTarget(f)
	for _, query := range []string{
		"", "status=active&sort=title&order=asc&limit=1", "sort_by=created_at&sortOrder=desc&skip=0", "limit=1000&offset=2147483647", "offset=-1",
		"limit=99999999999999999999", "limit=+1", "limit=0x10", "status=%00", "cursor=%ff", "limit=1&limit=2", "&&==&", "limit=%31", "status[]=all", "order=a;b", "#", "?",
		"status=overdue,completed&priority=high,low&tags=a&tag=b&no_tags=false&search=%C4%B0+%25_%5C&timezone=Asia/Tokyo&sort=-due_date&page=2&per_page=3",
		"due_from=2026-03-29T02:30&due_to=9999-12-31T23:59:59Z&due=week&overdue=true&has_due_date=1&is_recurring=0&timezone=Europe/Berlin&sort=priority:desc",
		"due_date=0001-01-01&timezone=Pacific/Kiritimati&sort=completed_at_asc", "due_to=0001-01-01T00:00:00%2B14:00", "due_from=9999-12-31T23:59-23:59&sort=status",
		"category=%22a%22", "category=1", "category=%00", "q=" + strings.Repeat("a+", 9) + "a", "tags=a,b,,c&tag_ids=%ff", "timezone=Local", "filter=all,pending",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		status, content := p.send(t, "GET", "/api/tasks?"+query, p.alice, "", nil)
		leadsNowhere := status == 404 && strings.ContainsFunc(query, unicode.IsControl) // for it is no address
		if status != 200 && status != 422 && !leadsNowhere {
			t.Fatalf("%q is answered %d", query, status)
		}
		if status == 200 && len(content) > len("[]\n") && !strings.Contains(string(content), aliceTask) {
			t.Errorf("%q is answered %s", query, content)
		}
	})
}

// A cursor is no secret: whoever computes one, here from any place that a list could go on at, reaches their own tasks only.
func FuzzCursor(f *testing.F) {
	p := newFuzzTarget(f)
	id := uuid.MustParse(bobTask)
	columns := []string{"id", "updated_at", "title", "due_date", "priority", "status", "completed_at"}
	for _, key := range []string{"", "a", "\x00", "\x01", "\x01a", "\x01\x00\x00\x00\x00\x00\x00\x00\x02", "\x01\x7f\xff\xff\xff\xff\xff\xff\xff", "\x01\x80\x00\x00\x00\x00\x00\x00\x00", "\xff", "\ufffd", "\x00\x06\x00\x00\x00\x00\x00\x00", "\x7f\xff\xff\xff\xff\xff\xff\xff", "\x80\x00\x00\x00\x00\x00\x00\x00"} {
		for sort := range byte(len(columns)) {
			f.Add("alice", sort, false, append(id[:], key...))
			f.Add(bob, sort, true, append(id[:], key...))
		}
	}
	f.Fuzz(func(t *testing.T, user string, sort byte, descending bool, place []byte) {
		column := columns[int(sort)%len(columns)]
		order := map[bool]string{true: "desc", false: "asc"}[descending]
		word := map[bool]string{true: "created", false: column}[column == "id"]
		query := "/api/tasks?sort=" + word + "&order=" + order + "&cursor="
		forged := forgeCursor(user, column, descending, place)
		status, _ := p.send(t, "GET", query+forged, p.alice, "", nil)
		if status != 422 && (status != 200 || user != "alice") {
			t.Errorf("the cursor of %q is answered %d", user, status)
		}
		if status, _ = p.send(t, "GET", query+url.QueryEscape(string(place)), p.alice, "", nil); status != 422 && len(place) > 0 {
			t.Errorf("the cursor %q is answered %d", place, status)
		}
	})
}

func FuzzPathID(f *testing.F) {
	p := newFuzzTarget(f)
	for _, id := range []string{
		aliceTask, strings.ToUpper(aliceTask), bobTask, unknownID, "", "1", "{" + bobTask + "}", "urn:uuid:" + bobTask, strings.ReplaceAll(bobTask, "-", ""),
		"%00", "%", "..%2f", "../../" + bobTask, "ü", "\x00", "a/b/c", aliceTask + "/complete", aliceTask + "?x", "//", "\\", strings.Repeat("a", 5000),
	} {
		for method := range byte(4) {
			f.Add(method, "alice", id)
		}
		f.Add(byte(0), bob, id)
		f.Add(byte(0), id, bobTask)
	}
	f.Fuzz(func(t *testing.T, method byte, user, id string) {
		verb := []string{"GET", "PUT", "PATCH", "DELETE"}[method%4]
		for _, base := range []string{"/api/tasks/", "/api/" + user + "/tasks/"} {
			status, content := p.send(t, verb, base+id, p.alice, "", []byte(`{"title":"changed"}`))
			if status == 200 && verb != "GET" && verb != "DELETE" && !strings.Contains(string(content), `"alice"`) {
				t.Errorf("%s %q is answered %s", verb, base+id, content)
			}
		}
		if !p.db.Client.Task.Query().ExistX(asViewer(t.Context(), "alice")) {
			p.put(t, "alice", aliceTask, "alice's")
		}
		if title := p.db.Client.Task.GetX(asViewer(t.Context(), bob), uuid.MustParse(bobTask)).Title; title != bobTitle {
			t.Errorf("%s %q made bob's task %q", verb, id, title)
		}
	})
}

func FuzzAuthorization(f *testing.F) {
	p := newFuzzTarget(f)
	token := sign(f, "alice")
	head, rest, _ := strings.Cut(token, ".")
	for _, value := range []string{
		"", "Bearer", "Bearer ", "bearer " + token, "Bearer  " + token, "Bearer " + token + " ", token, "Basic YTpi", "Bearer a.b.c", "Bearer ..", "Bearer .", "Bearer " + rest,
		"Bearer " + head + "." + rest, "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IiLCJleHAiOjk5OTk5OTk5OTl9.", "Bearer " + strings.Repeat("A", 8000), "Bearer " + strings.Repeat(".", 8000),
		"\x00", "Bearer \xff", "Bearer " + token + "\r\nX: y", "Bearer " + token + "=", "Bearer " + token + "," + token,
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		status, _ := p.send(t, "GET", "/api/auth/me", value, "", nil)
		if status != 401 && (status != 200 || !isSigned(value)) {
			t.Errorf("%q is answered %d", value, status)
		}
	})
}

// isSigned reports whether the value ends with what the secret signs.
func isSigned(value string) bool {
	_, token, _ := strings.Cut(strings.TrimSpace(value), " ")
	at := strings.LastIndexByte(token, '.')
	if at < 0 {
		return false
	}
	return strings.TrimSpace(token[at+1:]) == signature(strings.TrimSpace(token[:at]))
}

func signature(signed string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Behind a signature that holds there can be anything too, should Better Auth be told to put it there.
func FuzzClaims(f *testing.F) {
	p := newFuzzTarget(f)
	const head = `{"alg":"HS256","typ":"JWT"}`
	for _, claims := range []string{
		`{"sub":"alice","exp":32503680000}`, `{"sub":"alice","exp":1e400}`, `{"sub":"alice","exp":"1"}`, `{"sub":"alice","exp":-1}`, `{"sub":"","exp":32503680000}`,
		`{"sub":null,"id":"alice","exp":32503680000}`, `{"sub":"\ud83d","exp":32503680000}`, `{"sub":"a\u0000","exp":32503680000}`, `{"SUB":"bob","sub":"alice","exp":32503680000}`,
		`{"user_id":"alice","exp":32503680000,"nbf":1e308,"aud":[1]}`, `{"sub":"alice","sub":"carol","exp":32503680000}`, `{`, `null`, `[]`, ``,
		`{"sub":"alice","exp":32503680000,"email":{"a":[]},"name":1}`, `{"sub":"` + strings.Repeat("é", 255) + `","exp":32503680000}`,
	} {
		f.Add(head, claims)
	}
	for _, head := range []string{`{"alg":"none"}`, `{"alg":"HS512"}`, `{"alg":"EdDSA","kid":1}`, `{"alg":"HS256","crit":["x"]}`, `{"alg":1}`, `{}`, `null`, ``} {
		f.Add(head, `{"sub":"alice","exp":32503680000}`)
	}
	f.Fuzz(func(t *testing.T, head, claims string) {
		encoding := base64.RawURLEncoding
		signed := encoding.EncodeToString([]byte(head)) + "." + encoding.EncodeToString([]byte(claims))
		token := "Bearer " + signed + "." + signature(signed)
		status, _ := p.send(t, "GET", "/api/auth/me", token, "", nil)
		if listed, _ := p.send(t, "GET", "/api/tasks", token, "", nil); status != 401 && status != 200 || listed != status {
			t.Errorf("%q with %q is answered %d and %d", claims, head, status, listed)
		}
	})
}
