package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"todo-backend/ent/resource"
)

// Limits of a tag's texts, in characters (Unicode code points).
const (
	maxTag   = 50
	maxColor = 32
)

// Tag is a tag that its owner made, so that it has a colour and stays when no task has it. Tasks hold
// the names of their tags themselves.
type Tag struct{ ent.Schema }

// Mixin gives a tag its identity and times, and an owner.
func (Tag) Mixin() []ent.Mixin { return []ent.Mixin{OwnedMixin{}, TimeMixin{}} }

// Fields of a tag.
func (Tag) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Validate(characters(1, maxTag)).Annotations(resource.Spec{
			Trim: true, Min: 1, Max: maxTag, Example: "work", Sort: []string{"name"},
		}),
		field.String("color").Optional().Nillable().Validate(characters(0, maxColor)).Annotations(resource.Spec{
			Max: maxColor, Example: "#ff0000",
		}),
	}
}

// Indexes keep a user's names apart, and find them.
func (Tag) Indexes() []ent.Index { return []ent.Index{index.Fields("user_id", "name").Unique()} }
