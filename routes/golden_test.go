package routes_test

import (
	"cmp"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware/token"
	"todo-backend/routes"
)

var update = flag.Bool("update", false, "write the golden files")

// goldenLists are lists in all orders and with all filters. Of those with a limit of 1 the next page
// is asked for too.
var goldenLists = []string{
	"",
	"?limit=1",
	"?limit=1&offset=1",
	"?limit=1&order=asc",
	"?limit=1&sort=updated",
	"?limit=1&sort=updated&order=asc",
	"?limit=1&sort=title",
	"?limit=1&sort=title&order=desc",
	"?limit=1&sort=priority",
	"?limit=1&sort=priority&order=desc",
	"?limit=1&status=pending",
	"?status=completed",
	"?priority=high",
	"?priority=high,low&status=pending",
}

// goldenChanges are changes of each field by itself, and of all at once.
var goldenChanges = []string{
	`{"title":"Rest"}`,
	`{"description":"Now"}`,
	`{"description":null}`,
	`{"completed":true}`,
	`{"priority":"high"}`,
	`{"title":"Rest","description":"Now","completed":true,"priority":"high"}`,
	`{}`,
}

// TestGoldenStatements compares the SQL of every operation with what was reviewed. After a change that
// is meant: go test ./routes -run TestGoldenStatements -update, then read the difference.
func TestGoldenStatements(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		var text strings.Builder
		for _, statement := range goldenStatements(t, db, raw) {
			text.WriteString(statement)
		}
		path := filepath.Join("testdata", "statements."+strings.TrimSuffix(raw.Dialect, "3")+".sql")
		if *update {
			if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		reviewed, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(strings.Split(string(reviewed), "\n"), strings.Split(text.String(), "\n")); diff != "" {
			t.Errorf("other statements are sent than %s has (-update writes it anew):\n%s", path, diff)
		}
	})
}

// goldenStatements are the statements of all operations, each under the request that sends it.
func goldenStatements(t *testing.T, db *database.Database, raw *databasetest.Raw) []string {
	t.Helper()
	observed := *db
	observed.Client = raw.Client
	g := golden{t: t, raw: raw, ann: newAPI(t, &observed).as(t, "ann")}
	g.create("the first")
	g.create("the second")
	for _, query := range goldenLists {
		g.list("", query)
	}
	counting := g
	counting.ann = newAPI(t, &observed, withFormat(config.FormatWrapped)).as(t, "ann")
	for _, query := range []string{"", "?limit=1&sort=title&status=pending"} {
		counting.list("wrapped: ", query)
	}
	g.all = counting.all
	for _, change := range goldenChanges {
		g.send("", http.MethodPatch, "/api/tasks/"+g.create("changed"), change)
	}
	calls := callsOf(t, openAPI(t, g.ann.api))
	slices.SortStableFunc(calls, func(a, b call) int {
		return cmp.Or(strings.Compare(a.path, b.path), strings.Compare(a.method, b.method))
	})
	for _, c := range calls {
		if c.method == http.MethodHead || strings.Contains(c.path, "{user_id}") {
			continue
		}
		id := g.create("of its own")
		if c.isOfTokens() {
			_, made := storeAPIToken(t, db, "ann", token.ScopeRead, nil)
			id = made.ID.String()
		}
		if c.isOfTags() && strings.Contains(c.path, "{id}") {
			id = "of-its-own-" + strings.ToLower(c.method)
			g.raw.Client.Tag.Create().SetName(id).SaveX(asViewer(t.Context(), "ann"))
		}
		g.send("", c.method, c.at("ann", id), c.body)
	}
	g.useAPIToken(&observed)
	return g.all
}

// golden collects statements.
type golden struct {
	t   *testing.T
	raw *databasetest.Raw
	ann client
	all []string
}

func (g *golden) create(title string) string {
	g.t.Helper()
	created, err := g.raw.Client.Task.Create().SetTitle(title).Save(asViewer(g.t.Context(), "ann"))
	if err != nil {
		g.t.Fatal(err)
	}
	return created.ID.String()
}

// list asks for a list, and for its next page if it has one task.
func (g *golden) list(prefix, query string) {
	g.t.Helper()
	got := g.send(prefix, http.MethodGet, "/api/tasks"+query, "")
	if !strings.Contains(query, "limit=1") || strings.Contains(query, "offset") {
		return
	}
	next := regexp.MustCompile(`"next_cursor":"([^"]+)"|<[^>]*[?&]cursor=([^>&]+)`).FindStringSubmatch(got.body + got.header.Get("Link"))
	if next == nil {
		g.t.Fatalf("there is no next page of %s: %s %v", query, got.body, got.header)
	}
	g.send(prefix, http.MethodGet, "/api/tasks"+query+"&cursor="+next[1]+next[2], "")
}

// names of what is another each time.
var (
	uuids   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
	cursors = regexp.MustCompile(`cursor=[^ ]+`)
)

func (g *golden) send(prefix, method, path, body string) answer {
	g.t.Helper()
	var got answer
	sent := g.raw.Sent(func() { got = g.ann.send(g.t, method, path, body) })
	if got.status >= http.StatusMultipleChoices {
		g.t.Errorf("%s %s %s: %d %s", method, path, body, got.status, got.body)
	}
	name := cursors.ReplaceAllString(uuids.ReplaceAllString(path, "{id}"), "cursor=…")
	text := fmt.Sprintf("-- %s\n", strings.TrimSpace(prefix+method+" "+name+" "+body))
	for _, statement := range sent {
		text += broken.Replace(statement.Query) + ";\n"
	}
	if text += "\n"; !slices.Contains(g.all, text) {
		g.all = append(g.all, text)
	}
	return got
}

// useAPIToken looks an API token up and writes its use down, as a request with it does.
func (g *golden) useAPIToken(db *database.Database) {
	g.t.Helper()
	secret, _ := storeAPIToken(g.t, db, "ann", token.ScopeRead, nil)
	store := routes.GrantStore(db.Client)
	sent := g.raw.Sent(func() {
		grant, err := store.Find(g.t.Context(), token.APIToken(secret).Hash())
		if err == nil {
			err = store.Use(g.t.Context(), grant, time.Now())
		}
		if err != nil {
			g.t.Error(err)
		}
	})
	text := "-- a request with an API token, before its own\n"
	for _, statement := range sent {
		text += broken.Replace(statement.Query) + ";\n"
	}
	g.all = append(g.all, text+"\n")
}

// broken breaks a statement into lines.
var broken = func() *strings.Replacer {
	pairs := []string{"DELETE FROM", "DELETE FROM"}
	for _, word := range []string{"FROM ", "WHERE ", "ORDER BY ", "LIMIT ", "SET ", "RETURNING ", "VALUES ", "RIGHT JOIN "} {
		pairs = append(pairs, " "+word, "\n"+word)
	}
	return strings.NewReplacer(pairs...)
}()
