package recurrence

import (
	"time"

	"todo-backend/ent/moment"
)

// Series is what is kept of a series beside each of its tasks. The zero value is that of a task without a rule.
type Series struct {
	// Start is what the rule counts from, and whose time of day the next tasks have: a date or a local time, by the wall clock.
	Start moment.Moment
	// StandsFor is the day of the series that this task is for, whatever became of its due date.
	StandsFor moment.Day
}

// State is what a task says of its series.
type State struct {
	Rule     Rule
	Due      moment.Moment  // zero: none
	Timezone *time.Location // nil: none of its own
}

// Begin returns the series of a task that gets a rule. It starts at the due date, or without one on the day of creation. standard is the
// zone of tasks without one of their own.
func (s State) Begin(created time.Time, standard *time.Location) Series {
	if s.Rule.IsZero() {
		return Series{}
	}
	if s.Due.IsZero() {
		zone := s.Timezone
		if zone == nil {
			zone = standard
		}
		today := moment.Today(created, zone)
		start, _ := moment.Form{}.Write(today, 0, time.UTC)
		return Series{start, today}
	}
	day, clock := s.Due.Wall(s.Due.ReadIn(s.Timezone, standard))
	return Series{wallText(day, clock, s.Due.Form()), day}
}

// wallText returns a date or local time with the precision of a form.
func wallText(day moment.Day, clock time.Duration, form moment.Form) moment.Moment {
	if form.HasTime() {
		form.Kind = moment.Local
	}
	wall, _ := form.Write(day, clock, time.UTC)
	return wall
}

// Change returns the series of a task after a change of its rule or due date. It begins anew where a rule is new or names other days,
// and where a task without a due date gets one; its time of day follows a due date that gets or loses its own. Otherwise it stays.
// Where it does not stay, [Rule.Check] has to be asked again.
func (s Series) Change(before, after State, created time.Time, standard *time.Location) Series {
	switch {
	case after.Rule.IsZero() || !before.Rule.SamePattern(after.Rule), before.Due.IsZero() && !after.Due.IsZero():
		return after.Begin(created, standard)
	case !after.Due.IsZero() && before.Due.Form().HasTime() != after.Due.Form().HasTime():
		_, clock := after.Due.Wall(after.Due.ReadIn(after.Timezone, standard))
		s.Start = wallText(s.Start.Day(), clock, after.Due.Form())
	}
	return s
}

// Completion is the completion of a task that recurs.
type Completion struct {
	State
	Series

	FromCompletion bool           // repeat_from is "completion"
	Standard       *time.Location // the zone of tasks without one of their own
	Now            time.Time
}

// From returns the moment from which the distance of a reminder is measured: the due date, or without one the day of the series.
func (c Completion) From() moment.Moment {
	if !c.Due.IsZero() {
		return c.Due
	}
	day, _ := moment.Form{}.Write(c.StandsFor, 0, c.Standard)
	return day
}

// Next returns the due date of the next task, in the form of the present one, and the day of the series that it stands for. It reports
// false where the series ends.
func (c Completion) Next() (due moment.Moment, standsFor moment.Day, ok bool) {
	if c.Rule.IsZero() {
		return moment.Moment{}, 0, false
	}
	b := c.bounds()
	from, after := b.start, c.StandsFor
	if c.FromCompletion {
		from, after = b.today, b.today
		if c.Rule.pattern.namesDays() {
			after = max(after, c.StandsFor)
		} else {
			b.due = moment.Moment{}
		}
	}
	last := max(after, b.today)
	if !b.due.IsZero() {
		last = max(last, b.dueDay)
	}
	last = min(last.AddYears(years), moment.LastDay)

	series := c.Rule.expand(from)
	for day, found := series.after(b.lastPast(after), last); found; day, found = series.after(day, last) {
		due, ok := b.form.Write(day, b.clock, b.zone)
		if ok && b.isPast(day, due) {
			continue
		}
		if !ok || !c.Rule.lasts(series, day, due, b.zone) {
			break
		}
		return due, day, true
	}
	return moment.Moment{}, 0, false
}

// lasts reports whether a day of the series is within COUNT and UNTIL.
func (r Rule) lasts(series *expansion, day moment.Day, due moment.Moment, zone *time.Location) bool {
	switch {
	case r.count > 0:
		return series.number(day, r.count) <= r.count
	case r.until.IsZero():
		return true
	case r.until.Form().HasTime():
		return !due.Begin(zone).After(r.until.Begin(zone))
	default:
		return day <= r.until.Day()
	}
}

// bounds are what the next due date has to lie after, and the clock by which the series is read.
type bounds struct {
	zone  *time.Location
	form  moment.Form
	start moment.Day    // that of the series
	clock time.Duration // its time of day

	now    time.Time
	today  moment.Day
	due    moment.Moment // zero: it does not count
	dueDay moment.Day
}

func (c Completion) bounds() bounds {
	b := bounds{form: c.Due.Form(), now: c.Now, due: c.Due}
	read := c.Due
	if read.IsZero() {
		read = c.Start
	}
	b.zone = read.ReadIn(c.Timezone, c.Standard)
	b.today = moment.Today(c.Now, b.zone)
	b.start, b.clock = c.Start.Wall(b.zone)
	if !c.Due.IsZero() {
		day, clock := c.Due.Wall(b.zone)
		if b.dueDay = day; !c.Start.Form().HasTime() {
			b.clock = clock
		}
	}
	return b
}

// lastPast returns a day up to which every day is past, so that the search may begin after it. It is not before day.
func (b bounds) lastPast(day moment.Day) moment.Day {
	day = max(day, b.today-1)
	if !b.due.IsZero() {
		day = max(day, b.dueDay-1)
	}
	return day
}

// isPast reports whether a due date is not later than both now and the present due date. Dates compare as days, times as instants.
func (b bounds) isPast(day moment.Day, due moment.Moment) bool {
	if !b.form.HasTime() {
		return day <= b.today || !b.due.IsZero() && day <= b.dueDay
	}
	begin := due.Begin(b.zone)
	return !begin.After(b.now) || !b.due.IsZero() && !begin.After(b.due.Begin(b.zone))
}
