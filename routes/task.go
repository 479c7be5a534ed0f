package routes

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
)

// The types of package resource for tasks.
type (
	taskField   = resource.Field[ent.Task, *ent.TaskMutation]
	taskEntity  = resource.Entity[ent.Task, *ent.TaskMutation]
	taskInput   = resource.Input[ent.Task, *ent.TaskMutation]
	taskOptions = resource.Options[ent.Task, *ent.TaskMutation]
	taskSort    = resource.Sort[ent.Task]
	taskTable   = resource.Table[ent.Task, *ent.TaskMutation]
)

// tasks serves a user's tasks: what it does beside the operations of every collection is to complete
// them.
type tasks struct {
	*collection[ent.Task, *ent.TaskMutation]

	client *ent.Client
	format config.Format
	zone   *time.Location
	now    func() time.Time
}

func newTasks(client *ent.Client, s settings) (tasks, error) {
	c, err := newCollection(describeTask(s.Config), client.Task.Store(), taskOptions{
		Filters: taskFilters(s.Config),
		Sorts:   taskSorts(),
		Sort:    "created",
		OldSeal: oldTaskSeal,
	}, s)
	if err != nil {
		return tasks{}, err
	}
	zone, now := s.zone(), s.clock()
	c.changes = changes[ent.Task, *ent.TaskMutation]{
		prepare:     prepareTask(zone, now),
		needsStored: needsStored(s.Fields),
		holdsFor:    holdsForAny,
		follows:     completesRecurring,
		follow:      makeNext(zone, now),
		mend:        mendTask(c.store, zone),
		store:       func(client *ent.Client) resource.Store[ent.Task, *ent.TaskMutation] { return client.Task.Store() },
	}
	return tasks{c, client, s.Format, zone, now}, nil
}

// oldTaskSeal is the seal of cursors that the version before this one made: of lists with no other
// filter than the state.
func oldTaskSeal(l *resource.List) []byte {
	filter, ok := map[string]byte{
		"": 2, strconv.Itoa(1<<statePending | 1<<stateInProgress): 0, strconv.Itoa(1 << statePending): 0, strconv.Itoa(1 << stateCompleted): 1,
	}[l.Filtered("status")]
	if !ok || l.Filters() > 1 || l.Filters() == 1 && filter == 2 {
		return nil
	}
	column := l.Order.Column
	if column == task.FieldID {
		column = task.FieldCreatedAt
	}
	return l.OldSeal(column, filter)
}

// register adds the operations to a group.
func (h tasks) register(g group) {
	h.search(group{g.table, g.base + "/search", g.isMount, g.guards})
	for _, name := range []string{"/stats", "/statistics"} {
		g.add(http.MethodGet, name, h.stats)
		g.add(http.MethodHead, name, h.stats)
	}
	g.add(http.MethodPost, "/bulk", h.bulk)
	h.collection.register(g)
	for _, method := range []string{http.MethodPatch, http.MethodPost, http.MethodPut} {
		for _, name := range []string{"complete", "toggle", "toggle-status", "status"} {
			g.add(method, "/:id/"+name, h.complete)
		}
		for _, name := range []string{"incomplete", "uncomplete"} {
			g.add(method, "/:id/"+name, h.reopen)
		}
	}
}

// search adds the list under an address of its own, where clients look for a search.
func (h tasks) search(g group) {
	g.add(http.MethodGet, "/", h.list)
	g.add(http.MethodHead, "/", h.list)
}

// document describes the operations.
func (h tasks) document() docs.Resource {
	d := h.collection.document()
	properties, _ := h.table.BodyProperties()
	state := members{}
	for _, p := range properties {
		if p.Name == "status" || p.Name == "completed" {
			state = append(state, p)
		}
	}
	d.Schemas = append(d.Schemas, resource.Member{Name: "TaskState", Value: resource.JSON(
		"description", "The state, under any of its names; if under several they must agree",
		"type", "object",
		"example", resource.JSON("completed", true), // what the page proposes
		"properties", state,
	)})
	d.Schemas = append(d.Schemas, resource.JSON("TaskBulk", bulkBody(h.table.AnswerName(task.FieldTitle)))...)
	d.Bodies = append(d.Bodies, resource.JSON("state", refTo("TaskState"), "bulk", refTo("TaskBulk"))...)
	shape := objectOf
	if h.format == config.FormatEnvelope {
		shape = envelopeOf
	}
	d.Schemas = append(d.Schemas, resource.JSON("TaskStats", shape(h.statsSchema()), "TaskBulkAnswer", shape(bulkSchema()))...)
	d.Answers = append(d.Answers, resource.JSON("stats", refTo("TaskStats"), "bulk", refTo("TaskBulkAnswer"))...)
	return d
}

// complete sets the state that the body or the query names, or flips it.
//
//	@x-id		"completeTask"
//	@x-answer	"item"
//	@x-body		"state?"
//	@Summary	Complete a task, or reopen it
//	@Description	Without a body, or with an empty object, it flips between completed and pending; else it sets the state that the body names. A body that names none is refused.
//	@Description	The paths `/toggle`, `/toggle-status` and `/status` in place of `/complete` do the same, and so do PUT and POST; `/incomplete` and `/uncomplete` set it to pending.
//	@Tags		Tasks
//	@Security	bearerAuth
//	@Param		id	path	string	true	"Its id"	format(uuid)
//	@Param		completed	query	boolean	false	"The state to set, in place of a body"
//	@Param		status	query	string	false	"The state to set, in place of a body"	Enums(pending, in_progress, completed)
//	@Success	200	"As it is now"
//	@Failure	401,403,404,413,415,422,429,500,503	"Failed"
//	@Router		/api/tasks/{id}/complete [patch]
func (h tasks) complete(c *fiber.Ctx) error {
	wanted, err := stateInQuery(c)
	if err != nil {
		return err
	}
	object := resource.Object{}
	if len(c.Request().Body()) > 0 {
		if object, err = readObject(c); err != nil {
			return err
		}
	}
	in, err := h.table.Decode(object.Inner("task", "task_create", "task_update"), userID(c), false)
	if err != nil {
		return err
	}
	in.Only("status")
	if in.IsEmpty() && len(object) > 0 {
		return resource.Invalid{{Field: "status", Code: "required", Detail: "must be named by a body that is not empty"}}
	}
	id, err := pathID(c)
	if err != nil {
		return h.named(err)
	}
	if in.IsEmpty() && wanted == nil {
		done, err := h.flip(c.UserContext(), id)
		return h.answerChange(c, done, err)
	}
	for _, state := range wanted {
		if named, ok := in.Value("status"); ok {
			if _, agree := mergeStates(named, state); !agree {
				return resource.Invalid{{Field: "status", Code: "conflict", Detail: "contradicts the query"}}
			}
		}
		in.Add("status", state)
	}
	done, err := h.change(c.UserContext(), id, in)
	return h.answerChange(c, done, err)
}

// reopen sets a task to pending, whatever the body says.
func (h tasks) reopen(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return h.named(err)
	}
	in := h.input(statePending)
	done, err := h.change(c.UserContext(), id, in)
	return h.answerChange(c, done, err)
}

// flip turns the state into its opposite.
func (h tasks) flip(ctx context.Context, id uuid.UUID) (changed[ent.Task], error) {
	return h.changeWhere(ctx, id, flipState, []stmt.Cond{withoutNext}, func(stored *ent.Task) *taskInput {
		if stored.Completed {
			return h.input(statePending)
		}
		return h.input(stateCompleted)
	})
}

// input returns an input that sets the state and nothing else.
func (h tasks) input(state int) *taskInput {
	in := h.table.NewInput()
	in.Add(fieldStatus, state)
	return in
}

// stateInQuery returns the states that the query parameters name, under any name that bodies use for the state.
func stateInQuery(c *fiber.Ctx) ([]int, error) {
	var broken resource.Invalid
	var states []int
	for key, value := range c.Context().QueryArgs().All() {
		name, word := string(key), string(value)
		switch resource.Snake(name) {
		case "status", "state":
			state, ok := parseState(word)
			if !ok {
				broken.Add(name, "enum", "must be %s", resource.OneOf(stateWords))
			}
			states = append(states, state)
		case "completed", "is_completed", "is_complete", "done":
			completed, refusal := resource.ParseFlag(word)
			if refusal != nil {
				broken.Add(name, refusal.Code, "%s", refusal.Detail)
			}
			state := stateOpen
			if completed {
				state = stateCompleted
			}
			states = append(states, state)
		}
	}
	return states, broken.OrNil()
}
