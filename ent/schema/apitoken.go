package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"todo-backend/ent/resource"
)

const maxTokenName = 100 // characters

// APIToken is a secret that a user made for an agent, a script or a calendar, which stands for them
// within its scope. The secret is not kept, only its hash.
type APIToken struct{ ent.Schema }

// Mixin gives a token its identity and times, and an owner. The hash of its secret finds it before
// anybody knows whose it is.
func (APIToken) Mixin() []ent.Mixin {
	return []ent.Mixin{OwnedMixin{Key: "hash"}, TimeMixin{}}
}

// Fields of a token besides those of its mixins.
func (APIToken) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Validate(characters(1, maxTokenName)).Annotations(resource.Spec{
			Description: "What it is for", Trim: true, Min: 1, Max: maxTokenName, Example: "Claude on my laptop",
		}),
		field.Int8("scope").Annotations(resource.Spec{
			Description: "`write` opens everything but the tokens, `read` what changes nothing, `feed` the calendar alone",
			Words:       []string{"read", "write", "feed"}, Example: "read",
		}),
		field.String("prefix").Immutable().Annotations(resource.Spec{
			ReadOnly: true, Description: "Its first characters, by which its owner knows it", Example: "todo_Ab3d",
		}),
		// The SHA-256 of the secret, in hexadecimal digits.
		field.String("hash").Immutable().Unique().Annotations(resource.Spec{Hidden: true, Unexported: "it stands for the secret"}),
		// One of the places that a user has for tokens: a unique index holds how many there are.
		field.Int16("place").Immutable().Annotations(resource.Spec{Hidden: true, Unexported: "it says nothing of the token"}),
		field.Time("expires_at").Immutable().Optional().Nillable().Annotations(resource.Spec{
			ReadOnly: true, Last: true, Description: "Null: never", Example: "2026-04-05T08:30:00.000001Z",
		}),
		field.Time("last_used_at").Optional().Nillable().Annotations(resource.Spec{
			ReadOnly: true, Last: true, Description: "To the minute", Example: "2026-01-05T09:00:00.000000Z",
		}),
	}
}

// Indexes list the tokens of a user.
func (APIToken) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "place").Unique()}
}
