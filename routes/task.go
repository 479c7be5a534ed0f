package routes

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/task"
	"todo-backend/ent/viewer"
)

// tasks holds the handlers of a user's tasks. None of them mentions the user in a statement: the policies of ent do.
type tasks struct {
	client  *ent.Client
	dialect dialect
}

// register puts the operations under base, guarded.
func (h tasks) register(base fiber.Router, guards ...fiber.Handler) {
	route := func(method, path string, handler fiber.Handler) {
		base.Add(method, path, append(guards[:len(guards):len(guards)], handler)...)
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
func (h tasks) list(c *fiber.Ctx) error {
	query, err := parseList(c, userID(c))
	if err != nil {
		return err
	}
	p, err := query.fetch(c, h.client, h.dialect.counts())
	if err != nil {
		return err
	}
	if p.next != "" && h.dialect.links() {
		c.Set(fiber.HeaderLink, "<"+nextPage(c, p.next)+`>; rel="next"`)
	}
	return writeJSON(c, h.dialect.list(p), fiber.MIMEApplicationJSON)
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
func (h tasks) create(c *fiber.Ctx) error {
	in, err := decodeTask(c, userID(c), true)
	if err != nil {
		return err
	}
	create := h.client.Task.Create().SetTitle(*in.title).SetNillableCompleted(in.completed)
	if in.description != nil {
		create.SetNillableDescription(in.description.value)
	}
	created, err := create.Save(c.UserContext())
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, strings.TrimRight(string(c.Request().URI().PathOriginal()), "/")+"/"+created.ID.String())
	return h.answer(c.Status(http.StatusCreated), created)
}

// get answers with one task.
func (h tasks) get(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return h.read(c, id)
}

func (h tasks) read(c *fiber.Ctx, id uuid.UUID) error {
	t, err := h.client.Task.Query().Where(task.ID(id)).FetchOne(c.UserContext())
	if err != nil {
		return err
	}
	return h.answer(c, t)
}

// update changes the fields that the body names.
func (h tasks) update(c *fiber.Ctx) error {
	in, err := decodeTask(c, userID(c), false)
	if err != nil {
		return err
	}
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if !in.names() {
		return h.read(c, id)
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
func (h tasks) delete(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := h.client.Task.DeleteOneID(id).Exec(c.UserContext()); err != nil {
		return err
	}
	return writeJSON(c, h.dialect.deleted(), fiber.MIMEApplicationJSON)
}

func (h tasks) answer(c *fiber.Ctx, t *ent.Task) error {
	return writeJSON(c, h.dialect.task(t), fiber.MIMEApplicationJSON)
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
