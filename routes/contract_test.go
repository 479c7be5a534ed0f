package routes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware/token"
	"todo-backend/routes"
)

// document is the OpenAPI document that a deployment serves, with every schema closed: an answer may have no field that it
// does not name.
type document struct {
	*openapi3.T
	router routers.Router
}

// documents are read once.
var documents = map[config.Format]func() document{
	config.FormatPlain:    sync.OnceValue(func() document { return loadDocument(config.Config{Format: config.FormatPlain}) }),
	config.FormatWrapped:  sync.OnceValue(func() document { return loadDocument(config.Config{Format: config.FormatWrapped}) }),
	config.FormatEnvelope: sync.OnceValue(func() document { return loadDocument(config.Config{Format: config.FormatEnvelope}) }),
}

// documentOf is the document under settings that change it, or the one of the format.
func documentOf(cfg config.Config) func() document {
	if cfg.Case == "" && (cfg.Tags == "" || cfg.Tags == config.TagNames) && len(cfg.Aliases)+len(cfg.Fields)+len(cfg.Mounts) == 0 {
		return documents[cfg.Format]
	}
	return sync.OnceValue(func() document { return loadDocument(cfg) })
}

func loadDocument(cfg config.Config) document {
	_, text, err := routes.Documents(nil, cfg)
	if err != nil {
		panic(err)
	}
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		panic(err)
	}
	for _, schema := range spec.Components.Schemas {
		closeSchema(schema.Value)
	}
	router, err := gorillamux.NewRouter(spec)
	if err != nil {
		panic(err)
	}
	return document{T: spec, router: router}
}

func closeSchema(s *openapi3.Schema) {
	if s.Properties == nil {
		return
	}
	s.AdditionalProperties = openapi3.AdditionalProperties{Has: new(bool)}
	for _, property := range s.Properties {
		if property.Ref == "" {
			closeSchema(property.Value)
		}
	}
}

// aliases of complete are named in its description alone.
var aliases = regexp.MustCompile(`/(toggle|toggle-status|status|incomplete|uncomplete)/?$`)

// check holds an answer against the document: it must be one that the operation promises, or an error of the router.
func (d document) check(method, target string, a answer) error {
	path, query, _ := strings.Cut(target, "?")
	path = strings.TrimRight(aliases.ReplaceAllString(path, "/complete"), "/")
	if base, ok := strings.CutSuffix(path, "/search"); ok { // a list under an address of its own
		path = strings.TrimSuffix(base, "/tasks") + "/tasks"
	}
	if strings.HasSuffix(path, "/complete") {
		method = http.MethodPatch // PUT and POST are the same, in passing
	}
	req, err := http.NewRequest(method, "http://todo"+path+"?"+query, http.NoBody)
	if err != nil { // the address is no URL
		return d.checkError(a)
	}
	if isPage := path == "" && a.status == http.StatusOK; isPage {
		return nil
	}
	if path == "/mcp" && a.status < http.StatusBadRequest || strings.HasPrefix(path, "/.well-known/") || path == "/register" {
		return nil // of other protocols
	}
	if method == http.MethodHead || strings.HasPrefix(path, "/docs") || a.status == http.StatusNoContent {
		return nil // no body, or no operation
	}
	route, params, err := d.router.FindRoute(req)
	if err != nil {
		return d.checkError(a)
	}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 a.status,
		Header:                 a.header,
		Body:                   io.NopCloser(strings.NewReader(a.body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
}

// checkError holds the answer to what is no operation against the schema of errors.
func (d document) checkError(a answer) error {
	if a.status < http.StatusBadRequest {
		return fmt.Errorf("%d is answered to what is not documented", a.status)
	}
	var body any
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		return err
	}
	return d.Components.Schemas["Problem"].Value.VisitJSON(body, openapi3.VisitAsResponse())
}

// serviceStates are clients of the service in the states that it takes to see every documented status.
type serviceStates struct {
	alice, bob, anonymous, unmigrated, slow, withoutKeys, rateLimited client
	feed                                                              client                  // with an API token that opens the calendar alone
	newTask, newAPIToken, newTag                                      func(*testing.T) string // return the id of a new one of alice's
}

func newServiceStates(t *testing.T, format config.Format) serviceStates {
	t.Helper()
	db := databasetest.SQLite(t)
	a := newAPI(t, db, withFormat(format))
	unmigrated := databasetest.Open(t, database.Source{SQLitePath: filepath.Join(t.TempDir(), "todo.db")})
	slow := newAPI(t, db, withFormat(format), func(s *setup) {
		s.RequestTimeout = time.Nanosecond
		s.ready = func(context.Context) (bool, error) { return false, context.DeadlineExceeded }
	})
	unverified, err := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{}).SigningString()
	if err != nil {
		t.Fatal(err)
	}
	withoutKeys := newAPI(t, db, withFormat(format), func(s *setup) { s.rules.JWKSURL = "http://127.0.0.1:1" })
	secret, _ := storeAPIToken(t, db, "alice", token.ScopeFeed, nil)
	return serviceStates{
		feed:  client{api: a, token: secret},
		alice: a.as(t, "alice"), bob: a.as(t, "bob"), anonymous: a.anonymous(),
		unmigrated:  newAPI(t, unmigrated, withFormat(format)).as(t, "alice"),
		slow:        slow.as(t, "alice"),
		rateLimited: newAPI(t, db, withFormat(format), func(s *setup) { s.RateLimit = 1 }).as(t, "alice"),
		withoutKeys: client{api: withoutKeys, token: unverified + ".c2lnbmF0dXJl"},
		newTask: func(t *testing.T) string {
			t.Helper()
			task, err := db.Client.Task.Create().SetTitle("hers").Save(asViewer(t.Context(), "alice"))
			if err != nil {
				t.Fatal(err)
			}
			return task.ID.String()
		},
		newTag: func(t *testing.T) string {
			t.Helper()
			name := uuid.NewString()
			db.Client.Tag.Create().SetName(name).SaveX(asViewer(t.Context(), "alice"))
			return name
		},
		newAPIToken: func(t *testing.T) string {
			t.Helper()
			_, made := storeAPIToken(t, db, "alice", token.ScopeRead, nil)
			return made.ID.String()
		},
	}
}

// provoke makes a request that the operation must answer with the status. A status that it does not know how to provoke
// fails the test, so that the document promises nothing that was not seen.
func (s serviceStates) provoke(t *testing.T, method, path, status string) answer {
	t.Helper()
	id, title := s.newTask(t), `"title":"new"`
	if strings.HasPrefix(path, "/api/tokens") {
		id, title = s.newAPIToken(t), `"name":"new","scope":"read"`
	}
	if strings.Contains(path, "/tags") {
		id, title = s.newTag(t), `"name":"new {unique}"`
		if status == "200" && method == http.MethodPost {
			title = `"name":"` + id + `"`
		}
	}
	if status == "404" {
		id = unknownID
	}
	at := strings.NewReplacer("{user_id}", "alice", "{id}", id).Replace(path)
	if strings.HasSuffix(path, "/bulk") {
		title = `"task_ids":["` + id + `"],"changes":{"title":"new"}`
	}
	body := map[string]string{http.MethodPost: `{` + title + `}`, http.MethodPut: `{` + title + `}`, http.MethodPatch: `{"completed":true}`}[method]
	who := s.alice
	var headers []header
	switch status {
	case "200", "201", "404":
	case "304":
		headers = []header{{"If-None-Match", "*"}}
	case "401":
		who = s.anonymous
	case "403":
		who = s.feed
		switch {
		case strings.Contains(path, "{user_id}"):
			who = s.bob
		case path == calendarPath:
			who, at = s.anonymous, at+"?access_token="+s.alice.token
		}
	case "413":
		body = strings.Repeat(" ", 70000)
	case "415":
		headers = []header{{"Content-Type", "application/x-www-form-urlencoded"}}
	case "422":
		at, body = at+"?limit=0&timezone=Nowhere&as=nothing", strings.TrimSuffix(body, "}")
	case "429":
		who = s.rateLimited
		who.send(t, "GET", "/api/auth/me", "")
	case "500":
		who = s.unmigrated
	case "503":
		who = s.slow
		if path == "/api/auth/me" {
			who = s.withoutKeys
		}
	default:
		t.Fatalf("%s %s promises %s, which no test provokes", method, path, status)
	}
	got := who.send(t, method, at, body, headers...)
	if status == "429" && got.status != http.StatusTooManyRequests { // a new minute began in between
		return who.send(t, method, at, body, headers...)
	}
	return got
}

// The document is the truth: what it promises is what the service answers. (That it answers nothing else is checked wherever
// a test makes a request.)
func TestTheDocumentPromisesWhatIsAnswered(t *testing.T) {
	t.Parallel()
	for format, document := range documents {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			states := newServiceStates(t, format)
			for path, item := range document().Paths.Map() {
				for method, operation := range item.Operations() {
					for status := range operation.Responses.Map() {
						t.Run(operation.OperationID+" "+status, func(t *testing.T) {
							t.Parallel()
							if got := states.provoke(t, method, path, status); fmt.Sprint(got.status) != status {
								t.Errorf("answers %d: %s", got.status, got.body)
							}
						})
					}
				}
			}
		})
	}
}
