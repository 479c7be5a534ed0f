package schema

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent"

	"todo-backend/ent/fold"
	"todo-backend/ent/stmt"
)

// taskMutation is what derive needs of the generated mutation, which can't be imported here.
type taskMutation interface {
	ent.Mutation

	Title() (string, bool)
	SetFoldedTitle(string)
	Description() (string, bool)
	DescriptionCleared() bool
	SetFoldedDescription(string)
	ClearFoldedDescription()
	Tags() ([]string, bool)
	SetFoldedTags([]string)
	Completed() (bool, bool)
	CompletedAt() (time.Time, bool)
	SetCompletedAt(time.Time)
	UpdatedAt() (time.Time, bool)
	SetDerivedAt(time.Time)
	SetExpr(...stmt.Set)
	HasExpr(column string) bool
}

// derive keeps the columns that follow from others in step with them. The instants of the due date
// depend on the default time zone too, and are left to whoever sets it.
func derive(next ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
		if m.Op().Is(ent.OpDelete | ent.OpDeleteOne) {
			return next.Mutate(ctx, m)
		}
		t, ok := m.(taskMutation)
		if !ok {
			return nil, fmt.Errorf("derive the columns of %T: it is no task", m)
		}
		if title, ok := t.Title(); ok {
			t.SetFoldedTitle(fold.Fold(title))
		}
		if description, ok := t.Description(); ok {
			t.SetFoldedDescription(fold.Fold(description))
		}
		if t.DescriptionCleared() {
			t.ClearFoldedDescription()
		}
		if tags, ok := t.Tags(); ok {
			t.SetFoldedTags(foldAll(tags))
		}
		at, _ := t.UpdatedAt()
		if m.Op().Is(ent.OpCreate) {
			if completed, _ := t.Completed(); completed {
				t.SetCompletedAt(at)
			}
			t.SetDerivedAt(at)
			return next.Mutate(ctx, m)
		}
		t.SetExpr(completion(t, at))
		if !t.HasExpr("derived_at") {
			t.SetExpr(derivedLater(at))
		}
		return next.Mutate(ctx, m)
	})
}

func foldAll(texts []string) []string {
	folded := make([]string, len(texts))
	for i, text := range texts {
		folded[i] = fold.Fold(text)
	}
	return folded
}

// completion keeps the time of completion: completing a completed task leaves it. One that an earlier
// release completed was completed at its last change.
func completion(t taskMutation, at time.Time) stmt.Set {
	const kept = `CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at")`
	switch completed, set := t.Completed(); {
	case t.HasExpr("completed"): // a flip
		return laterExpr("completed_at", `CASE WHEN NOT "completed" THEN `, ` END`, at)
	case set && completed:
		return laterExpr("completed_at", kept+` ELSE `, ` END`, at)
	case set:
		return stmt.Null("completed_at")
	}
	return stmt.Expr("completed_at", stmt.SQL(kept+` END`))
}

// derivedLater moves derived_at with updated_at where it was in step.
func derivedLater(at time.Time) stmt.Set {
	return laterExpr("derived_at", `CASE WHEN "derived_at" = "updated_at" THEN `, ` ELSE "derived_at" END`, at)
}

// laterExpr is an expression around the time that updated_at moves to.
func laterExpr(column, before, behind string, at time.Time) stmt.Set {
	return stmt.Expr(column, stmt.Text{
		Postgres: before + `GREATEST(?, "updated_at" + INTERVAL '1 microsecond')` + behind,
		SQLite:   before + `MAX(?, "updated_at" + 1)` + behind,
	}, stmt.Micro(at))
}
