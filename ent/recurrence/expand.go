package recurrence

import (
	"time"

	"todo-backend/ent/moment"
)

const (
	years      = 10     // how far ahead days are looked for
	maxPeriods = 10_000 // how many are counted: 191 years of weeks, 833 of months
)

// expansion is a series of days, walked in periods: weeks, months or years of the rule's interval, and months of a daily rule. A
// period is a set of days, so that its cost does not depend on how many days it has.
type expansion struct {
	*pattern
	start      moment.Day // what the parts that the rule lacks are taken from
	year       int
	month      time.Month
	day        int
	firstWeek  moment.Day // the first day of the week in which the start lies
	week       set        // the days of each week, but for BYMONTH
	dayDefault bool       // the rule says nothing of days: it is the start's
	lastDay    bool       // a day that a month lacks is its last, and not skipped

	years   [14]*set // the days of a year, by whether it is a leap year and how it begins
	periods int      // how many were looked at
}

func (r *Rule) expand(start moment.Day) *expansion {
	e := &expansion{pattern: &r.pattern, start: start}
	e.year, e.month, e.day = start.Date()
	e.firstWeek = start.AddDays(-daysSince(e.weekStart, start.Weekday()))
	week := e.weekdays
	if week == 0 {
		week = 1 << start.Weekday()
	}
	e.week[0] = uint64(everyWeek(week, e.weekStart) & 0x7f)
	e.dayDefault = !e.namesDays()
	e.lastDay = e.dayDefault && e.months == 0
	return e
}

// daysSince returns how many days a weekday is after another, 0 to 6.
func daysSince(from, to time.Weekday) int { return int(to-from+7) % 7 }

// after returns the first day of the series that lies after a day, and after the start, up to a last one.
func (e *expansion) after(day, last moment.Day) (moment.Day, bool) {
	day = max(day, e.start)
	for n := e.periodOf(day); ; n++ {
		first, days := e.period(n)
		if first > last {
			return 0, false
		}
		if i, ok := days.next(max(0, int(day+1-first))); ok {
			found := first.AddDays(i)
			return found, found <= last
		}
	}
}

// number returns the number of a day in the series, of which the start is the first, as COUNT counts. It stops beyond a highest, and
// is beyond it where the day lies maxPeriods after the start.
func (e *expansion) number(day moment.Day, highest int) int {
	number := 1
	for n := 0; number <= highest; n++ {
		first, days := e.period(n)
		switch {
		case first > day:
			return number
		case n == maxPeriods:
			return highest + 1
		}
		number += days.countBetween(int(e.start+1-first), int(day-first))
	}
	return number
}

// periodOf returns the period in which a day lies, or the last before it.
func (e *expansion) periodOf(day moment.Day) int {
	year, month, _ := day.Date()
	switch e.frequency {
	case Daily:
		return (year-e.year)*12 + int(month-e.month)
	case Weekly:
		return int(day-e.firstWeek) / (7 * e.interval)
	case Monthly:
		return ((year-e.year)*12 + int(month-e.month)) / e.interval
	default:
		return (year - e.year) / e.interval
	}
}

// period returns the first day of the n-th period and the days of the series in it, as their distance from that.
func (e *expansion) period(n int) (moment.Day, set) {
	e.periods++
	switch e.frequency {
	case Daily:
		return e.dailyMonth(n)
	case Weekly:
		first := e.firstWeek.AddDays(n * 7 * e.interval)
		days := e.weekFrom(first)
		return first, days.pick(&e.positions)
	case Monthly:
		m := monthAt(e.year, e.month+time.Month(n*e.interval))
		days := set{uint64(e.daysOf(m))}
		return m.first, days.pick(&e.positions)
	default:
		first := moment.DayOf(e.year+n*e.interval, time.January, 1)
		return first, *e.yearFrom(first)
	}
}

// dailyMonth returns the days of the n-th month after the start's that are a multiple of the interval away from the start. Each is a
// period of its own, with one position.
func (e *expansion) dailyMonth(n int) (moment.Day, set) {
	m := monthAt(e.year, e.month+time.Month(n))
	days := e.daysOf(m)
	if !e.positions.isZero() && !e.positions.first.has(1) && !e.positions.last.has(1) {
		days = 0
	}
	if days != 0 && e.interval > 1 {
		inStep := uint32(0)
		for i := ((int(e.start-m.first) % e.interval) + e.interval) % e.interval; i < m.length; i += e.interval {
			inStep |= 1 << i
		}
		days &= inStep
	}
	return m.first, set{uint64(days)}
}

// weekFrom returns the days of the series in a week, but for BYSETPOS.
func (e *expansion) weekFrom(first moment.Day) set {
	days := e.week
	if e.months == 0 {
		return days
	}
	year, number, day := first.Date()
	left := monthAt(year, number).length - day + 1 // days of this month, then come those of the next
	if e.months&(1<<number) == 0 {
		days[0] &= ^uint64(0) << left
	}
	if e.months&(1<<(number%12+1)) == 0 {
		days[0] &= 1<<left - 1
	}
	return days
}

// yearFrom returns the days of the series in a year. There are 14 kinds of years.
func (e *expansion) yearFrom(january moment.Day) *set {
	length := int(january.AddYears(1) - january)
	kind := &e.years[(length-365)*7+int(january.Weekday())]
	if *kind == nil {
		days := e.yearOf(january, length)
		*kind = &days
	}
	return *kind
}

func (e *expansion) yearOf(january moment.Day, length int) set {
	year, _, _ := january.Date()
	var days set
	for number := time.January; number <= time.December; number++ {
		if e.lastDay && number != e.month {
			continue
		}
		m := monthAt(year, number)
		days.addMonth(int(m.first-january), e.daysOf(m))
	}
	if e.months == 0 && e.hasOrdinals() {
		within := e.ordinalDays(january.Weekday(), length)
		days.and(&within)
	}
	return days.pick(&e.positions)
}

// month is one of a year.
type month struct {
	first  moment.Day
	number time.Month
	length int
}

// monthAt returns the month of a number beyond 12 too.
func monthAt(year int, number time.Month) month {
	year, number = year+int(number-1)/12, (number-1)%12+1
	first := moment.DayOf(year, number, 1)
	return month{first, number, int(moment.DayOf(year, number+1, 1) - first)}
}

// daysOf returns the days of a month that the rule names, of which bit 0 is the first, but for ordinals within a year.
func (e *expansion) daysOf(m month) uint32 {
	if e.months != 0 && e.months&(1<<m.number) == 0 {
		return 0
	}
	days := uint32(1)<<m.length - 1
	switch {
	case e.frequency == Daily:
	case e.lastDay:
		return 1 << (min(e.day, m.length) - 1)
	case e.dayDefault:
		return days & (1 << (e.day - 1))
	}
	if e.monthDays != (fromEnds{}) {
		days &= e.monthDays.in(m.length)
	}
	if e.weekdays != 0 {
		days &= everyWeek(e.weekdays, m.first.Weekday())
	}
	if e.hasOrdinals() && (e.frequency == Monthly || e.months != 0) {
		days &= uint32(e.ordinalDays(m.first.Weekday(), m.length)[0]) //nolint:gosec // months are shorter
	}
	return days
}

// in returns the days in a month of some length, of which bit 0 is the first.
func (f fromEnds) in(length int) uint32 {
	days := f.first >> 1
	for n := 1; n <= length; n++ {
		if f.last&(1<<n) != 0 {
			days |= 1 << (length - n)
		}
	}
	return days
}

// everyWeek returns the days that are one of some weekdays, of which bit 0 is a weekday itself.
func everyWeek(weekdays uint8, first time.Weekday) uint32 {
	week := uint32(weekdays>>first|weekdays<<(7-first)) & 0x7f
	return week | week<<7 | week<<14 | week<<21 | week<<28
}

// ordinalDays returns the days that ordinals name of a month or a year, which begins on a weekday and has a length, as their
// distance from its first.
func (p *pattern) ordinalDays(first time.Weekday, length int) set {
	var days set
	for weekday, which := range p.ordinals {
		if which == (ordinal{}) {
			continue
		}
		i := daysSince(first, time.Weekday(weekday))
		for n, count := 1, (length-i+6)/7; n <= count; n, i = n+1, i+7 {
			if which.first&(1<<n) != 0 || which.last&(1<<(count-n+1)) != 0 {
				days.add(i)
			}
		}
	}
	return days
}
