// Package schema defines the entities. Everything else in ent that carries a "Code generated" line is made from it.
package schema

import (
	"fmt"
	"unicode/utf8"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"todo-backend/ent/resource"
)

// Limits of a task's texts, in characters (Unicode code points).
const (
	maxTitle       = 255
	maxDescription = 1000
)

// derived is why exports leave a column out that follows from others.
const derived = "it follows from other columns"

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
		// Of a task that is not completed: it is in progress.
		field.Bool("started").Default(false).Annotations(resource.Spec{Hidden: true, Unexported: "the status tells it"}),
		field.Int8("priority").Default(3).Annotations(entsql.Default("3"), resource.Spec{
			Words: []string{"critical", "urgent", "high", "medium", "low", "none"}, Null: "none", Example: "high",
			Sort: []string{"priority"}, Filter: []string{"priority", "priority_filter"},
		}),
		field.String("due_date").Optional().Nillable().Annotations(resource.Spec{
			Description: "A date, a local time or an instant; it comes back as it was sent", Example: "2026-01-05T09:30",
			Also: []string{"due", "due_at", "deadline"},
		}),
		field.String("timezone").Optional().Nillable().Annotations(resource.Spec{
			Description: "The IANA time zone in which dates and local times of this task are meant", Example: "Europe/Berlin",
		}),
		field.Strings("tags").Default([]string{}).Annotations(entsql.Default("[]"), resource.Spec{
			Description: "At most 20 tags of at most 50 characters", Example: `["work","home"]`, Also: []string{"labels", "tag_ids"},
		}),
		field.String("recurrence_rule").Optional().Nillable().Annotations(resource.Spec{
			Description: "An RRULE of RFC 5545 without its name, or one of the words daily, weekly, biweekly, weekdays, monthly and yearly, " +
				"which are kept as their rules. Completing the task then creates the next one",
			Example: "FREQ=WEEKLY;BYDAY=MO",
			Also:    []string{"rrule", "recurrence", "recurring", "recurrence_type", "repeat"},
		}),
		field.Int8("repeat_from").Default(0).Annotations(entsql.Default("0"), resource.Spec{
			Description: "Whether the next due date counts from the due date or from the day of completion",
			Words:       []string{"due", "completion"}, Null: resource.NullAbsent, Example: "due",
		}),
		field.UUID("parent_task_id", uuid.UUID{}).Optional().Nillable().Immutable().Annotations(resource.Spec{
			ReadOnly: true, Description: "The first task of the series that a recurring task belongs to; null for the first",
			Example: "0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b",
		}),
		// What a series keeps: the due date that its rule counts from, the day that this task stands for,
		// whatever its due date became, and the task whose completion made this one.
		field.String("series_start").Optional().Nillable().Annotations(resource.Spec{Hidden: true, Exported: true}),
		field.String("series_day").Optional().Nillable().Annotations(resource.Spec{Hidden: true, Exported: true}),
		field.UUID("previous_task_id", uuid.UUID{}).Optional().Nillable().Immutable().Annotations(resource.Spec{Hidden: true, Exported: true}),
		field.String("remind_at").Optional().Nillable().Annotations(resource.Spec{
			Description: "When to remind; written like `due_date`", Example: "2026-01-05T09:00",
		}),
		field.Time("completed_at").Optional().Nillable().Annotations(resource.Spec{
			ReadOnly: true, Description: "When it was completed", Example: "2026-01-05T10:00:00.000000Z",
			Sort: []string{"completed_at"}, Descending: true,
		}),
		// The further members that API_FIELDS names, as JSON texts: so they come back as they were sent.
		field.JSON("extra", map[string]string{}).Optional().Annotations(resource.Spec{Hidden: true, Exported: true}),

		// What follows from other columns, so that the database can compare it: the two instants of the due
		// date, and the texts as a search compares them. derived_at is the updated_at of the version that they
		// follow from: an earlier release, which does not know them, leaves it behind.
		field.Time("due_begin").Optional().Nillable().Annotations(resource.Spec{Hidden: true, Unexported: derived}),
		field.Time("due_end").Optional().Nillable().Annotations(resource.Spec{Hidden: true, Unread: true, Unexported: derived}),
		field.Text("folded_title").Optional().Annotations(resource.Spec{Hidden: true, Unread: true, Unexported: derived}),
		field.Text("folded_description").Optional().Annotations(resource.Spec{Hidden: true, Unread: true, Unexported: derived}),
		field.Strings("folded_tags").Optional().Annotations(resource.Spec{Hidden: true, Unread: true, Unexported: derived}),
		field.Time("derived_at").Optional().Nillable().Annotations(resource.Spec{Hidden: true, Unexported: derived}),
	}
}

// Hooks keep what follows from other columns.
func (Task) Hooks() []ent.Hook { return []ent.Hook{derive} }

// Indexes serve the default order of a list: an id holds the instant of its creation. Lists in another
// order sort the rows of one user. A completion makes at most one next task. An index that holds a column which changes would make each change
// write to all indexes.
func (Task) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("user_id", "id"),
		index.Fields("previous_task_id").Unique().Annotations(entsql.IndexWhere("previous_task_id IS NOT NULL")),
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
