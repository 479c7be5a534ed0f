package routes_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// rpc sends a message to /mcp.
func (c client) rpc(t reporter, message string, headers ...header) answer {
	t.Helper()
	return c.send(t, "POST", "/mcp", message, headers...)
}

// toolAnswer is what came of a call of a tool.
type toolAnswer struct {
	Content []struct{ Type, Text string }
	Result  object `json:"structuredContent"`
	IsError bool
}

// tool calls a tool with arguments in JSON.
func (c client) tool(t reporter, name, arguments string) toolAnswer {
	t.Helper()
	var got struct {
		Result *toolAnswer
		Error  object
	}
	c.rpc(t, toolCall(name, arguments)).decode(t, 200, &got)
	if got.Result == nil {
		t.Fatalf("%s %s: %v", name, arguments, got.Error)
	}
	if len(got.Result.Content) != 1 || got.Result.Content[0].Type != "text" {
		t.Fatalf("%s has the content %v", name, got.Result.Content)
	}
	return *got.Result
}

func toolCall(name, arguments string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, name, arguments)
}

// done is the result of a call that succeeds. The text says the same.
func (c client) done(t reporter, name, arguments string) object {
	t.Helper()
	got := c.tool(t, name, arguments)
	if got.IsError {
		t.Fatalf("%s %s: %s", name, arguments, got.Content[0].Text)
	}
	var text object
	if err := json.Unmarshal([]byte(got.Content[0].Text), &text); err != nil || encode(t, text) != encode(t, got.Result) {
		t.Errorf("%s says %s in text and %v in structure: %v", name, got.Content[0].Text, got.Result, err)
	}
	return got.Result
}

// refused is the sentence of a call that fails.
func (c client) refused(t reporter, name, arguments string) string {
	t.Helper()
	got := c.tool(t, name, arguments)
	if !got.IsError || got.Result != nil {
		t.Errorf("%s %s is done: %v", name, arguments, got.Result)
	}
	return got.Content[0].Text
}

// An agent lives the whole life of a task with the tools, and a client of REST sees it.
func TestToolsLife(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		made := alice.done(t, "add_task", `{"title":" Buy milk ","priority":"HIGH","dueDate":"2026-01-05","tags":"home,shop","user_id":"alice","nonsense":[1]}`)
		id := fmt.Sprint(made["task_id"])
		stored := alice.send(t, "GET", "/api/tasks/"+id, "").want(t, 200)
		if made["status"] != "created" || made["title"] != "Buy milk" || encode(t, made["task"]) != encode(t, stored) {
			t.Errorf("add_task answers %v, GET %v", made, stored)
		}
		if stored["due_date"] != "2026-01-05" || stored["priority"] != "high" || encode(t, stored["tags"]) != `["home","shop"]` {
			t.Errorf("the task is %v", stored)
		}
		if got := alice.done(t, "get_task", `{"task_id":"`+id+`"}`); encode(t, got["task"]) != encode(t, stored) {
			t.Errorf("get_task answers %v", got)
		}
		if got := alice.done(t, "list_tasks", `{"status":["pending"],"tags":["shop"],"completed":false,"limit":10,"search":null}`); encode(t, got["tasks"]) !=
			"["+encode(t, stored)+"]" || got["next_cursor"] != nil {
			t.Errorf("list_tasks answers %v", got)
		}
		got := alice.done(t, "update_task", `{"task_id":"`+id+`","description":"2 litres","due_date":null}`)
		if task := got["task"].(object); got["status"] != "updated" || task["description"] != "2 litres" || task["due_date"] != nil || task["priority"] != "high" {
			t.Errorf("update_task answers %v", got)
		}
		for range 2 { // which sets, and does not flip
			if got := alice.done(t, "complete_task", `{"task_id":"`+id+`"}`); got["status"] != "completed" || got["task"].(object)["completed"] != true {
				t.Errorf("complete_task answers %v", got)
			}
		}
		if got := alice.done(t, "delete_task", `{"task_id":"`+id+`"}`); got["status"] != "deleted" || got["title"] != "Buy milk" {
			t.Errorf("delete_task answers %v", got)
		}
		if got := alice.send(t, "GET", "/api/tasks/"+id, ""); got.status != 404 {
			t.Errorf("it is still there: %s", got.body)
		}
	})
}

// Who completes a recurring task with a tool is told the next one.
func TestCompleteTaskShowsTheNext(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		made := alice.done(t, "add_task", `{"title":"water plants","due_date":"2999-01-01","recurrence_rule":"FREQ=DAILY"}`)
		got := alice.done(t, "complete_task", `{"task_id":"`+fmt.Sprint(made["task_id"])+`"}`)
		next, ok := got["next_task"].(object)
		if !ok || next["due_date"] != "2999-01-02" || next["completed"] != false {
			t.Errorf("the next is %v", got["next_task"])
		}
	})
}

// list_tasks shows 50 tasks at a time, and the cursor leads through all of them.
func TestToolsPages(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	for i := range 53 {
		alice.create(t, fmt.Sprintf(`{"title":"%d"}`, i))
	}
	first := alice.done(t, "list_tasks", `{"sort":"title"}`)
	next := alice.done(t, "list_tasks", encode(t, object{"sort": "title", "cursor": first["next_cursor"]}))
	seen := map[any]bool{}
	for _, task := range append(first["tasks"].([]any), next["tasks"].([]any)...) {
		seen[task.(object)["id"]] = true
	}
	if len(first["tasks"].([]any)) != 50 || len(seen) != 53 || next["next_cursor"] != nil {
		t.Errorf("the first page has %d, both %d, and then comes %v", len(first["tasks"].([]any)), len(seen), next["next_cursor"])
	}
	if all := alice.done(t, "list_tasks", `{"pageSize":53}`); len(all["tasks"].([]any)) != 53 || all["next_cursor"] != nil {
		t.Errorf("of 53 asked for it lists %d", len(all["tasks"].([]any)))
	}
}

// What a tool refuses is one sentence that says what to do, and changes nothing.
func TestToolsRefuse(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	alice := a.as(t, "alice")
	hers := fmt.Sprint(alice.create(t, `{"title":"hers"}`)["id"])
	const noTask = "There is no task with this task_id: call list_tasks to see the tasks and their ids"
	for _, test := range []struct{ tool, arguments, want string }{
		{"add_task", `{}`, "Title is required"},
		{"add_task", `null`, "Title is required"},
		{"add_task", `[]`, "Arguments must be a JSON object"},
		{"add_task", `{"title":""}`, "Title must have 1 to 255 characters"},
		{"add_task", `{"title":null}`, "Title must be a string"},
		{"add_task", `{"title":"x","priority":"soon"}`, `Priority must be "critical", "urgent", "high", "medium", "low" or "none"`},
		{"add_task", `{"title":"x","user_id":"bob"}`, "User_id must be the user of the token, or absent"},
		{"list_tasks", `{"userId":"bob"}`, "UserId must be the user of the token, or absent"},
		{"list_tasks", `{"limit":1001}`, "Limit must be a number from 1 to 1000"},
		{"list_tasks", `{"status":{}}`, "Status must be a string, a number, true, false or an array of these"},
		{"get_task", `{"task_id":"` + hers + `","user_id":"bob"}`, "User_id must be the user of the token, or absent"},
		{"get_task", `{}`, "Task_id is required: list_tasks shows the ids"},
		{"get_task", `{"task_id":1}`, noTask},
		{"update_task", `{"task_id":"1","title":"x"}`, noTask},
		{"update_task", `{"task_id":"` + hers + `","title":" "}`, "Title must have 1 to 255 characters"},
		{"complete_task", `{"task_id":"00000000-0000-0000-0000-000000000000"}`, noTask},
		{"complete_task", `{"task_id":"` + hers + `","completed":false}`, "Complete_task only completes: call update_task to set another state"},
		{"delete_task", `{"task_id":"` + strings.ReplaceAll(hers, "-", "") + `"}`, noTask},
	} {
		if got := alice.refused(t, test.tool, test.arguments); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.tool, test.arguments, got, test.want)
		}
	}
	for _, tool := range []string{"get_task", "update_task", "complete_task", "delete_task"} {
		if got := a.as(t, "bob").refused(t, tool, `{"task_id":"`+hers+`"}`); got != noTask {
			t.Errorf("bob is told by %s of alice's task: %s", tool, got)
		}
	}
	if titles := alice.titles(t, "/api/tasks"); !slices.Equal(titles, []string{"hers"}) {
		t.Errorf("there is %q", titles)
	}
}

// Whatever the settings make of names elsewhere, agents see one form of them, with the members of
// API_FIELDS, and results are what the schemas promise.
func TestToolsKeepTheirSchemas(t *testing.T) {
	t.Parallel()
	settings := map[string]func(*setup){
		"plain":    func(s *setup) { s.Fields = []string{"category", "reminderOffset"} },
		"envelope": func(s *setup) { s.Format, s.Fields = config.FormatEnvelope, []string{"category", "reminderOffset"} },
		"every setting": func(s *setup) {
			s.Format, s.Case, s.Tags, s.Fields = config.FormatWrapped, config.CaseCamel, config.TagObjects, []string{"category", "reminderOffset"}
			s.Aliases = []config.Alias{{Name: "description", Field: "title"}, {Name: "isDone", Field: "completed"}}
		},
	}
	var first string
	for name, change := range settings {
		a := newAPI(t, databasetest.SQLite(t), change)
		session := connect(t, a.as(t, "alice"))
		listed, err := session.ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if text := encode(t, listed.Tools); first == "" {
			first = text
		} else if text != first {
			t.Errorf("%s: the tools are\n%s\nelsewhere\n%s", name, text, first)
		}
		var id string
		for _, step := range []struct {
			tool      string
			arguments object
		}{
			{"add_task", object{"title": "x", "tags": []string{"a"}, "category": "home", "description": "d", "recurrence_rule": "FREQ=DAILY"}},
			{"get_task", object{}},
			{"list_tasks", object{"category": "home"}},
			{"update_task", object{"reminderOffset": 5}},
			{"complete_task", object{}},
			{"delete_task", object{}},
		} {
			if step.tool != "add_task" && step.tool != "list_tasks" {
				step.arguments["task_id"] = id
			}
			got, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: step.tool, Arguments: step.arguments})
			if err != nil || got.IsError {
				t.Fatalf("%s: %s: %v %s", name, step.tool, err, encode(t, got))
			}
			at := slices.IndexFunc(listed.Tools, func(tool *mcp.Tool) bool { return tool.Name == step.tool })
			if err := validate(listed.Tools[at].OutputSchema, got.StructuredContent); err != nil {
				t.Errorf("%s: %s answers %s: %v", name, step.tool, encode(t, got.StructuredContent), err)
			}
			if err := validate(listed.Tools[at].InputSchema, step.arguments); err != nil {
				t.Errorf("%s: %s does not show what it takes: %v", name, step.tool, err)
			}
			if step.tool == "add_task" {
				result := got.StructuredContent.(object)
				id = fmt.Sprint(result["task_id"])
				if task := encode(t, result["task"]); !strings.Contains(task, `"description":"d"`) || !strings.Contains(task, `"category":"home"`) ||
					!strings.Contains(task, `"tags":["a"]`) || strings.Contains(task, "isDone") {
					t.Errorf("%s: the task is %s", name, task)
				}
			}
		}
	}
}

// validate holds a value against a JSON Schema that is closed: no member may be there that it does not name.
func validate(schema, value any) error {
	text, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	closeJSONSchema(&s)
	resolved, err := s.Resolve(nil)
	if err != nil {
		return err
	}
	if text, err = json.Marshal(value); err != nil {
		return err
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return err
	}
	return resolved.Validate(plain)
}

func closeJSONSchema(s *jsonschema.Schema) {
	if s.Items != nil {
		closeJSONSchema(s.Items)
	}
	if len(s.Properties) == 0 {
		return
	}
	s.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{}}
	for _, property := range s.Properties {
		closeJSONSchema(property)
	}
}

// The tools say what they do, with one name of each field and its limits.
func TestToolsAreDescribed(t *testing.T) {
	t.Parallel()
	session := connect(t, newAPI(t, databasetest.SQLite(t)).as(t, "alice"))
	listed, err := session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, tool := range listed.Tools {
		h := tool.Annotations
		got[tool.Name] = fmt.Sprint(h.ReadOnlyHint, *h.DestructiveHint, h.IdempotentHint, *h.OpenWorldHint)
		schema := encode(t, tool.InputSchema)
		if strings.Contains(schema, "Also called") || strings.Contains(schema, "nullable") || strings.Contains(schema, `"example"`) ||
			tool.Title == "" || tool.Description == "" || tool.OutputSchema == nil {
			t.Errorf("%s is described as %s", tool.Name, encode(t, tool))
		}
		for _, name := range slices.Collect(maps.Keys(tool.InputSchema.(object)["properties"].(object))) {
			if name != strings.ToLower(name) {
				t.Errorf("%s has a parameter %s", tool.Name, name)
			}
		}
		if tool.Name == "add_task" {
			for _, want := range []string{
				`"maxLength":255`, `"minLength":1`, `"maxLength":1000`, `"enum":["critical","urgent","high","medium","low","none"]`,
				`"enum":["pending","in_progress","completed"]`, `"required":["title"]`,
			} {
				if !strings.Contains(schema, want) {
					t.Errorf("add_task does not show %s: %s", want, schema)
				}
			}
		}
	}
	want := map[string]string{ // read only, destructive, idempotent, open world
		"add_task":      "false false false false",
		"list_tasks":    "true false true false",
		"get_task":      "true false true false",
		"update_task":   "false true true false",
		"complete_task": "false false true false",
		"delete_task":   "false true true false",
	}
	if !maps.Equal(got, want) {
		t.Errorf("the tools are %v, want %v", got, want)
	}
}

// connect returns a session of the SDK's client.
func connect(t *testing.T, c client) *mcp.ClientSession {
	t.Helper()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: "http://todo/mcp", HTTPClient: &http.Client{Transport: agentTransport{c}}, DisableStandaloneSSE: true,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

// agentTransport sends requests with the token of a client.
type agentTransport struct{ client }

// RoundTrip sends a request.
func (b agentTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.http.Transport.RoundTrip(r)
}

const listCall = `{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"list_tasks"}}`

// The answer to a message is that of its version of the protocol, whether the client initializes or not.
func TestVersionsOfTheProtocol(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	for _, version := range []string{"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"} {
		started := alice.rpc(t, `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"`+version+
			`","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`).want(t, 200)
		result, _ := started["result"].(object)
		if result["protocolVersion"] != version || encode(t, result["capabilities"]) != `{"tools":{}}` {
			t.Errorf("%s: %v", version, started)
		}
		for _, headers := range [][]header{nil, {{"MCP-Protocol-Version", version}}} {
			if got := alice.rpc(t, listCall, headers...); got.status != 200 || !strings.Contains(got.body, `"next_cursor":null`) {
				t.Errorf("%s %v: %d %s", version, headers, got.status, got.body)
			}
			if got := alice.rpc(t, `{"jsonrpc":"2.0","id":2,"method":"ping"}`, headers...); got.status != 200 || !strings.Contains(got.body, `"result":{}`) {
				t.Errorf("%s %v: %d %s", version, headers, got.status, got.body)
			}
		}
	}
	const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`
	for method, params := range map[string]string{"server/discover": "", "tools/list": "", "tools/call": `"name":"list_tasks",`} {
		headers := []header{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}}
		if method == "tools/call" {
			headers = append(headers, header{"Mcp-Name", "list_tasks"})
		}
		got := alice.rpc(t, `{"jsonrpc":"2.0","id":2,"method":"`+method+`","params":{`+params+meta+`}}`, headers...)
		if got.status != 200 || !strings.Contains(got.body, `"result":{`) || method != "tools/call" && !strings.Contains(got.body, `"cacheScope":"private"`) {
			t.Errorf("%s: %d %s", method, got.status, got.body)
		}
	}
}

// Accept and Content-Type are read as leniently as elsewhere.
func TestMCPIsLenientWithHeaders(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	for _, accept := range []string{"", "*/*", "application/json", "text/event-stream", "text/html"} {
		for _, contentType := range []string{"", "text/plain", "application/json; charset=utf-8", "application/jsonrpc"} {
			got := alice.rpc(t, listCall, header{"Accept", accept}, header{"Content-Type", contentType}, header{"Last-Event-ID", "1"})
			if got.status != 200 || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("%q %q: %d %s", accept, contentType, got.status, got.body)
			}
		}
	}
}

// What is no message that can be answered has the body of every error, and nothing is done.
func TestMCPRefusesWhatIsNoMessage(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	add := toolCall("add_task", `{"title":"x"}`)
	for _, test := range []struct {
		body   string
		status int
		detail string
	}{
		{"[" + add + "]", 400, "A request takes one JSON-RPC message: send an object, not an array"},
		{" \n[" + strings.Repeat(add+",", 200) + add + "]", 400, "A request takes one JSON-RPC message: send an object, not an array"},
		{"[]", 400, "A request takes one JSON-RPC message: send an object, not an array"},
		{"", 400, "The body must be a JSON-RPC message: a JSON object in UTF-8"},
		{"{", 400, "The body must be a JSON-RPC message: a JSON object in UTF-8"},
		{strings.Replace(add, `"x"`, `"\ud800"`, 1), 400, "The body must be a JSON-RPC message: a JSON object in UTF-8"},
		{strings.Replace(add, `"x"`, "\"\xff\"", 1), 400, "The body must be a JSON-RPC message: a JSON object in UTF-8"},
		{strings.Repeat("[", 60_000), 400, "A request takes one JSON-RPC message: send an object, not an array"},
		{
			`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add_task","arguments":` + strings.Repeat("[", 60_000) + `}}`, 400,
			"The body must be a JSON-RPC message: a JSON object in UTF-8",
		},
		{strings.Replace(add, "2.0", "1.0", 1), 400, `The message must have "jsonrpc": "2.0"`},
		{`{"jsonrpc":"2.0","id":1}`, 400, "The message must name a method"},
		{strings.Replace(add, `"id":1,`, "", 1), 400, "The message must have an id: a string or a whole number"},
		{strings.Replace(add, `"id":1,`, `"id":null,`, 1), 400, "The message must have an id: a string or a whole number"},
		{strings.Replace(add, `"id":1,`, `"id":1.5,`, 1), 400, "The message must have an id: a string or a whole number"},
		{strings.Replace(add, `"id":1,`, `"id":{},`, 1), 400, "The message must have an id: a string or a whole number"},
		{`{"jsonrpc":"2.0","id":1,"method":"tools/call"}`, 400, `invalid request: missing required "params"`},
		{strings.Replace(add, `"x"`, `"`+strings.Repeat("x", 65<<10)+`"`, 1), 413, "The body may have at most 64 KiB"},
	} {
		got := alice.rpc(t, test.body)
		if body := got.want(t, test.status); body["detail"] != test.detail || body["success"] != false {
			t.Errorf("%.60s: %s", test.body, got.body)
		}
	}
	if got := alice.rpc(t, listCall, header{"MCP-Protocol-Version", "1999-01-01"}).want(t, 400); !strings.Contains(fmt.Sprint(got["detail"]), "2025-11-25") {
		t.Errorf("of another version: %v", got)
	}
	if got := alice.rpc(t, listCall, header{"Content-Type", "application/x-www-form-urlencoded"}); got.status != 415 {
		t.Errorf("a form: %d %s", got.status, got.body)
	}
	if titles := alice.titles(t, "/api/tasks"); len(titles) > 0 {
		t.Errorf("there is %q", titles)
	}
}

// Methods that there are not, or that the SDK alone has, are answered as such at once.
func TestMCPRefusesMethods(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	for _, method := range []string{
		"subscriptions/listen", "logging/setLevel", "resources/list", "prompts/list", "completion/complete", "nonsense", "", "Tools/list", "notifications/cancelled",
	} {
		for version, status := range map[string]int{"": 200, "2025-11-25": 200, "2026-07-28": 404} {
			message := `{"jsonrpc":"2.0","id":"one","method":"` + method + `","params":{"notifications":{"toolsListChanged":true}}}`
			var got struct {
				ID    string
				Error struct{ Code int }
			}
			answer := alice.rpcOfVersion(t, message, version)
			if method == "" {
				continue
			}
			answer.decode(t, status, &got)
			if got.ID != "one" || got.Error.Code != -32601 {
				t.Errorf("%s %s: %v", method, version, got)
			}
		}
	}
}

// rpcOfVersion sends a message without the check of the document, which has no answers of the protocol.
func (c client) rpcOfVersion(t *testing.T, message, version string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://todo/mcp", strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Mcp-Protocol-Version", version)
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

// Notifications and answers of a client are taken, and have no answer.
func TestMCPTakesNotifications(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	for _, message := range []string{
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
		`{"jsonrpc":"2.0","method":"notifications/whatever"}`,
		`{"jsonrpc":"2.0","id":1,"result":{}}`,
		`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}`,
	} {
		if got := alice.rpc(t, message); got.status != 202 || got.body != "" {
			t.Errorf("%s: %d %s", message, got.status, got.body)
		}
	}
}

// Other methods of HTTP than POST are not for /mcp; pages of origins that CORS does not allow may not call.
func TestMCPOverHTTP(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	for _, method := range []string{"GET", "DELETE", "PUT", "PATCH", "OPTIONS"} {
		if got := alice.send(t, method, "/mcp", ""); got.status != 405 || got.header.Get("Allow") != "POST" {
			t.Errorf("%s: %d %v %s", method, got.status, got.header, got.body)
		}
	}
	for origin, status := range map[string]int{
		"http://localhost:3000": 200, "http://127.0.0.1:1": 200, "http://evil.example": 403, "null": 403, "http://todo": 403,
	} {
		if got := alice.rpc(t, listCall, header{"Origin", origin}); got.status != status {
			t.Errorf("%s: %d %s", origin, got.status, got.body)
		}
	}
	if got := alice.send(t, "POST", "/mcp/", listCall); got.status != 200 {
		t.Errorf("with a slash: %d", got.status)
	}
}

// A client without a token, or that looks for OAuth, is told which token to use, and is not led to OAuth.
func TestMCPSaysWhichTokenItTakes(t *testing.T) {
	t.Parallel()
	const sentence = "This server has no OAuth. Give the client the header Authorization: Bearer todo_… (an API token, POST /api/tokens)"
	a := newAPI(t, databasetest.SQLite(t))
	anonymous, wrong := a.anonymous(), client{api: a, token: "wrong"}
	for _, c := range []client{anonymous, wrong} {
		got := c.rpc(t, listCall)
		if body := got.want(t, 401); body["detail"] != sentence {
			t.Errorf("a 401 says %s", got.body)
		}
		if challenge := got.header.Get("WWW-Authenticate"); !strings.HasPrefix(challenge, "Bearer ") || strings.Contains(challenge, "resource_metadata") {
			t.Errorf("WWW-Authenticate: %s", challenge)
		}
	}
	if got := anonymous.send(t, "GET", "/api/tasks", "").want(t, 401); got["detail"] == sentence {
		t.Error("frontends are told of agents")
	}
	for method, paths := range map[string][]string{
		"GET": {
			"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server",
			"/.well-known/oauth-authorization-server/mcp", "/.well-known/openid-configuration", "/.well-known/openid-configuration/mcp",
		},
		"POST": {"/register"},
	} {
		for _, path := range paths {
			body := anonymous.send(t, method, path, "").want(t, 404)
			if body["error_description"] != sentence || body["success"] != false || body["detail"] != sentence {
				t.Errorf("%s %s: %v", method, path, body)
			}
		}
	}
	if got := anonymous.send(t, "GET", "/nothing", "").want(t, 404); got["error_description"] != nil {
		t.Errorf("another 404 is %v", got)
	}
}

// A panic in a tool is answered, logged, and the process goes on.
func TestToolsPanic(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	var log syncBuffer
	alice := newAPI(t, db, func(s *setup) { s.log = &log }).as(t, "alice")
	db.Client.Task.Intercept(ent.InterceptFunc(func(ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(context.Context, ent.Query) (ent.Value, error) { panic("boom") })
	}))
	db.Client.Task.Use(func(ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(context.Context, ent.Mutation) (ent.Value, error) { panic("boom") })
	})
	got := alice.rpc(t, toolCall("add_task", `{"title":"x"}`)).want(t, 200)
	if failure, _ := got["error"].(object); failure["code"] != -32603.0 || failure["message"] != "Something went wrong on our side" {
		t.Errorf("the panic is answered with %v", got)
	}
	if text := log.String(); !strings.Contains(text, `"cause":"boom"`) || !strings.Contains(text, "goroutine") {
		t.Errorf("the log has %s", text)
	}
	if got := alice.rpc(t, `{"jsonrpc":"2.0","id":2,"method":"ping"}`); got.status != 200 {
		t.Errorf("after a panic: %d", got.status)
	}
}

// syncBuffer is written by several goroutines.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write appends.
func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns all that was written.
func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// A tool sees the deadline of its request, and the answer says that it was too late: it is not empty.
func TestToolsEndAtTheDeadline(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	alice := newAPI(t, db, func(s *setup) { s.RequestTimeout = 50 * time.Millisecond }).as(t, "alice")
	db.Client.Task.Use(func(ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, _ ent.Mutation) (ent.Value, error) {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(hangs):
				return nil, errors.New("there is no deadline")
			}
		})
	})
	if got := alice.refused(t, "add_task", `{"title":"x"}`); got != "The service is not available at the moment, please try again" {
		t.Errorf("it says %s", got)
	}
}

// Each of many calls at once is its own user's, though the server uses its memory again.
func TestToolsOfManyUsers(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	var all sync.WaitGroup
	for user := range 8 {
		name := fmt.Sprintf("user-%d", user)
		c := a.as(t, name)
		all.Go(func() {
			for i := range 10 {
				title := fmt.Sprintf("%s-%d", name, i)
				if got := c.done(t, "add_task", `{"title":"`+title+`"}`); got["title"] != title || got["task"].(object)["user_id"] != name {
					t.Errorf("%s added %v", name, got)
				}
			}
			if got := c.done(t, "list_tasks", `{}`); len(got["tasks"].([]any)) != 10 {
				t.Errorf("%s has %d tasks", name, len(got["tasks"].([]any)))
			}
		})
	}
	all.Wait()
}

// Nothing of a call stays when it is answered.
func TestToolsLeaveNothingBehind(t *testing.T) { //nolint:paralleltest // it counts goroutines
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	alice.done(t, "list_tasks", `{}`)
	before := runtime.NumGoroutine()
	for range 50 {
		alice.done(t, "list_tasks", `{}`)
	}
	eventually(t, "the goroutines of calls have ended", func() bool { return runtime.NumGoroutine() <= before+5 })
}

// An API token opens to an agent what its scope says.
func TestScopesOfTools(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	alice := a.as(t, "alice")
	id := fmt.Sprint(alice.create(t, `{"title":"hers"}`)["id"])
	arguments := object{"task_id": id, "title": "changed"}
	reads, all := []string{"get_task", "list_tasks"}, []string{"add_task", "complete_task", "delete_task", "get_task", "list_tasks", "update_task"}
	for scope, opened := range map[string][]string{"read": reads, "write": all} {
		c := client{api: a, token: newAPIToken(t, alice, scope)}
		session := connect(t, c)
		listed, err := session.ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tool := range listed.Tools {
			names = append(names, tool.Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, opened) {
			t.Errorf("%s lists %q", scope, names)
		}
		for _, tool := range all {
			if slices.Contains(opened, tool) {
				if tool != "delete_task" || scope == "read" {
					c.done(t, tool, encode(t, arguments))
				}
				continue
			}
			if got := c.refused(t, tool, encode(t, arguments)); got != "The API token has the scope read, this takes write" {
				t.Errorf("%s: %s says %s", scope, tool, got)
			}
		}
	}
	feed := client{api: a, token: newAPIToken(t, alice, "feed")}
	for _, message := range []string{listCall, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, `{"jsonrpc":"2.0","id":1,"method":"ping"}`} {
		if got := feed.rpc(t, message).want(t, 403); got["detail"] != "The API token has the scope feed, this takes read or write" {
			t.Errorf("with a token of a feed %s is %v", message, got)
		}
	}
	if titles := alice.titles(t, "/api/tasks"); !slices.Contains(titles, "changed") {
		t.Errorf("there is %q", titles)
	}
}

// newAPIToken makes an API token of a user.
func newAPIToken(t *testing.T, c client, scope string) string {
	t.Helper()
	return fmt.Sprint(c.send(t, "POST", "/api/tokens", `{"name":"agent","scope":"`+scope+`"}`).want(t, 201)["token"])
}

// Of many calls at a time only so many are answered, and the others refused at once; REST goes on beside them.
func TestAgentsLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	const limit, users = 32, 40
	db := databasetest.SQLite(t)
	a := newAPI(t, db)
	release := make(chan struct{})
	db.Client.Task.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			<-release
			return next.Mutate(ctx, m)
		})
	})
	statuses := make(chan int, users)
	for i := range users {
		c := a.as(t, fmt.Sprintf("user-%d", i))
		go func() { statuses <- c.rpc(t, toolCall("add_task", `{"title":"x"}`)).status }()
	}
	for range users - limit {
		if status := <-statuses; status != 503 {
			t.Errorf("one call too many is a %d", status)
		}
	}
	if got := a.as(t, "alice").send(t, "GET", "/api/tasks", ""); got.status != 200 {
		t.Errorf("beside agents a list is a %d", got.status)
	}
	close(release)
	for range limit {
		if status := <-statuses; status != 200 {
			t.Errorf("a call that has a place is a %d", status)
		}
	}
}

// A call takes of memory what the SDK does, and not a multiple of it.
func TestToolsAllocate(t *testing.T) { //nolint:paralleltest // it measures what all goroutines allocate
	app, _ := newApp(t, databasetest.SQLite(t))
	bearer, message := sign(t, "alice"), toolCall("list_tasks", "{}")
	allocated := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.TotalAlloc
	}
	handle := func() {
		ctx := newRequest(bearer, "POST", "/mcp", message)
		app.Handler()(ctx)
		if ctx.Response.StatusCode() != 200 {
			t.Fatalf("%s", ctx.Response.Body())
		}
	}
	handle()
	before := allocated()
	for range 20 {
		handle()
	}
	each := (allocated() - before) / 20
	t.Logf("%d KiB a call", each>>10)
	if each > 1<<20 {
		t.Errorf("a call takes %d KiB", each>>10)
	}
}
