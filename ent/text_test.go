package ent_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/task"
)

// TestTextsAreWrittenOnce sends each statement twice, with other values: the text that is remembered is the one that Ent wrote.
func TestTextsAreWrittenOnce(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, _ *database.Database, raw *databasetest.Raw) {
		calls := map[string]func(ctx context.Context, id uuid.UUID, title string) error{
			"SELECT": func(ctx context.Context, id uuid.UUID, _ string) error {
				_, err := raw.Client.Task.Query().FetchID(ctx, id)
				return err
			},
			"SELECT a list": func(ctx context.Context, _ uuid.UUID, title string) error {
				query := raw.Client.Task.Query().Limit(2)
				query.WhereEqual(task.FieldCompleted, false)
				query.WhereShape("from the title on", task.TitleGTE(title), title)
				query.OrderShape("title", task.ByTitle())
				_, err := query.Fetch(ctx)
				return err
			},
			"INSERT": func(ctx context.Context, _ uuid.UUID, title string) error {
				_, err := raw.Client.Task.Create().SetTitle(title).Insert(ctx)
				return err
			},
			"DELETE": func(ctx context.Context, id uuid.UUID, _ string) error {
				return raw.Client.Task.Delete().ExecID(ctx, id)
			},
			"UPDATE": func(ctx context.Context, id uuid.UUID, title string) error {
				_, err := raw.Client.Task.UpdateOneID(id).SetTitle(title).ClearDescription().FlipCompleted().SaveReturning(ctx)
				return err
			},
		}
		for name, call := range calls {
			first, second := annsTask(t, raw.Client).ID, annsTask(t, raw.Client).ID
			sent := raw.Sent(func() {
				if err := call(as(t, "ann"), first, "Rest"); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if err := call(as(t, "ann"), second, "Rest again"); err != nil {
					t.Errorf("%s, for the second time: %v", name, err)
				}
			})
			if len(sent) != 2 || sent[0].Query != sent[1].Query || len(sent[0].Args) != len(sent[1].Args) || slices.Equal(sent[0].Args, sent[1].Args) {
				t.Errorf("%s sends %q", name, sent)
			}
		}
	})
}

// TestConditionsOutsideTheShape adds conditions to statements whose text is known without them.
func TestConditionsOutsideTheShape(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		ann, tasks := as(t, "ann"), db.Client.Task
		id := annsTask(t, db.Client).ID
		for range 2 {
			if _, err := tasks.Query().FetchID(ann, id); err != nil {
				t.Errorf("Ann's task: %v", err)
			}
			if _, err := tasks.UpdateOneID(id).SetTitle("Buy milk").SaveReturning(ann); err != nil {
				t.Errorf("Ann's change: %v", err)
			}
		}
		for name, call := range map[string]func() (*ent.Task, error){
			"another title": func() (*ent.Task, error) { return tasks.Query().Where(task.Title("Rest")).FetchID(ann, id) },
			"an offset":     func() (*ent.Task, error) { return tasks.Query().Offset(1).FetchID(ann, id) },
			"a limit of 0":  func() (*ent.Task, error) { return tasks.Query().Limit(0).FetchID(ann, id) },
			"a title of what goes": func() (*ent.Task, error) {
				return nil, tasks.Delete().Where(task.Title("Rest")).ExecID(ann, id)
			},
			"a changed title": func() (*ent.Task, error) {
				return tasks.UpdateOneID(id).Where(task.Title("Rest")).SetTitle("Buy milk").SaveReturning(ann)
			},
		} {
			if found, err := call(); !ent.IsNotFound(err) {
				t.Errorf("with %s: %v, %v", name, found, err)
			}
		}
	})
}
