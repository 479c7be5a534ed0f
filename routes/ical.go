package routes

import (
	"bytes"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"

	"todo-backend/ent"
	"todo-backend/ent/moment"
	"todo-backend/ent/recurrence"
)

// Tasks as iCalendar has them (RFC 5545).

const (
	icalDate    = "20060102"
	icalLocal   = "20060102T150405"
	icalInstant = icalLocal + "Z"

	// eventLength is how long an event at a time lasts: a due date is a point in time.
	eventLength = 30 * time.Minute
	lastYear    = 9999 // the last that calendars can write
)

// icalLines is how golang-ical writes: lines of 75 bytes that end in CRLF (section 3.1).
var icalLines = &ics.SerializationConfiguration{MaxLength: 75, PropertyMaxLength: 75, NewLine: "\r\n"}

// icalPriorities are those of a task, from critical to none.
var icalPriorities = []string{"1", "2", "3", "5", "7", ""}

// icalWriter writes components, one at a time. Zones are written where they are first used.
type icalWriter struct {
	buffer bytes.Buffer
	zone   *time.Location // of tasks without one of their own
	now    time.Time
	first  time.Time // the earliest due date of a recurring task: zones are described from the year before
	zones  map[string]bool
}

// begin writes what stands before the first component.
func (w *icalWriter) begin() {
	w.buffer.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//todo-backend//Tasks//EN\r\nCALSCALE:GREGORIAN\r\nX-WR-CALNAME:Tasks\r\n")
}

func (w *icalWriter) end() { w.buffer.WriteString("END:VCALENDAR\r\n") }

// event writes a task as an event, with its rule unless the next task of the series exists, or the series
// repeats from completion.
func (w *icalWriter) event(t *ent.Task, isFollowed bool) error {
	event := ics.NewEvent(icalID(t))
	describeComponent(&event.ComponentBase, t)
	due, err := moment.Parse(*t.DueDate)
	if err != nil {
		return err
	}
	state := stateOfSeries(ruleOf(t), t.DueDate, t.Timezone)
	rule, zone, comesBack := seriesOf(t).RRULE(state, w.zone)
	comesBack = comesBack && !isFollowed && t.RepeatFrom == 0
	switch {
	case !due.Form().HasTime():
		day, _ := due.Wall(time.UTC)
		event.AddProperty(ics.ComponentPropertyDtStart, icalDay(day), ics.WithValue("DATE"))
		if next := day.AddDays(1); next <= moment.LastDay {
			event.AddProperty(ics.ComponentPropertyDtEnd, icalDay(next), ics.WithValue("DATE"))
		}
	case comesBack && zone.String() != "UTC":
		if err := w.timezone(zone); err != nil {
			return err
		}
		day, clock := due.Wall(zone)
		wall := icalDay(day) + "T" + time.Time{}.Add(clock).Format("150405")
		event.AddProperty(ics.ComponentPropertyDtStart, wall, ics.WithTZID(zone.String()))
		event.AddProperty(ics.ComponentProperty(ics.PropertyDuration), "PT30M")
	default:
		begin := due.Begin(due.ReadIn(state.Timezone, w.zone)).UTC()
		event.AddProperty(ics.ComponentPropertyDtStart, begin.Format(icalInstant))
		if end := begin.Add(eventLength); end.Year() <= lastYear {
			event.AddProperty(ics.ComponentPropertyDtEnd, end.Format(icalInstant))
		}
	}
	if comesBack {
		event.AddProperty(ics.ComponentPropertyRrule, rule)
	}
	return event.SerializeTo(&w.buffer, icalLines)
}

// todo writes a task as a to-do.
func (w *icalWriter) todo(t *ent.Task) error {
	todo := ics.NewTodo(icalID(t))
	describeComponent(&todo.ComponentBase, t)
	due, err := moment.Parse(*t.DueDate)
	if err != nil {
		return err
	}
	if due.Form().HasTime() {
		own := stateOfSeries(recurrence.Rule{}, t.DueDate, t.Timezone).Timezone
		todo.AddProperty(ics.ComponentPropertyDue, due.Begin(due.ReadIn(own, w.zone)).UTC().Format(icalInstant))
	} else {
		todo.AddProperty(ics.ComponentPropertyDue, icalDay(due.Day()), ics.WithValue("DATE"))
	}
	switch stateOf(t) {
	case stateCompleted:
		todo.AddProperty(ics.ComponentPropertyStatus, string(ics.ObjectStatusCompleted))
		if t.CompletedAt != nil {
			todo.AddProperty(ics.ComponentPropertyCompleted, t.CompletedAt.UTC().Format(icalInstant))
		}
	case stateInProgress:
		todo.AddProperty(ics.ComponentPropertyStatus, string(ics.ObjectStatusInProcess))
	default:
		todo.AddProperty(ics.ComponentPropertyStatus, string(ics.ObjectStatusNeedsAction))
	}
	return todo.SerializeTo(&w.buffer, icalLines)
}

// icalID is the UID of a task, the same in every answer.
func icalID(t *ent.Task) string { return t.ID.String() + "@todo-backend" }

// describeComponent adds what events and to-dos have alike. DTSTAMP is the last change, so that what has not
// changed is written with the same bytes.
func describeComponent(c *ics.ComponentBase, t *ent.Task) {
	changed := t.UpdatedAt.UTC().Format(icalInstant)
	c.AddProperty(ics.ComponentPropertyDtstamp, changed)
	c.AddProperty(ics.ComponentPropertyCreated, t.CreatedAt.UTC().Format(icalInstant))
	c.AddProperty(ics.ComponentPropertyLastModified, changed)
	c.AddProperty(ics.ComponentPropertySummary, icalText(t.Title))
	if t.Description != nil && *t.Description != "" {
		c.AddProperty(ics.ComponentPropertyDescription, icalText(*t.Description))
	}
	if priority := int(t.Priority); priority >= 0 && priority < len(icalPriorities) && icalPriorities[priority] != "" {
		c.AddProperty(ics.ComponentPropertyPriority, icalPriorities[priority])
	}
	for _, tag := range t.Tags {
		c.AddProperty(ics.ComponentPropertyCategories, icalText(tag))
	}
}

// icalText removes what a content line may not have: control characters other than line ends and tabs. Unicode's
// line and paragraph separators, which some readers take for the end of a line, become line ends.
func icalText(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\u2028', r == '\u2029':
			return '\n'
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
}

func icalDay(day moment.Day) string { return strings.ReplaceAll(day.String(), "-", "") }
