// Package rule holds the ownership rules that the schema's policies are made of. They know no entity:
// they work on every one that has an owner field. They import nothing that is generated from the
// schema: after an error in a template there would be nothing to generate with.
package rule

import (
	"context"
	"fmt"

	"entgo.io/ent"
	"entgo.io/ent/privacy"

	"todo-backend/ent/viewer"
)

// OwnerField is the column that names an entity's owner.
const OwnerField = "user_id"

// queryRuleFunc is a function as a rule for queries. Ent generates one, but its own package has it
// for mutations alone.
type queryRuleFunc func(context.Context, ent.Query) error

// EvalQuery calls the function.
func (f queryRuleFunc) EvalQuery(ctx context.Context, q ent.Query) error { return f(ctx, q) }

// QueryOwn denies a query without a viewer and narrows every other to the viewer's rows.
func QueryOwn() privacy.QueryRule {
	return queryRuleFunc(func(ctx context.Context, q ent.Query) error { return narrow(ctx, q) })
}

// QueryKey is the one way past the ownership of rows: where there is no viewer, but a key that somebody
// presents ([viewer.Present]), it shows the row whose column has the value of the key, and no other. It
// stands before [QueryOwn], to which it leaves every query with a viewer or without a key. Nothing is
// changed by a key.
func QueryKey(column string) privacy.QueryRule {
	return queryRuleFunc(func(ctx context.Context, q ent.Query) error {
		key, presented := viewer.Presented(ctx)
		if _, known := viewer.FromContext(ctx); known || !presented {
			return privacy.Skip
		}
		if err := whereEqual(q, column, key); err != nil {
			return err
		}
		return privacy.Allow
	})
}

// ChangeOwn denies an update or a delete without a viewer and narrows every other to the viewer's rows.
func ChangeOwn() privacy.MutationRule {
	return privacy.MutationRuleFunc(func(ctx context.Context, m ent.Mutation) error {
		if m.Op().Is(ent.OpCreate) {
			return privacy.Skip
		}
		return narrow(ctx, m)
	})
}

// CreateOwn denies a create without a viewer or for anybody else, and makes the viewer the owner of what is created. A
// filter would not do: it has no effect on a create.
func CreateOwn() privacy.MutationRule {
	return privacy.MutationRuleFunc(func(ctx context.Context, m ent.Mutation) error {
		if !m.Op().Is(ent.OpCreate) {
			return privacy.Skip
		}
		v, ok := viewer.FromContext(ctx)
		if !ok {
			return errNoViewer
		}
		if owner, set := m.Field(OwnerField); set && owner != v.ID {
			return privacy.Denyf("%s may not be created for another user", m.Type())
		}
		if err := m.SetField(OwnerField, v.ID); err != nil {
			return privacy.Denyf("set the owner of %s: %v", m.Type(), err)
		}
		return privacy.Skip
	})
}

// LinkOwn denies a mutation that links rows, by an edge, of which the viewer does not see both, whether
// or not they exist. It changes edges of what the viewer sees only: where nothing but edges changes, Ent
// writes them without a look at the row. So what an edge connects has one owner, and whoever follows it,
// be it in a predicate, where no policy is asked, meets nothing that is another's.
func LinkOwn() privacy.MutationRule {
	return privacy.MutationRuleFunc(func(ctx context.Context, m ent.Mutation) error {
		counter, ok := m.(interface {
			CountLinks(ctx context.Context) (links, seen int, err error)
		})
		if !ok {
			return privacy.Denyf("the links of %s can't be checked", m.Type())
		}
		links, seen, err := counter.CountLinks(ctx)
		if err != nil {
			return fmt.Errorf("check the links of %s: %w", m.Type(), err)
		}
		if links != seen {
			return privacy.Denyf("%s may not be linked to what its owner does not see", m.Type())
		}
		return privacy.Skip
	})
}

var errNoViewer = privacy.Denyf("nobody is asking")

// narrow adds the viewer's id to the conditions of a query, an update or a delete. What can't be narrowed is denied.
func narrow(ctx context.Context, statement any) error {
	v, ok := viewer.FromContext(ctx)
	if !ok {
		return errNoViewer
	}
	if err := whereEqual(statement, OwnerField, v.ID); err != nil {
		return err
	}
	return privacy.Skip
}

// whereEqual adds a condition to a statement.
func whereEqual(statement any, column, value string) error {
	s, ok := statement.(interface {
		WhereEqual(column string, value any)
	})
	if !ok {
		return privacy.Denyf("%T can't be narrowed by %s", statement, column)
	}
	s.WhereEqual(column, value)
	return nil
}
