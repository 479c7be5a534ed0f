package routes_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"todo-backend/config"
	"todo-backend/ent/database/databasetest"
)

// pageSettings are what the development page of a is told.
func pageSettings(t *testing.T, a *api) (settings struct {
	Base, Format, Tags, Next string
	Addresses, Further       []string
	Names                    map[string]string
	States, Priorities       []string
	Token                    *string
},
) {
	t.Helper()
	page := a.anonymous().send(t, "GET", "/", "")
	found := regexp.MustCompile(`(?s)<script type="application/json" id="settings">(.*?)</script>`).FindStringSubmatch(page.body)
	if page.status != 200 || found == nil {
		t.Fatalf("the page is a %d without settings:\n%s", page.status, page.body)
	}
	if err := json.Unmarshal([]byte(found[1]), &settings); err != nil {
		t.Fatal(err)
	}
	return settings
}

// TestDevelopmentPage: the page is one document, which runs what its policy names and loads nothing.
func TestDevelopmentPage(t *testing.T) {
	t.Parallel()
	anonymous := newAPI(t, databasetest.SQLite(t)).anonymous()
	page := anonymous.send(t, "GET", "/", "")
	if page.status != 200 || page.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the page is a %d, %s", page.status, page.header.Get("Content-Type"))
	}
	policy := page.header.Get("Content-Security-Policy")
	for kind, inline := range map[string]string{"script": `(?s)<script>(.*?)</script>`, "style": `(?s)<style>(.*?)</style>`} {
		elements := regexp.MustCompile(inline).FindAllStringSubmatch(page.body, -1)
		if len(elements) != 1 {
			t.Fatalf("there are %d elements of the kind %s", len(elements), kind)
		}
		sum := sha256.Sum256([]byte(elements[0][1]))
		want := kind + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"
		if !strings.Contains(policy, want) {
			t.Errorf("the policy does not have %s: %s", want, policy)
		}
	}
	for _, want := range []string{
		"default-src 'none';", "connect-src 'self';", "base-uri 'none';", "form-action 'none';", "frame-ancestors 'none';",
		"require-trusted-types-for 'script';",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %s", policy)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Referrer-Policy": "no-referrer", "ETag": "",
	} {
		if got := page.header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if loads := regexp.MustCompile(`(?i)<(?:script|img|iframe|link)[^>]* (?:src|href)="[^"]*`).FindAllString(page.body, -1); len(loads) != 1 || !strings.Contains(loads[0], `"data:`) {
		t.Errorf("the page loads %q", loads)
	}
	if inline := regexp.MustCompile(`(?i)<[a-z][^>]* (?:on\w+|style)=|javascript:|\.(?:inner|outer)HTML|insertAdjacentHTML|document\.write|eval\(`).FindAllString(page.body, -1); inline != nil {
		t.Errorf("the page has what the policy forbids: %q", inline)
	}
	if got := anonymous.send(t, "HEAD", "/", ""); got.status != 200 || got.body != "" {
		t.Errorf("HEAD is a %d", got.status)
	}
	wantProblem(t, anonymous.send(t, "POST", "/", "{}"), 405)
}

// TestNoDevelopmentPageInProduction: what is there instead is nothing, as at any other unknown address.
func TestNoDevelopmentPageInProduction(t *testing.T) {
	t.Parallel()
	anonymous := newAPI(t, databasetest.SQLite(t), withDevelopmentToken, func(s *setup) { s.Production = true }).anonymous()
	for _, method := range []string{"GET", "HEAD", "POST"} {
		page, unknown := anonymous.send(t, method, "/", ""), anonymous.send(t, method, "/nothing", "")
		if page.status != 404 || unknown.status != 404 || len(page.header) != len(unknown.header) {
			t.Errorf("%s is a %d: %v", method, page.status, page.header)
		}
	}
}

// TestThePageKnowsItsDeployment: it is told how answers look under the settings, so that it need not guess.
func TestThePageKnowsItsDeployment(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	standard := []string{"/api/tasks", "/api/{user_id}/tasks"}
	plain := pageSettings(t, newAPI(t, db))
	if plain.Format != "plain" || plain.Next != "next_cursor" || plain.Names["due_date"] != "due_date" || !slices.Equal(plain.Addresses, standard) ||
		plain.Further == nil || plain.Base != "" || plain.Token != nil {
		t.Errorf("%+v", plain)
	}
	own := pageSettings(t, newAPI(t, db, func(s *setup) {
		s.Format, s.Case, s.Tags, s.BasePath = config.FormatEnvelope, config.CaseCamel, config.TagCSV, "/todo"
		s.Fields = []string{"category"}
		s.Aliases = []config.Alias{{Name: "isDone", Field: "completed"}, {Name: "description", Field: "created_at"}, {Name: "dueDate", Field: "remind_at"}}
		s.Mounts = []config.Mount{{Path: "/api/v1/todos"}, {Path: "/api/soon", Query: "due=week"}}
	}))
	if own.Format != "envelope" || own.Tags != "csv" || own.Next != "nextCursor" || own.Base != "/todo" || !slices.Equal(own.Further, []string{"category"}) ||
		!slices.Equal(own.Addresses, append([]string{"/api/v1/todos"}, standard...)) {
		t.Errorf("%+v", own)
	}
	for field, want := range map[string]string{"id": "id", "completed": "completed", "status": "status", "description": "", "due_date": ""} {
		if got := own.Names[field]; got != want {
			t.Errorf("%s is answered as %q, want %q", field, got, want)
		}
	}
}
