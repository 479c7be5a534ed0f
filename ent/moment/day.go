package moment

import "time"

// Day is a day of the proleptic Gregorian calendar, as the number of days since 1970-01-01.
type Day int32

// FirstDay and LastDay bound what can be written: the years 0001 to 9999.
const (
	FirstDay Day = -719162
	LastDay  Day = 2932896
)

const secondsPerDay = 24 * 60 * 60

// DayOf returns the day of a year, month and day of the month, which are normalized as by [time.Date]: 31 April is 1 May.
func DayOf(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay) //nolint:gosec // years are far from its limits
}

// Today returns the day that now lies in, by the clock of the zone.
func Today(now time.Time, zone *time.Location) Day {
	return DayOf(now.In(zone).Date())
}

// Date returns the year, the month and the day of the month.
func (d Day) Date() (year int, month time.Month, day int) { return d.utc().Date() }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// AddDays returns the day n days after d.
func (d Day) AddDays(n int) Day { return d + Day(n) } //nolint:gosec // years are far from its limits

// AddYears returns the same day of another year, of which 29 February becomes 1 March where it has none.
func (d Day) AddYears(n int) Day {
	year, month, day := d.Date()
	return DayOf(year+n, month, day)
}

// Begin returns the instant at which the day begins in the zone, in UTC. Where clocks skip midnight it is the instant of the
// change.
func (d Day) Begin(zone *time.Location) time.Time { return wallTime(d, 0, zone) }

// End returns the last microsecond of the day in the zone, in UTC. On a day that the zone skipped as a whole it is Begin.
func (d Day) End(zone *time.Location) time.Time {
	begin, end := d.Begin(zone), (d + 1).Begin(zone).Add(-time.Microsecond)
	if end.Before(begin) {
		return begin
	}
	return end
}

// String returns the day as it is written, "2026-01-05".
func (d Day) String() string { return d.utc().Format(time.DateOnly) }

// utc returns the midnight in UTC at which the day begins there.
func (d Day) utc() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }
