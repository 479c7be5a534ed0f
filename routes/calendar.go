package routes

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
	"todo-backend/middleware/limit"
)

const (
	// calendarForm is part of the ETag. Raise it when a release writes the same tasks differently.
	calendarForm = 1
	// calendarPage is how many tasks are read at a time.
	calendarPage = 50
	// calendarHeld is how many bytes of the response budget an answer takes until its client has read it: a
	// page of tasks and one component.
	calendarHeld = 4 << 20
)

// calendar serves a user's tasks to calendars.
type calendar struct {
	client    *ent.Client
	responses *limit.ResponseBudget
	zone      *time.Location // of tasks without one of their own
	now       func() time.Time
	timeout   time.Duration // of a statement
}

func newCalendar(client *ent.Client, responses *limit.ResponseBudget, s settings) calendar {
	return calendar{client: client, responses: responses, zone: s.zone(), now: s.clock(), timeout: s.RequestTimeout}
}

// register adds the address of the calendar.
func (h calendar) register(app *fiber.App, guards userGuards) {
	before := append([]fiber.Handler{withoutReferrer, guards.authInAddress}, guards.bounds...)
	app.Get("/api/calendar.ics", append(before, guards.inFlight, h.serve)...)
}

// withoutReferrer keeps browsers from sending this address, which may hold a token, as a Referer.
func withoutReferrer(c *fiber.Ctx) error {
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	return c.Next()
}

// serve answers with the tasks that have a due date.
//
//	@ID			getCalendar
//	@Summary	Get the calendar
//	@Description	The tasks with a due date that are not completed, as events (iCalendar, RFC 5545). Calendars fetch it themselves, and send no headers: they take an API token of the scope `feed` in the address.
//	@Tags		Tasks
//	@Security	bearerAuth
//	@Produce	text/calendar
//	@Param		access_token	query	string	false	"An API token of the scope feed or read, in place of the header Authorization"
//	@Param		as	query	string	false	"to-dos, completed ones too, in place of events"	Enums(events, todos)	default(events)
//	@Param		If-None-Match	header	string	false	"The ETag of an earlier answer"
//	@Success	200	{string}	string	"The calendar"
//	@Success	304	"The client has it already: its If-None-Match names the current ETag"
//	@Header		200,304	{string}	ETag	"Changes with every task"
//	@Failure	401,403,422,429,500,503	"Failed"
//	@Router		/api/calendar.ics [get]
func (h calendar) serve(c *fiber.Ctx) error {
	asTodos := false
	switch strings.ToLower(c.Query("as")) {
	case "", "events":
	case "todos":
		asTodos = true
	default:
		return resource.Invalid{{Field: "as", Code: "enum", Detail: "must be events or todos"}}
	}
	state, err := stateOfCalendar(c.UserContext(), h.client)
	if err != nil {
		return err
	}
	if unchanged(c, h.tag(state, asTodos)) {
		return nil
	}
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `inline; filename="tasks.ics"`)
	if c.Method() == http.MethodHead {
		return nil
	}
	stream := &calendarStream{
		calendar: h, ctx: context.WithoutCancel(c.UserContext()), asTodos: asTodos, until: state.Created,
		writer: icalWriter{zone: h.zone, now: h.now(), first: time.UnixMicro(state.First)},
	}
	return h.responses.HoldStream(c, stream, calendarHeld)
}

// tag is the ETag of a calendar. It covers the year, since the changes of zones are written up to some years from now.
func (h calendar) tag(state calendarState, asTodos bool) string {
	sum := sha256.Sum256(fmt.Append(nil, calendarForm, asTodos, h.zone, h.now().UTC().Year(), state))
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// calendarState summarizes the tasks that shape a calendar, and differs after every change of one: a change sets a
// later updated_at, and a task that is deleted or loses its due date leaves the count and the sum. Times are
// in microseconds since 1970.
type calendarState struct {
	Count   int   `sql:"count"`
	Changed int64 `sql:"changed"` // the latest change
	Created int64 `sql:"created"` // the latest creation
	Sum     int64 `sql:"total"`   // of all changes, each modulo a prime
	First   int64 `sql:"first"`   // the earliest due date of those with a rule
}

var (
	hasDue = stmt.Where(stmt.SQL(`"due_date" IS NOT NULL`))
	// shapesCalendar is the condition of tasks that a calendar depends on: those in it, and those that follow
	// another, which has no rule in the calendar as long as there is a next one.
	shapesCalendar = stmt.Where(stmt.SQL(`"due_date" IS NOT NULL OR "previous_task_id" IS NOT NULL`))
)

// stateOfCalendar reads the state of the viewer's tasks.
func stateOfCalendar(ctx context.Context, client *ent.Client) (calendarState, error) {
	aggregate := func(name, postgres, sqlite string) ent.AggregateFunc {
		return func(s *sql.Selector) string {
			text := sqlite
			if s.Dialect() == dialect.Postgres {
				text = postgres
			}
			return "COALESCE(" + text + ", 0) AS " + name
		}
	}
	const micro = `CAST(EXTRACT(EPOCH FROM %s) * 1000000 AS bigint)`
	const dueOfSeries = `CASE WHEN "recurrence_rule" IS NOT NULL THEN "due_begin" END`
	var states []calendarState
	err := client.Task.Query().Filter(shapesCalendar).Aggregate(
		ent.As(ent.Count(), "count"),
		aggregate("changed", fmt.Sprintf(micro, `MAX("updated_at")`), `MAX("updated_at")`),
		aggregate("created", fmt.Sprintf(micro, `MAX("created_at")`), `MAX("created_at")`),
		aggregate("total",
			`CAST(SUM(MOD(`+fmt.Sprintf(micro, `"updated_at"`)+`, 1000000007)) AS bigint)`, `SUM("updated_at" % 1000000007)`),
		aggregate("first", fmt.Sprintf(micro, `MIN(`+dueOfSeries+`)`), `MIN(`+dueOfSeries+`)`),
	).Scan(ctx, &states)
	if err != nil || len(states) == 0 {
		return calendarState{}, err
	}
	return states[0], nil
}

// follows is the condition that a task is the next of one of several. The subquery has SQLite use the index of
// previous_task_id: with a plain IN it would scan all tasks of the user.
var follows = stmt.Text{
	Postgres: `"previous_task_id" = ANY(?)`,
	SQLite: `"id" IN (SELECT next."id" FROM json_each(?) AS previous JOIN "tasks" AS next ` +
		`ON next."previous_task_id" = previous.value)`,
}

// calendarOrder is that of the index, so that a page costs the same wherever it begins.
var calendarOrder = stmt.KeysetByID(task.FieldID)

// calendarStream is the body of a calendar, written while the client reads it. It holds one page of tasks and
// one component in memory, and keeps no statement open between reads.
type calendarStream struct {
	calendar

	ctx     context.Context //nolint:containedctx // the stream is read after its request
	asTodos bool
	until   int64 // tasks that are created later are left to the next answer, as the tag does not cover them

	writer   icalWriter
	hasBegun bool
	hasEnded bool
	last     *ent.Task          // the last task that was read: the next page begins after it
	isLast   bool               // page is the last one
	page     []*ent.Task        // those not yet written
	followed map[uuid.UUID]bool // the tasks of the page whose next task in the series exists
}

// Read returns the next part of the calendar. After an error the server closes the connection, so that no
// client takes a part for the whole.
func (s *calendarStream) Read(p []byte) (n int, err error) {
	defer func() {
		if cause := recover(); cause != nil { // the server reads the body after the handlers and their recovery
			err = fmt.Errorf("write a calendar: %v", cause)
		}
	}()
	for s.writer.buffer.Len() == 0 {
		if s.hasEnded {
			return 0, io.EOF
		}
		if err := s.write(); err != nil {
			return 0, err
		}
	}
	return s.writer.buffer.Read(p)
}

// write writes the next part, or reads the next page where all of the last one is written.
func (s *calendarStream) write() error {
	switch {
	case !s.hasBegun:
		s.hasBegun = true
		s.writer.begin()
		return nil
	case len(s.page) > 0:
		t := s.page[0]
		s.page = s.page[1:]
		if s.asTodos {
			return s.writer.todo(t)
		}
		return s.writer.event(t, s.followed[t.ID])
	case s.isLast:
		s.hasEnded = true
		s.writer.end()
		return nil
	}
	return s.read()
}

// read reads the next page.
func (s *calendarStream) read() error {
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	query := s.client.Task.Query().Filter(hasDue, stmt.Where(stmt.SQL(`"created_at" <= ?`), time.UnixMicro(s.until).UTC()))
	if !s.asTodos {
		query = query.Filter(stmt.Where(stmt.SQL(`NOT "completed"`)))
	}
	page := stmt.Page{Limit: calendarPage}
	if s.last != nil {
		page.After = []stmt.Cond{calendarOrder.After(false, nil, s.last.ID)}
	}
	var err error
	if s.page, err = query.Sort(calendarOrder.Order(false)).FetchPage(ctx, page); err != nil {
		return fmt.Errorf("read tasks for a calendar: %w", err)
	}
	s.isLast = len(s.page) < calendarPage
	if len(s.page) > 0 {
		s.last = s.page[len(s.page)-1]
	}
	s.followed, err = s.readFollowed(ctx)
	return err
}

// readFollowed returns the recurring tasks of the page whose next task in the series exists.
func (s *calendarStream) readFollowed(ctx context.Context) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	for _, t := range s.page {
		if t.RecurrenceRule != nil {
			ids = append(ids, t.ID)
		}
	}
	if len(ids) == 0 || s.asTodos {
		return nil, nil
	}
	next, err := s.client.Task.Query().Filter(stmt.Where(follows, stmt.List(ids))).Fetch(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the next tasks of series: %w", err)
	}
	followed := map[uuid.UUID]bool{}
	for _, t := range next {
		followed[*t.PreviousTaskID] = true
	}
	return followed, nil
}
