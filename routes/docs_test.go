package routes_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"todo-backend/config"
	"todo-backend/ent/database/databasetest"
)

var formats = []config.Format{config.FormatPlain, config.FormatWrapped, config.FormatEnvelope}

// openAPI is the document that a serves, checked as its users do.
func openAPI(t *testing.T, a *api) *openapi3.T {
	t.Helper()
	served := a.anonymous().send(t, "GET", "/docs/openapi.json", "")
	if served.status != 200 || served.header.Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, type %q", served.status, served.header.Get("Content-Type"))
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(served.body))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// routed are the routes of a that documents list, as they write them: all but those of the documentation itself, HEAD,
// which is a GET without its body, and paths that are another's other names.
func routed(a *api) []string {
	var all []string
	for _, r := range a.app.GetRoutes(true) {
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(strings.TrimRight(r.Path, "/"), "{$1}")
		if r.Method != "HEAD" && !aliases.MatchString(path) && !completes(r.Method, path) && !strings.HasPrefix(path, "/docs") {
			all = append(all, r.Method+" "+path)
		}
	}
	slices.Sort(all)
	return all
}

// completes reports whether a route is PATCH …/complete under another verb.
func completes(method, path string) bool {
	return strings.HasSuffix(path, "/complete") && method != "PATCH"
}

func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	for _, format := range formats {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			a := newAPI(t, db, withFormat(format))
			var documented []string
			var swagger struct {
				Paths map[string]map[string]any
			}
			a.anonymous().send(t, "GET", "/docs/doc.json", "").decode(t, 200, &swagger)
			for path, item := range openAPI(t, a).Paths.Map() {
				for method := range item.Operations() {
					documented = append(documented, method+" "+path)
					if swagger.Paths[path][strings.ToLower(method)] == nil {
						t.Errorf("%s %s is in OpenAPI 3 only", method, path)
					}
				}
			}
			slices.Sort(documented)
			if got := routed(a); !slices.Equal(got, documented) {
				t.Errorf("routes\n%s\ndocumented\n%s", strings.Join(got, "\n"), strings.Join(documented, "\n"))
			}
		})
	}
}

// documentedHeaders are those that a deployment answers some requests with, and nothing else tells of.
var documentedHeaders = []string{"Link", "Location", "Retry-After", "WWW-Authenticate", "X-Request-Id"}

func TestHeadersAreAsDocumented(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			a := newAPI(t, databasetest.SQLite(t), withFormat(format))
			alice, doc := a.as(t, "alice"), openAPI(t, a)
			check := func(got answer, operation *openapi3.Operation) {
				t.Helper()
				documented := operation.Responses.Status(got.status).Value.Headers
				for _, name := range documentedHeaders {
					if answered := got.header.Get(name) != ""; answered != (documented[name] != nil) {
						t.Errorf("%s in a %d: %t, documented: %t", name, got.status, answered, !answered)
					}
				}
			}
			tasks := doc.Paths.Find("/api/tasks")
			check(alice.send(t, "POST", "/api/tasks", `{"title":"a"}`), tasks.Post)
			check(alice.send(t, "POST", "/api/tasks", `{"title":"b"}`), tasks.Post)
			check(alice.send(t, "GET", "/api/tasks?limit=1", ""), tasks.Get)
			check(alice.send(t, "GET", "/api/tasks?limit=0", ""), tasks.Get)
			check(a.anonymous().send(t, "GET", "/api/tasks", ""), tasks.Get)
			unready := newAPI(t, databasetest.SQLite(t), withFormat(format), func(s *setup) {
				s.ready = func(context.Context) (bool, error) { return false, context.DeadlineExceeded }
			})
			check(unready.anonymous().send(t, "GET", "/ready", ""), doc.Paths.Find("/ready").Get)
		})
	}
}

// Whoever has no token learns that everything documented to need one does, and nothing else.
func TestDocumentedSecurity(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	for path, item := range openAPI(t, a).Paths.Map() {
		for method, operation := range item.Operations() {
			got := a.anonymous().send(t, method, path, "")
			if needsToken := operation.Security != nil; needsToken != (got.status == 401) {
				t.Errorf("%s %s is %d without a token; documented to need one: %t", method, path, got.status, needsToken)
			}
		}
	}
}

func TestDocumentationPage(t *testing.T) {
	t.Parallel()
	anonymous := newAPI(t, databasetest.SQLite(t)).anonymous()
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
	page := anonymous.send(t, "GET", "/docs", "")
	if page.status != 200 || page.header.Get("Content-Type") != "text/html" || page.body != anonymous.send(t, "GET", "/docs/", "").body {
		t.Fatalf("the page is %d, %q: %s", page.status, page.header.Get("Content-Type"), page.body)
	}
	named := map[string]string{ // every address in the page and in its script, and its type
		"/docs/favicon-32x32.png":    "image/png",
		"/docs/swagger-ui.css":       "text/css",
		"/docs/swagger-ui-bundle.js": "text/javascript",
		"/docs/init.js":              "text/javascript",
		"/docs/openapi.json":         "application/json",
	}
	script := anonymous.send(t, "GET", "/docs/init.js", "").body
	for _, match := range regexp.MustCompile(`(?:src=|href=|url: )"([^"]*)"`).FindAllStringSubmatch(page.body+script, -1) {
		if named[match[1]] == "" {
			t.Errorf("the page names %s", match[1])
		}
	}
	for address, contentType := range named {
		if !strings.Contains(page.body+script, `"`+address+`"`) {
			t.Errorf("the page does not name %s", address)
		}
		got := anonymous.send(t, "GET", address, "")
		if got.status != 200 || got.header.Get("Content-Type") != contentType || got.body == "" {
			t.Errorf("%s is %d, %q", address, got.status, got.header.Get("Content-Type"))
		}
		if got.header.Get("Content-Security-Policy") != policy || got.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s has %v", address, got.header)
		}
		again := anonymous.send(t, "GET", address, "", header{"If-None-Match", got.header.Get("ETag")})
		if again.status != 304 || again.body != "" {
			t.Errorf("%s is %d where the client has it already", address, again.status)
		}
	}
	wantProblem(t, anonymous.send(t, "GET", "/docs/unknown", ""), 404)
}
