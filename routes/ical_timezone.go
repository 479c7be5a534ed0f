package routes

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"
)

// A VTIMEZONE (RFC 5545 section 3.6.5) lists each change of the clock from the year before the first recurring event. Where
// the changes follow a yearly rule that holds for regularYears, the rule takes the place of the list; otherwise the list
// ends irregularYears after this year.
const (
	regularYears   = 28 // after which weekdays and leap years repeat
	irregularYears = 10
)

// clockChange is a change of a zone's clock.
type clockChange struct {
	at       time.Time // in UTC
	from, to int       // offsets in seconds east of UTC
	isDST    bool
	name     string
}

// timezone writes a zone, once.
func (w *icalWriter) timezone(zone *time.Location) error {
	if w.zones[zone.String()] {
		return nil
	}
	if w.zones == nil {
		w.zones = map[string]bool{}
	}
	w.zones[zone.String()] = true
	begin := w.first.UTC().Year() - 1
	now := max(begin+1, w.now.UTC().Year())
	last := min(now+regularYears, lastYear-1)
	changes := clockChanges(zone, begin, last)
	regular := regularFrom(changes, last)
	until := regular
	if regular > last-regularYears/2 {
		until = now + irregularYears
	}

	component := ics.NewTimezone(zone.String())
	start := time.Date(begin, time.January, 1, 0, 0, 0, 0, time.UTC)
	name, offset := start.In(zone).Zone()
	component.Components = append(component.Components, observance(clockChange{
		at: start.Add(-time.Duration(offset) * time.Second), from: offset, to: offset, isDST: start.In(zone).IsDST(), name: name,
	}, ""))
	for _, c := range changes {
		switch year := c.wall().Year(); {
		case year < until:
			component.Components = append(component.Components, observance(c, ""))
		case year == until && until == regular:
			component.Components = append(component.Components, observance(c, yearlyRule(c, changes)))
		}
	}
	return component.SerializeTo(&w.buffer, icalLines)
}

// wall is when the change comes, by the clock before it, as if that were UTC.
func (c clockChange) wall() time.Time { return c.at.Add(time.Duration(c.from) * time.Second) }

// clockChanges returns the changes of a zone from the beginning of the year from to the end of the year to.
func clockChanges(zone *time.Location, from, to int) []clockChange {
	var changes []clockChange
	t := time.Date(from, time.January, 1, 0, 0, 0, 0, time.UTC).In(zone)
	end := time.Date(to+1, time.January, 1, 0, 0, 0, 0, time.UTC)
	for {
		_, next := t.ZoneBounds()
		if next.IsZero() || !next.Before(end) {
			return changes
		}
		if !next.After(t) { // ZoneBounds does not move on at 31 December of leap years
			next = t.Add(24 * time.Hour)
		}
		_, before := t.Zone()
		name, after := next.Zone()
		if before != after || t.IsDST() != next.IsDST() {
			changes = append(changes, clockChange{next.UTC(), before, after, next.IsDST(), name})
		}
		t = next
	}
}

// regularFrom returns the first year from which every year up to last has the same changes, or last+1 if there is
// no such year.
func regularFrom(changes []clockChange, last int) int {
	years := map[int][]clockChange{}
	for _, c := range changes {
		years[c.wall().Year()] = append(years[c.wall().Year()], c)
	}
	year := last + 1
	for ; len(years[year-1]) == len(years[last]) && len(years[last]) > 0; year-- {
		for i, c := range years[year-1] {
			if !c.isLike(years[last][i]) || yearlyRule(c, changes) == "" {
				return year
			}
		}
	}
	return year
}

// isLike reports whether two changes are the same but for their day.
func (c clockChange) isLike(other clockChange) bool {
	a, b := c.wall(), other.wall()
	return c.from == other.from && c.to == other.to && c.isDST == other.isDST && c.name == other.name &&
		a.Month() == b.Month() && a.Weekday() == b.Weekday() && a.Hour() == b.Hour() && a.Minute() == b.Minute() && a.Second() == b.Second()
}

// yearlyRule returns the RRULE of a change that recurs in every later year, or "" if it does not.
func yearlyRule(c clockChange, changes []clockChange) string {
	nth, isLast := (c.wall().Day()-1)/7+1, true
	for _, other := range changes {
		if other.at.Before(c.at) || !c.isLike(other) {
			continue
		}
		day := other.wall()
		if (day.Day()-1)/7+1 != nth {
			nth = 0
		}
		isLast = isLast && day.AddDate(0, 0, 7).Month() != day.Month()
	}
	if isLast {
		nth = -1
	}
	if nth == 0 {
		return ""
	}
	weekday := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[c.wall().Weekday()]
	return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", c.wall().Month(), nth, weekday)
}

// observance is the STANDARD or DAYLIGHT component of a change; with a rule, of each change that the rule names.
func observance(c clockChange, rule string) ics.Component {
	var base ics.ComponentBase
	base.AddProperty(ics.ComponentPropertyDtStart, c.wall().Format(icalLocal))
	base.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), icalOffset(c.from))
	base.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), icalOffset(c.to))
	base.AddProperty(ics.ComponentProperty(ics.PropertyTzname), c.name)
	if rule != "" {
		base.AddProperty(ics.ComponentPropertyRrule, rule)
	}
	if c.isDST {
		return &ics.Daylight{ComponentBase: base}
	}
	return &ics.Standard{ComponentBase: base}
}

// icalOffset is an offset in seconds as +0100, with seconds where it has some.
func icalOffset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}
