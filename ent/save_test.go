package ent_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/task"
)

func contextAfterDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithDeadline(ctx, time.Now().Add(-time.Second))
}

func annsTask(t *testing.T, client *ent.Client) *ent.Task {
	t.Helper()
	created, err := client.Task.Create().SetTitle("Buy milk").SetDescription("two litres").Save(as(t, "ann"))
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func stored(t *testing.T, client *ent.Client, id uuid.UUID) *ent.Task {
	t.Helper()
	found, err := client.Task.Query().Where(task.ID(id)).FetchOne(as(t, "ann"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestSaveReturning changes one thing at a time: it is returned and stored, all else stays, and updated_at moves on.
func TestSaveReturning(t *testing.T) {
	t.Parallel()
	empty := ""
	changes := []struct {
		name   string
		change func(*ent.TaskUpdateOne)
		want   func(*ent.Task)
	}{
		{"title", func(u *ent.TaskUpdateOne) { u.SetTitle("Buy oat milk") }, func(t *ent.Task) { t.Title = "Buy oat milk" }},
		{"description cleared", func(u *ent.TaskUpdateOne) { u.ClearDescription() }, func(t *ent.Task) { t.Description = nil }},
		{"description emptied", func(u *ent.TaskUpdateOne) { u.SetDescription("") }, func(t *ent.Task) { t.Description = &empty }},
		{"completed", func(u *ent.TaskUpdateOne) { u.SetCompleted(true) }, func(t *ent.Task) { t.Completed = true }},
		{"flipped", func(u *ent.TaskUpdateOne) { u.FlipCompleted() }, func(t *ent.Task) { t.Completed = true }},
		{"the same again", func(u *ent.TaskUpdateOne) { u.SetTitle("Buy milk").SetCompleted(false) }, func(*ent.Task) {}},
		{"nothing", func(*ent.TaskUpdateOne) {}, func(*ent.Task) {}},
		{"everything", func(u *ent.TaskUpdateOne) {
			u.SetTitle("Rest").ClearDescription().SetCompleted(true)
		}, func(t *ent.Task) { t.Title, t.Description, t.Completed = "Rest", nil, true }},
	}
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		for _, c := range changes {
			before := annsTask(t, db.Client)
			update := db.Client.Task.UpdateOneID(before.ID)
			c.change(update)
			returned, err := update.SaveReturning(as(t, "ann"))
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if !returned.UpdatedAt.After(before.UpdatedAt) || returned.UpdatedAt.After(time.Now()) {
				t.Errorf("%s: updated at %v, before at %v", c.name, returned.UpdatedAt, before.UpdatedAt)
			}
			want := *before
			want.UpdatedAt = returned.UpdatedAt
			c.want(&want)
			if diff := cmp.Diff(&want, returned, exported, cmpopts.IgnoreFields(ent.Task{}, "DerivedAt", "CompletedAt")); diff != "" {
				t.Errorf("%s: returned:\n%s", c.name, diff)
			}
			if diff := cmp.Diff(&want, stored(t, db.Client, before.ID), exported, cmpopts.IgnoreFields(ent.Task{}, "DerivedAt", "CompletedAt")); diff != "" {
				t.Errorf("%s: stored:\n%s", c.name, diff)
			}
		}
	})
}

// TestSaveReturningRefuses also shows that what is refused changes nothing.
func TestSaveReturningRefuses(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		before := annsTask(t, db.Client)
		update := func() *ent.TaskUpdateOne { return db.Client.Task.UpdateOneID(before.ID) }
		refusals := []struct {
			name   string
			update *ent.TaskUpdateOne
			is     func(error) bool
		}{
			{"no such task", db.Client.Task.UpdateOneID(uuid.New()).SetTitle("x"), ent.IsNotFound},
			{"a predicate that fails", update().Where(task.Completed(true)).SetTitle("x"), ent.IsNotFound},
			{"an empty title", update().SetTitle(""), ent.IsValidationError},
			{"a long title", update().SetTitle(strings.Repeat("ä", 256)), ent.IsValidationError},
			{"a long description", update().SetDescription(strings.Repeat("ä", 1001)), ent.IsValidationError},
		}
		for _, r := range refusals {
			if _, err := r.update.SaveReturning(as(t, "ann")); !r.is(err) {
				t.Errorf("%s: %v", r.name, err)
			}
		}
		if diff := cmp.Diff(before, stored(t, db.Client, before.ID), exported, cmpopts.IgnoreFields(ent.Task{}, "DerivedAt", "CompletedAt")); diff != "" {
			t.Errorf("a refused change changed:\n%s", diff)
		}
		longest := strings.Repeat("ä", 255)
		if got, err := update().SetTitle(longest).SaveReturning(as(t, "ann")); err != nil || got.Title != longest {
			t.Errorf("the longest title is refused: %v", err)
		}
	})
}

// TestUpdatedAtNeverGoesBack starts from a time that a copy with a faster clock wrote.
func TestUpdatedAtNeverGoesBack(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		id := annsTask(t, db.Client).ID
		ahead := time.Now().UTC().Add(time.Hour).Truncate(time.Microsecond)
		if err := db.Client.Task.UpdateOneID(id).SetUpdatedAt(ahead).Exec(as(t, "ann")); err != nil {
			t.Fatal(err)
		}
		for i := 1; i <= 3; i++ {
			returned, err := db.Client.Task.UpdateOneID(id).FlipCompleted().SaveReturning(as(t, "ann"))
			if err != nil {
				t.Fatal(err)
			}
			if want := ahead.Add(time.Duration(i) * time.Microsecond); !returned.UpdatedAt.Equal(want) {
				t.Errorf("change %d: updated at %v, want %v", i, returned.UpdatedAt, want)
			}
		}
	})
}

// TestConcurrentFlips has Ann flip one task from many places at once: an odd number of flips completes it, and each moves
// updated_at, so that no two return the same.
func TestConcurrentFlips(t *testing.T) {
	t.Parallel()
	const flips = 33
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		id := annsTask(t, db.Client).ID
		var seen sync.Map
		var wg sync.WaitGroup
		for range flips {
			wg.Go(func() {
				returned, err := db.Client.Task.UpdateOneID(id).FlipCompleted().SaveReturning(as(t, "ann"))
				if err != nil {
					t.Error(err)
					return
				}
				if other, again := seen.LoadOrStore(returned.UpdatedAt.UnixMicro(), returned.Completed); again {
					t.Errorf("two flips at %v: to %v and %v", returned.UpdatedAt, other, returned.Completed)
				}
			})
		}
		wg.Wait()
		if !stored(t, db.Client, id).Completed {
			t.Errorf("after %d flips the task is as before", flips)
		}
	})
}

// TestSaveFlips shows that Ent's own Save writes flips too, alone and beside other fields.
func TestSaveFlips(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		id := annsTask(t, db.Client).ID
		saved, err := db.Client.Task.UpdateOneID(id).FlipCompleted().Save(as(t, "ann"))
		if err != nil || !saved.Completed || !stored(t, db.Client, id).Completed {
			t.Errorf("after a flip: %v: %v", err, saved)
		}
		saved, err = db.Client.Task.UpdateOneID(id).SetTitle("Rest").FlipCompleted().Save(as(t, "ann"))
		if err != nil || saved.Completed || saved.Title != "Rest" {
			t.Errorf("after another: %v: %v", err, saved)
		}
	})
}

// TestSaveReturningInTransaction rolls a change back.
func TestSaveReturningInTransaction(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		before := annsTask(t, db.Client)
		tx, err := db.Client.Tx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		changed, err := tx.Task.UpdateOneID(before.ID).SetTitle("Rest").SaveReturning(as(t, "ann"))
		if err != nil || changed.Title != "Rest" {
			t.Errorf("within the transaction: %v: %v", err, changed)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, stored(t, db.Client, before.ID), exported, cmpopts.IgnoreFields(ent.Task{}, "DerivedAt", "CompletedAt")); diff != "" {
			t.Errorf("rolled back, and yet:\n%s", diff)
		}
	})
}
