package routes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/viewer"
)

// collection serves the rows of an owned entity. None of its handlers mentions the user in a
// statement: the policies of ent do.
//
// In the comments of the handlers {thing} stands for the entity. They are written once and expanded
// for each; x-answer and x-body name the schemas, which come from the table.
type collection[E, M any] struct {
	table   *resource.Table[E, M]
	store   resource.Store[E, M]
	answers answers[E]

	basePath string // what a proxy in front strips from addresses

	changes changes[E, M]
	// decorate gives items what answers show beside their columns, and returns what a tag has to cover of
	// that; nil: nothing.
	decorate func(ctx context.Context, items []*E) (seed string, err error)
	// inTx runs operations in a transaction, through the client that it gives.
	inTx func(ctx context.Context, do func(*ent.Client) error) error
}

// settings are those of the deployment, and what tests replace.
type settings struct {
	config.Config
	forAgents bool // whose pages are short, and whose schemas name each field once

	now  func() time.Time
	inTx func(ctx context.Context, do func(*ent.Client) error) error
}

// zone is the one of dates and times that name none.
func (s settings) zone() *time.Location {
	if s.Timezone == nil {
		return time.UTC
	}
	return s.Timezone
}

// clock tells the time by which tasks are due.
func (s settings) clock() func() time.Time {
	if s.now == nil {
		return time.Now
	}
	return s.now
}

// pageLimit is how many items a list has that does not say; 0: as many as a page may have.
func (s settings) pageLimit() int {
	if s.forAgents {
		return agentPage
	}
	return 0
}

// camel reports whether names in answers are in camelCase: where nothing says so, in envelope alone.
func (s settings) camel() bool {
	return s.Case == config.CaseCamel || s.Case == "" && s.Format == config.FormatEnvelope
}

func newCollection[E, M any](
	entity resource.Entity[E, M], store resource.Store[E, M], options resource.Options[E, M], s settings,
) (*collection[E, M], error) {
	aliases := make([]resource.Alias, len(s.Aliases))
	for i, a := range s.Aliases {
		aliases[i] = resource.Alias(a)
	}
	table, err := resource.New(entity, resource.Settings{
		Camel: s.camel(), Aliases: aliases, Zone: s.Timezone, Now: s.now,
		Limit: s.pageLimit(), OneName: s.forAgents,
	}, options)
	if err != nil {
		return nil, fmt.Errorf("API_ALIASES %w", err)
	}
	return &collection[E, M]{
		table: table, store: store, answers: newAnswers(s.Format, table), basePath: s.BasePath,
		changes: changes[E, M]{
			prepare:     func(in *resource.Input[E, M], _ *E) (func(M), error) { return in.Apply, nil },
			needsStored: func(*resource.Input[E, M]) bool { return false },
			holdsFor:    func(*resource.Input[E, M]) []stmt.Cond { return nil },
		},
		inTx: s.inTx,
	}, nil
}

// register adds the operations to a group.
func (r *collection[E, M]) register(g group) {
	g.add(http.MethodGet, "/", r.list)
	g.add(http.MethodHead, "/", r.list)
	g.add(http.MethodPost, "/", r.create)
	g.add(http.MethodGet, "/:id", r.get)
	g.add(http.MethodHead, "/:id", r.get)
	g.add(http.MethodPut, "/:id", r.update)
	g.add(http.MethodPatch, "/:id", r.update)
	g.add(http.MethodDelete, "/:id", r.delete)
}

// document describes the operations.
func (r *collection[E, M]) document() docs.Resource {
	properties, required := r.table.BodyProperties()
	name := docs.Name(r.table.Name)
	body := func(description string, required []string) members {
		schema := resource.JSON("description", description, "type", "object", "properties", properties, "example", r.table.BodyExample())
		if len(required) > 0 {
			schema = append(schema, resource.Member{Name: "required", Value: required})
		}
		return schema
	}
	return docs.Resource{
		Name:   r.table.Name,
		Plural: r.table.Plural,
		Schemas: append(slices.Clip(r.answers.schemas), resource.JSON(
			name+"Create", body("What a new one is made of", required),
			name+"Update", body("What to change; absent fields stay", nil),
		)...),
		Parameters: r.table.Parameters(),
		Answers:    r.answers.shapes,
		Bodies:     resource.JSON("create", refTo(name+"Create"), "update", refTo(name+"Update")),
	}
}

// errOtherUser is the error of an address that names another user than the token.
var errOtherUser = fiber.NewError(http.StatusForbidden, "The address names another user than the token")

// matchUser refuses a path that names another user than the token.
func matchUser(c *fiber.Ctx) error {
	named, err := url.PathUnescape(c.Params("user_id"))
	if err != nil || named != userID(c) {
		return errOtherUser
	}
	return c.Next()
}

// list answers with a page of the user's items.
//
//	@x-id		"list{Things}"
//	@x-answer	"list"
//	@Summary	List {things}
//	@Description	A page of the user's {things}. To read on, repeat the request with the cursor that came with the page; the last page has none. From 16 {things} on it comes compressed (gzip, br) to clients whose Accept-Encoding takes that.
//	@Tags		{Things}
//	@Security	bearerAuth
//	@Param		If-None-Match	header	string	false	"The ETag of an earlier answer"
//	@Success	200	"The page"
//	@Success	304	"The client has it already: its If-None-Match names the current ETag"
//	@Header		200,304	{string}	ETag	"Changes with every byte of the answer"
//	@Failure	401,403,422,429,500,503	"Failed"
//	@Header		200	{string}	Link	"The next page, as `rel=next`, with its cursor in the address; none on the last page (RFC 8288)"
//	@Router		/api/{things} [get]
func (r *collection[E, M]) list(c *fiber.Ctx) error {
	page, err := r.page(c.UserContext(), userID(c), c.Context().QueryArgs().All())
	if err != nil {
		return err
	}
	if page.Next != "" && r.answers.links {
		c.Set(fiber.HeaderLink, "<"+r.nextPage(c, page.Next)+`>; rel="next"`)
	}
	seed, err := r.decorated(c, page.Items...)
	if err != nil {
		return err
	}
	coding := negotiate(c, len(page.Items))
	if unchanged(c, r.tag(page, coding+seed)) {
		return nil
	}
	setBody(c, r.answers.list(newBody(c), page))
	pack(c, coding)
	return nil
}

// nextPage is the address of the list from a cursor on, with the parameters that count, each once: a
// long header would be refused by a proxy.
func (r *collection[E, M]) nextPage(c *fiber.Ctx, cursor string) string {
	next := fiber.AcquireArgs()
	defer fiber.ReleaseArgs(next)
	for name, value := range c.Context().QueryArgs().All() {
		if r.table.Continues(string(name)) && len(value) > 0 && !contains(next.PeekMultiBytes(name), value) {
			next.AddBytesKV(name, value)
		}
	}
	next.Set("cursor", cursor)
	return r.address(c) + "?" + next.String()
}

// address is the path of the request as its client wrote it, with what a proxy in front stripped.
func (r *collection[E, M]) address(c *fiber.Ctx) string {
	return r.basePath + string(c.Request().URI().PathOriginal())
}

func contains(values [][]byte, value []byte) bool {
	return slices.ContainsFunc(values, func(v []byte) bool { return bytes.Equal(v, value) })
}

// create makes an item.
//
//	@x-id		"create{Thing}"
//	@x-answer	"item"
//	@x-body		"create"
//	@Summary	Create a {thing}
//	@Description	The answer is the {thing} as it is stored, with its id.
//	@Tags		{Things}
//	@Security	bearerAuth
//	@Success	201	"As it is stored"
//	@Failure	401,403,413,415,422,429,500,503	"Failed"
//	@Header		201	{string}	Location	"Its address"
//	@Router		/api/{things} [post]
func (r *collection[E, M]) create(c *fiber.Ctx) error {
	in, err := r.decode(c, true)
	if err != nil {
		return err
	}
	created, err := r.make(c.UserContext(), in)
	if err != nil {
		return err
	}
	c.Location(strings.TrimRight(r.address(c), "/") + "/" + r.table.ID(created).String())
	return r.answer(c.Status(http.StatusCreated), created)
}

// get answers with one item.
//
//	@x-id		"get{Thing}"
//	@x-answer	"item"
//	@Summary	Get a {thing}
//	@Description	One {thing}, by its id.
//	@Tags		{Things}
//	@Security	bearerAuth
//	@Param		id	path	string	true	"Its id"	format(uuid)
//	@Param		If-None-Match	header	string	false	"The ETag of an earlier answer"
//	@Success	200	"As it is stored"
//	@Success	304	"The client has it already: its If-None-Match names the current ETag"
//	@Header		200,304	{string}	ETag	"Changes with every byte of the answer"
//	@Failure	401,403,404,429,500,503	"Failed"
//	@Router		/api/{things}/{id} [get]
func (r *collection[E, M]) get(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return r.named(err)
	}
	e, err := r.store.Get(c.UserContext(), id)
	if err != nil {
		return r.named(err)
	}
	seed, err := r.decorated(c, e)
	if err != nil || unchanged(c, r.tag(resource.Page[E]{Items: []*E{e}}, seed)) {
		return err
	}
	setBody(c, r.answers.item(newBody(c), e))
	return nil
}

// update changes the fields that the body names.
//
//	@x-id		"update{Thing}"
//	@x-answer	"item"
//	@x-body		"update"
//	@Summary	Update a {thing}
//	@Description	Changes the fields that the body names, with PUT as with PATCH; the others stay. A body that names none changes nothing.
//	@Tags		{Things}
//	@Security	bearerAuth
//	@Param		id	path	string	true	"Its id"	format(uuid)
//	@Success	200	"As it is now"
//	@Failure	401,403,404,413,415,422,429,500,503	"Failed"
//	@Router		/api/{things}/{id} [put]
//	@Router		/api/{things}/{id} [patch]
func (r *collection[E, M]) update(c *fiber.Ctx) error {
	in, err := r.decode(c, false)
	if err != nil {
		return err
	}
	id, err := pathID(c)
	if err != nil {
		return r.named(err)
	}
	done, err := r.change(c.UserContext(), id, in)
	return r.answerChange(c, done, err)
}

// answerChange answers with an item as a change leaves it, and names the one that the change made.
func (r *collection[E, M]) answerChange(c *fiber.Ctx, done changed[E], err error) error {
	if err != nil {
		return r.named(err)
	}
	if done.next != nil {
		base, _, _ := strings.Cut(r.address(c), "/"+c.Params("id"))
		c.Set(headerNext, base+"/"+r.table.ID(done.next).String())
	}
	return r.answer(c, done.item)
}

// headerNext names the task that follows a recurring one which was completed.
const headerNext = "Next-Task"

// delete removes an item for good.
//
//	@x-id		"delete{Thing}"
//	@x-answer	"deleted"
//	@Summary	Delete a {thing}
//	@Description	Removes the {thing} for good.
//	@Tags		{Things}
//	@Security	bearerAuth
//	@Param		id	path	string	true	"Its id"	format(uuid)
//	@Success	200	"It is gone"
//	@Failure	401,403,404,429,500,503	"Failed"
//	@Router		/api/{things}/{id} [delete]
func (r *collection[E, M]) delete(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return r.named(err)
	}
	if err := r.store.Delete(c.UserContext(), id); err != nil {
		return r.named(err)
	}
	setBody(c, append(newBody(c), r.answers.deleted...))
	return nil
}

// decode reads the body as what it says of an item. A body that holds the item alone, under its name,
// is that item.
func (r *collection[E, M]) decode(c *fiber.Ctx, isNew bool) (*resource.Input[E, M], error) {
	object, err := readObject(c)
	if err != nil {
		return nil, err
	}
	object = object.Inner(r.table.Name, r.table.Name+"_create", r.table.Name+"_update")
	return r.table.Decode(object, userID(c), isNew)
}

// decorated gives items what answers show beside their columns.
func (r *collection[E, M]) decorated(c *fiber.Ctx, items ...*E) (string, error) {
	if r.decorate == nil {
		return "", nil
	}
	return r.decorate(c.UserContext(), items)
}

func (r *collection[E, M]) answer(c *fiber.Ctx, e *E) error {
	if _, err := r.decorated(c, e); err != nil {
		return err
	}
	setBody(c, r.answers.item(newBody(c), e))
	return nil
}

// named has an error tell what it is about.
func (r *collection[E, M]) named(err error) error { return aboutError{r.table.Name, err} }

// aboutError is an error about an item of the name.
type aboutError struct {
	name string
	error
}

// Unwrap returns the error.
func (e aboutError) Unwrap() error { return e.error }

// userID is the user of the token; the guard lets nobody else in.
func userID(c *fiber.Ctx) string {
	v, _ := viewer.FromContext(c.UserContext())
	return v.ID
}

var errNoID = errors.New("the id in the path is no UUID")

// pathID is the id in the path. One that is no id belongs to no item.
func pathID(c *fiber.Ctx) (uuid.UUID, error) { return parseID(c.Params("id")) }

// parseID reads an id in its 36-character form, in either case.
func parseID(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != len(id.String()) {
		return uuid.UUID{}, errNoID
	}
	return id, nil
}
