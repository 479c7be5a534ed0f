package routes

import (
	"context"
	"math"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
)

// maxLimit is the longest page, and the page of who asks for none: a client that never pages must not lose tasks silently.
const maxLimit = 1000

// listQuery is what the query parameters of a list say.
type listQuery struct {
	order  order
	state  *bool // completed or not; nil is both
	limit  int
	offset int
	after  *position // where the page begins; nil is at the start
}

// order is the column that a list is sorted by, ties by id, both in the same direction.
type order struct {
	column     string
	descending bool
}

// position is the place of a task in an order: a page begins after it.
type position struct {
	key any // the value of the order's column: a time or a string
	id  uuid.UUID
}

// sortColumns are the names of the columns that a list can be sorted by.
var sortColumns = map[string]string{
	"created": task.FieldCreatedAt, "created_at": task.FieldCreatedAt, "createdAt": task.FieldCreatedAt, "date": task.FieldCreatedAt,
	"updated": task.FieldUpdatedAt, "updated_at": task.FieldUpdatedAt, "updatedAt": task.FieldUpdatedAt,
	"title": task.FieldTitle,
}

// parseList reads the query parameters and returns every broken rule as invalid. Empty ones count as absent, unknown ones
// are ignored.
func parseList(c *fiber.Ctx, userID string) (listQuery, error) {
	var broken invalid
	q := listQuery{
		order:  parseOrder(c, &broken),
		state:  parseFilter(c, &broken),
		limit:  parseNumber(c, &broken, maxLimit, 1, maxLimit, "limit"),
		offset: parseNumber(c, &broken, 0, 0, math.MaxInt32, "offset", "skip"),
	}
	name, text := parameter(c, "cursor")
	if text == "" || len(broken) > 0 {
		return q, broken.orNil()
	}
	after, ok := parseCursor(text, q, userID)
	switch {
	case !ok:
		broken.add(name, "cursor", "is not one that this list returned; it holds for the same user, sort, order and status only")
	case given(c, "offset", "skip"):
		broken.add(name, "conflict", "can't be combined with an offset")
	}
	q.after = after
	return q, broken.orNil()
}

func parseOrder(c *fiber.Ctx, broken *invalid) order {
	o := order{column: task.FieldCreatedAt}
	if name, text := parameter(c, "sort", "sort_by", "sortBy"); text != "" {
		column, ok := sortColumns[text]
		if !ok {
			broken.add(name, "enum", "must be created, updated or title")
		}
		o.column = column
	}
	o.descending = o.column != task.FieldTitle
	switch name, text := parameter(c, "order", "sort_order", "sortOrder"); text {
	case "":
	case "asc", "desc":
		o.descending = text == "desc"
	default:
		broken.add(name, "enum", "must be asc or desc")
	}
	return o
}

func parseFilter(c *fiber.Ctx, broken *invalid) *bool {
	var completed bool
	switch name, text := parameter(c, "status"); text {
	case "", "all":
		return nil
	case statusCompleted:
		completed = true
	case statusPending, "active":
	default:
		broken.add(name, "enum", "must be all, pending or completed")
	}
	return &completed
}

func parseNumber(c *fiber.Ctx, broken *invalid, fallback, lowest, highest int, names ...string) int {
	name, text := parameter(c, names...)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < lowest || n > highest {
		broken.add(name, "range", "must be a number from %d to %d", lowest, highest)
	}
	return n
}

// parameter is the first of the names that the query gives a value, and that value; without one the first name.
func parameter(c *fiber.Ctx, names ...string) (name, value string) {
	for _, name := range names {
		if value := c.Query(name); value != "" {
			return name, utils.CopyString(value)
		}
	}
	return names[0], ""
}

func given(c *fiber.Ctx, names ...string) bool {
	_, value := parameter(c, names...)
	return value != ""
}

// page is one page of a list.
type page struct {
	tasks []*ent.Task
	total int    // of all that match the filter; only where it was asked for
	next  string // the cursor of the next page; empty on the last
}

// fetch reads the page, in one statement, and one task more, to know whether there is another page.
func (q listQuery) fetch(ctx context.Context, client *ent.Client, counted bool) (p page, err error) {
	query := client.Task.Query().Sort(q.order.keyset().Order(q.order.descending))
	if q.state != nil {
		query.Filter(stmt.Equal(task.FieldCompleted, *q.state))
	}
	part := stmt.Page{Limit: q.limit + 1, Offset: q.offset}
	if q.after != nil {
		part.After = []stmt.Cond{q.order.keyset().After(q.order.descending, q.after.key, q.after.id)}
	}
	if counted {
		p.tasks, p.total, err = query.FetchCounted(ctx, part)
	} else {
		p.tasks, err = query.FetchPage(ctx, part)
	}
	if err != nil || len(p.tasks) <= q.limit {
		return p, err
	}
	p.tasks = p.tasks[:q.limit]
	last := p.tasks[q.limit-1]
	p.next = cursor(q, position{key: q.order.key(last), id: last.ID}, last.UserID)
	return p, nil
}

// key is the value of the order's column.
func (o order) key(t *ent.Task) any {
	switch o.column {
	case task.FieldTitle:
		return t.Title
	case task.FieldUpdatedAt:
		return t.UpdatedAt
	}
	return t.CreatedAt
}

// keyset is the order in a statement: of titles that by code point on both databases, which is
// SQLite's own.
func (o order) keyset() stmt.Keyset {
	switch o.column {
	case task.FieldTitle:
		return byTitle
	case task.FieldUpdatedAt:
		return byUpdated
	}
	return byCreated
}

var (
	byCreated = stmt.NewKeyset(stmt.Column(task.FieldCreatedAt), false, task.FieldID)
	byUpdated = stmt.NewKeyset(stmt.Column(task.FieldUpdatedAt), false, task.FieldID)
	byTitle   = stmt.NewKeyset(stmt.Text{Postgres: `"title" COLLATE "C"`, SQLite: `"title"`}, false, task.FieldID)
)
