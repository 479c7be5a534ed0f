package routes

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/viewer"
)

// tasks holds the handlers of a user's tasks. None of them mentions the user in a statement: the policies of ent do.
type tasks struct {
	client  *ent.Client
	format  config.Format
	dialect dialect
	unsent  *unsent
}

// register puts the operations under base, guarded.
func (h tasks) register(base fiber.Router, guards ...fiber.Handler) {
	route := func(method, path string, handler fiber.Handler) {
		base.Add(method, path, append(slices.Clip(guards), handler)...)
	}
	route(http.MethodGet, "/", h.list)
	route(http.MethodHead, "/", h.list)
	route(http.MethodPost, "/", h.create)
	route(http.MethodGet, "/:id", h.get)
	route(http.MethodHead, "/:id", h.get)
	route(http.MethodPut, "/:id", h.update)
	route(http.MethodPatch, "/:id", h.update)
	route(http.MethodDelete, "/:id", h.delete)
	for _, name := range []string{"complete", "toggle", "toggle-status", "status"} {
		route(http.MethodPatch, "/:id/"+name, h.complete)
	}
}

// matchUser refuses a path that names another user than the token.
func matchUser(c *fiber.Ctx) error {
	named, err := url.PathUnescape(c.Params("user_id"))
	if err != nil || named != userID(c) {
		return fiber.NewError(http.StatusForbidden, "The address names another user than the token")
	}
	return c.Next()
}

// list answers with a page of the user's tasks.
//
//	@x-id		"listTasks"
//	@Summary	List tasks
//	@Description	A page of the user's tasks. To read on, repeat the request with the `cursor` that came with the page; the last page has none. From 16 tasks on it comes compressed (gzip, br) to clients whose Accept-Encoding takes that.
//	@Tags		tasks
//	@Security	bearerAuth
//	@Param		user_id	path	string	true	"The user of the token"
//	@Param		status	query	string	false	"Which tasks; `active` means `pending`"	Enums(all, pending, completed)	default(all)
//	@Param		sort	query	string	false	"What they are sorted by, ties by id in the same direction: the time of creation (also `created_at`, `createdAt`, `date`), the time of the last change (also `updated_at`, `updatedAt`), or the title by code point. The parameter may be called `sort_by` or `sortBy` too."	Enums(created, updated, title)	default(created)
//	@Param		order	query	string	false	"The direction, by default `desc` for the times and `asc` for the title. The parameter may be called `sort_order` or `sortOrder` too."	Enums(asc, desc)
//	@Param		limit	query	integer	false	"How many tasks a page has at most"	minimum(1)	maximum(1000)	default(1000)
//	@Param		cursor	query	string	false	"Where the page begins. A cursor holds for the user, sort, order and status that it was made for, and can't be combined with an offset."
//	@Param		offset	query	integer	false	"How many tasks to skip. The parameter may be called `skip` too."	minimum(0)	maximum(2147483647)
//	@Param		If-None-Match	header	string	false	"The ETag of an earlier answer"
//	@Success	200	{object}	listAnswer	"The page"
//	@Success	304	"The client has it already: its If-None-Match names the current ETag"
//	@Header		200,304	{string}	ETag	"Changes with every byte of the answer"
//	@Failure	401,403,422,429,500,503	{object}	problem
//	@Header		200	{string}	Link	"The next page, as `rel=next`, with its cursor in the address; none on the last page (RFC 8288)"
//	@Router		/api/tasks [get]
//	@Router		/api/{user_id}/tasks [get]
func (h tasks) list(c *fiber.Ctx) error {
	query, err := parseList(c, userID(c))
	if err != nil {
		return err
	}
	p, err := query.fetch(c.UserContext(), h.client, h.dialect.counts)
	if err != nil {
		return err
	}
	if p.next != "" && h.dialect.links {
		c.Set(fiber.HeaderLink, "<"+nextPage(c, p.next)+`>; rel="next"`)
	}
	coding := negotiate(c, p)
	if unchanged(c, h.tag(p, coding)) {
		return nil
	}
	setBody(c, h.dialect.list(newBody(c), p))
	pack(c, coding)
	return h.unsent.hold(c, userID(c))
}

// nextPage is the address of the list, with the same parameters, from a cursor on.
func nextPage(c *fiber.Ctx, cursor string) string {
	query := c.Context().QueryArgs()
	query.Set("cursor", cursor)
	query.Del("offset")
	query.Del("skip")
	return string(c.Request().URI().PathOriginal()) + "?" + query.String()
}

// create makes a task.
//
//	@x-id		"createTask"
//	@Summary	Create a task
//	@Description	The answer is the task as it is stored, with its id.
//	@Tags		tasks
//	@Security	bearerAuth
//	@Param		user_id	path	string	true	"The user of the token"
//	@Param		task	body	taskCreate	true	"The task"
//	@Success	201	{object}	taskAnswer	"The task as it is stored"
//	@Failure	401,403,413,415,422,429,500,503	{object}	problem
//	@Header		201	{string}	Location	"The task's address"
//	@Router		/api/tasks [post]
//	@Router		/api/{user_id}/tasks [post]
func (h tasks) create(c *fiber.Ctx) error {
	in, err := decodeTask(c, userID(c), true)
	if err != nil {
		return err
	}
	create := h.client.Task.Create().SetTitle(*in.title).SetNillableCompleted(in.completed)
	if in.description != nil {
		create.SetNillableDescription(in.description.value)
	}
	created, err := create.Insert(c.UserContext())
	if err != nil {
		return err
	}
	c.Location(string(bytes.TrimRight(c.Request().URI().PathOriginal(), "/")) + "/" + created.ID.String())
	return h.answer(c.Status(http.StatusCreated), created)
}

// get answers with one task.
//
//	@x-id		"getTask"
//	@Summary	Get a task
//	@Description	One task, by its id.
//	@Tags		tasks
//	@Security	bearerAuth
//	@Param		user_id	path	string	true	"The user of the token"
//	@Param		id	path	string	true	"The task's id"	format(uuid)
//	@Param		If-None-Match	header	string	false	"The ETag of an earlier answer"
//	@Success	200	{object}	taskAnswer	"The task"
//	@Success	304	"The client has it already: its If-None-Match names the current ETag"
//	@Header		200,304	{string}	ETag	"Changes with every byte of the answer"
//	@Failure	401,403,404,429,500,503	{object}	problem
//	@Router		/api/tasks/{id} [get]
//	@Router		/api/{user_id}/tasks/{id} [get]
func (h tasks) get(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	t, err := h.read(c, id)
	if err != nil || unchanged(c, h.tagOf(t)) {
		return err
	}
	return h.answer(c, t)
}

func (h tasks) read(c *fiber.Ctx, id uuid.UUID) (*ent.Task, error) {
	return h.client.Task.Query().FetchID(c.UserContext(), id)
}

// update changes the fields that the body names.
//
//	@x-id		"updateTask"
//	@Summary	Update a task
//	@Description	Changes the fields that the body names, with PUT as with PATCH; the others stay. A body that names none changes nothing.
//	@Tags		tasks
//	@Security	bearerAuth
//	@Param		user_id	path	string	true	"The user of the token"
//	@Param		id	path	string	true	"The task's id"	format(uuid)
//	@Param		task	body	taskUpdate	true	"What to change"
//	@Success	200	{object}	taskAnswer	"The task as it is now"
//	@Failure	401,403,404,413,415,422,429,500,503	{object}	problem
//	@Router		/api/tasks/{id} [put]
//	@Router		/api/tasks/{id} [patch]
//	@Router		/api/{user_id}/tasks/{id} [put]
//	@Router		/api/{user_id}/tasks/{id} [patch]
func (h tasks) update(c *fiber.Ctx) error {
	in, err := decodeTask(c, userID(c), false)
	if err != nil {
		return err
	}
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if !in.namesAny() {
		t, err := h.read(c, id)
		if err != nil {
			return err
		}
		return h.answer(c, t)
	}
	update := h.client.Task.UpdateOneID(id).SetNillableTitle(in.title).SetNillableCompleted(in.completed)
	if in.description != nil && in.description.value == nil {
		update.ClearDescription()
	} else if in.description != nil {
		update.SetDescription(*in.description.value)
	}
	return h.save(c, update)
}

// complete sets the state that the body names, or flips it.
//
//	@x-id		"completeTask"
//	@Summary	Complete a task, or reopen it
//	@Description	Without a body, or with one that names no state, it flips the state; else it sets the one that is named.
//	@Description	The paths `/toggle`, `/toggle-status` and `/status` in place of `/complete` do the same.
//	@Tags		tasks
//	@Security	bearerAuth
//	@Param		user_id	path	string	true	"The user of the token"
//	@Param		id	path	string	true	"The task's id"	format(uuid)
//	@Param		state	body	taskState	false	"The state to set"
//	@Success	200	{object}	taskAnswer	"The task as it is now"
//	@Failure	401,403,404,413,415,422,429,500,503	{object}	problem
//	@Router		/api/tasks/{id}/complete [patch]
//	@Router		/api/{user_id}/tasks/{id}/complete [patch]
func (h tasks) complete(c *fiber.Ctx) error {
	completed, err := decodeState(c, userID(c))
	if err != nil {
		return err
	}
	id, err := pathID(c)
	if err != nil {
		return err
	}
	update := h.client.Task.UpdateOneID(id)
	if completed == nil {
		return h.save(c, update.FlipCompleted())
	}
	return h.save(c, update.SetCompleted(*completed))
}

func (h tasks) save(c *fiber.Ctx, update *ent.TaskUpdateOne) error {
	t, err := update.SaveReturning(c.UserContext())
	if err != nil {
		return err
	}
	return h.answer(c, t)
}

// delete removes a task for good.
//
//	@x-id		"deleteTask"
//	@Summary	Delete a task
//	@Description	Removes the task for good.
//	@Tags		tasks
//	@Security	bearerAuth
//	@Param		user_id	path	string	true	"The user of the token"
//	@Param		id	path	string	true	"The task's id"	format(uuid)
//	@Success	200	{object}	deletedAnswer	"The task is gone"
//	@Failure	401,403,404,429,500,503	{object}	problem
//	@Router		/api/tasks/{id} [delete]
//	@Router		/api/{user_id}/tasks/{id} [delete]
func (h tasks) delete(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := h.client.Task.Delete().ExecID(c.UserContext(), id); err != nil {
		return err
	}
	setBody(c, append(newBody(c), h.dialect.deleted...))
	return nil
}

func (h tasks) answer(c *fiber.Ctx, t *ent.Task) error {
	setBody(c, h.dialect.task(newBody(c), t))
	return nil
}

// userID is the user of the token; the guard lets nobody else in.
func userID(c *fiber.Ctx) string {
	v, _ := viewer.FromContext(c.UserContext())
	return v.ID
}

var errNoID = errors.New("the id in the path is no UUID")

// pathID is the id in the path. One that is no id belongs to no task.
func pathID(c *fiber.Ctx) (uuid.UUID, error) {
	text := c.Params("id")
	id, err := uuid.Parse(text)
	if err != nil || len(text) != len(id.String()) {
		return uuid.UUID{}, errNoID
	}
	return id, nil
}
