package routes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/fold"
	"todo-backend/ent/moment"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
)

// taskFilters are the parameters of a list of tasks beside those of its columns.
func taskFilters(cfg config.Config) []resource.Filter {
	extras := make([]resource.Filter, len(cfg.Fields))
	for i, name := range cfg.Fields {
		extras[i] = extraFilter(name)
	}
	return append([]resource.Filter{
		statusFilter(), searchFilter(), tagsFilter(), noTagsFilter(),
		dueOnFilter(), dueFromFilter(), dueToFilter(), dueFilter(), overdueFilter(), hasDueDateFilter(), isRecurringFilter(),
	}, extras...)
}

// taskSorts are the orders of a list of tasks beside those of its columns.
func taskSorts() []taskSort {
	return []taskSort{
		{
			Order: resource.Order{Name: task.FieldDueDate, Kind: resource.KindInstant, Column: task.FieldDueBegin, Nullable: true},
			Words: []string{"due_date", "due_at", "due"},
			Value: func(t *ent.Task) any {
				if t.DueBegin == nil {
					return nil
				}
				return *t.DueBegin
			},
		},
		{
			Order: resource.Order{
				Name: fieldStatus, Kind: resource.KindWord,
				Key: stmt.SQL(`CASE WHEN "completed" THEN 2 WHEN "started" THEN 1 ELSE 0 END`),
			},
			Words: []string{"status"},
			Value: func(t *ent.Task) any { return stateOf(t) },
		},
	}
}

// stateTexts are the conditions of each set of states, as bits.
var stateTexts = map[int]string{
	1 << statePending:                      `NOT "completed" AND NOT "started"`,
	1 << stateInProgress:                   `NOT "completed" AND "started"`,
	1 << stateCompleted:                    `"completed"`,
	1<<statePending | 1<<stateInProgress:   `NOT "completed"`,
	1<<statePending | 1<<stateCompleted:    `"completed" OR NOT "started"`,
	1<<stateInProgress | 1<<stateCompleted: `"completed" OR "started"`,
}

// stateConds are those conditions; all states together have none.
func stateConds(states int) []stmt.Cond {
	text, ok := stateTexts[states]
	if !ok {
		return nil
	}
	return []stmt.Cond{stmt.Where(stmt.SQL(text))}
}

// statusFilter takes the words of bodies, true and false as the field completed does, and "active" and
// "incomplete" for all that is not completed.
func statusFilter() resource.Filter {
	const open = 1<<statePending | 1<<stateInProgress
	return resource.Filter{
		Names: []string{"status", "status_filter", "filter"},
		Description: "Which tasks: `pending` are not in progress, `active` are all that are not completed, `overdue` those of them that " +
			"were due. Several are separated by commas.",
		Schema: resource.JSON("type", "string"),
		Parse: func(values []string, at resource.Clock) ([]stmt.Cond, string, *resource.Refusal) {
			states, overdue := 0, false
			for _, word := range resource.SplitList(values) {
				state, known := parseState(word)
				flag, refusal := resource.ParseFlag(word)
				switch lower := strings.ToLower(word); {
				case lower == "active" || lower == "incomplete":
					states |= open
				case lower == "overdue":
					overdue = true
				case known:
					states |= 1 << state
				case refusal == nil && flag:
					states |= 1 << stateCompleted
				case refusal == nil:
					states |= open
				default:
					return nil, "", resource.Refuse("enum", "must be all, %s, active or overdue", strings.Join(stateWords, ", "))
				}
			}
			if overdue && states&open != open {
				return statusOverdue(states, at)
			}
			return stateConds(states), strconv.Itoa(states), nil
		},
	}
}

// statusOverdue are overdue tasks, and those in the states.
func statusOverdue(states int, at resource.Clock) ([]stmt.Cond, string, *resource.Refusal) {
	late := overdue(at)
	if states == 0 {
		return []stmt.Cond{late.cond()}, "overdue" + at.Zone.String(), nil
	}
	late.text = stateTexts[states] + ` OR (` + late.text + `)`
	return []stmt.Cond{late.cond()}, strconv.Itoa(states) + ",overdue" + at.Zone.String(), nil
}

// searchFilter finds each word anywhere in the title, the description or a tag.
func searchFilter() resource.Filter {
	contains := stmt.Text{
		Postgres: `strpos("folded_title", ?) > 0 OR strpos("folded_description", ?) > 0 OR ` +
			`EXISTS (SELECT 1 FROM jsonb_array_elements_text("folded_tags") AS tag(name) WHERE strpos(tag.name, ?) > 0)`,
		SQLite: `instr("folded_title", ?) > 0 OR instr("folded_description", ?) > 0 OR ` +
			`EXISTS (SELECT 1 FROM json_each("folded_tags") AS tag WHERE instr(tag.value, ?) > 0)`,
	}
	return resource.Filter{
		Names:       []string{"search", "q", "query", "search_query"},
		Verbatim:    true,
		Description: "Words, each of which is anywhere in the title, the description or a tag, in any case of letters; at most 10, of 200 characters in all.",
		Schema:      resource.JSON("type", "string"),
		Parse: func(values []string, _ resource.Clock) ([]stmt.Cond, string, *resource.Refusal) {
			if !isPlainText(values[0]) {
				return nil, "", resource.Refuse("text", "must be valid UTF-8 without a NUL character")
			}
			words, err := fold.Words(values[0])
			if err != nil {
				return nil, "", resource.Refuse("length", "%v", err)
			}
			where := make([]stmt.Cond, len(words))
			for i, word := range words {
				where[i] = stmt.Where(contains, word, word, word)
			}
			return where, strings.Join(words, " "), nil
		},
	}
}

// tagsFilter finds tasks that have all of the tags.
func tagsFilter() resource.Filter {
	return resource.Filter{
		Names:       []string{"tags", "tag", "tags_filter", "tag_ids"},
		Adds:        true,
		Description: "Tasks that have all of these tags, which are separated by commas or given one by one.",
		Schema:      resource.JSON("type", "string"),
		Parse: func(values []string, _ resource.Clock) ([]stmt.Cond, string, *resource.Refusal) {
			var where []stmt.Cond
			names := resource.SplitList(values)
			if len(names) > maxTags {
				return nil, "", resource.Refuse("length", "must be at most %d", maxTags)
			}
			slices.Sort(names)
			names = slices.Compact(names)
			for _, name := range names {
				if !isPlainText(name) {
					return nil, "", resource.Refuse("text", "must be valid UTF-8 without a NUL character")
				}
				where = append(where, hasTag(name))
			}
			return where, strings.Join(names, ","), nil
		},
	}
}

// flagFilter is a parameter that is true or false, with the condition of each.
func flagFilter(name, description string, yes, no func(resource.Clock) stmt.Cond) resource.Filter {
	return resource.Filter{
		Names:       []string{name},
		Description: description,
		Schema:      resource.JSON("type", "boolean"),
		Parse: func(values []string, at resource.Clock) ([]stmt.Cond, string, *resource.Refusal) {
			flag, refusal := resource.ParseFlag(values[0])
			cond := no
			if flag {
				cond = yes
			}
			if refusal != nil || cond == nil {
				return nil, "", refusal
			}
			return []stmt.Cond{cond(at)}, fmt.Sprint(flag, at.Zone), nil
		},
	}
}

func always(c stmt.Cond) func(resource.Clock) stmt.Cond {
	return func(resource.Clock) stmt.Cond { return c }
}

func noTagsFilter() resource.Filter {
	none := stmt.Where(stmt.Text{Postgres: `"tags" = '[]'::jsonb`, SQLite: `json_array_length("tags") = 0`})
	return flagFilter("no_tags", "Tasks without tags.", always(none), nil)
}

func hasDueDateFilter() resource.Filter {
	return flagFilter("has_due_date", "Tasks with a due date, or those without.",
		always(stmt.Where(stmt.SQL(`"due_date" IS NOT NULL`))), always(stmt.Where(stmt.SQL(`"due_date" IS NULL`))))
}

func isRecurringFilter() resource.Filter {
	return flagFilter(fieldIsRecurring, "Tasks that come back, or those that do not.",
		always(stmt.Where(stmt.SQL(`"recurrence_rule" IS NOT NULL`))), always(withoutRule))
}

func overdueFilter() resource.Filter {
	return flagFilter("overdue", "Tasks that were due and are not completed, or all others.",
		func(at resource.Clock) stmt.Cond { return overdue(at).cond() },
		func(at resource.Clock) stmt.Cond { return overdue(at).negated() })
}

// A due date that is a date, of a task without a zone of its own, is a day wherever it is asked for.
// Every other one is two instants.
const (
	isDay     = `"timezone" IS NULL AND length("due_date") = 10`
	isInstant = `("timezone" IS NOT NULL OR length("due_date") <> 10)`
)

// dueCond is a condition on the due date.
type dueCond struct {
	text string
	args []any
}

func (c dueCond) cond() stmt.Cond { return stmt.Where(stmt.SQL(c.text), c.args...) }

func (c dueCond) negated() stmt.Cond {
	return stmt.Where(stmt.SQL(`NOT COALESCE((`+c.text+`), FALSE)`), c.args...)
}

// overdue is what was due before now, or before today, and is not completed.
func overdue(at resource.Clock) dueCond {
	return dueCond{
		`NOT "completed" AND ((` + isDay + ` AND "due_date" < ?) OR (` + isInstant + ` AND "due_end" < ?))`,
		[]any{moment.Today(at.Now, at.Zone).String(), stmt.Micro(at.Now)},
	}
}

// bound is one end of a range of due dates.
type bound struct {
	day     moment.Day
	instant time.Time
}

// from is the condition that a due date is not over before the bound.
func (b bound) from() stmt.Cond {
	return stmt.Where(stmt.SQL(`(`+isDay+` AND "due_date" >= ?) OR (`+isInstant+` AND "due_end" >= ?)`), b.day.String(), b.instant)
}

// to is the condition that a due date has begun by the bound.
func (b bound) to() stmt.Cond {
	return stmt.Where(stmt.SQL(`(`+isDay+` AND "due_date" <= ?) OR (`+isInstant+` AND "due_begin" <= ?)`), b.day.String(), b.instant)
}

// days are the conditions that some of a due date lies in the days from first to last.
func days(first, last moment.Day, zone *time.Location) []stmt.Cond {
	return []stmt.Cond{bound{first, first.Begin(zone)}.from(), bound{last, last.End(zone)}.to()}
}

func dueOnFilter() resource.Filter {
	return resource.Filter{
		Names:       []string{"due_date", "due_on"},
		Description: "Tasks due on this day.",
		Schema:      resource.JSON("type", "string", "format", "date"),
		Parse: func(values []string, at resource.Clock) ([]stmt.Cond, string, *resource.Refusal) {
			m, err := moment.Parse(values[0])
			if err != nil {
				return nil, "", resource.Refuse("time", "%v", err)
			}
			day, _ := m.Wall(at.Zone)
			return days(day, day, at.Zone), day.String() + at.Zone.String(), nil
		},
	}
}

func dueFromFilter() resource.Filter {
	return rangeFilter([]string{"due_from", "due_date_from", "due_after"}, "Tasks due then or later: a date, a local time or an instant.",
		func(m moment.Moment, zone *time.Location) stmt.Cond {
			day, _ := m.Wall(zone)
			return bound{day, m.Begin(zone)}.from()
		})
}

func dueToFilter() resource.Filter {
	return rangeFilter([]string{"due_to", "due_date_to", "due_before"}, "Tasks due then or before: a date, a local time or an instant.",
		func(m moment.Moment, zone *time.Location) stmt.Cond {
			day, _ := m.Wall(zone)
			return bound{day, m.End(zone)}.to()
		})
}

func rangeFilter(names []string, description string, cond func(moment.Moment, *time.Location) stmt.Cond) resource.Filter {
	return resource.Filter{
		Names:       names,
		Description: description,
		Schema:      resource.JSON("type", "string"),
		Parse: func(values []string, at resource.Clock) ([]stmt.Cond, string, *resource.Refusal) {
			m, err := moment.Parse(values[0])
			if err != nil {
				return nil, "", resource.Refuse("time", "%v", err)
			}
			return []stmt.Cond{cond(m, at.Zone)}, values[0] + at.Zone.String(), nil
		},
	}
}

// dueFilter takes the words for what is due soon, or was.
func dueFilter() resource.Filter {
	return resource.Filter{
		Names:       []string{"due"},
		Description: "Tasks due today, in the week that begins today, or overdue.",
		Schema:      resource.JSON("type", "string", "enum", []string{"today", "week", "overdue"}),
		Parse: func(values []string, at resource.Clock) ([]stmt.Cond, string, *resource.Refusal) {
			today := moment.Today(at.Now, at.Zone)
			word := strings.ToLower(values[0])
			canonical := word + at.Zone.String()
			switch word {
			case "today":
				return days(today, today, at.Zone), canonical, nil
			case "week":
				return days(today, today.AddDays(6), at.Zone), canonical, nil
			case "overdue":
				return []stmt.Cond{overdue(at).cond()}, canonical, nil
			}
			return nil, "", resource.Refuse("enum", "must be today, week or overdue")
		},
	}
}

// extraFilter compares a member of API_FIELDS, as text. Its name is one of the settings, which take
// letters, digits, _ and $ alone.
func extraFilter(name string) resource.Filter {
	equals := stmt.Text{
		Postgres: `("extra" ->> '` + name + `') IN (?, ?)`,
		SQLite:   `json_extract("extra", '$."` + name + `"') IN (?, ?)`,
	}
	return resource.Filter{
		Names:       slices.Compact([]string{name, resource.Snake(name)}),
		Description: "Tasks with this `" + name + "`.",
		Schema:      resource.JSON("type", "string"),
		Parse: func(values []string, _ resource.Clock) ([]stmt.Cond, string, *resource.Refusal) {
			if !isPlainText(values[0]) {
				return nil, "", resource.Refuse("text", "must be valid UTF-8 without a NUL character")
			}
			text := string(resource.AppendString(nil, values[0]))
			other := values[0] // the JSON of what is no text
			if strings.HasPrefix(other, `"`) {
				other = text
			}
			return []stmt.Cond{stmt.Where(equals, text, other)}, values[0], nil
		},
	}
}
