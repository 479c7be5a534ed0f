package routes_test

import (
	"regexp"
	"strings"
	"testing"

	"todo-backend/ent/database/databasetest"
)

// TestAddressesBehindAProxy has a proxy strip /todo: what the service answers leads back through it.
func TestAddressesBehindAProxy(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	for _, base := range []string{"", "/todo", "/apps/todo"} {
		alice := newAPI(t, db, func(s *setup) { s.BasePath = base }).as(t, "alice")
		for _, path := range []string{"/api/tasks", "/api/tasks/", "/api/alice/tasks"} {
			created := alice.send(t, "POST", path, `{"title":"Buy milk"}`)
			id := created.want(t, 201)["id"].(string)
			if got, want := created.header.Get("Location"), base+strings.TrimRight(path, "/")+"/"+id; got != want {
				t.Errorf("behind %q: Location is %s, want %s", base, got, want)
			}
			alice.send(t, "POST", path, `{"title":"Buy bread"}`).want(t, 201)
			if link := alice.send(t, "GET", path+"?limit=1", "").header.Get("Link"); !strings.HasPrefix(link, "<"+base+path+"?") {
				t.Errorf("behind %q: Link is %s", base, link)
			}
		}
	}
}

// TestDocumentationBehindAProxy has each address of the page and of its script begin with the path, which the documents name.
func TestDocumentationBehindAProxy(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t), func(s *setup) { s.BasePath = "/todo" })
	anonymous := a.anonymous()
	addresses := regexp.MustCompile(`"(/[^"]*)"`)
	for _, file := range []string{"/docs", "/docs/", "/docs/init.js"} {
		got := anonymous.send(t, "GET", file, "")
		found := addresses.FindAllStringSubmatch(got.body, -1)
		if got.status != 200 || len(found) == 0 {
			t.Errorf("%s: %d, with the addresses %q", file, got.status, found)
		}
		for _, address := range found {
			stripped, ok := strings.CutPrefix(address[1], "/todo")
			if !ok || anonymous.send(t, "GET", stripped, "").status != 200 {
				t.Errorf("%s loads %s", file, address[1])
			}
		}
	}
	if servers := openAPI(t, a).Servers; len(servers) != 1 || servers[0].URL != "/todo" {
		t.Errorf("the servers are %+v", servers)
	}
	var swagger struct{ BasePath string }
	anonymous.send(t, "GET", "/docs/doc.json", "").decode(t, 200, &swagger)
	if swagger.BasePath != "/todo" {
		t.Errorf("basePath is %q", swagger.BasePath)
	}
}
