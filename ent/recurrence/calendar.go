package recurrence

import (
	"fmt"
	"strings"
	"time"

	"todo-backend/ent/moment"
)

// RRULE returns the rule of a series as calendars count it (RFC 5545 section 3.8.5.3): from the due date of
// a task on, which is the event's DTSTART, and in the zone in which that is written. It reports false where
// the due date is no occurrence of the series, or the zone can't be told to calendars: then the event
// stands alone. standard is the zone of tasks without one of their own.
//
// What calendars leave out and this package does not, a month's last day in place of one that the month
// lacks, is spelled out. UNTIL has DTSTART's type, COUNT is what remains.
func (s Series) RRULE(state State, standard *time.Location) (rule string, zone *time.Location, ok bool) {
	if state.Rule.IsZero() || state.Due.IsZero() || s.Start.IsZero() {
		return "", nil, false
	}
	zone = state.Due.ReadIn(state.Timezone, standard)
	day, clock := state.Due.Wall(zone)
	start, startClock := s.Start.Wall(zone)
	form := state.Due.Form()
	if day != s.StandsFor || form.HasTime() != s.Start.Form().HasTime() || clock != form.Cut(startClock) {
		return "", nil, false
	}
	series := state.Rule.expand(start)
	if !series.has(day) {
		return "", nil, false
	}
	parts, ok := state.Rule.remaining(series, day, state.Due, zone)
	if state.Timezone == nil && form.Kind == moment.Offset {
		// Calendars know no zone of an offset. In UTC the days have to be the same.
		utc := moment.DayOf(state.Due.Begin(zone).Date())
		zone, ok = time.UTC, ok && utc == day
	}
	return strings.Join(parts, ";"), zone, ok
}

// remaining are the parts of the rule from a day of the series on, on which a due date lies. It reports false
// where the series has ended before.
func (r Rule) remaining(series *expansion, day moment.Day, due moment.Moment, zone *time.Location) (parts []string, ok bool) {
	parts = r.without("COUNT", "UNTIL")
	switch {
	case series.lastDay && r.pattern.frequency == Monthly && series.day > 28:
		parts = append(r.without("COUNT", "UNTIL", "BYSETPOS"), "BYMONTHDAY="+daysUpTo(series.day), "BYSETPOS=-1")
	case series.lastDay && r.pattern.frequency == Yearly && series.month == time.February && series.day == 29:
		parts = append(r.without("COUNT", "UNTIL", "BYSETPOS"), "BYMONTH=2", "BYMONTHDAY=28,29", "BYSETPOS=-1")
	}
	if r.count > 0 {
		number := series.number(day, r.count)
		return append(parts, fmt.Sprintf("COUNT=%d", r.count-number+1)), number <= r.count
	}
	if r.until.IsZero() {
		return parts, true
	}
	if !due.Form().HasTime() {
		last, _ := r.until.Wall(zone)
		return append(parts, "UNTIL="+strings.ReplaceAll(last.String(), "-", "")), day <= last
	}
	end := r.until.End(zone)
	if end.UTC().Year() > 9999 { // which no calendar can write
		return parts, true
	}
	return append(parts, "UNTIL="+end.UTC().Format("20060102T150405Z")), !due.Begin(zone).After(end)
}

// daysUpTo lists the days of a month from the 28th up to the 29th, 30th or 31st.
func daysUpTo(day int) string { return "28,29,30,31"[:3*(day-28)+2] }

// has reports whether a day is one that the rule names.
func (e *expansion) has(day moment.Day) bool {
	if day < e.start {
		return false
	}
	first, days := e.period(e.periodOf(day))
	return day >= first && days.has(int(day-first))
}
