package routes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
	"todo-backend/middleware/token"
)

// maxBulk is how many tasks one request changes, deletes or creates.
const maxBulk = 200

// bulkResult is what a bulk request did.
type bulkResult struct {
	tasks   []*ent.Task // as they are now, in the order asked
	created []*ent.Task // the next of recurring ones
	deleted []uuid.UUID
}

// bulk changes, deletes or creates several tasks, all or none.
//
//	@x-id		"bulkTasks"
//	@x-answer	"bulk"
//	@x-body		"bulk"
//	@Summary	Change, delete or create several tasks
//	@Description	All or nothing. The body has one of three forms: `task_ids` with `changes`, `task_ids` with `delete: true`, or `tasks` with new ones; at most 200 of each.
//	@Tags		Tasks
//	@Security	bearerAuth
//	@Success	200	"What was done"
//	@Failure	401,403,404,413,415,422,429,500,503	"Failed"
//	@Router		/api/tasks/bulk [post]
func (h tasks) bulk(c *fiber.Ctx) error {
	object, err := readObject(c)
	if err != nil {
		return err
	}
	ctx, user := c.UserContext(), userID(c)
	request, err := decodeBulk(object)
	if err != nil {
		return err
	}
	var result bulkResult
	err = h.inTx(ctx, func(client *ent.Client) error {
		var err error
		result, err = h.runBulk(ctx, client, user, request)
		return err
	})
	if err != nil {
		return err
	}
	return h.answerBulk(c, result)
}

// bulkRequest is what a bulk request asks for: one of changes, delete and tasks.
type bulkRequest struct {
	ids     []uuid.UUID
	noID    *string // the first text in task_ids that is no UUID
	changes resource.Object
	delete  bool
	tasks   []resource.Object
}

// decodeBulk reads the one of three forms that the body has.
func decodeBulk(object resource.Object) (r bulkRequest, err error) {
	var broken resource.Invalid
	if raw, ok := anyOf(object, "tasks"); ok {
		if err := json.Unmarshal(raw, &r.tasks); err != nil || slices.ContainsFunc(r.tasks, func(o resource.Object) bool { return o == nil }) {
			broken.Add("tasks", "type", "must be an array of tasks")
		}
	}
	if raw, ok := anyOf(object, "task_ids", "taskIds"); ok {
		r.ids, r.noID = decodeIDs(raw, &broken)
	}
	if raw, ok := anyOf(object, "changes"); ok {
		if err := json.Unmarshal(raw, &r.changes); err != nil || r.changes == nil {
			broken.Add("changes", "type", "must be an object")
		}
	}
	if raw, ok := anyOf(object, "delete"); ok {
		flag, refusal := resource.ReadBool(raw)
		if refusal != nil {
			broken.Refuse("delete", refusal)
		}
		r.delete = flag
	}
	if len(broken) > 0 {
		return r, broken
	}
	if !r.hasOneForm() {
		broken.Add("", "form", "The body must have task_ids and changes, task_ids and delete: true, or tasks")
	}
	if len(r.ids) > maxBulk {
		broken.Add("task_ids", "length", "must be at most %d", maxBulk)
	}
	if len(r.tasks) > maxBulk {
		broken.Add("tasks", "length", "must be at most %d", maxBulk)
	}
	return r, broken.OrNil()
}

// hasOneForm reports whether a request asks for one thing.
func (r bulkRequest) hasOneForm() bool {
	if r.tasks != nil {
		return r.ids == nil && r.changes == nil && !r.delete
	}
	return r.ids != nil && (r.changes != nil) != r.delete
}

// anyOf is the value of the first of the names that an object has.
func anyOf(object resource.Object, names ...string) (json.RawMessage, bool) {
	for _, name := range names {
		if raw, ok := object[name]; ok && !resource.IsNull(raw) {
			return raw, true
		}
	}
	return nil, false
}

// decodeIDs reads the distinct ids. noID is the first text that is no UUID, which is answered as an unknown task.
func decodeIDs(raw json.RawMessage, broken *resource.Invalid) (ids []uuid.UUID, noID *string) {
	var texts []string
	if err := json.Unmarshal(raw, &texts); err != nil {
		broken.Add("task_ids", "type", "must be an array of ids")
		return nil, nil
	}
	ids = make([]uuid.UUID, 0, len(texts))
	for _, text := range texts {
		id, err := parseID(text)
		switch {
		case err != nil && noID == nil:
			noID = &text
		case err == nil && !slices.Contains(ids, id):
			ids = append(ids, id)
		}
	}
	return ids, noID
}

// noTask is the error of an id that is no task's. It names what the client sent, unless that is an API
// token.
func noTask(id string) error {
	if token.HoldsAPIToken(id) {
		return aboutError{"task", errNoID}
	}
	const shown = 64 // characters: those of an id are 36
	if text := []rune(id); len(text) > shown {
		id = string(text[:shown]) + "…"
	}
	return aboutError{"task " + id, errNoID}
}

func (h tasks) runBulk(ctx context.Context, client *ent.Client, user string, r bulkRequest) (bulkResult, error) {
	if r.tasks != nil {
		return h.bulkCreate(ctx, client, user, r.tasks)
	}
	if r.noID != nil {
		return bulkResult{}, noTask(*r.noID)
	}
	stored, err := bulkFind(ctx, client, r.ids)
	if err != nil {
		return bulkResult{}, err
	}
	if r.delete {
		_, err := client.Task.Delete().Filter(stmt.In(task.FieldID, r.ids)).Exec(ctx)
		return bulkResult{deleted: r.ids}, err
	}
	return h.bulkChange(ctx, client, user, stored, r.changes)
}

// bulkOrder is the order in which requests lock tasks, so that two do not wait for each other.
var bulkOrder = stmt.KeysetByID(task.FieldID).Order(false)

// bulkFind returns the tasks of the ids, in their order, and keeps them as they are until the transaction
// ends. One that is not there, or another user's, is an error that names it.
func bulkFind(ctx context.Context, client *ent.Client, ids []uuid.UUID) ([]*ent.Task, error) {
	found, err := client.Task.Query().Filter(stmt.In(task.FieldID, ids)).Sort(bulkOrder).FetchPage(ctx, stmt.Page{Lock: true})
	if err != nil {
		return nil, err
	}
	tasks := make([]*ent.Task, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(found, func(t *ent.Task) bool { return t.ID == id })
		if at < 0 {
			return nil, noTask(id.String())
		}
		tasks[i] = found[at]
	}
	return tasks, nil
}

// bulkCreate creates tasks in few statements.
func (h tasks) bulkCreate(ctx context.Context, client *ent.Client, user string, objects []resource.Object) (bulkResult, error) {
	var broken resource.Invalid
	creates := make([]*ent.TaskCreate, len(objects))
	for i, object := range objects {
		in, err := h.table.Decode(object, user, true)
		var set func(*ent.TaskMutation)
		if err == nil {
			set, err = h.changes.prepare(in, nil)
		}
		if invalid, ok := err.(resource.Invalid); ok { //nolint:errorlint // as it is returned
			broken = append(broken, invalid.Under(fmt.Sprintf("tasks[%d].", i))...)
			continue
		}
		if err != nil {
			return bulkResult{}, err
		}
		creates[i] = client.Task.Create()
		set(creates[i].Mutation())
	}
	if len(broken) > 0 {
		return bulkResult{}, broken
	}
	made, err := client.Task.CreateBulk(creates...).Insert(ctx)
	return bulkResult{tasks: made}, err
}

// bulkChange changes tasks: those in which the body sets the same columns in one statement.
func (h tasks) bulkChange(
	ctx context.Context, client *ent.Client, user string, stored []*ent.Task, changes resource.Object,
) (result bulkResult, err error) {
	in, err := h.table.Decode(changes, user, false)
	if err != nil {
		return result, underChanges(err)
	}
	if in.IsEmpty() {
		return bulkResult{tasks: stored}, nil
	}
	groups, err := h.groupBulk(client, in, stored)
	if err != nil {
		return result, underChanges(err)
	}
	changed := make(map[uuid.UUID]*ent.Task, len(stored))
	for _, g := range groups {
		rows, err := g.save(ctx)
		if err != nil {
			return result, err
		}
		for _, t := range rows {
			changed[t.ID] = t
		}
	}
	var completed []*ent.Task
	for _, t := range stored {
		now := changed[t.ID]
		if now == nil { // can't happen: bulkFind has locked the row
			return result, fmt.Errorf("change task %s: it is not there any more", t.ID)
		}
		result.tasks = append(result.tasks, now)
		if now.Completed && !t.Completed && now.RecurrenceRule != nil {
			completed = append(completed, now)
		}
	}
	result.created, err = makeAllNext(ctx, client, completed, h.zone, h.now)
	return result, err
}

// underChanges puts "changes." in front of the fields of an [resource.Invalid].
func underChanges(err error) error {
	if invalid, ok := errors.AsType[resource.Invalid](err); ok {
		return invalid.Under("changes.")
	}
	return err
}

// bulkGroup are tasks that one statement changes.
type bulkGroup struct {
	update *ent.TaskUpdate // of the first of them
	ids    []uuid.UUID
	own    map[string]map[uuid.UUID]any // the values of ownColumns, by column and id
}

// ownColumns are the columns whose new value depends on the stored task, so that it may differ from task to
// task. All other columns get the value of the body.
var ownColumns = map[string]stmt.ColumnKind{
	task.FieldDueBegin: stmt.KindTime, task.FieldDueEnd: stmt.KindTime,
	task.FieldRecurrenceRule: stmt.KindText, task.FieldSeriesStart: stmt.KindText, task.FieldSeriesDay: stmt.KindText,
	task.FieldExtra:       stmt.KindJSON,
	task.FieldFoldedTitle: stmt.KindText, task.FieldFoldedDescription: stmt.KindText, task.FieldFoldedTags: stmt.KindJSON,
}

// groupBulk groups the tasks that one statement can change: those in which the change sets the same columns
// and, but for ownColumns, the same values. There are few groups, as one body has few values for a column.
func (h tasks) groupBulk(client *ent.Client, in *taskInput, stored []*ent.Task) ([]*bulkGroup, error) {
	groups := map[string]*bulkGroup{}
	var all []*bulkGroup
	at := time.Now()
	for _, t := range stored {
		settled := in.Clone()
		if err := settled.Settle(t); err != nil {
			return nil, err
		}
		set, err := h.changes.prepare(settled, t)
		if err != nil {
			return nil, err
		}
		update := client.Task.Update()
		m := update.Mutation()
		m.SetUpdatedAt(at)
		set(m)
		mendIn(m, t, h.zone)
		key := bulkKey(m)
		g := groups[key]
		if g == nil {
			g = &bulkGroup{update: update, own: map[string]map[uuid.UUID]any{}}
			groups[key], all = g, append(all, g)
		}
		g.add(t.ID, m)
	}
	return all, nil
}

// bulkKey identifies the group of a mutation: its columns, and the values of those that are not in ownColumns.
func bulkKey(m *ent.TaskMutation) string {
	var parts []string
	for _, column := range m.Fields() {
		if _, own := ownColumns[column]; own {
			parts = append(parts, column)
			continue
		}
		value, _ := m.Field(column)
		parts = append(parts, fmt.Sprintf("%s=%#v", column, value))
	}
	for _, column := range m.ClearedFields() {
		if _, own := ownColumns[column]; !own {
			column += " cleared"
		}
		parts = append(parts, column)
	}
	slices.Sort(parts)
	return fmt.Sprint(parts, m.HasExpr(task.FieldDerivedAt))
}

// add adds a task, with what the change makes of its own columns.
func (g *bulkGroup) add(id uuid.UUID, m *ent.TaskMutation) {
	g.ids = append(g.ids, id)
	for column := range ownColumns {
		value, set := m.Field(column)
		switch {
		case !set && !m.FieldCleared(column):
			continue
		case !set:
			value = nil // not the zero value
		}
		if g.own[column] == nil {
			g.own[column] = map[uuid.UUID]any{}
		}
		g.own[column][id] = value
	}
}

// save changes the tasks.
func (g *bulkGroup) save(ctx context.Context) ([]*ent.Task, error) {
	if len(g.ids) > 1 {
		for _, column := range slices.Sorted(maps.Keys(g.own)) {
			g.update.SetExpr(stmt.PerRow(column, task.FieldID, ownColumns[column], g.own[column]))
		}
	}
	return g.update.Filter(stmt.In(task.FieldID, g.ids)).SaveReturning(ctx)
}

// answerBulk answers with what was done.
func (h tasks) answerBulk(c *fiber.Ctx, r bulkResult) error {
	if _, err := h.decorated(c, append(slices.Clone(r.tasks), r.created...)...); err != nil {
		return err
	}
	b := newBody(c)
	if h.format == config.FormatEnvelope {
		b = append(h.appendBulk(append(b, `{"success":true,"data":{`...), r), `},`...)
	} else {
		b = append(b, '{')
	}
	setBody(c, append(h.appendBulk(b, r), '}'))
	return nil
}

func (h tasks) appendBulk(b []byte, r bulkResult) []byte {
	b = resource.AppendArray(append(b, `"tasks":`...), r.tasks, h.table.AppendItem)
	b = resource.AppendArray(append(b, `,"created":`...), r.created, h.table.AppendItem)
	b = resource.AppendArray(append(b, `,"deleted":`...), r.deleted, resource.AppendID)
	return fmt.Appendf(b, `,"count":%d`, len(r.tasks)+len(r.deleted))
}

// bulkSchema is the schema of the answer.
func bulkSchema() members {
	return resource.JSON(
		"tasks", arrayOf(refTo("Task")),
		"created", arrayOf(refTo("Task")).With("description", "The next of recurring ones that were completed"),
		"deleted", arrayOf(resource.JSON("type", "string", "format", "uuid")),
		"count", resource.JSON("type", "integer", "minimum", 0, "example", 1),
	)
}

// bulkBody is the schema of the request. title is the name of a task's title.
func bulkBody(title string) members {
	return resource.JSON(
		"description", "Exactly one of `task_ids` with `changes`, `task_ids` with `delete`, and `tasks`",
		"type", "object",
		"properties", resource.JSON(
			"task_ids", arrayOf(resource.JSON("type", "string", "format", "uuid")).With("maxItems", maxBulk),
			"changes", refTo("TaskUpdate"),
			"delete", resource.JSON("type", "boolean", "example", false),
			"tasks", arrayOf(refTo("TaskCreate")).With("maxItems", maxBulk),
		),
		"example", resource.JSON("tasks", []members{resource.JSON(title, "Buy milk"), resource.JSON(title, "Water the plants")}),
	)
}
