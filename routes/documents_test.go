package routes_test

import (
	"fmt"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// documented is an operation of a document.
type documented struct {
	method, path string
	*openapi3.Operation
}

// operations are those of a document by group, as the page lists them.
func operations(t *testing.T, doc *openapi3.T) map[string][]documented {
	t.Helper()
	groups := map[string][]documented{}
	for address, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if len(operation.Tags) != 1 || doc.Tags.Get(operation.Tags[0]) == nil {
				t.Errorf("%s stands in the groups %q", operation.OperationID, operation.Tags)
			}
			groups[operation.Tags[0]] = append(groups[operation.Tags[0]], documented{method, address, operation})
		}
	}
	place := func(d documented) float64 {
		place, ok := d.Extensions["x-order"].(float64)
		if !ok {
			t.Errorf("%s has no place: %v", d.OperationID, d.Extensions)
		}
		return place
	}
	for _, group := range groups {
		slices.SortFunc(group, func(a, b documented) int { return int(place(a) - place(b)) })
	}
	return groups
}

// Whoever reads the documentation meets the operations as a task does in its life.
func TestOperationsStandInTheOrderOfALife(t *testing.T) {
	t.Parallel()
	const tasksOfUser = "createUserTask listUserTasks getUserTask updateUserTask putUserTask completeUserTask deleteUserTask bulkUserTasks getUserTaskStats"
	want := map[string]string{
		"Tasks":         "createTask listTasks getTask updateTask putTask completeTask deleteTask bulkTasks getTaskStats getCalendar",
		"Tags":          "createTag listTags getTag updateTag putTag deleteTag",
		"Account":       "getCurrentUser createToken listTokens deleteToken",
		"Service":       "getHealth getReadiness getAPIHealth",
		"User paths":    tasksOfUser + " createUserTag listUserTags getUserTag updateUserTag putUserTag deleteUserTag",
		"Further paths": "",
	}
	for _, id := range strings.Fields(want["Tasks"])[:9] {
		want["Further paths"] += id + "AtApiTodos "
	}
	doc := openAPI(t, newAPI(t, databasetest.SQLite(t), func(s *setup) { s.Mounts = []config.Mount{{Path: "/api/todos"}} }))
	groups := operations(t, doc)
	for name, ids := range want {
		var got []string
		for _, o := range groups[name] {
			got = append(got, o.OperationID)
		}
		if strings.Join(got, " ") != strings.TrimSpace(ids) {
			t.Errorf("%s:\n%q, want\n%q", name, got, ids)
		}
	}
	var names []string
	for _, group := range doc.Tags {
		names = append(names, group.Name)
		collapsed := group.Extensions["x-collapsed"] == true
		if repeats := strings.HasSuffix(group.Name, " paths"); repeats != collapsed {
			t.Errorf("%s is collapsed: %t", group.Name, collapsed)
		}
	}
	if got := strings.Join(names, ", "); got != "Tasks, Tags, Account, Service, User paths, Further paths" || len(groups) != len(names) {
		t.Errorf("the groups are %s; operations are in %q", got, slices.Collect(maps.Keys(groups)))
	}
}

// An operation at a further address says of which it is the same, and leads there.
func TestRepeatedOperationsLeadToTheFirst(t *testing.T) {
	t.Parallel()
	const base = "/todo"
	a := newAPI(t, databasetest.SQLite(t), func(s *setup) {
		s.BasePath = base
		s.Mounts = []config.Mount{{Path: "/api/v1/tasks"}, {Path: "/api/users/{user_id}/todos"}}
	})
	groups := operations(t, openAPI(t, a))
	first := map[string]documented{} // by the fragment that opens it
	for name, group := range groups {
		for _, o := range group {
			first["#/"+name+"/"+o.OperationID] = o
		}
	}
	sentence := regexp.MustCompile("^The same as \\[`([A-Z]+) ([^`]+)`\\]\\(" + base + "/docs(#[^)]+)\\)\\.( The user in the path must be the token's\\.)?$")
	for _, o := range slices.Concat(groups["User paths"], groups["Further paths"]) {
		match := sentence.FindStringSubmatch(o.Description)
		if match == nil {
			t.Errorf("%s %s says %q", o.method, o.path, o.Description)
			continue
		}
		twin := first[match[3]]
		if twin.Operation == nil || twin.method != match[1] || twin.path != match[2] || twin.method != o.method || twin.Summary != o.Summary {
			t.Errorf("%s %s leads to %s %s", o.method, o.path, twin.method, twin.path)
		}
		if ofUser := strings.Contains(o.path, "{user_id}"); ofUser != (match[4] != "") {
			t.Errorf("%s %s says %q", o.method, o.path, o.Description)
		}
	}
	if n := len(groups["User paths"]); n != 15 {
		t.Errorf("%d operations name the user", n)
	}
}

// What an error means stands in a document once, whichever operation answers with it.
func TestErrorsAreDescribedOnce(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		doc := openAPI(t, newAPI(t, databasetest.SQLite(t), withFormat(format)))
		for _, group := range operations(t, doc) {
			for _, o := range group {
				for status, response := range o.Responses.Map() {
					if shared := strings.HasPrefix(response.Ref, "#/components/responses/"); shared != (status >= "400") {
						t.Errorf("%s: %s is shared: %t", o.OperationID, status, shared)
					}
				}
			}
		}
	}
}

// The example of a body is one that its operation takes, whatever the settings make of names and values, and
// has its fields in the order of the schema.
func TestExamplesOfBodiesAreAccepted(t *testing.T) {
	t.Parallel()
	settings := map[string]func(*setup){
		"plain":    withFormat(config.FormatPlain),
		"wrapped":  withFormat(config.FormatWrapped),
		"envelope": withFormat(config.FormatEnvelope),
		"objects":  func(s *setup) { s.Tags, s.Case = config.TagObjects, config.CaseCamel },
		"csv":      func(s *setup) { s.Tags, s.Fields = config.TagCSV, []string{"category"} },
		"names": func(s *setup) {
			s.Aliases = []config.Alias{{Name: "name", Field: "title"}, {Name: "is_completed", Field: "completed"}}
			s.Mounts = []config.Mount{{Path: "/api/v1/tasks"}}
		},
	}
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		for name, change := range settings {
			t.Run(name, func(t *testing.T) {
				a := newAPI(t, db, change)
				alice, doc := a.as(t, "alice"), openAPI(t, a)
				for _, group := range operations(t, doc) {
					for _, o := range group {
						if o.RequestBody != nil {
							alice.wantExampleAccepted(t, o)
						}
					}
				}
			})
		}
	})
}

// wantExampleAccepted sends the example of an operation's body.
func (c client) wantExampleAccepted(t *testing.T, o documented) {
	t.Helper()
	schema := o.RequestBody.Value.Content["application/json"].Schema.Value
	if schema.Example == nil {
		t.Errorf("%s has no example", o.OperationID)
		return
	}
	if err := schema.VisitJSON(schema.Example, openapi3.VisitAsRequest()); err != nil {
		t.Errorf("the example of %s is not as its schema says: %v", o.OperationID, err)
	}
	id := path.Base(c.send(t, "POST", "/api/tasks", `{"title":"x","tags":["errand"]}`).header.Get("Location"))
	if strings.Contains(o.path, "/tags") {
		id = "errand"
	}
	at := strings.NewReplacer("{user_id}", "alice", "{id}", id).Replace(o.path)
	got := c.send(t, o.method, at, encode(t, schema.Example))
	promised := o.Responses.Value(fmt.Sprint(got.status))
	if got.status >= http.StatusMultipleChoices || promised == nil {
		t.Errorf("%s %s of %s is %d: %s", o.method, at, encode(t, schema.Example), got.status, got.body)
	}
}

// Sentences end before the next one begins.
func TestSentencesOfDescriptionsEnd(t *testing.T) {
	t.Parallel()
	running := regexp.MustCompile("\"description\": \"[^\"]*[^.:; ] (Also called|Null removes|In any case|White space|Without it)[^\"]*\"")
	for _, format := range formats {
		served := newAPI(t, databasetest.SQLite(t), withFormat(format)).anonymous().send(t, "GET", "/docs/openapi.json", "").body
		if !strings.Contains(served, ". Also called") {
			t.Fatal("no description says what else a field is called")
		}
		if found := running.FindAllString(served, -1); len(found) > 0 {
			t.Errorf("%q", found)
		}
	}
}
