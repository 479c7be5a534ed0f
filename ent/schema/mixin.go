package schema

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/privacy"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
	"github.com/google/uuid"

	"todo-backend/ent/resource"
	"todo-backend/ent/rule"
)

// maxOwner is how many characters (Unicode code points) the owner's id has at most.
const maxOwner = 255

// OwnedMixin gives an entity an owner and the policy that only its owner meets it. Every entity has it.
type OwnedMixin struct {
	mixin.Schema

	// Key names a column by whose value a row is found before there is a viewer; see [rule.QueryKey].
	// Empty: there is no such way to a row.
	Key string
}

// Fields holds the owner: the subject of the token, opaque text. It never changes.
func (OwnedMixin) Fields() []ent.Field {
	return []ent.Field{
		field.String(rule.OwnerField).Immutable().Validate(characters(1, maxOwner)).Annotations(resource.Spec{
			ReadOnly: true, Min: 1, Max: maxOwner, Example: "hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd",
		}),
	}
}

// Policy refuses whoever is nobody, shows and changes only the viewer's rows, and lets nobody create for
// another or link to what is another's.
func (m OwnedMixin) Policy() ent.Policy {
	query := privacy.QueryPolicy{rule.QueryOwn()}
	if m.Key != "" {
		query = privacy.QueryPolicy{rule.QueryKey(m.Key), rule.QueryOwn()}
	}
	return privacy.Policy{
		Query:    query,
		Mutation: privacy.MutationPolicy{rule.CreateOwn(), rule.ChangeOwn(), rule.LinkOwn()},
	}
}

// TimeMixin gives an entity an id that sorts by creation (UUID version 7, RFC 9562 section 5.7), the time of its creation,
// which is the instant in the id, and the time of its last change. Times are UTC in microseconds, as both databases keep
// them.
type TimeMixin struct{ mixin.Schema }

// Fields holds the id and the two times.
func (TimeMixin) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Default(newID).Immutable().Annotations(resource.Spec{
			ReadOnly: true, Example: "0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b",
			Sort: []string{"created", "created_at", "date"}, Descending: true,
		}),
		field.Time("created_at").Immutable().Annotations(resource.Spec{
			ReadOnly: true, Last: true, Example: "2026-01-05T08:30:00.000001Z",
		}),
		field.Time("updated_at").UpdateDefault(now).Annotations(resource.Spec{
			ReadOnly: true, Last: true, Sort: []string{"updated", "updated_at"}, Descending: true,
			Example: "2026-01-05T09:00:00.000000Z",
		}),
	}
}

// Hooks stamps what is created.
func (TimeMixin) Hooks() []ent.Hook { return []ent.Hook{stamp} }

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// stamp sets both times of a new entity to the instant in its id, so that ids and times of creation agree in their order.
func stamp(next ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
		if !m.Op().Is(ent.OpCreate) {
			return next.Mutate(ctx, m)
		}
		entity, ok := m.(interface {
			ID() (uuid.UUID, bool)
			SetCreatedAt(time.Time)
			SetUpdatedAt(time.Time)
		})
		if !ok {
			return nil, fmt.Errorf("stamp %T: it has no id or no times", m)
		}
		id, _ := entity.ID()
		at := instant(id)
		entity.SetCreatedAt(at)
		entity.SetUpdatedAt(at)
		return next.Mutate(ctx, m)
	})
}

// instant is the time in a version 7 id, to the microsecond: 48 bits of milliseconds and, as uuid.NewV7 writes them
// (RFC 9562 section 6.2, method 3), 12 bits that count 256 ns within one.
func instant(id uuid.UUID) time.Time {
	var milli int64
	for _, b := range id[:6] {
		milli = milli<<8 | int64(b)
	}
	fraction := (int64(id[6]&0x0f)<<8 | int64(id[7])) * 256 / 1000
	return time.UnixMilli(milli).UTC().Add(time.Duration(min(fraction, 999)) * time.Microsecond)
}
