package ent_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
)

// TestTextsDependOnTheCodeAlone sends each statement twice, with other values: what clients choose,
// limits, offsets and numbers of values among it, is no part of the text.
func TestTextsDependOnTheCodeAlone(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, _ *database.Database, raw *databasetest.Raw) {
		tasks := raw.Client.Task
		calls := map[string]func(ctx context.Context, id uuid.UUID, n int) error{
			"FetchID": func(ctx context.Context, id uuid.UUID, _ int) error {
				return second(tasks.Query().FetchID(ctx, id))
			},
			"FetchPage": func(ctx context.Context, id uuid.UUID, n int) error {
				query := tasks.Query().Sort(byTitle.Order(true))
				query.Filter(stmt.Equal(task.FieldCompleted, n > 1), stmt.In(task.FieldTitle, titles(n)))
				after := []stmt.Cond{byTitle.After(true, titles(n)[0], id)}
				return second(query.FetchPage(ctx, stmt.Page{After: after, Limit: n, Offset: n}))
			},
			"FetchCounted": func(ctx context.Context, _ uuid.UUID, n int) error {
				query := tasks.Query().Sort(byTitle.Order(true)).Filter(stmt.In(task.FieldTitle, titles(n)))
				_, _, err := query.FetchCounted(ctx, stmt.Page{Limit: n, Offset: n})
				return err
			},
			"Insert": func(ctx context.Context, _ uuid.UUID, n int) error {
				return second(tasks.Create().SetTitle(titles(n)[0]).Insert(ctx))
			},
			"ExecID": func(ctx context.Context, id uuid.UUID, _ int) error {
				return tasks.Delete().ExecID(ctx, id)
			},
			"SaveReturning": func(ctx context.Context, id uuid.UUID, n int) error {
				update := tasks.UpdateOneID(id).SetTitle(titles(n)[0]).ClearDescription().FlipCompleted()
				return second(update.SaveReturning(ctx))
			},
			"SaveReturning, many": func(ctx context.Context, _ uuid.UUID, n int) error {
				return second(tasks.Update().Filter(stmt.In(task.FieldTitle, titles(n))).SetTitle(titles(n)[0]).SaveReturning(ctx))
			},
		}
		for name, call := range calls {
			first, other := annsTask(t, raw.Client).ID, annsTask(t, raw.Client).ID
			sent := raw.Sent(func() {
				if err := call(as(t, "ann"), first, 1); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if err := call(as(t, "ann"), other, 3); err != nil {
					t.Errorf("%s, for the second time: %v", name, err)
				}
			})
			if len(sent) != 2 || sent[0].Query != sent[1].Query || len(sent[0].Args) != len(sent[1].Args) {
				t.Errorf("%s sends %q", name, sent)
			}
		}
	})
}

// titles are n titles.
func titles(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint("Task ", n-i))
	}
	return all
}

func second[T any](_ T, err error) error { return err }

// TestWhatIsNoFragmentCounts adds conditions in Ent's words to calls that go by fragments.
func TestWhatIsNoFragmentCounts(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		ann, tasks := as(t, "ann"), db.Client.Task
		id := annsTask(t, db.Client).ID
		for name, call := range map[string]func() error{
			"another title": func() error { return second(tasks.Query().Where(task.Title("Rest")).FetchID(ann, id)) },
			"an offset":     func() error { return second(tasks.Query().Offset(1).FetchID(ann, id)) },
			"a title to go": func() error { return tasks.Delete().Where(task.Title("Rest")).ExecID(ann, id) },
			"a changed title": func() error {
				return second(tasks.UpdateOneID(id).Where(task.Title("Rest")).SetTitle("x").SaveReturning(ann))
			},
			"a changed title, of many": func() error {
				changed, err := tasks.Update().Where(task.Title("Rest")).SetTitle("x").SaveReturning(ann)
				if err != nil || len(changed) == 0 {
					return &ent.NotFoundError{} // it is refused
				}
				return nil
			},
			"a fragment":         func() error { return second(tasks.Query().Filter(rest).FetchID(ann, id)) },
			"a fragment to go":   func() error { return tasks.Delete().Filter(rest).ExecID(ann, id) },
			"a fragment, change": func() error { return second(tasks.UpdateOneID(id).Filter(rest).SetTitle("x").SaveReturning(ann)) },
			"a fragment, Save":   func() error { return second(tasks.UpdateOneID(id).Filter(rest).SetTitle("x").Save(ann)) },
		} {
			if err := call(); !ent.IsNotFound(err) {
				t.Errorf("with %s: %v", name, err)
			}
		}
		if now := stored(t, db.Client, id); now.Title != "Buy milk" {
			t.Errorf("the task is %v", now)
		}
	})
}

var rest = stmt.Equal(task.FieldTitle, "Rest")

// TestManySaveReturning changes several rows in one statement.
func TestManySaveReturning(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		created := sevenTasks(t, db.Client)
		ids := []uuid.UUID{created[1].ID, created[4].ID}
		changed, err := db.Client.Task.Update().Filter(stmt.In(task.FieldID, ids)).
			SetExpr(stmt.Expr(task.FieldTitle, stmt.SQL("{column} || ?"), "!")).SaveReturning(as(t, "ann"))
		if err != nil || len(changed) != 2 {
			t.Fatalf("%d are changed: %v", len(changed), err)
		}
		for _, now := range changed {
			before := created[slices.IndexFunc(created, func(t *ent.Task) bool { return t.ID == now.ID })]
			if now.Title != before.Title+"!" || !now.UpdatedAt.After(before.UpdatedAt) || !slices.Contains(ids, now.ID) {
				t.Errorf("%v became %v", before, now)
			}
		}
		if others, err := db.Client.Task.Update().Filter(stmt.In(task.FieldID, ids)).SetTitle("x").SaveReturning(as(t, "bob")); err != nil || len(others) != 0 {
			t.Errorf("Bob changes %v: %v", others, err)
		}
	})
}

// TestExpressionsChangeNoOwner: what never changes does not by an expression either.
func TestExpressionsChangeNoOwner(t *testing.T) {
	t.Parallel()
	for _, column := range []string{task.FieldUserID, task.FieldID, task.FieldCreatedAt, "no such", ""} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is set", column)
				}
			}()
			ent.NewClient().Task.UpdateOneID(uuid.New()).SetExpr(stmt.Assign(column, "bob"))
		}()
	}
	defer func() {
		if recover() == nil {
			t.Error("a new task has a column that is computed of its row")
		}
	}()
	ent.NewClient().Task.Create().Mutation().SetExpr(stmt.Not(task.FieldCompleted))
}
