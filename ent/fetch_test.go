package ent_test

import (
	"fmt"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
)

// exported compares every field of tasks that others can read.
//
// Columns that only the database looks at are left out by our own reads.
var exported = cmp.Options{
	cmpopts.IgnoreUnexported(ent.Task{}), cmpopts.EquateEmpty(),
	cmpopts.IgnoreFields(ent.Task{}, "FoldedTitle", "FoldedDescription", "FoldedTags", "DueEnd"),
}

// sevenTasks makes tasks of Ann's that differ in every field, and one of Bob's.
func sevenTasks(t *testing.T, client *ent.Client) []*ent.Task {
	t.Helper()
	var tasks []*ent.Task
	for i := range 7 {
		create := client.Task.Create().SetTitle(fmt.Sprint("Task ", 7-i)).SetCompleted(i%2 == 1)
		if i > 0 {
			create.SetDescription([]string{"", "two litres", "größer 📝"}[i%3])
		}
		created, err := create.Save(as(t, "ann"))
		if err != nil {
			t.Fatal(err)
		}
		tasks = append(tasks, created)
	}
	if _, err := createTask(as(t, "bob"), client, ""); err != nil {
		t.Fatal(err)
	}
	return tasks
}

// byTitle and byCreated are orders as lists have them.
var (
	byTitle   = stmt.NewKeyset(stmt.Column(task.FieldTitle), false, task.FieldID)
	byCreated = stmt.NewKeyset(stmt.Column(task.FieldCreatedAt), false, task.FieldID)
)

// TestFetchIsAll compares the reads that scan once with Ent's own: as they write a query, and in Ent's
// words for it.
func TestFetchIsAll(t *testing.T) {
	t.Parallel()
	type query struct {
		name      string
		fragments func(*ent.TaskQuery)
		ents      func(*ent.TaskQuery)
		page      stmt.Page
	}
	isNull := stmt.SQL(`"description" IS NOT NULL`)
	newest := []task.OrderOption{task.ByCreatedAt(sql.OrderDesc()), task.ByID(sql.OrderDesc())}
	queries := []query{
		{"everything", func(*ent.TaskQuery) {}, func(*ent.TaskQuery) {}, stmt.Page{}},
		{
			"nothing",
			func(q *ent.TaskQuery) { q.Filter(stmt.Equal(task.FieldTitle, "no such")) },
			func(q *ent.TaskQuery) { q.Where(task.Title("no such")) },
			stmt.Page{},
		},
		{
			"a filter",
			func(q *ent.TaskQuery) { q.Filter(stmt.Equal(task.FieldCompleted, true)) },
			func(q *ent.TaskQuery) { q.Where(task.Completed(true)) },
			stmt.Page{},
		},
		{
			"two filters",
			func(q *ent.TaskQuery) { q.Filter(stmt.Equal(task.FieldCompleted, false), stmt.Where(isNull)) },
			func(q *ent.TaskQuery) { q.Where(task.Completed(false), task.DescriptionNotNil()) },
			stmt.Page{},
		},
		{
			"a list of values",
			func(q *ent.TaskQuery) { q.Filter(stmt.In(task.FieldTitle, []string{"Task 2", "Task 5"})) },
			func(q *ent.TaskQuery) { q.Where(task.TitleIn("Task 2", "Task 5")) },
			stmt.Page{},
		},
		{
			"alternatives",
			func(q *ent.TaskQuery) {
				q.Filter(stmt.Where(stmt.SQL(`"title" = ? OR "completed" = ?`), "Task 2", true), stmt.Where(isNull))
			},
			func(q *ent.TaskQuery) {
				q.Where(task.Or(task.Title("Task 2"), task.Completed(true)), task.DescriptionNotNil())
			},
			stmt.Page{},
		},
		{
			"an order",
			func(q *ent.TaskQuery) { q.Sort(byTitle.Order(false)) },
			func(q *ent.TaskQuery) { q.Order(task.ByTitle(), task.ByID()) },
			stmt.Page{},
		},
		{
			"a page",
			func(q *ent.TaskQuery) { q.Sort(byCreated.Order(true)) },
			func(q *ent.TaskQuery) { q.Order(newest...) },
			stmt.Page{Offset: 2, Limit: 3},
		},
		{
			"without a limit",
			func(q *ent.TaskQuery) { q.Sort(byCreated.Order(true)) },
			func(q *ent.TaskQuery) { q.Order(newest...) },
			stmt.Page{Offset: 2},
		},
		{
			"beyond",
			func(q *ent.TaskQuery) { q.Sort(byCreated.Order(true)) },
			func(q *ent.TaskQuery) { q.Order(newest...) },
			stmt.Page{Offset: 99, Limit: 3},
		},
	}
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		sevenTasks(t, db.Client)
		ctx := as(t, "ann")
		build := func(parts ...func(*ent.TaskQuery)) *ent.TaskQuery {
			q := db.Client.Task.Query()
			for _, part := range parts {
				part(q)
			}
			return q
		}
		for _, q := range queries {
			ofPage := func(built *ent.TaskQuery) {
				if q.page.Limit > 0 {
					built.Limit(q.page.Limit)
				}
				if q.page.Offset > 0 {
					built.Offset(q.page.Offset)
				}
			}
			want, err := build(q.ents, ofPage).All(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for way, read := range map[string]func() ([]*ent.Task, error){
				"FetchPage":              func() ([]*ent.Task, error) { return build(q.fragments).FetchPage(ctx, q.page) },
				"FetchPage, Ent's parts": func() ([]*ent.Task, error) { return build(q.ents).FetchPage(ctx, q.page) },
				"Fetch, Ent's parts":     func() ([]*ent.Task, error) { return build(q.ents, ofPage).Fetch(ctx) },
				"All, fragments":         func() ([]*ent.Task, error) { return build(q.fragments, ofPage).All(ctx) },
				"FetchCounted": func() ([]*ent.Task, error) {
					nodes, _, err := build(q.fragments).FetchCounted(ctx, q.page)
					return nodes, err
				},
			} {
				got, err := read()
				if diff := cmp.Diff(want, got, exported); diff != "" || err != nil {
					t.Errorf("%s: %s differs from All: %v\n%s", q.name, way, err, diff)
				}
			}
			count, err := build(q.fragments).Count(ctx)
			_, total, errCounted := build(q.fragments).FetchCounted(ctx, q.page)
			if count != total || err != nil || errCounted != nil {
				t.Errorf("%s: Count is %d, FetchCounted %d: %v, %v", q.name, count, total, err, errCounted)
			}
		}
	})
}

// TestFetchCountedTakesFragmentsOnly: nothing that a caller adds may be left out of what is counted.
func TestFetchCountedTakesFragmentsOnly(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		for name, query := range map[string]*ent.TaskQuery{
			"a predicate": db.Client.Task.Query().Where(task.Completed(true)),
			"an order":    db.Client.Task.Query().Order(task.ByTitle()),
			"a limit":     db.Client.Task.Query().Limit(1),
			"an offset":   db.Client.Task.Query().Offset(1),
		} {
			if nodes, total, err := query.FetchCounted(as(t, "ann"), stmt.Page{}); err == nil {
				t.Errorf("%s is taken: %d of %d", name, len(nodes), total)
			}
		}
	})
}

// TestFetchOneIsOnly also covers what it says of none and of several.
func TestFetchOneIsOnly(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		ctx := as(t, "ann")
		for _, created := range sevenTasks(t, db.Client) {
			only, err := db.Client.Task.Query().Where(task.ID(created.ID)).Only(ctx)
			if err != nil {
				t.Fatal(err)
			}
			fetched, err := db.Client.Task.Query().Where(task.ID(created.ID)).FetchOne(ctx)
			if diff := cmp.Diff(only, fetched, exported); diff != "" || err != nil {
				t.Errorf("FetchOne differs from Only: %v\n%s", err, diff)
			}
			if diff := cmp.Diff(created, fetched, exported); diff != "" {
				t.Errorf("FetchOne differs from what was created:\n%s", diff)
			}
		}
		if _, err := db.Client.Task.Query().Where(task.Title("no such")).FetchOne(ctx); !ent.IsNotFound(err) {
			t.Errorf("FetchOne of none: %v", err)
		}
		if _, err := db.Client.Task.Query().FetchOne(ctx); !ent.IsNotSingular(err) {
			t.Errorf("FetchOne of several: %v", err)
		}
		selected, err := db.Client.Task.Query().Where(task.Title("Task 7")).Select(task.FieldID).FetchOne(ctx)
		if err != nil || selected.Title != "" {
			t.Errorf("FetchOne reads what Select does not name: %v: %v", err, selected)
		}
	})
}

// TestFetchCounted counts what the query matches, whatever page is shown of it.
func TestFetchCounted(t *testing.T) {
	t.Parallel()
	completed := stmt.Equal(task.FieldCompleted, true)
	below := func(title string) stmt.Cond { return stmt.Where(stmt.SQL(`"title" < ?`), title) }
	above := func(title string) stmt.Cond { return stmt.Where(stmt.SQL(`"title" > ?`), title) }
	pages := []struct {
		name          string
		filter        []stmt.Cond
		page          stmt.Page
		titles, total int
	}{
		{"everything", nil, stmt.Page{}, 7, 7},
		{"a first page", nil, stmt.Page{Limit: 3}, 3, 7},
		{"the last page", nil, stmt.Page{Offset: 6, Limit: 3}, 1, 7},
		{"beyond the end", nil, stmt.Page{Offset: 99, Limit: 3}, 0, 7},
		{"no limit beyond the end", nil, stmt.Page{Offset: 99}, 0, 7},
		{"a filter", []stmt.Cond{completed}, stmt.Page{Limit: 2}, 2, 3},
		{"a filter, beyond the end", []stmt.Cond{completed}, stmt.Page{Offset: 3}, 0, 3},
		{"after a position", nil, stmt.Page{Limit: 9, After: []stmt.Cond{below("Task 4")}}, 3, 7},
		{"between positions", nil, stmt.Page{After: []stmt.Cond{below("Task 4"), above("Task 1")}}, 2, 7},
		{"after the last position", []stmt.Cond{completed}, stmt.Page{After: []stmt.Cond{below("Task 1")}}, 0, 3},
		{"nothing", []stmt.Cond{stmt.Equal(task.FieldTitle, "no such")}, stmt.Page{}, 0, 0},
	}
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		sevenTasks(t, db.Client)
		for _, p := range pages {
			query := db.Client.Task.Query().Sort(byTitle.Order(true)).Filter(p.filter...)
			tasks, total, err := query.FetchCounted(as(t, "ann"), p.page)
			if err != nil || len(tasks) != p.titles || total != p.total {
				t.Errorf("%s: %d tasks of %d, want %d of %d: %v", p.name, len(tasks), total, p.titles, p.total, err)
			}
			for i := 1; i < len(tasks); i++ {
				if tasks[i-1].Title <= tasks[i].Title {
					t.Errorf("%s: %q comes before %q", p.name, tasks[i-1].Title, tasks[i].Title)
				}
			}
		}
	})
}

// TestFetchEnds shows that a reader whose time is up is told so, and leaves its connection usable.
func TestFetchEnds(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		sevenTasks(t, db.Client)
		late, cancel := contextAfterDeadline(as(t, "ann"))
		defer cancel()
		for range 20 {
			if _, err := db.Client.Task.Query().Fetch(late); !database.IsUnavailable(err) {
				t.Fatalf("Fetch after the deadline: %v", err)
			}
		}
		if n, err := length(db.Client.Task.Query().Fetch(as(t, "ann"))); n != 7 || err != nil {
			t.Errorf("Fetch afterwards: %d tasks: %v", n, err)
		}
	})
}

// TestTimes shows that both databases keep the same instants as the id, to the microsecond, and the same order.
func TestTimes(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		start := time.Now()
		tasks := sevenTasks(t, db.Client)
		for i, created := range tasks {
			stored, err := db.Client.Task.Query().Where(task.ID(created.ID)).FetchOne(as(t, "ann"))
			if err != nil {
				t.Fatal(err)
			}
			sec, nsec := created.ID.Time().UnixTime() // of a version 7 id the milliseconds only
			switch id := time.Unix(sec, nsec); {
			case !created.CreatedAt.Truncate(time.Millisecond).Equal(id):
				t.Errorf("created at %v, its id says %v", created.CreatedAt, id)
			case created.CreatedAt.Before(start.Add(-time.Millisecond)) || created.CreatedAt.After(time.Now()):
				t.Errorf("created at %v, at %v it was not there yet", created.CreatedAt, start)
			case created.CreatedAt != created.UpdatedAt:
				t.Errorf("created at %v, updated at %v", created.CreatedAt, created.UpdatedAt)
			case created.CreatedAt != created.CreatedAt.Truncate(time.Microsecond) || created.CreatedAt.Location() != time.UTC:
				t.Errorf("created at %v: not microseconds in UTC", created.CreatedAt)
			case !stored.CreatedAt.Equal(created.CreatedAt) || !stored.UpdatedAt.Equal(created.UpdatedAt):
				t.Errorf("stored as created at %v, updated at %v, was %v", stored.CreatedAt, stored.UpdatedAt, created.CreatedAt)
			case i > 0 && created.CreatedAt.Before(tasks[i-1].CreatedAt):
				t.Errorf("created at %v, the one before at %v", created.CreatedAt, tasks[i-1].CreatedAt)
			}
		}
		// The instant in an id of the past, half a millisecond after the example of RFC 9562, appendix A.6.
		past := uuid.MustParse("017F22E2-79B0-77A1-98C4-DC0C0C07398F")
		old, err := db.Client.Task.Create().SetID(past).SetTitle("Old").Save(as(t, "ann"))
		if want := time.Date(2022, 2, 22, 19, 22, 22, 499_000, time.UTC); err != nil || old.CreatedAt != want || old.UpdatedAt != want {
			t.Errorf("created at %v, want %v: %v", old, want, err)
		}
		byTime := raw.Strings(t, "SELECT id FROM tasks ORDER BY created_at, id")
		if diff := cmp.Diff(raw.Strings(t, "SELECT id FROM tasks ORDER BY id"), byTime); diff != "" {
			t.Errorf("the order of the ids is not that of creation:\n%s", diff)
		}
	})
}
