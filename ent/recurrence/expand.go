package recurrence

import (
	"time"

	"todo-backend/ent/moment"
)

const (
	years      = 10     // how far ahead days are looked for
	maxPeriods = 10_000 // how many are counted: 191 years of weeks, 833 of months
)

// expansion computes the days of a series, one period at a time. A period is a week, month or year of the rule's interval; for a daily
// rule it is a month. The days of a period are a bit set, so that a period costs the same however many days it has.
type expansion struct {
	*pattern
	start      moment.Day // parts that the rule lacks (weekday, day, month) are those of the start
	year       int
	month      time.Month
	day        int
	firstWeek  moment.Day // the first day of the week in which the start lies
	week       set        // the days of each week, before BYMONTH is applied
	dayDefault bool       // the rule names no days: the day of the start counts
	lastDay    bool       // a month without that day has its last day instead, and is not skipped

	years   [14]*set // cache: the days of a year, by leap year and weekday of 1 January
	periods int      // how many periods were computed; tests bound it
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

// after returns the first day of the series that is later than day and the start, and not later than last.
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

// number returns the number of a day in the series as COUNT counts: the start has number 1. It stops counting above highest, and returns
// highest+1 if the day is more than maxPeriods periods after the start.
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

// periodOf returns the number of the period that contains a day, or of the last one before it.
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

// period returns the first day of the n-th period, and the days of the series in it as offsets from that day.
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

// dailyMonth returns the days of a daily rule in the n-th month after that of the start. In a daily rule each day is a period by
// itself, so that BYSETPOS keeps all days (1 or -1) or none.
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

// weekFrom returns the days of the series in a week, before BYSETPOS is applied.
func (e *expansion) weekFrom(first moment.Day) set {
	days := e.week
	if e.months == 0 {
		return days
	}
	year, number, day := first.Date()
	left := monthAt(year, number).length - day + 1 // the first days of the week are of this month, the others of the next
	if e.months&(1<<number) == 0 {
		days[0] &= ^uint64(0) << left
	}
	if e.months&(1<<(number%12+1)) == 0 {
		days[0] &= 1<<left - 1
	}
	return days
}

// yearFrom returns the days of the series in a year. It computes each of the 14 kinds of years once.
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

// month is a month of a certain year.
type month struct {
	first  moment.Day
	number time.Month
	length int
}

// monthAt returns a month of a year; numbers beyond 12 are months of the years after it.
func monthAt(year int, number time.Month) month {
	year, number = year+int(number-1)/12, (number-1)%12+1
	first := moment.DayOf(year, number, 1)
	return month{first, number, int(moment.DayOf(year, number+1, 1) - first)}
}

// daysOf returns the days of a month that the rule names; bit 0 is the first day. Ordinals within a year are left to yearOf.
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

// in returns the days in a month of the length; bit 0 is the first day.
func (f fromEnds) in(length int) uint32 {
	days := f.first >> 1
	for n := 1; n <= length; n++ {
		if f.last&(1<<n) != 0 {
			days |= 1 << (length - n)
		}
	}
	return days
}

// everyWeek returns the days that fall on one of the weekdays; bit 0 is a day that falls on first.
func everyWeek(weekdays uint8, first time.Weekday) uint32 {
	week := uint32(weekdays>>first|weekdays<<(7-first)) & 0x7f
	return week | week<<7 | week<<14 | week<<21 | week<<28
}

// ordinalDays returns the days that BYDAY with ordinals names in a month or year, as offsets from its first day. first is the weekday
// of that day, length the number of days.
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
