package recurrence

import "todo-backend/ent/moment"

// Periods returns how many periods [Completion.Next] looks at to find the first day after another and its number.
func (r Rule) Periods(start, after moment.Day) int {
	series := r.expand(start)
	if day, ok := series.after(after, after.AddYears(years)); ok && r.count > 0 {
		series.number(day, r.count)
	}
	return series.periods
}

// Days returns the days of a series after its start, up to a last one.
func (r Rule) Days(start, last moment.Day) []moment.Day {
	var days []moment.Day
	series := r.expand(start)
	for day, ok := series.after(start, last); ok; day, ok = series.after(day, last) {
		days = append(days, day)
	}
	return days
}

// Number returns the number of a day in a series.
func (r Rule) Number(start, day moment.Day) int { return r.expand(start).number(day, 1<<30) }
