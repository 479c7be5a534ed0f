package routes

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"

	"github.com/google/uuid"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/resource"
	"todo-backend/ent/viewer"
)

// agentPage is how many tasks list_tasks shows where nothing is said: a language model reads them all.
const agentPage = 50

// agentTools are the operations on tasks as tools. Their schemas come from the table of the fields, and
// their arguments go through the decoder of bodies. No setting about names reaches them: agents know
// those of the schemas, and no frontend's.
type agentTools struct{ tasks tasks }

func newAgentTools(client *ent.Client, s settings) (agentTools, error) {
	s.Format, s.Case, s.Tags, s.Aliases, s.forAgents = config.FormatPlain, config.CaseSnake, config.TagNames, nil, true
	t, err := newTasks(client, s)
	return agentTools{t}, err
}

// agentTool is an operation as agents see it.
type agentTool struct {
	name, title, does string
	arguments         members // properties of a schema of OpenAPI 3.0
	required          []string
	result            members // a schema too
	hints             mcp.ToolAnnotations
	call              func(ctx context.Context, arguments agentArguments) (result []byte, err error)
}

// describe returns the tool as the SDK lists it.
func (t agentTool) describe() *mcp.Tool {
	input := resource.JSON("type", "object", "properties", t.arguments)
	if len(t.required) > 0 {
		input = append(input, resource.Member{Name: "required", Value: t.required})
	}
	return &mcp.Tool{
		Name: t.name, Title: t.title, Description: t.does, Annotations: &t.hints,
		InputSchema: input.JSONSchema(), OutputSchema: t.result.JSONSchema(),
	}
}

// all returns the tools.
func (a agentTools) all() []agentTool {
	fields, required := a.tasks.table.BodyProperties()
	one := resource.JSON("task_id", taskIDSchema, "user_id", userIDSchema)
	return []agentTool{
		{
			"add_task", "Add a task", "Adds a task to the to-do list. Only a title is needed.",
			append(fields, resource.Member{Name: "user_id", Value: userIDSchema}), required, a.changedSchema("created"),
			hints(does{}), a.add,
		},
		{
			"list_tasks", "List tasks", "Lists tasks, newest first unless sort says otherwise. Where next_cursor is not null there are " +
				"more: call again with it as cursor and everything else the same.",
			append(parameterSchemas(a.tasks.table.Parameters()), resource.Member{Name: "user_id", Value: userIDSchema}), nil, a.listSchema(),
			hints(does{reads: true}), a.list,
		},
		{
			"get_task", "Get a task", "Shows one task.", one,
			[]string{"task_id"},
			a.itemSchema(),
			hints(does{reads: true}), a.get,
		},
		{
			"update_task", "Change a task", "Changes the fields that are given; the others stay, and null clears one. " +
				"Reopens a task with completed false.",
			append(one, fields...),
			[]string{"task_id"},
			a.changedSchema("updated"),
			hints(does{destroys: true, repeats: true}), a.update,
		},
		{
			"complete_task", "Complete a task", "Marks a task as completed; one that is completed stays so. Of a recurring task the next " +
				"one is made, and shown as next_task.",
			one,
			[]string{"task_id"},
			a.changedSchema("completed"),
			hints(does{repeats: true}), a.complete,
		},
		{
			"delete_task", "Delete a task", "Deletes a task. To mark it as done call complete_task.",
			one,
			[]string{"task_id"},
			a.changedSchema("deleted"),
			hints(does{destroys: true, repeats: true}), a.delete,
		},
	}
}

// does is what a tool does to the tasks.
type does struct {
	reads    bool // and no more
	destroys bool // what was there may be gone
	repeats  bool // a second call does nothing
}

func hints(d does) mcp.ToolAnnotations {
	openWorld := false
	return mcp.ToolAnnotations{
		ReadOnlyHint: d.reads, DestructiveHint: &d.destroys, IdempotentHint: d.repeats || d.reads, OpenWorldHint: &openWorld,
	}
}

var (
	taskIDSchema = resource.JSON("description", "The id of the task, as list_tasks shows it", "type", "string", "format", "uuid")
	userIDSchema = resource.JSON("description", "May be left out: the token says whose tasks they are", "type", "string")
)

// parameterSchemas are the parameters of a list as properties.
func parameterSchemas(parameters []members) members {
	properties := make(members, len(parameters))
	for i, p := range parameters {
		schema := append(resource.JSON("description", p.Get("description")), p.Get("schema").(members)...)
		properties[i] = resource.Member{Name: p.Get("name").(string), Value: schema}
	}
	return properties
}

func (a agentTools) taskSchema() members { return objectOf(a.tasks.table.Properties()) }

func (a agentTools) itemSchema() members {
	return objectOf(resource.JSON("task_id", taskIDSchema, "title", resource.JSON("type", "string"), "task", a.taskSchema()))
}

// changedSchema is the schema of what a tool answers that changed a task.
func (a agentTools) changedSchema(status string) members {
	schema := objectOf(resource.JSON(
		"task_id", taskIDSchema,
		"status", resource.JSON("type", "string", "enum", []string{status}),
		"title", resource.JSON("type", "string"),
		"task", a.taskSchema(),
	))
	if status != "updated" && status != "completed" {
		return schema
	}
	next := append(resource.JSON("description", "The task that follows a recurring one which was completed"), a.taskSchema()...)
	return schema.With("properties", schema.Get("properties").(members).With("next_task", next))
}

func (a agentTools) listSchema() members {
	return objectOf(resource.JSON("tasks", arrayOf(a.taskSchema()), "next_cursor", cursorSchema))
}

// add makes a task.
func (a agentTools) add(ctx context.Context, arguments agentArguments) ([]byte, error) {
	in, err := a.tasks.table.Decode(arguments.body(), arguments.user, true)
	if err != nil {
		return nil, err
	}
	created, err := a.tasks.make(ctx, in)
	if err != nil {
		return nil, err
	}
	return a.changed("created", changed[ent.Task]{item: created}), nil
}

// list shows a page of the tasks.
func (a agentTools) list(ctx context.Context, arguments agentArguments) ([]byte, error) {
	parameters, err := arguments.parameters(a.tasks.table.HasParameter)
	if err != nil {
		return nil, err
	}
	page, err := a.tasks.page(ctx, arguments.user, parameters)
	if err != nil {
		return nil, err
	}
	b := resource.AppendArray([]byte(`{"tasks":`), page.Items, a.tasks.table.AppendItem)
	b = resource.AppendNullable(append(b, `,"next_cursor":`...), orNull(page.Next))
	return append(b, '}'), nil
}

// get shows a task.
func (a agentTools) get(ctx context.Context, arguments agentArguments) ([]byte, error) {
	id, err := arguments.taskID()
	if err != nil {
		return nil, err
	}
	t, err := a.tasks.store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return append(a.appendTask([]byte{'{'}, t), '}'), nil
}

// update changes what the arguments name of a task.
func (a agentTools) update(ctx context.Context, arguments agentArguments) ([]byte, error) {
	id, err := arguments.taskID()
	if err != nil {
		return nil, err
	}
	in, err := a.tasks.table.Decode(arguments.body(), arguments.user, false)
	if err != nil {
		return nil, err
	}
	done, err := a.tasks.change(ctx, id, in)
	if err != nil {
		return nil, err
	}
	return a.changed("updated", done), nil
}

// complete sets a task to completed.
func (a agentTools) complete(ctx context.Context, arguments agentArguments) ([]byte, error) {
	id, err := arguments.taskID()
	if err != nil {
		return nil, err
	}
	in, err := a.tasks.table.Decode(arguments.body(), arguments.user, false)
	if err != nil {
		return nil, err
	}
	if state, ok := in.Value(fieldStatus); ok && state != stateCompleted {
		return nil, resource.Invalid{{Field: "complete_task", Code: "enum", Detail: "only completes: call update_task to set another state"}}
	}
	done, err := a.tasks.change(ctx, id, a.tasks.input(stateCompleted))
	if err != nil {
		return nil, err
	}
	return a.changed("completed", done), nil
}

// delete deletes a task, which it reads before so that the answer can name it.
func (a agentTools) delete(ctx context.Context, arguments agentArguments) ([]byte, error) {
	id, err := arguments.taskID()
	if err != nil {
		return nil, err
	}
	t, err := a.tasks.store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := a.tasks.store.Delete(ctx, id); err != nil {
		return nil, err
	}
	return a.changed("deleted", changed[ent.Task]{item: t}), nil
}

// changed is the answer of a tool that changed a task.
func (a agentTools) changed(status string, done changed[ent.Task]) []byte {
	b := a.appendTask([]byte(`{"status":"`+status+`",`), done.item)
	if done.next != nil {
		b = a.tasks.table.AppendItem(append(b, `,"next_task":`...), done.next)
	}
	return append(b, '}')
}

// appendTask appends the members of an answer that name a task.
func (a agentTools) appendTask(b []byte, t *ent.Task) []byte {
	b = resource.AppendID(append(b, `"task_id":`...), t.ID)
	b = resource.AppendString(append(b, `,"title":`...), t.Title)
	return a.tasks.table.AppendItem(append(b, `,"task":`...), t)
}

// agentArguments are what a tool is called with.
type agentArguments struct {
	object resource.Object
	user   string
}

// readArguments reads the arguments of a call by the user of the context. They may name no other one.
func readArguments(ctx context.Context, raw json.RawMessage) (agentArguments, error) {
	v, _ := viewer.FromContext(ctx)
	arguments := agentArguments{object: resource.Object{}, user: v.ID}
	if len(raw) == 0 || resource.IsNull(raw) {
		return arguments, nil
	}
	var err error
	if arguments.object, err = resource.DecodeObject(raw); err != nil {
		return arguments, resource.Invalid{{Field: "arguments", Code: "json", Detail: "must be a JSON object"}}
	}
	return arguments, resource.CheckOwner(arguments.object, v.ID)
}

// taskID is the id of the task that the arguments name, under the name of the tools or that of tasks. One
// that is no id belongs to no task.
func (a agentArguments) taskID() (uuid.UUID, error) {
	for _, name := range []string{"task_id", "taskId", "id"} {
		raw, ok := a.object[name]
		if !ok || resource.IsNull(raw) {
			continue
		}
		text, refusal := resource.ReadText(raw)
		if refusal != nil {
			return uuid.UUID{}, errNoID
		}
		return parseID(text)
	}
	return uuid.UUID{}, resource.Invalid{{Field: "task_id", Code: "required", Detail: "is required: list_tasks shows the ids"}}
}

// body is what the arguments say of a task.
func (a agentArguments) body() resource.Object {
	body := resource.Object{}
	for name, raw := range a.object {
		if name != "task_id" && name != "taskId" && name != "user_id" && name != "userId" {
			body[name] = raw
		}
	}
	return body.Inner("task", "task_create", "task_update")
}

// parameters are those of the arguments that lists know.
func (a agentArguments) parameters(isKnown func(name string) bool) (iter.Seq2[[]byte, []byte], error) {
	var broken resource.Invalid
	var all [][2][]byte
	for name, raw := range a.object {
		if !isKnown(name) {
			continue
		}
		values, ok := parameterValues(raw)
		if !ok {
			broken.Add(name, "type", "must be a string, a number, true, false or an array of these")
		}
		for _, value := range values {
			all = append(all, [2][]byte{[]byte(name), []byte(value)})
		}
	}
	return func(yield func(name, value []byte) bool) {
		for _, p := range all {
			if !yield(p[0], p[1]) {
				return
			}
		}
	}, broken.OrNil()
}

// parameterValues are the values of a parameter; null has none.
func parameterValues(raw json.RawMessage) (values []string, ok bool) {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return nil, false
	}
	items, isArray := value.([]any)
	if !isArray {
		items = []any{value}
	}
	for _, item := range items {
		switch item := item.(type) {
		case nil:
		case string:
			values = append(values, item)
		case bool:
			values = append(values, strconv.FormatBool(item))
		case float64:
			values = append(values, strconv.FormatFloat(item, 'f', -1, 64))
		default:
			return nil, false
		}
	}
	return values, true
}
