package routes_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware/token"
)

// storeAPIToken stores an API token of a user as an operator might, in a place that no other has.
func storeAPIToken(t *testing.T, db *database.Database, user string, scope token.Scope, expiresAt *time.Time) (string, *ent.APIToken) {
	t.Helper()
	ctx := asViewer(t.Context(), user)
	secret, name := token.NewAPIToken(), "his"
	if user == "alice" {
		name = "hers"
	}
	made, err := db.Client.APIToken.Create().
		SetName(name).SetScope(int8(slices.Index(scopes, scope))).SetPrefix(secret.Shown()).SetHash(secret.Hash()).
		SetPlace(int16(lastPlace.Add(-1))).SetNillableExpiresAt(expiresAt).Save(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(secret), made
}

var scopes = []token.Scope{token.ScopeRead, token.ScopeWrite, token.ScopeFeed}

// lastPlace counts down: the service does not use places below zero.
var lastPlace atomic.Int32

// apiTokenAttacks are attempts with API tokens that are not alice's, or no longer, and with one of bob's.
func apiTokenAttacks(t *testing.T, db *database.Database) []attack {
	t.Helper()
	past := time.Now().Add(-time.Minute)
	expired, _ := storeAPIToken(t, db, "alice", token.ScopeWrite, &past)
	revoked, made := storeAPIToken(t, db, "alice", token.ScopeWrite, nil)
	if err := db.Client.APIToken.DeleteOneID(made.ID).Exec(asViewer(t.Context(), "alice")); err != nil {
		t.Fatal(err)
	}
	hers, kept := storeAPIToken(t, db, "alice", token.ScopeWrite, nil)
	bobs, _ := storeAPIToken(t, db, "bob", token.ScopeWrite, nil)
	return []attack{
		{name: "expired API token", attempts: bearing(expired)},
		{name: "revoked API token", attempts: bearing(revoked)},
		{name: "made up API token", attempts: bearing(string(token.NewAPIToken()))},
		{name: "malformed API token", attempts: bearing(
			"todo_", hers[:len(hers)-1], hers+"0", strings.ToLower(hers), "todo_"+hers, hers[:len(hers)-6], kept.Hash, "todo_"+kept.Hash, strings.Repeat("todo_", 100),
		)},
		{name: "bob's API token", attempts: bearing(bobs), user: "bob", byAPIToken: true},
	}
}

// TestScopes sends every operation of the served document, also under the names that it does not list, with
// a token of each scope.
func TestScopes(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		secrets := map[token.Scope]string{"": a.as(t, "alice").token}
		for _, scope := range scopes {
			secrets[scope], _ = storeAPIToken(t, db, "alice", scope, nil)
		}
		for _, c := range append(callsOf(t, openAPI(t, a)), toolCalls()...) {
			for scope, secret := range secrets {
				want := wantsOfScope(c, scope)
				id := newRow(t, db, c)
				got := client{api: a, token: secret}.send(t, c.method, c.at("alice", id), fill(c.body, "alice", id))
				if got.status != want {
					t.Errorf("%s %s with a token of the scope %q is answered with %d, want %d: %s", c.method, c.path, scope, got.status, want, got.body)
				}
				if refused := strings.Contains(got.body, `"isError":true`); refused != (scope == token.ScopeRead && c.tool != "" && c.writes()) {
					t.Errorf("%s with a token of the scope %q: %s", c.tool, scope, got.body)
				}
				if want == http.StatusForbidden && c.method != http.MethodHead && !strings.Contains(got.body, "API token") {
					t.Errorf("%s %s with a token of the scope %q: %s", c.method, c.path, scope, got.body)
				}
			}
		}
	})
}

// wantsOfScope is the status of a call of the user's own with a token of a scope; empty: of Better Auth.
func wantsOfScope(c call, scope token.Scope) int {
	opens := !c.needsToken || scope == "" || scope == token.ScopeWrite || scope == token.ScopeRead && (!c.writes() || c.tool != "")
	switch {
	case c.path == calendarPath:
		opens = true
	case scope != "" && c.isOfTokens():
		opens = false
	}
	if !opens {
		return http.StatusForbidden
	}
	return c.success
}

// newRow makes what a call is about, and returns its id.
func newRow(t *testing.T, db *database.Database, c call) string {
	t.Helper()
	if c.isOfTokens() {
		_, made := storeAPIToken(t, db, "alice", token.ScopeRead, nil)
		return made.ID.String()
	}
	if c.isOfTags() {
		return createTag(t, db)
	}
	made, err := db.Client.Task.Create().SetTitle("hers").Save(asViewer(t.Context(), "alice"))
	if err != nil {
		t.Fatal(err)
	}
	return made.ID.String()
}

// TestNoRouteIsOpenToEveryScope walks the routes themselves: below /api a token for the calendar opens the
// calendar and what needs no token, whether or not the document names the route.
func TestNoRouteIsOpenToEveryScope(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	a := newAPI(t, db)
	secret, _ := storeAPIToken(t, db, "alice", token.ScopeFeed, nil)
	open := []string{"/api/health", calendarPath}
	tried := 0
	for _, route := range a.app.GetRoutes(true) {
		if !strings.HasPrefix(route.Path, "/api/") || slices.Contains(open, strings.TrimRight(route.Path, "/")) {
			continue
		}
		tried++
		path := strings.NewReplacer(":user_id", "alice", ":id", unknownID).Replace(route.Path)
		if got := (client{api: a, token: secret}).send(t, route.Method, path, ""); got.status != http.StatusForbidden {
			t.Errorf("%s %s is open to the scope feed: %d %s", route.Method, route.Path, got.status, got.body)
		}
	}
	if tried < 20 {
		t.Errorf("%d routes were tried", tried)
	}
}

// TestScopeComesAfterTheRouter: what is no address or no method is that to every scope.
func TestScopeComesAfterTheRouter(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	secret, _ := storeAPIToken(t, db, "alice", token.ScopeFeed, nil)
	reader := client{api: newAPI(t, db), token: secret}
	for target, want := range map[string]int{"GET /api/nothing": 404, "PATCH /api/tasks": 405, "POST /api/auth/me": 405, "PUT /api/tokens": 405} {
		method, path, _ := strings.Cut(target, " ")
		if got := reader.send(t, method, path, ""); got.status != want {
			t.Errorf("%s is answered with %d, want %d: %s", target, got.status, want, got.body)
		}
	}
	got := reader.send(t, "GET", "/api/tasks", "")
	if challenge := got.header.Get("WWW-Authenticate"); !strings.Contains(challenge, `error="insufficient_scope", scope="read"`) {
		t.Errorf("the challenge is %q", challenge)
	}
}

// TestLifeOfAnAPIToken makes, uses, lists and revokes a token in every format.
func TestLifeOfAnAPIToken(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			databasetest.Each(t, func(t *testing.T, db *database.Database) {
				ann := newAPI(t, db, withFormat(format)).as(t, "ann")
				life := tokenLife{ann, format}
				first, secret := life.create(t, `{"name":"  the first ","scope":"WRITE"}`)
				want := object{"name": "the first", "scope": "write", "prefix": secret[:9], life.named("last_used_at"): nil}
				for name, value := range want {
					if first[name] != value {
						t.Errorf("%s is %v, want %v", name, first[name], value)
					}
				}
				second, _ := life.create(t, `{"name":"the second","scope":"feed","expiresInDays":null}`)
				if second[life.named("expires_at")] != nil {
					t.Errorf("a token that never expires does so at %v", second[life.named("expires_at")])
				}
				if got := life.names(t); !slices.Equal(got, []string{"the second", "the first"}) {
					t.Errorf("the list has %q", got)
				}

				agent := client{api: ann.api, token: secret}
				if got := agent.send(t, "POST", "/api/tasks", `{"title":"by the agent"}`); got.status != 201 || !strings.Contains(got.body, "ann") {
					t.Errorf("the agent creates a task: %d %s", got.status, got.body)
				}
				eventually(t, "the last use is listed, to the minute", func() bool {
					used, _ := life.list(t)[1][life.named("last_used_at")].(string)
					return strings.HasSuffix(used, ":00.000000Z")
				})
				deleted := ann.send(t, "DELETE", "/api/tokens/"+first["id"].(string), "").want(t, 200)
				if deleted["message"] != "Token deleted successfully" {
					t.Errorf("the answer to a delete is %v", deleted)
				}
				if got := ann.send(t, "DELETE", "/api/tokens/"+first["id"].(string), "").want(t, 404); got["detail"] != "Token not found" {
					t.Errorf("the second delete: %v", got)
				}
				if got := life.names(t); !slices.Equal(got, []string{"the second"}) {
					t.Errorf("after the delete the list has %q", got)
				}
				// Another copy of the service, which has not seen the token, refuses it at once.
				other := client{api: newAPI(t, db, withFormat(format)), token: secret}
				if got := other.send(t, "GET", "/api/tasks", ""); got.status != http.StatusUnauthorized {
					t.Errorf("a revoked token is answered with %d", got.status)
				}
			})
		})
	}
}

// tokenLife reads the answers of a format.
type tokenLife struct {
	client

	format config.Format
}

// named is a name of snake_case as the format writes it.
func (l tokenLife) named(snake string) string {
	if l.format != config.FormatEnvelope {
		return snake
	}
	return map[string]string{"last_used_at": "lastUsedAt", "expires_at": "expiresAt", "created_at": "createdAt"}[snake]
}

var apiTokenText = regexp.MustCompile(`^todo_[0-9A-Za-z]{43}$`)

func (l tokenLife) create(t *testing.T, body string) (made object, secret string) {
	t.Helper()
	made = l.send(t, "POST", "/api/tokens", body).want(t, 201)
	if l.format == config.FormatEnvelope {
		data, _ := made["data"].(object)
		delete(made, "data")
		if made["success"] != true {
			t.Errorf("the answer is no success: %v", made)
		}
		delete(made, "success")
		if !maps.Equal(made, data) {
			t.Errorf("under data is %v, at the top %v", data, made)
		}
	}
	secret, _ = made["token"].(string)
	if !apiTokenText.MatchString(secret) {
		t.Fatalf("the token is %q", secret)
	}
	return made, secret
}

func (l tokenLife) list(t *testing.T) []object {
	t.Helper()
	got := l.send(t, "GET", "/api/tokens", "")
	if strings.Contains(got.body, `"token":`) || strings.Contains(got.body, "hash") {
		t.Errorf("the list tells tokens: %s", got.body)
	}
	var rows []object
	if l.format == config.FormatPlain {
		got.decode(t, 200, &rows)
		return rows
	}
	for _, row := range got.want(t, 200)["tokens"].([]any) {
		rows = append(rows, row.(object))
	}
	return rows
}

func (l tokenLife) names(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, row := range l.list(t) {
		names = append(names, fmt.Sprint(row["name"]))
	}
	return names
}

func TestBodiesOfAPITokens(t *testing.T) {
	t.Parallel()
	ann := newAPI(t, databasetest.SQLite(t)).as(t, "ann")
	days := func(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }
	tests := []struct{ body, broken, expires string }{
		{`{"name":"x","scope":"read"}`, "", days(90)},
		{`{"name":"x","scope":"read","expires_in_days":1}`, "", days(1)},
		{`{"name":"x","scope":"read","expires_in_days":366}`, "", days(366)},
		{`{"name":"x","scope":"read","expires_in_days":null}`, "", "<nil>"},
		{`{"name":"x","scope":"read","hash":"x","place":7,"id":"x","prefix":"x","expires_at":null,"created_at":null}`, "", days(90)},
		{`{}`, "name scope", ""},
		{`{"name":" ","scope":"admin"}`, "name scope", ""},
		{`{"name":null,"scope":null}`, "name scope", ""},
		{`{"name":"` + strings.Repeat("ä", 100) + `","scope":"read"}`, "", days(90)},
		{`{"name":"` + strings.Repeat("ä", 101) + `","scope":"read"}`, "name", ""},
		{`{"name":"x","scope":"read","expires_in_days":0}`, "expires_in_days", ""},
		{`{"name":"x","scope":"read","expiresInDays":367}`, "expiresInDays", ""},
		{`{"name":"x","scope":"read","expires_in_days":"30"}`, "expires_in_days", ""},
		{`{"name":"x","scope":"read","expires_in_days":1.5}`, "expires_in_days", ""},
		{`{"name":"x","scope":"read","user_id":"bob"}`, "user_id", ""},
	}
	for _, test := range tests {
		got := ann.send(t, "POST", "/api/tokens", test.body)
		if test.broken != "" {
			var fields []string
			for _, broken := range got.want(t, 422)["errors"].([]any) {
				fields = append(fields, fmt.Sprint(broken.(object)["field"]))
			}
			if strings.Join(fields, " ") != test.broken {
				t.Errorf("%s breaks %q, want %q", test.body, fields, test.broken)
			}
			continue
		}
		if expires := fmt.Sprint(got.want(t, 201)["expires_at"]); !strings.HasPrefix(expires, test.expires) {
			t.Errorf("%s expires at %s, want %s", test.body, expires, test.expires)
		}
	}
}

// TestFiftyAPITokens has several requests at once try to make more than a user may have.
func TestFiftyAPITokens(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db, func(s *setup) { s.RateLimit = 0 })
		ann, second := a.as(t, "ann"), newAPI(t, db).as(t, "ann")
		var wg sync.WaitGroup
		var mu sync.Mutex
		statuses := map[int]int{}
		for i := range 60 {
			wg.Go(func() {
				maker := ann
				if i%2 == 0 {
					maker = second // of another copy of the service, whose limit of requests at once is its own
				}
				got := maker.send(t, "POST", "/api/tokens", `{"name":"one more","scope":"read"}`)
				mu.Lock()
				defer mu.Unlock()
				statuses[got.status]++
			})
		}
		wg.Wait()
		if statuses[201] != 50 || statuses[422] != 10 {
			t.Errorf("60 attempts are answered with %v, want 50 times 201 and 10 times 422", statuses)
		}
		a.as(t, "bob").send(t, "POST", "/api/tokens", `{"name":"bob's","scope":"read"}`).want(t, 201)
		id := ann.send(t, "GET", "/api/tokens", "")
		var rows []object
		id.decode(t, 200, &rows)
		ann.send(t, "DELETE", "/api/tokens/"+rows[7]["id"].(string), "").want(t, 200)
		ann.send(t, "POST", "/api/tokens", `{"name":"in its place","scope":"read"}`).want(t, 201)
	})
}
