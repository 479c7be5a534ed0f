package routes

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
)

// taskField and taskTable spell out what package resource has of tasks.
type (
	taskField   = resource.Field[ent.Task, *ent.TaskMutation]
	taskEntity  = resource.Entity[ent.Task, *ent.TaskMutation]
	taskOptions = resource.Options[ent.Task, *ent.TaskMutation]
)

// tasks serves a user's tasks: what it does beside the operations of every collection is to complete
// them.
type tasks struct {
	*collection[ent.Task, *ent.TaskMutation]
}

func newTasks(client *ent.Client, cfg config.Config) (tasks, error) {
	c, err := newCollection[ent.Task, *ent.TaskMutation](describeTask(cfg.Format), client.Task.Store(), taskOptions{
		Filters: []resource.Filter{statusFilter},
		Sort:    "created",
		OldSeal: oldTaskSeal,
	}, cfg)
	return tasks{c}, err
}

// A task's state is what the fields status and completed tell, each in its way. The values are the
// indices of stateWords; stateOpen says that the task is not completed, and no more.
const (
	statePending = iota
	stateCompleted
	stateOpen
)

var stateWords = []string{"pending", "completed"}

// stateSynonyms are further words for a state in bodies and lists, without -, space and _.
var stateSynonyms = map[string]int{
	"pending": statePending, "todo": statePending, "notstarted": statePending, "open": statePending, "active": statePending,
	"backlog": statePending, "incomplete": statePending,
	"completed": stateCompleted, "complete": stateCompleted, "done": stateCompleted,
}

// describeTask adds to the columns of a task its state as a word.
func describeTask(format config.Format) taskEntity {
	entity := ent.TaskEntity()
	completed := slices.IndexFunc(entity.Fields, func(f taskField) bool { return f.Name == task.FieldCompleted })
	entity.Fields[completed].Into = "status"
	entity.Fields[completed].Read = readCompleted
	status := taskField{
		Spec: resource.Spec{
			Description: "The state",
			Example:     "pending",
			Words:       stateWords,
			Also:        []string{"state"},
		},
		Name:   "status",
		Kind:   resource.KindWord,
		Append: func(b []byte, t *ent.Task) []byte { return resource.AppendString(b, stateWords[stateOf(t)]) },
		Value:  func(t *ent.Task) any { return stateOf(t) },
		Read:   readStatus,
		Same:   func(t *ent.Task, state any) bool { return (state == stateCompleted) == t.Completed },
		Merge:  mergeStates,
		Set:    func(m *ent.TaskMutation, state any) { m.SetCompleted(state == stateCompleted) },
	}
	if format == config.FormatEnvelope {
		entity.Fields[completed].Append = nil
	} else {
		status.Append = nil
	}
	entity.Fields = slices.Insert(entity.Fields, completed+1, status)
	return entity
}

func stateOf(t *ent.Task) int {
	if t.Completed {
		return stateCompleted
	}
	return statePending
}

// readCompleted reads whether a task is completed.
func readCompleted(raw json.RawMessage) (any, *resource.Refusal) {
	if resource.IsNull(raw) {
		return resource.Absent, nil
	}
	completed, refusal := resource.ReadBool(raw)
	if completed {
		return stateCompleted, refusal
	}
	return stateOpen, refusal
}

// readStatus reads the word of a state.
func readStatus(raw json.RawMessage) (any, *resource.Refusal) {
	if resource.IsNull(raw) {
		return resource.Absent, nil
	}
	word, _ := resource.ReadText(raw)
	state, ok := parseState(word)
	if !ok {
		return nil, resource.Refuse("enum", "must be %s", resource.OneOf(stateWords))
	}
	return state, nil
}

// parseState is the state of a word, in any case and with -, space and _ alike.
func parseState(word string) (state int, ok bool) {
	state, ok = stateSynonyms[strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(word))]
	return state, ok
}

// mergeStates lets a task that is not completed be in any other state.
func mergeStates(a, b any) (any, bool) {
	switch {
	case a == b:
		return a, true
	case a == stateOpen && b != stateCompleted:
		return b, true
	case b == stateOpen && a != stateCompleted:
		return a, true
	}
	return nil, false
}

// statusFilter takes the words of bodies, true and false as the field completed does, and "active"
// for all that is not completed.
var statusFilter = resource.Filter{
	Names:       []string{"status", "status_filter", "filter"},
	Description: "Which tasks: `active` are all that are not completed. Several are separated by commas.",
	Schema:      resource.JSON("type", "string", "enum", []string{"all", "pending", "completed", "active"}, "default", "all"),
	Parse: func(values []string, _ resource.Params) ([]stmt.Cond, string, *resource.Refusal) {
		var pending, completed bool
		for _, word := range resource.SplitList(values) {
			state, ok := parseState(word)
			if flag, refusal := resource.ParseFlag(word); refusal == nil {
				ok, state = true, statePending
				if flag {
					state = stateCompleted
				}
			}
			if !ok {
				return nil, "", resource.Refuse("enum", "must be all, pending or completed")
			}
			pending, completed = pending || state == statePending, completed || state == stateCompleted
		}
		if pending == completed {
			return nil, "", nil
		}
		return []stmt.Cond{stmt.Equal(task.FieldCompleted, completed)}, strconv.FormatBool(completed), nil
	},
}

// oldTaskSeal is the seal of cursors that the version before this one made: of lists with no other
// filter than the state.
func oldTaskSeal(l *resource.List) []byte {
	filter, ok := map[string]byte{"": 2, "false": 0, "true": 1}[l.Filtered("status")]
	if !ok || l.Filters() > 1 || l.Filters() == 1 && filter == 2 {
		return nil
	}
	return l.OldSeal(l.Order.Column, filter)
}

// register puts the operations under base, guarded.
func (h tasks) register(base fiber.Router, guards ...fiber.Handler) {
	h.collection.register(base, guards...)
	add := adder(base, guards)
	for _, method := range []string{http.MethodPatch, http.MethodPost, http.MethodPut} {
		for _, name := range []string{"complete", "toggle", "toggle-status", "status"} {
			add(method, "/:id/"+name, h.complete)
		}
		for _, name := range []string{"incomplete", "uncomplete"} {
			add(method, "/:id/"+name, h.reopen)
		}
	}
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
	d.Bodies = append(d.Bodies, resource.Member{Name: "state", Value: refTo("TaskState")})
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
//	@Tags		tasks
//	@Security	bearerAuth
//	@Param		id	path	string	true	"Its id"	format(uuid)
//	@Param		completed	query	boolean	false	"The state to set, in place of a body"
//	@Param		status	query	string	false	"The state to set, in place of a body"	Enums(pending, completed)
//	@Success	200	"As it is now"
//	@Failure	401,404,413,415,422,429,500,503	"Failed"
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
	in, err := h.table.Decode(object.Inner("task", "task_update"), userID(c), false)
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
		return h.save(c, id, flipState)
	}
	for _, state := range wanted {
		if named, ok := in.Value("status"); ok {
			if _, agree := mergeStates(named, state); !agree {
				return resource.Invalid{{Field: "status", Code: "conflict", Detail: "contradicts the query"}}
			}
		}
		in.Add("status", state)
	}
	return h.change(c, id, in)
}

// reopen sets a task to pending, whatever the body says.
func (h tasks) reopen(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return h.named(err)
	}
	return h.save(c, id, func(m *ent.TaskMutation) { m.SetCompleted(false) })
}

// flipState turns the state into its opposite in the database: concurrent flips all count.
func flipState(m *ent.TaskMutation) { m.SetExpr(stmt.Not(task.FieldCompleted)) }

// stateInQuery are the states that the query names, under the names that bodies use.
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
