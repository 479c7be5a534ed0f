package rule_test

import (
	"context"
	"errors"
	"testing"

	"entgo.io/ent"
	"entgo.io/ent/privacy"

	"todo-backend/ent/rule"
	"todo-backend/ent/viewer"
)

// ownerless is the mutation of an entity without an owner, and without conditions that could be narrowed.
type ownerless struct {
	ent.Mutation // nil: what else is asked of it panics
	op           ent.Op
}

func (m ownerless) Op() ent.Op                     { return m.op }
func (ownerless) Type() string                     { return "Ownerless" }
func (ownerless) Field(string) (ent.Value, bool)   { return nil, false }
func (ownerless) SetField(string, ent.Value) error { return errors.New("there is no such field") }

// TestWhatHasNoOwnerIsDenied gives the rules an entity that they can't work on: nobody may touch it, not even a viewer.
func TestWhatHasNoOwnerIsDenied(t *testing.T) {
	t.Parallel()
	ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	for who, ctx := range map[string]context.Context{"nobody": t.Context(), "Ann": ann} {
		for what, err := range map[string]error{
			"queries": rule.QueryOwn().EvalQuery(ctx, struct{}{}),
			"creates": rule.CreateOwn().EvalMutation(ctx, ownerless{op: ent.OpCreate}),
			"updates": rule.ChangeOwn().EvalMutation(ctx, ownerless{op: ent.OpUpdate}),
			"links":   rule.LinkOwn().EvalMutation(ctx, ownerless{op: ent.OpUpdate}),
			"deletes": rule.ChangeOwn().EvalMutation(ctx, ownerless{op: ent.OpDeleteOne}),
		} {
			if !errors.Is(err, privacy.Deny) {
				t.Errorf("%s %s: %v, want a denial", who, what, err)
			}
		}
	}
}

// TestRulesLeaveTheRestToOthers shows that each rule decides on its own operations only, and that none allows: another
// rule may still deny.
func TestRulesLeaveTheRestToOthers(t *testing.T) {
	t.Parallel()
	if err := rule.CreateOwn().EvalMutation(t.Context(), ownerless{op: ent.OpUpdateOne}); !errors.Is(err, privacy.Skip) {
		t.Errorf("CreateOwn on an update: %v", err)
	}
	if err := rule.ChangeOwn().EvalMutation(t.Context(), ownerless{op: ent.OpCreate}); !errors.Is(err, privacy.Skip) {
		t.Errorf("ChangeOwn on a create: %v", err)
	}
}
