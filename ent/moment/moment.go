package moment

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The errors of [Parse], sentences without their subject.
var (
	ErrForm  = errors.New("must be a date (2026-01-05), a local time (2026-01-05T09:30) or an instant (2026-01-05T09:30:00Z)")
	ErrDay   = errors.New("must name a day that exists, in the years 0001 to 9999")
	ErrClock = errors.New("must name a time of day from 00:00 to 23:59:59, and an offset below 24 hours")
)

// Kind tells the forms of a moment apart.
type Kind uint8

// A moment is one of these.
const (
	Date   Kind = iota // 2026-01-05
	Local              // 2026-01-05T09:30
	UTC                // 2026-01-05T09:30Z
	Offset             // 2026-01-05T09:30+01:00
)

// Form is how a moment is written.
type Form struct {
	Kind     Kind
	Seconds  bool // the time of day has them
	Decimals int  // how many follow the seconds, up to nine
}

// HasTime reports whether there is a time of day.
func (f Form) HasTime() bool { return f.Kind != Date }

// Moment is a date, a local time or an instant, as it was written. The zero value is none. Two are equal (==) where their texts
// are.
type Moment struct {
	text   string
	form   Form
	day    Day           // as written
	clock  time.Duration // since midnight, as written
	offset int           // seconds east of UTC, of an instant
}

var grammar = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-]\d\d):(\d\d))?)?$`)

// maxLength is that of 2026-01-05T09:30:00.123456789+01:00.
const maxLength = 35

// Parse reads a moment. It returns ErrForm, ErrDay or ErrClock.
func Parse(text string) (Moment, error) {
	if len(text) > maxLength {
		return Moment{}, ErrForm
	}
	parts := grammar.FindStringSubmatch(text)
	if parts == nil {
		return Moment{}, ErrForm
	}
	m := Moment{text: text}
	var err error
	if m.day, err = parseDay(parts[1], parts[2], parts[3]); err != nil {
		return Moment{}, err
	}
	if parts[4] == "" {
		return m, nil
	}
	if err := m.parseTime(parts[4], parts[5], parts[6], parts[7], parts[8], parts[9], parts[10]); err != nil {
		return Moment{}, err
	}
	return m, nil
}

// ParseDay reads a date, or returns ErrForm or ErrDay.
func ParseDay(text string) (Day, error) {
	m, err := Parse(text)
	if err == nil && m.form.HasTime() {
		err = ErrForm
	}
	return m.day, err
}

func parseDay(year, month, day string) (Day, error) {
	y, m, d := number(year), time.Month(number(month)), number(day)
	result := DayOf(y, m, d)
	if gotYear, gotMonth, gotDay := result.Date(); y == 0 || gotYear != y || gotMonth != m || gotDay != d {
		return 0, ErrDay
	}
	return result, nil
}

func (m *Moment) parseTime(hour, minute, second, decimals, z, offsetHour, offsetMinute string) error {
	h, mi, s := number(hour), number(minute), number(second)
	oh, om := number(strings.TrimLeft(offsetHour, "+-")), number(offsetMinute)
	if h > 23 || mi > 59 || s > 59 || oh > 23 || om > 59 {
		return ErrClock
	}
	nanoseconds := number((decimals + "000000000")[:9])
	m.clock = time.Duration((h*60+mi)*60+s)*time.Second + time.Duration(nanoseconds)
	m.offset = (oh*60 + om) * 60
	if strings.HasPrefix(offsetHour, "-") {
		m.offset = -m.offset
	}
	m.form = Form{Kind: Local, Seconds: second != "", Decimals: len(decimals)}
	switch {
	case z != "":
		m.form.Kind = UTC
	case offsetHour != "":
		m.form.Kind = Offset
	}
	return nil
}

// number reads digits, of which there are few; none are zero.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// String returns the text as it was parsed.
func (m Moment) String() string { return m.text }

// IsZero reports whether this is no moment.
func (m Moment) IsZero() bool { return m.text == "" }

// Form tells how the moment is written.
func (m Moment) Form() Form { return m.form }

// Day returns the day as it is written, whatever the zone.
func (m Moment) Day() Day { return m.day }

// Begin returns the instant at which the moment begins, in UTC and cut to microseconds. The zone is that in which dates and local
// times are read.
func (m Moment) Begin(zone *time.Location) time.Time {
	clock := m.clock.Truncate(time.Microsecond)
	switch m.form.Kind {
	case Date:
		return m.day.Begin(zone)
	case Local:
		return wallTime(m.day, clock, zone)
	default:
		return m.day.utc().Add(clock - time.Duration(m.offset)*time.Second)
	}
}

// End returns the last instant of the moment, in UTC and cut to microseconds: of a date the last of its day, else Begin.
func (m Moment) End(zone *time.Location) time.Time {
	if m.form.Kind == Date {
		return m.day.End(zone)
	}
	return m.Begin(zone)
}

// ReadIn returns the zone whose clock the moment is read on: own, which is that of its task, or without one (nil) the standard
// zone. An instant written with an offset is read on the clock of that offset where there is no own zone.
func (m Moment) ReadIn(own, standard *time.Location) *time.Location {
	switch {
	case own != nil:
		return own
	case m.form.Kind == Offset:
		return time.FixedZone("", m.offset)
	default:
		return standard
	}
}

// Wall returns the day and the time since midnight that the clock of the zone shows at the moment; of a date midnight. Dates and
// local times are what they say in every zone.
func (m Moment) Wall(zone *time.Location) (Day, time.Duration) {
	if m.form.Kind == Date || m.form.Kind == Local {
		return m.day, m.clock
	}
	local := m.day.utc().Add(m.clock - time.Duration(m.offset)*time.Second).In(zone)
	hour, minute, second := local.Clock()
	clock := time.Duration((hour*60+minute)*60+second)*time.Second + time.Duration(local.Nanosecond())
	return DayOf(local.Date()), clock
}

// Write returns the moment of this form at which the clock of the zone shows a time of a day, which is cut to what the form has
// place for. An offset is the one that the zone has then. It reports false where the year is not one of 0001 to 9999.
func (f Form) Write(day Day, clock time.Duration, zone *time.Location) (Moment, bool) {
	m := Moment{form: f, day: day, clock: f.Cut(clock)}
	switch f.Kind {
	case Date, Local:
	case UTC:
		m.setWall(wallTime(day, m.clock, zone))
	case Offset:
		instant := wallTime(day, m.clock, zone)
		_, m.offset = instant.In(zone).Zone()
		m.offset -= m.offset % 60
		m.setWall(instant.Add(time.Duration(m.offset) * time.Second))
	}
	if m.day < FirstDay || m.day > LastDay {
		return Moment{}, false
	}
	m.text = m.write()
	return m, true
}

// Cut returns a time of day without what the form has no place for.
func (f Form) Cut(clock time.Duration) time.Duration {
	switch {
	case !f.HasTime():
		return 0
	case !f.Seconds:
		return clock.Truncate(time.Minute)
	}
	unit := time.Second
	for range f.Decimals {
		unit /= 10
	}
	return clock.Truncate(unit)
}

// setWall sets what the clock shows, given as if that were UTC.
func (m *Moment) setWall(t time.Time) {
	midnight := t.Truncate(24 * time.Hour)
	m.day, m.clock = DayOf(t.Date()), t.Sub(midnight)
}

func (m Moment) write() string {
	if !m.form.HasTime() {
		return m.day.String()
	}
	minutes, rest := m.clock/time.Minute, m.clock%time.Minute
	text := fmt.Sprintf("%sT%02d:%02d", m.day, minutes/60, minutes%60)
	if m.form.Seconds {
		text += fmt.Sprintf(":%02d", rest/time.Second)
	}
	if m.form.Decimals > 0 {
		text += "." + fmt.Sprintf("%09d", rest%time.Second)[:m.form.Decimals]
	}
	switch m.form.Kind {
	case UTC:
		text += "Z"
	case Offset:
		text += offsetText(m.offset)
	default:
	}
	return text
}

// Move returns a reminder moved along with what it reminds of, which moves from one moment to another: it keeps its distance by
// the wall clock, and its form. A reminder that is a date moves by whole days. The zones are those of [Moment.ReadIn]. It reports
// false where the year is not one of 0001 to 9999.
func Move(reminder, from, to Moment, own, standard *time.Location) (Moment, bool) {
	fromDay, fromClock := from.Wall(from.ReadIn(own, standard))
	toDay, toClock := to.Wall(to.ReadIn(own, standard))
	zone := reminder.ReadIn(own, standard)
	day, clock := reminder.Wall(zone)
	day += toDay - fromDay
	if reminder.form.HasTime() {
		clock += toClock - fromClock
	}
	for ; clock < 0; day-- {
		clock += 24 * time.Hour
	}
	for ; clock >= 24*time.Hour; day++ {
		clock -= 24 * time.Hour
	}
	return reminder.form.Write(day, clock, zone)
}
