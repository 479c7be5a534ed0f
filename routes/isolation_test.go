package routes_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"entgo.io/ent/dialect"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware/token"
)

// call is an operation of the document, with what it takes to succeed.
type call struct {
	method, path string // as documented
	tool         string // of /mcp
	needsToken   bool
	request
}

// request is what an operation is sent, and what it answers to who may send it.
type request struct {
	body    string
	success int
}

// requests has one for every operation, by its address without the user's part.
var requests = map[string]request{
	"GET /health":                    {"", 200},
	"GET /api/health":                {"", 200},
	"GET /ready":                     {"", 200},
	"GET /api/auth/me":               {"", 200},
	"GET /api/tasks":                 {"", 200},
	"POST /api/tasks":                {`{"title":"planted"}`, 201},
	"GET /api/tasks/{id}":            {"", 200},
	"PUT /api/tasks/{id}":            {`{"title":"changed"}`, 200},
	"PATCH /api/tasks/{id}":          {`{"title":"changed"}`, 200},
	"PATCH /api/tasks/{id}/complete": {"", 200},
	"DELETE /api/tasks/{id}":         {"", 200},
	"GET /api/tasks/stats":           {"", 200},
	"POST /api/tasks/bulk":           {`{"tasks":[{"title":"planted"}]}`, 200},
	"GET /api/tags":                  {"", 200},
	"POST /api/tags":                 {`{"name":"planted {unique}"}`, 201},
	"GET /api/tags/{id}":             {"", 200},
	"PUT /api/tags/{id}":             {`{"name":"changed {unique}"}`, 200},
	"PATCH /api/tags/{id}":           {`{"color":"blue {unique}"}`, 200},
	"DELETE /api/tags/{id}":          {"", 200},
	"GET /api/calendar.ics":          {"", 200},
	"GET /api/tokens":                {"", 200},
	"POST /api/tokens":               {`{"name":"planted","scope":"write"}`, 201},
	"DELETE /api/tokens/{id}":        {"", 200},
}

// callsOf are the operations of a document, also under the names that it does not list.
func callsOf(t *testing.T, doc *openapi3.T) []call {
	t.Helper()
	var all []call
	for _, path := range doc.Paths.InMatchingOrder() {
		operations := doc.Paths.Find(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			request, ok := requests[method+" "+strings.Replace(path, "/{user_id}", "", 1)]
			if !ok {
				t.Fatalf("%s %s is documented, and nobody says what it is to be sent here", method, path)
			}
			c := call{method: method, path: path, needsToken: operations[method].Security != nil, request: request}
			all = append(append(all, c), c.otherNames()...)
		}
	}
	return all
}

// toolCalls are those of every tool, with and without the user.
func toolCalls() []call {
	var all []call
	for tool, arguments := range toolArguments {
		for _, a := range []string{arguments, strings.Replace(arguments, "{", `{"user_id":"{user_id}"`+comma(arguments), 1)} {
			all = append(all, call{"POST", "/mcp", tool, true, request{toolCall(tool, a), 200}})
		}
	}
	return all
}

// toolArguments are those with which each tool succeeds.
var toolArguments = map[string]string{
	"add_task":      `{"title":"planted"}`,
	"list_tasks":    `{}`,
	"get_task":      `{"task_id":"{id}"}`,
	"update_task":   `{"task_id":"{id}","title":"changed"}`,
	"complete_task": `{"task_id":"{id}"}`,
	"delete_task":   `{"task_id":"{id}"}`,
}

func comma(arguments string) string {
	if arguments == "{}" {
		return ""
	}
	return ","
}

// otherNames are HEAD for a GET, and what the description of complete names.
func (c call) otherNames() []call {
	if c.method == http.MethodGet {
		c.method = http.MethodHead
		return []call{c}
	}
	base, ok := strings.CutSuffix(c.path, "/complete")
	if !ok {
		return nil
	}
	var all []call
	for _, name := range []string{"/toggle", "/toggle-status", "/status"} {
		c.path = base + name
		all = append(all, c)
	}
	return all
}

// writes reports whether the call is to change rows.
func (c call) writes() bool {
	return c.method != http.MethodGet && c.method != http.MethodHead && c.tool != "list_tasks" && c.tool != "get_task"
}

// fill fills a user and a task in where the call has places for them.
func fill(text, user, id string) string {
	return strings.NewReplacer("{user_id}", user, "{id}", id).Replace(text)
}

// isOfTokens reports whether the call is about API tokens.
func (c call) isOfTokens() bool { return strings.HasPrefix(c.path, "/api/tokens") }

// isOfTags reports whether the call is about tags.
func (c call) isOfTags() bool { return strings.Contains(c.path, "/tags") }

// at is the address of the call on what has the id.
func (c call) at(user, id string) string {
	return fill(c.path, user, id)
}

// wants is the answer to an attack that names a user, and alice's task.
func (tr attack) wants(c call, named string) int {
	switch {
	case !c.needsToken:
		return c.success
	case tr.user == "":
		return http.StatusUnauthorized
	case tr.byAPIToken && c.isOfTokens(), strings.Contains(c.path, "{user_id}") && named != tr.user:
		return http.StatusForbidden
	case strings.Contains(c.path, "{id}"):
		return http.StatusNotFound
	}
	return c.success
}

// TestIsolation sends every operation of the served document with every token that is not alice's. Each gets the status of the
// contract and nothing of hers, and her rows stay as they are. At the end it sends them with her tokens, which succeed: the attacks
// failed because of the token.
func TestIsolation(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	attacks, m := is.attacks(t), &matrix{cells: map[string]map[string][]int{}}
	t.Cleanup(func() { t.Log(m) })
	for _, format := range formats {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
				a := newAPI(t, db, withFormat(format), func(s *setup) {
					s.rules.JWKSURL, s.rules.Issuer, s.rules.Audience = is.url, origin, origin
				})
				b := attackedAPI{api: a, raw: raw, calls: append(callsOf(t, openAPI(t, a)), toolCalls()...), matrix: m}
				b.task, b.apiToken = b.createTask(t, db), b.createAPIToken(t, db)
				b.tag = createTag(t, db)
				b.runAttacks(t, slices.Concat(attacks, apiTokenAttacks(t, db)))
				b.runAsAlice(t, db, is.valid(t, "alice"))
			})
		})
	}
}

// attackedAPI is a service that has a task and an API token of alice's.
type attackedAPI struct {
	*api
	raw                 *databasetest.Raw
	calls               []call
	matrix              *matrix
	task, apiToken, tag string // their ids
}

// id is that of what a call is about.
func (b attackedAPI) id(c call) string {
	switch {
	case c.isOfTokens():
		return b.apiToken
	case c.isOfTags():
		return b.tag
	}
	return b.task
}

// createTag makes a tag of alice's that a task of hers has, and returns its name.
func createTag(t *testing.T, db *database.Database) string {
	t.Helper()
	name := "hers " + uuid.NewString()[:8]
	db.Client.Tag.Create().SetName(name).SaveX(asViewer(t.Context(), "alice"))
	db.Client.Task.Create().SetTitle("hers").SetTags([]string{name}).SaveX(asViewer(t.Context(), "alice"))
	return url.PathEscape(name)
}

func (b attackedAPI) createAPIToken(t *testing.T, db *database.Database) string {
	t.Helper()
	_, made := storeAPIToken(t, db, "alice", token.ScopeWrite, nil)
	return made.ID.String()
}

func (b attackedAPI) createTask(t *testing.T, db *database.Database) string {
	t.Helper()
	task, err := db.Client.Task.Create().SetTitle("hers").SetDescription("hers alone").SetDueDate("2026-01-05").Save(asViewer(t.Context(), "alice"))
	if err != nil {
		t.Fatal(err)
	}
	return task.ID.String()
}

// runAttacks makes all attacks, each against all operations, and checks that no row has changed.
func (b attackedAPI) runAttacks(t *testing.T, attacks []attack) {
	t.Helper()
	before := b.rows(t)
	for _, tr := range attacks {
		b.send(t, tr, "alice")
		if tr.user != "" {
			b.send(t, tr, tr.user)
		}
		if after := b.rows(t); !reflect.DeepEqual(before, after) {
			t.Fatalf("%s: the rows were\n%v\nand are\n%v", tr.name, before, after)
		}
	}
}

// send sends every attempt to every operation, many at once: a token with an unknown key is kept waiting for it. They are fewer
// than may wait of one user.
func (b attackedAPI) send(t *testing.T, tr attack, named string) {
	t.Helper()
	var sent errgroup.Group
	sent.SetLimit(60)
	for _, c := range b.calls {
		for _, attempt := range tr.attempts {
			sent.Go(func() error {
				got := b.anonymous().send(t, c.method, c.at(named, b.id(c)), fill(c.body, named, b.id(c)), attempt...)
				b.matrix.note(c, tr.name+at(named), got.status)
				if fault := b.fault(tr, c, named, got); fault != "" {
					t.Errorf("%s, %s %s with %s: %s: %d %v %s", tr.name, c.method, c.at(named, b.id(c)), attempt, fault, got.status, got.header, got.body)
				}
				return nil
			})
		}
	}
	_ = sent.Wait() // which reports to t
}

func at(named string) string {
	if named == "alice" {
		return ""
	}
	return ", at " + named + "'s address"
}

// fault is what is wrong with an answer to who is not alice.
func (b attackedAPI) fault(tr attack, c call, named string, got answer) string {
	told := fmt.Sprint(got.header, got.body)
	switch {
	case got.status != tr.wants(c, named):
		return fmt.Sprint("not answered with ", tr.wants(c, named))
	case strings.Contains(told, "hers"), strings.Contains(told, "alice"), strings.Contains(told, b.task), strings.Contains(told, b.apiToken):
		return "tells of alice"
	case c.tool != "" && tr.user != "" && strings.Contains(got.body, `"isError":true`) !=
		(strings.Contains(c.body, "{id}") || strings.Contains(c.body, "{user_id}") && named != tr.user):
		return "a tool is refused wrongly, or not refused"
	case got.status == http.StatusUnauthorized && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer "):
		return "no challenge"
	}
	return ""
}

// runAsAlice wants every operation to succeed on a task of alice's, and exactly those that are to change a row to do so.
func (b attackedAPI) runAsAlice(t *testing.T, db *database.Database, tokens []string) {
	t.Helper()
	for _, jwt := range tokens {
		for _, c := range b.calls {
			id := b.createTask(t, db)
			switch {
			case c.isOfTokens():
				id = b.createAPIToken(t, db)
			case c.isOfTags():
				id = createTag(t, db)
			}
			before := b.rows(t)
			got := client{api: b.api, token: jwt}.send(t, c.method, c.at("alice", id), fill(c.body, "alice", id))
			b.matrix.note(c, "alice's own", got.status)
			tells := strings.Contains(got.body, "alice") || strings.Contains(got.body, "hers")
			if got.status != c.success || strings.Contains(got.body, `"isError":true`) ||
				c.method == http.MethodGet && c.needsToken && !tells && !strings.HasSuffix(c.path, "/stats") {
				t.Errorf("alice's own %s %s is answered with %d %s", c.method, c.path, got.status, got.body)
			}
			if changed := !reflect.DeepEqual(before, b.rows(t)); changed != c.writes() {
				t.Errorf("alice's own %s %s: rows have changed: %t", c.method, c.path, changed)
			}
		}
	}
}

// rows are all that are not bob's, with what tells whether one was written anew.
func (b attackedAPI) rows(t *testing.T) [][]string {
	t.Helper()
	version := map[string]string{dialect.SQLite: "rowid", dialect.Postgres: "ctid::text, xmin::text"}[b.raw.Dialect]
	tasks := b.raw.Strings(t, "SELECT "+version+", tasks.* FROM tasks WHERE user_id <> 'bob' ORDER BY id")
	tokens := b.raw.Strings(t, "SELECT "+version+", api_tokens.* FROM api_tokens WHERE user_id <> 'bob' ORDER BY id")
	tags := b.raw.Strings(t, "SELECT "+version+", tags.* FROM tags WHERE user_id <> 'bob' ORDER BY id")
	return slices.Concat(tasks, tokens, tags)
}

// matrix is what every operation answered to every attack.
type matrix struct {
	mu      sync.Mutex
	attacks []string
	cells   map[string]map[string][]int // by call and attack
}

func (m *matrix) note(c call, attack string, status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := strings.TrimSpace(c.method + " " + c.path + " " + c.tool)
	if m.cells[name] == nil {
		m.cells[name] = map[string][]int{}
	}
	if !slices.Contains(m.attacks, attack) {
		m.attacks = append(m.attacks, attack)
	}
	if !slices.Contains(m.cells[name][attack], status) {
		m.cells[name][attack] = append(m.cells[name][attack], status)
	}
}

// String is the table with a column for each attack, and what the columns are.
func (m *matrix) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 1, ' ', 0)
	fmt.Fprintln(table)
	for i := range m.attacks {
		fmt.Fprintf(table, "\t%d", i+1)
	}
	fmt.Fprintln(table)
	for _, call := range slices.Sorted(maps.Keys(m.cells)) {
		fmt.Fprint(table, call)
		for _, attack := range m.attacks {
			fmt.Fprint(table, "\t", strings.Trim(strings.ReplaceAll(fmt.Sprint(m.cells[call][attack]), " ", "/"), "[]"))
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush()
	for i, attack := range m.attacks {
		fmt.Fprintf(&text, "%d  %s\n", i+1, attack)
	}
	return text.String()
}
