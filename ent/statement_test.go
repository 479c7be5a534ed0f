package ent_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
)

// requests are the calls that requests are made of.
var requests = []struct {
	name string
	call func(ctx context.Context, c *ent.Client, id uuid.UUID) error
	// one says that the call is about one task, by its id.
	one bool
}{
	{"create", func(ctx context.Context, c *ent.Client, _ uuid.UUID) error {
		_, err := c.Task.Create().SetTitle("Buy milk").Insert(ctx)
		return err
	}, false},
	{"list", func(ctx context.Context, c *ent.Client, _ uuid.UUID) error {
		_, err := c.Task.Query().FetchPage(ctx, stmt.Page{Limit: 50})
		return err
	}, false},
	{"list and count", func(ctx context.Context, c *ent.Client, _ uuid.UUID) error {
		_, _, err := c.Task.Query().FetchCounted(ctx, stmt.Page{Limit: 50})
		return err
	}, false},
	{"get", func(ctx context.Context, c *ent.Client, id uuid.UUID) error {
		_, err := c.Task.Query().FetchID(ctx, id)
		return err
	}, true},
	{"update", func(ctx context.Context, c *ent.Client, id uuid.UUID) error {
		_, err := c.Task.UpdateOneID(id).SetTitle("Rest").ClearDescription().SaveReturning(ctx)
		return err
	}, true},
	{"flip", func(ctx context.Context, c *ent.Client, id uuid.UUID) error {
		_, err := c.Task.UpdateOneID(id).FlipCompleted().SaveReturning(ctx)
		return err
	}, true},
	{"delete", func(ctx context.Context, c *ent.Client, id uuid.UUID) error {
		return c.Task.Delete().ExecID(ctx, id)
	}, true},
}

// TestOneStatement counts what reaches the driver: each call is one statement, without a transaction around it.
func TestOneStatement(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, _ *database.Database, raw *databasetest.Raw) {
		for _, r := range requests {
			id := annsTask(t, raw.Client).ID
			sent := raw.Sent(func() {
				if err := r.call(as(t, "ann"), raw.Client, id); err != nil {
					t.Errorf("%s: %v", r.name, err)
				}
			})
			if len(sent) != 1 {
				t.Errorf("%s sends %d statements, want one: %q", r.name, len(sent), sent)
			}
		}
		update := func() { _ = raw.Client.Task.Update().Where(task.ID(uuid.New())).SetTitle("x").Exec(as(t, "ann")) }
		id := annsTask(t, raw.Client).ID
		save := func() { _ = raw.Client.Task.UpdateOneID(id).SetTitle("x").Exec(as(t, "ann")) }
		if len(raw.Sent(update)) != 1 || len(raw.Sent(save)) != 3 { // BEGIN, UPDATE, SELECT
			t.Error("statements and transactions are not counted")
		}
	})
}

// TestOwnerIsPartOfTheStatement shows that a statement about one task finds it by its id and names the owner beside it: what
// is another's is never read to be thrown away, and nothing can change between a check and a write.
func TestOwnerIsPartOfTheStatement(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, _ *database.Database, raw *databasetest.Raw) {
		id := annsTask(t, raw.Client).ID
		for _, r := range requests {
			if !r.one {
				continue
			}
			sent := raw.Sent(func() {
				if err := r.call(as(t, "bob"), raw.Client, id); !ent.IsNotFound(err) {
					t.Errorf("%s: Bob gets %v", r.name, err)
				}
			})
			if len(sent) != 1 {
				t.Fatalf("%s sends %q", r.name, sent)
			}
			_, where, _ := strings.Cut(strings.ReplaceAll(sent[0].Query, "`", `"`), " WHERE ")
			if !strings.Contains(where, `"user_id" = `) || !strings.Contains(where, `"id" = `) || strings.Contains(where, " OR ") ||
				!slices.Contains(sent[0].Args, any("bob")) {
				t.Errorf("%s does not name Bob: %q", r.name, sent)
			}
			if plan := explain(t, raw, sent[0]); !strings.Contains(plan, primaryKey[raw.Dialect]) {
				t.Errorf("%s does not go by the id:\n%s", r.name, plan)
			}
		}
	})
}

// primaryKey stands in a plan that finds a row by its id.
var primaryKey = map[string]string{
	dialect.SQLite:   "USING INDEX sqlite_autoindex_tasks_1 (id=?)",
	dialect.Postgres: "(id = ", // by the key, or by that of the user's rows
}

// explain is the database's plan for a statement, with indexes on Postgres however few rows there are.
func explain(t *testing.T, raw *databasetest.Raw, s databasetest.Statement) string {
	t.Helper()
	prefix := "EXPLAIN QUERY PLAN "
	if raw.Dialect == dialect.Postgres {
		prefix = "EXPLAIN "
		raw.Must(t, "SET enable_seqscan = off")
		raw.Must(t, "SET enable_bitmapscan = off")
	}
	var plan strings.Builder
	for _, row := range raw.Strings(t, prefix+s.Query, s.Args...) {
		plan.WriteString(strings.Join(row, " ") + "\n")
	}
	return plan.String()
}
