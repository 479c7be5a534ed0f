// Package schema defines the entities. Everything else in ent that carries a "Code generated" line is made from it.
package schema

import (
	"fmt"
	"unicode/utf8"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"todo-backend/ent/resource"
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
		field.String("title").Validate(characters(1, maxTitle)).Annotations(resource.Spec{
			Trim: true, Min: 1, Max: maxTitle, Sort: []string{"title"}, Example: "Buy milk",
		}),
		field.Text("description").Optional().Nillable().Validate(characters(0, maxDescription)).Annotations(resource.Spec{
			Max: maxDescription, Example: "Two litres",
		}),
		field.Bool("completed").Default(false).Annotations(resource.Spec{
			Description: "True where `status` is `completed`", Null: resource.NullAbsent, Example: "false",
			Also: []string{"is_completed", "is_complete", "done"}, Filter: []string{"completed", "is_completed"},
		}),
		field.Int8("priority").Default(3).Annotations(entsql.Default("3"), resource.Spec{
			Words: []string{"critical", "urgent", "high", "medium", "low", "none"}, Null: "none", Example: "high",
			Sort: []string{"priority"}, Filter: []string{"priority", "priority_filter"},
		}),
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
