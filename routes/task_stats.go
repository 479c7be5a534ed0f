package routes

import (
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/moment"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
)

// priorityWords are the words of the column priority, by its value.
var priorityWords = []string{"critical", "urgent", "high", "medium", "low", "none"}

// statColumns are the counts, in the order in which stats scans them.
var statColumns = stmt.SQL(`COUNT(*),
	COUNT(*) FILTER (WHERE NOT "completed" AND NOT "started"),
	COUNT(*) FILTER (WHERE NOT "completed" AND "started"),
	COUNT(*) FILTER (WHERE "completed"),
	COUNT(*) FILTER (WHERE NOT "completed" AND ((` + isDay + ` AND "due_date" < ?) OR (` + isInstant + ` AND "due_end" < ?))),
	COUNT(*) FILTER (WHERE NOT "completed" AND ((` + isDay + ` AND "due_date" = ?) OR (` + isInstant + ` AND "due_end" >= ? AND "due_begin" <= ?))),
	COUNT(*) FILTER (WHERE "priority" = 0), COUNT(*) FILTER (WHERE "priority" = 1), COUNT(*) FILTER (WHERE "priority" = 2),
	COUNT(*) FILTER (WHERE "priority" = 3), COUNT(*) FILTER (WHERE "priority" = 4), COUNT(*) FILTER (WHERE "priority" = 5)`)

// stats answers with how many tasks there are, in one statement.
//
//	@x-id		"getTaskStats"
//	@x-answer	"stats"
//	@Summary	Count tasks
//	@Description	How many tasks the user has, by state and priority; `overdue` and `due_today` leave out completed ones. `/statistics` is the same.
//	@Tags		Tasks
//	@Security	bearerAuth
//	@Param		timezone	query	string	false	"The IANA time zone of today"
//	@Success	200	"The counts"
//	@Failure	401,403,422,429,500,503	"Failed"
//	@Router		/api/tasks/stats [get]
func (h tasks) stats(c *fiber.Ctx) error {
	zone := h.zone
	if name := c.Query("timezone"); name != "" {
		own, err := moment.Zone(name)
		if err != nil {
			return resource.Invalid{{Field: "timezone", Code: "timezone", Detail: err.Error()}}
		}
		zone = own
	}
	counts := make([]int, 6+len(priorityWords))
	targets := make([]any, len(counts))
	for i := range counts {
		targets[i] = &counts[i]
	}
	err := h.client.Task.Query().Report(c.UserContext(), statsAt(h.now(), zone), func(rows *sql.Rows) error { return rows.Scan(targets...) })
	if err != nil {
		return err
	}
	byPriority := make(members, len(priorityWords))
	for i, word := range priorityWords {
		byPriority[i] = resource.Member{Name: word, Value: counts[6+i]}
	}
	return answerMembers(c, h.format, resource.JSON(
		"total", counts[0], "pending", counts[1], h.table.Case("in_progress"), counts[2], "completed", counts[3],
		"overdue", counts[4], h.table.Case("due_today"), counts[5], h.table.Case("by_priority"), byPriority,
	))
}

// statsAt returns the report whose today and overdue are those of a time and a zone.
func statsAt(now time.Time, zone *time.Location) stmt.Report {
	today := moment.Today(now, zone)
	return stmt.Report{
		Columns: statColumns,
		ColumnArgs: []any{
			today.String(), stmt.Micro(now), today.String(), today.Begin(zone), today.End(zone),
		},
	}
}

// statsSchema is the schema of the counts.
func (h tasks) statsSchema() members {
	count := resource.JSON("type", "integer", "minimum", 0, "example", 1)
	byPriority := make(members, len(priorityWords))
	for i, word := range priorityWords {
		byPriority[i] = resource.Member{Name: word, Value: count}
	}
	return resource.JSON(
		"total", count, "pending", count, h.table.Case("in_progress"), count, "completed", count, "overdue", count,
		h.table.Case("due_today"), count, h.table.Case("by_priority"), objectOf(byPriority),
	)
}
