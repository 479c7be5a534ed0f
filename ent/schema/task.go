// Package schema defines the entities. Everything else in ent that carries a "Code generated" line is made from it.
package schema

import (
	"fmt"
	"unicode/utf8"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Limits of a task's texts, in characters (Unicode code points).
const (
	maxTitle       = 255
	maxDescription = 1000
)

// Task is one thing that its owner means to do.
type Task struct{ ent.Schema }

// Mixin gives a task its identity and times, and an owner.
func (Task) Mixin() []ent.Mixin {
	return []ent.Mixin{OwnedMixin{}, TimeMixin{}}
}

// Fields of a task besides those of its mixins.
func (Task) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Validate(characters(1, maxTitle)),
		field.Text("description").Optional().Nillable().Validate(characters(0, maxDescription)),
		field.Bool("completed").Default(false),
	}
}

// Indexes serve the default order of a list, with and without a filter on the state. Lists in another order sort the
// rows of one user: a further index would cost every write more than it saves.
func (Task) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("user_id", "created_at", "id"),
		index.Fields("user_id", "completed", "created_at", "id"),
	}
}

// characters accepts text of at least lowest and at most highest code points.
func characters(lowest, highest int) func(string) error {
	refusal := fmt.Errorf("must have %d to %d characters", lowest, highest)
	if lowest == 0 {
		refusal = fmt.Errorf("must have at most %d characters", highest)
	}
	return func(s string) error {
		if n := utf8.RuneCountInString(s); n < lowest || n > highest {
			return refusal
		}
		return nil
	}
}
