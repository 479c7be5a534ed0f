package routes

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
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
//	@Tags		tasks
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
		r.ids = decodeIDs(raw, &broken)
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

// decodeIDs reads ids; one that is none belongs to no task, and stays as the zero id.
func decodeIDs(raw json.RawMessage, broken *resource.Invalid) []uuid.UUID {
	var texts []string
	if err := json.Unmarshal(raw, &texts); err != nil {
		broken.Add("task_ids", "type", "must be an array of ids")
		return nil
	}
	ids := make([]uuid.UUID, 0, len(texts))
	for _, text := range texts {
		id, _ := parseID(text)
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (h tasks) runBulk(ctx context.Context, client *ent.Client, user string, r bulkRequest) (bulkResult, error) {
	if r.tasks != nil {
		return h.bulkCreate(ctx, client, user, r.tasks)
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

// bulkFind returns the tasks of the ids, in their order. One that is not there, or another user's, is
// an error that names it.
func bulkFind(ctx context.Context, client *ent.Client, ids []uuid.UUID) ([]*ent.Task, error) {
	found, err := client.Task.Query().Filter(stmt.In(task.FieldID, ids)).Fetch(ctx)
	if err != nil {
		return nil, err
	}
	tasks := make([]*ent.Task, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(found, func(t *ent.Task) bool { return t.ID == id })
		if at < 0 {
			return nil, aboutError{"task " + id.String(), errNoID}
		}
		tasks[i] = found[at]
	}
	return tasks, nil
}

// bulkCreate creates tasks in one statement.
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
	made, err := client.Task.CreateBulk(creates...).Save(ctx)
	return bulkResult{tasks: made}, err
}

// bulkChange changes tasks: those that are changed alike in one statement.
func (h tasks) bulkChange(
	ctx context.Context, client *ent.Client, user string, stored []*ent.Task, changes resource.Object,
) (result bulkResult, err error) {
	in, err := h.table.Decode(changes, user, false)
	if invalid, ok := err.(resource.Invalid); ok { //nolint:errorlint // as it is returned
		return result, invalid.Under("changes.")
	}
	if err != nil || in.IsEmpty() {
		return bulkResult{tasks: stored}, err
	}
	alike, order, err := h.groupBulk(in, stored)
	if err != nil {
		return result, err
	}
	changed := map[uuid.UUID]*ent.Task{}
	for _, key := range order {
		g := alike[key]
		update := client.Task.Update().Filter(stmt.In(task.FieldID, g.ids))
		g.set(update.Mutation())
		rows, err := update.SaveReturning(ctx)
		if err != nil {
			return result, err
		}
		for _, t := range rows {
			changed[t.ID] = t
		}
	}
	var completed []*ent.Task
	for i, t := range stored {
		now, ok := changed[t.ID]
		if !ok {
			return result, aboutError{"task " + t.ID.String(), errNoID} // it was deleted meanwhile
		}
		result.tasks = append(result.tasks, now)
		if now.Completed && !stored[i].Completed && now.RecurrenceRule != nil {
			completed = append(completed, now)
		}
	}
	result.created, err = makeAllNext(ctx, client, completed, h.zone, h.now)
	return result, err
}

// bulkGroup are tasks that are changed alike.
type bulkGroup struct {
	ids []uuid.UUID
	set func(*ent.TaskMutation)
}

// groupBulk puts tasks together for which a body means the same. What it means depends on what is stored
// only where it contradicts itself, or names a part of what belongs together.
func (h tasks) groupBulk(in *taskInput, stored []*ent.Task) (map[string]*bulkGroup, []string, error) {
	depends := in.Contradicts() || h.changes.needsStored(in) || namesSeries(in)
	groups := map[string]*bulkGroup{}
	var order []string
	for _, t := range stored {
		key := ""
		if depends {
			key = h.bulkKey(t)
		}
		if g, ok := groups[key]; ok {
			g.ids = append(g.ids, t.ID)
			continue
		}
		settled := in.Clone()
		from := t
		if !depends {
			from = nil
		}
		if from != nil {
			if err := settled.Settle(t); err != nil {
				return nil, nil, err
			}
		}
		set, err := h.changes.prepare(settled, from)
		if err != nil {
			return nil, nil, err
		}
		groups[key] = &bulkGroup{[]uuid.UUID{t.ID}, set}
		order = append(order, key)
	}
	return groups, order, nil
}

// bulkKey is all of a task that a change of it may depend on. Where the change may begin a series on the
// day of the task's creation, that is part of it.
func (h tasks) bulkKey(t *ent.Task) string {
	same := *t
	same.ID, same.CompletedAt = uuid.Nil, nil
	if t.DueDate != nil {
		same.CreatedAt = time.Time{}
	}
	same.UpdatedAt = same.CreatedAt
	key := h.table.AppendItem(nil, &same)
	for _, text := range []*string{t.SeriesStart, t.SeriesDay} {
		key = resource.AppendNullable(key, text)
	}
	return fmt.Sprint(string(key), t.Extra)
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

// bulkBody is the schema of the request.
func bulkBody() members {
	return resource.JSON(
		"description", "Exactly one of `task_ids` with `changes`, `task_ids` with `delete`, and `tasks`",
		"type", "object",
		"properties", resource.JSON(
			"task_ids", arrayOf(resource.JSON("type", "string", "format", "uuid")).With("maxItems", maxBulk),
			"changes", refTo("TaskUpdate"),
			"delete", resource.JSON("type", "boolean", "example", false),
			"tasks", arrayOf(refTo("TaskCreate")).With("maxItems", maxBulk),
		),
	)
}
