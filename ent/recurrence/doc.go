// Package recurrence holds the rules by which tasks come back: what is taken of RFC 5545, what a body says of a rule, and which due
// date comes next. It is plain calculation on values; what is stored, and when, is for its callers.
//
// # A change of a task
//
// A body writes a rule under many names and in many forms. The names are those of [Names], in snake_case.
//
//	stored, err := recurrence.Parse(row.RecurrenceRule)       // the zero Rule where the column is null, or for a new task
//	rule, problems := recurrence.Weigh(values, stored)        // each problem has a field, a code and a sentence
//	rule == stored                                            // the body changes nothing of it
//	rule.IsZero()                                             // it is cleared, or there is none
//	rule.String()                                             // what is stored and answered as recurrence_rule
//	rule.Frequency(), rule.Interval(), rule.EndDate(), rule.Word() // what the other fields are read as
//
// A name that API_ALIASES puts in another's place is given to Weigh as what it stands for: with recurrence_rule=recurrence_word the
// member recurrence_rule of a body has the Name recurrence_word. Whether a value is new depends on what its name is answered with.
//
// # A series
//
// Beside a task with a rule stands its [Series]: the start and the day it stands for. A change of rule, due date or zone is followed by
//
//	before, after := recurrence.State{…as stored…}, recurrence.State{…as it becomes…}
//	series = series.Change(before, after, task.CreatedAt, standard) // for a new task: series = after.Begin(now, standard)
//	err := after.Rule.Check(series.Start.Day(), fromCompletion)     // an *Error; also where repeat_from alone changes
//
// Completing a task asks for the next one:
//
//	c := recurrence.Completion{State: after, Series: series, FromCompletion: …, Standard: standard, Now: now}
//	due, standsFor, ok := c.Next()                                    // not ok: the series ends
//	next := recurrence.Series{Start: series.Start, StandsFor: standsFor} // that of the next task
//	remind, ok := moment.Move(reminder, c.From(), due, zone, standard)
//
// # Why an expander of its own
//
// A task needs the first day after another, not a calendar of times: sets of days, walked from near that day to ten years after it, are
// smaller than a check of each rule in front of rrule-go 1.8.2, which panics on some, counts COUNT and BYSETPOS otherwise than the
// RFC, and walks to the year 9999 without a bound.
package recurrence
