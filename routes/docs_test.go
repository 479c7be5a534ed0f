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

// routed are the routes of a that documents list, as they write them: all but those of the documentation itself, the development page, HEAD,
// which is a GET without its body, paths that are another's other names, and those of other protocols.
func routed(a *api) []string {
	var all []string
	for _, r := range a.app.GetRoutes(true) {
		if r.Path == "/" || r.Path == "/mcp" || r.Path == "/register" || strings.HasPrefix(r.Path, "/.well-known/") {
			continue
		}
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(strings.TrimRight(r.Path, "/"), "{$1}")
		if r.Method != "HEAD" && !aliases.MatchString(path) && !completes(r.Method, path) && !strings.HasSuffix(path, "/search") && !strings.HasSuffix(path, "/statistics") && !strings.HasPrefix(path, "/docs") {
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

// Everything that the page loads comes from here: what has its version in its address never again, the rest when it has changed.
func TestDocumentationPage(t *testing.T) {
	t.Parallel()
	anonymous := newAPI(t, databasetest.SQLite(t)).anonymous()
	page := anonymous.send(t, "GET", "/docs", "")
	if page.body != anonymous.send(t, "GET", "/docs/", "").body {
		t.Error("the page is another with a slash")
	}
	script := anonymous.send(t, "GET", "/docs/init.js", "").body
	types := map[string]string{ // of every address in the page and in its script
		"/docs":                        "text/html",
		"/docs/init.js":                "text/javascript",
		"/docs/page.css":               "text/css",
		"/docs/openapi.json":           "application/json",
		"/docs/V/favicon-32x32.png":    "image/png",
		"/docs/V/swagger-ui.css":       "text/css",
		"/docs/V/swagger-ui-bundle.js": "text/javascript",
	}
	named := []string{"/docs"}
	for _, match := range regexp.MustCompile(`(?:src=|href=|url: )"(/docs[^"]*)"`).FindAllStringSubmatch(page.body+script, -1) {
		named = append(named, match[1])
	}
	slices.Sort(named)
	if named = slices.Compact(named); len(named) != len(types) {
		t.Errorf("the page names %q", named)
	}
	for _, address := range named {
		general := versioned.ReplaceAllString(address, "/V/")
		caching := map[bool]string{true: "public, max-age=31536000, immutable", false: "no-cache"}[general != address]
		for _, accepted := range []string{"", "gzip"} {
			anonymous.wantFile(t, address, accepted, types[general], caching)
		}
	}
	wantProblem(t, anonymous.send(t, "GET", "/docs/unknown", ""), 404)
	wantProblem(t, anonymous.send(t, "GET", "/docs/swagger-ui-bundle.js", ""), 404)
}

var versioned = regexp.MustCompile(`/swagger-ui-(\d+\.\d+\.\d+)/`)

// wantFile checks a file of the documentation, and that it is not sent to who has it.
func (c client) wantFile(t *testing.T, address, accepted, contentType, caching string) {
	t.Helper()
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	got := c.send(t, "GET", address, "", header{"Accept-Encoding", accepted})
	if got.status != 200 || got.header.Get("Content-Type") != contentType || got.body == "" {
		t.Errorf("%s is %d, %q", address, got.status, got.header.Get("Content-Type"))
	}
	head := c.send(t, "HEAD", address, "", header{"Accept-Encoding", accepted})
	again := c.send(t, "GET", address, "", header{"Accept-Encoding", accepted}, header{"If-None-Match", got.header.Get("ETag")})
	if head.status != 200 || head.body != "" || again.status != 304 || again.body != "" {
		t.Errorf("%s is %d for HEAD, and %d where the client has it already", address, head.status, again.status)
	}
	for _, answer := range []answer{got, head, again} {
		h := answer.header
		if h.Get("Content-Security-Policy") != policy || h.Get("Cache-Control") != caching || h.Get("ETag") != got.header.Get("ETag") {
			t.Errorf("%s, a %d, has %v", address, answer.status, h)
		}
	}
}

// Who takes gzip gets what is kept, the others the same unpacked; neither takes the other's from a cache.
func TestDocumentationIsCompressed(t *testing.T) {
	t.Parallel()
	anonymous := newAPI(t, databasetest.SQLite(t)).anonymous()
	folder := "/docs" + versioned.FindString(anonymous.send(t, "GET", "/docs", "").body)
	for _, name := range []string{"swagger-ui-bundle.js", "swagger-ui.css"} {
		plain := anonymous.send(t, "GET", folder+name, "")
		tags := map[string]string{"": plain.header.Get("ETag")}
		for accepted, coding := range map[string]string{
			"":                            "",
			"br":                          "",
			"gzip;q=0":                    "",
			"gzip;q=0.5, identity":        "",
			"gzip":                        "gzip",
			"gzip, deflate, br, zstd":     "gzip",
			"*":                           "gzip",
			"identity;q=0.5, gzip;q=0.75": "gzip",
		} {
			got := anonymous.send(t, "GET", folder+name, "", header{"Accept-Encoding", accepted})
			if got.body != plain.body || got.header.Get("Content-Encoding") != coding || !strings.Contains(got.header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s for %q: %d bytes, %v", name, accepted, len(got.body), got.header)
			}
			tag := got.header.Get("ETag")
			if known, ok := tags[coding]; ok && known != tag || coding != "" && tag == tags[""] {
				t.Errorf("%s for %q has the tag %s, beside %v", name, accepted, tag, tags)
			}
			tags[coding] = tag
		}
	}
}

// The version in the address is the bundle's, and its licences stand beside it.
func TestSwaggerUIIsWhatItsAddressSays(t *testing.T) {
	t.Parallel()
	anonymous := newAPI(t, databasetest.SQLite(t)).anonymous()
	match := versioned.FindStringSubmatch(anonymous.send(t, "GET", "/docs", "").body)
	folder, version := "/docs"+match[0], match[1]
	for name, text := range map[string]string{
		"swagger-ui-bundle.js":             `PACKAGE_VERSION:"` + version + `"`,
		"swagger-ui-bundle.js.LICENSE.txt": "DOMPurify",
		"LICENSE.txt":                      "Apache License",
		"NOTICE.txt":                       "swagger-ui",
	} {
		if got := anonymous.send(t, "GET", folder+name, ""); got.status != 200 || !strings.Contains(got.body, text) {
			t.Errorf("%s is %d and does not hold %s", name, got.status, text)
		}
	}
}
