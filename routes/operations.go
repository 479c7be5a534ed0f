package routes

import (
	"context"
	"iter"

	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
)

// The operations on the items of a collection, without HTTP. Handlers, agents and bulk requests call
// the same ones. The user is the viewer of the context. An item that is not there, or not the viewer's,
// is an error that ent.IsNotFound knows; input that breaks rules is a [resource.Invalid].

// changes are the hooks of an entity in the operations that create and change its items.
type changes[E, M any] struct {
	// prepare returns what sets the columns that a body asks for, or what is wrong with it. stored is the
	// item as it is; nil for a new one, and for a change that does not depend on it.
	prepare func(in *resource.Input[E, M], stored *E) (set func(M), err error)
	// needsStored reports whether a change depends on what is stored.
	needsStored func(in *resource.Input[E, M]) bool
	// holdsFor are conditions under which a change does not depend on what is stored.
	holdsFor func(in *resource.Input[E, M]) []stmt.Cond
	// follow makes the item that follows from a change; nil where nothing ever does.
	follow func(ctx context.Context, client *ent.Client, before, after *E) (next *E, err error)
	// follows reports whether something follows from a change.
	follows func(in *resource.Input[E, M], stored *E) bool
	// mend sets the derived columns of an item that an earlier release has written; nil: the entity has none.
	mend func(ctx context.Context, item *E) (*E, error)
	// store returns the store of a transaction's client.
	store func(client *ent.Client) resource.Store[E, M]
}

// changed is an item as a change leaves it, and the one that the change made, if any.
type changed[E any] struct{ item, next *E }

// page reads a page of a user's list, as its parameters say.
func (r *collection[E, M]) page(
	ctx context.Context, user string, parameters iter.Seq2[[]byte, []byte],
) (resource.Page[E], error) {
	list, err := r.table.ParseList(user, parameters)
	if err != nil {
		return resource.Page[E]{}, err
	}
	rows, total, err := r.store.List(ctx, list.Query(r.answers.counts))
	if err != nil {
		return resource.Page[E]{}, err
	}
	return r.table.Page(list, rows, total), nil
}

// make creates an item.
func (r *collection[E, M]) make(ctx context.Context, in *resource.Input[E, M]) (*E, error) {
	set, err := r.changes.prepare(in, nil)
	if err != nil {
		return nil, err
	}
	return r.store.Create(ctx, set)
}

// change applies what a body says, in one statement where it can. A body that says nothing changes
// nothing.
func (r *collection[E, M]) change(ctx context.Context, id uuid.UUID, in *resource.Input[E, M]) (changed[E], error) {
	switch {
	case in.IsEmpty():
		stored, err := r.store.Get(ctx, id)
		return changed[E]{item: stored}, err
	case in.Contradicts() || r.changes.needsStored(in):
		return r.changeStored(ctx, id, func(*E) *resource.Input[E, M] { return in.Clone() })
	}
	set, err := r.changes.prepare(in, nil)
	if err != nil {
		return changed[E]{}, err
	}
	return r.changeWhere(ctx, id, set, r.changes.holdsFor(in), func(*E) *resource.Input[E, M] { return in.Clone() })
}

// changeWhere changes an item in one statement if it satisfies the conditions. Otherwise it reads the item and
// applies the input that otherwise returns for it (see changeStored).
func (r *collection[E, M]) changeWhere(
	ctx context.Context, id uuid.UUID, set func(M), where []stmt.Cond, otherwise func(stored *E) *resource.Input[E, M],
) (changed[E], error) {
	item, err := r.store.Update(ctx, id, set, where...)
	if len(where) > 0 && ent.IsNotFound(err) {
		return r.changeStored(ctx, id, otherwise)
	}
	return r.mended(ctx, changed[E]{item: item}, err)
}

// mended is a change whose item has been brought up to date.
func (r *collection[E, M]) mended(ctx context.Context, done changed[E], err error) (changed[E], error) {
	if err != nil || r.changes.mend == nil {
		return done, err
	}
	done.item, err = r.changes.mend(ctx, done.item)
	return done, err
}

// changeStored makes a change that depends on the stored item: it reads the item, and updates it on condition
// that it is still the version that was read. After a concurrent change it starts over.
func (r *collection[E, M]) changeStored(
	ctx context.Context, id uuid.UUID, input func(stored *E) *resource.Input[E, M],
) (changed[E], error) {
	for {
		stored, err := r.store.Get(ctx, id)
		if err != nil {
			return changed[E]{}, err
		}
		in := input(stored)
		if err := in.Settle(stored); err != nil {
			return changed[E]{}, err
		}
		set, err := r.changes.prepare(in, stored)
		if err != nil {
			return changed[E]{}, err
		}
		done, err := r.changeFrom(ctx, stored, in, set)
		if !ent.IsNotFound(err) || ctx.Err() != nil {
			return r.mended(ctx, done, err)
		}
	}
}

// changeFrom updates an item if it is still the version that was read, and creates the item that follows from
// the change, both in one transaction.
func (r *collection[E, M]) changeFrom(
	ctx context.Context, stored *E, in *resource.Input[E, M], set func(M),
) (done changed[E], err error) {
	id, same := r.table.ID(stored), stmt.Equal("updated_at", r.table.Changed(stored))
	if r.changes.follows == nil || !r.changes.follows(in, stored) {
		done.item, err = r.store.Update(ctx, id, set, same)
		return done, err
	}
	err = r.inTx(ctx, func(client *ent.Client) error {
		done.item, err = r.changes.store(client).Update(ctx, id, set, same)
		if err != nil {
			return err
		}
		done.next, err = r.changes.follow(ctx, client, stored, done.item)
		return err
	})
	return done, err
}
