// Package moment holds points in time as users write them: a date, a local time, or an instant, whose text comes back exactly as
// it was sent. It knows calendars, clocks and time zones, and nothing of tasks.
//
//	m, err := moment.Parse("2026-03-29T02:30") // err.Error() is a sentence for the user: "must be a date …"
//	m.String()                                 // "2026-03-29T02:30", the text as it was
//	zone, err := moment.Zone("Europe/Berlin")  // the zone of a task; cached; never of the machine
//	m.Begin(zone), m.End(zone)                 // the two instants stored beside the text
//
// # Begin and end
//
// A local time or an instant begins and is over at one instant. A date begins when its day does, and is over in the last
// microsecond of that day, so that with both ends included
//
//	it is overdue          end < now
//	it lies in [from, to]  begin <= to AND end >= from
//
// hold for all three forms without a special case. Both are in UTC and cut to microseconds, which is what both databases keep.
// The range of a query comes from the same functions: from is Begin, to is End of what the query names.
//
//	today := moment.Today(now, zone)             // a Day
//	today.Begin(zone), today.End(zone)           // due=today
//	today.Begin(zone), today.AddDays(6).End(zone) // due=week
//
// # Zones
//
// A date and a local time are read in the zone of their task, or in the default one. [Moment.ReadIn] decides which clock a series
// or a distance is counted on: an instant that is written with an offset has the clock of that offset if its task has no zone.
//
// # Clocks that change
//
// A local time that clocks skip is read with the offset before the change: in Berlin 2026-03-29T02:30 is the instant
// 03:30+02:00. One that comes twice is the first. [time.Date] promises neither.
//
// # Reminders
//
// [Move] takes a reminder along when a due date moves: its distance by the wall clock stays.
package moment
