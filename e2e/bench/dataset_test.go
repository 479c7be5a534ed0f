package bench

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"todo-backend/ent/fold"
	"todo-backend/ent/moment"
)

// dataset describes the tasks of many users that a database is filled with. Each user makes theirs in regular intervals, all over the
// same time, so that a user's tasks are scattered in the database as in life.
type dataset struct {
	large  []int // how many tasks the first users have
	users  int   // how many users there are, those included
	each   int   // how many tasks everybody else has
	active int   // how many users ask; 0 is all
}

// datasetColumns are those that the rows of a dataset have; the others have their defaults. No task comes back, since to complete one
// makes another, and the data would not stay what they were.
const datasetColumns = "id, user_id, created_at, updated_at, title, description, completed, started, priority, due_date, timezone, tags, " +
	"remind_at, completed_at, due_begin, due_end, folded_title, folded_description, folded_tags, derived_at"

// benchDataset is the dataset of the benchmarks that compare servers.
func benchDataset() dataset { return dataset{users: *benchUsers, each: tasksPerUser} }

func (c dataset) tasks(user int) int {
	if user < len(c.large) {
		return c.large[user]
	}
	return c.each
}

// activeUsers is how many users ask.
func (c dataset) activeUsers() int {
	if c.active == 0 {
		return c.users
	}
	return min(c.active, c.users)
}

func (c dataset) total() int {
	sum := (c.users - len(c.large)) * c.each
	for _, tasks := range c.large {
		sum += tasks
	}
	return sum
}

// at is the time at which a user made their n-th task: all together make one a second.
func (c dataset) at(user, n int) time.Time {
	interval := time.Duration(c.total()) * time.Second / time.Duration(c.tasks(user))
	since := time.Duration(n)*interval + interval/time.Duration(c.users)*time.Duration(user)
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(since.Truncate(time.Millisecond))
}

func (c dataset) id(user, n int) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:], uint64(c.at(user, n).UnixMilli())<<16|0x7000)
	binary.BigEndian.PutUint64(id[8:], 1<<63|uint64(user)<<32|uint64(n))
	return id
}

// datasetTask is the n-th task of a user.
type datasetTask struct {
	made    int64 // in milliseconds
	user, n int32
}

// inOrder is all tasks in the order in which they were made.
func (c dataset) inOrder() []datasetTask {
	all := make([]datasetTask, 0, c.total())
	for user := range c.users {
		for n := range c.tasks(user) {
			all = append(all, datasetTask{c.at(user, n).UnixMilli(), int32(user), int32(n)})
		}
	}
	slices.SortFunc(all, func(a, b datasetTask) int { return cmp.Or(cmp.Compare(a.made, b.made), cmp.Compare(a.user, b.user)) })
	return all
}

// row is a task as datasetColumns has it: two of three are open, half have a description and another priority than the usual, three of
// five a due date, and half have tags.
func (c dataset) row(t datasetTask, s store) []any {
	user, n := int(t.user), int(t.n)
	id := c.id(user, n)
	vary := rand.New(rand.NewPCG(uint64(user), uint64(n)))
	made := instant(id)
	updated := made + vary.Int64N(3*24*3600*1e6)
	isDone := n%3 == 0
	var description, foldedDescription, completedAt any
	if (user+n)%2 == 0 {
		const text = "It has to be done by the end of the week, or the one after it"
		description, foldedDescription = text, fold.Fold(text)
	}
	if isDone {
		completedAt = s.time(updated)
	}
	priority := medium
	if vary.IntN(2) == 0 {
		priority = vary.IntN(len(priorities))
	}
	tags := datasetTags(vary)
	title := fmt.Sprintf("Task %d of many that are to be done", n)
	due := datasetDue(vary, time.UnixMicro(made).UTC(), s)
	return []any{
		s.id(id), userName(user), s.time(made), s.time(updated), title, description, isDone, !isDone && vary.IntN(8) == 0, priority,
		due.date, due.zone, tags, due.remind, completedAt, due.begin, due.end, fold.Fold(title), foldedDescription, fold.Fold(tags), s.time(updated),
	}
}

var datasetTagNames = []string{"work", "home", "errands", "family", "Garden", "reading", "money", "health", "school", "travel", "calls", "Café"}

// datasetTags are none or up to three tags of a dozen, as JSON.
func datasetTags(vary *rand.Rand) string {
	names := slices.Clone(datasetTagNames)
	vary.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return string(appendTexts(nil, names[:max(0, vary.IntN(6)-2)]))
}

// datasetDates are the columns of a due date.
type datasetDates struct{ date, zone, remind, begin, end any }

// datasetDue is a due date within two months after the creation: mostly a date, else a local time, a quarter of those in a zone of
// their own and a quarter with a reminder, or an instant.
func datasetDue(vary *rand.Rand, made time.Time, s store) (d datasetDates) {
	at := made.Add(time.Duration(vary.IntN(60*24)) * time.Hour).Truncate(time.Hour)
	zone, form := time.UTC, time.DateOnly
	switch vary.IntN(10) {
	case 0, 1, 2, 3:
		return datasetDates{}
	case 4:
		form = time.RFC3339
	case 5, 6:
		form = "2006-01-02T15:04"
		if vary.IntN(4) == 0 {
			d.zone = "Europe/Berlin"
			zone, _ = moment.Zone("Europe/Berlin")
		}
		if vary.IntN(4) == 0 {
			d.remind = at.Add(-time.Hour).Format(form)
		}
	}
	due, err := moment.Parse(at.Format(form))
	if err != nil {
		panic(err) // of what was written here
	}
	d.date = due.String()
	d.begin, d.end = s.time(due.Begin(zone).UnixMicro()), s.time(due.End(zone).UnixMicro())
	return d
}

// copyTo fills the empty table tasks. Its indexes are made anew afterwards, which is faster.
func (c dataset) copyTo(ctx context.Context, conn *pgx.Conn) error {
	indexes, err := queryTexts(ctx, conn, "SELECT indexname FROM pg_indexes WHERE tablename = 'tasks' AND indexname <> 'tasks_pkey'")
	if err != nil {
		return err
	}
	definitions, err := queryTexts(ctx, conn, "SELECT indexdef FROM pg_indexes WHERE indexname = ANY ($1)", indexes)
	if err != nil {
		return err
	}
	order := c.inOrder()
	rows := pgx.CopyFromSlice(len(order), func(i int) ([]any, error) { return c.row(order[i], pgxStore{}), nil })
	if err := execAll(ctx, conn, "DROP INDEX "+strings.Join(indexes, ", ")); err != nil {
		return err
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"tasks"}, strings.Split(datasetColumns, ", "), rows); err != nil {
		return err
	}
	finish := slices.Concat([]string{"SET maintenance_work_mem = '1GB'"}, definitions, []string{"VACUUM ANALYZE tasks", "CHECKPOINT"})
	return execAll(ctx, conn, finish...)
}

func queryTexts(ctx context.Context, conn *pgx.Conn, query string, args ...any) ([]string, error) {
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func execAll(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// userName is as long and as random as Better Auth's.
func userName(user int) string {
	return fmt.Sprintf("%x", md5.Sum([]byte{byte(user), byte(user >> 8), byte(user >> 16)}))
}
