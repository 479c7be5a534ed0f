package recurrence_test

import (
	"errors"
	"testing"
	"time"

	"todo-backend/ent/moment"
	"todo-backend/ent/recurrence"
)

func state(t *testing.T, rule, due, timezone string) recurrence.State {
	t.Helper()
	s := recurrence.State{Timezone: zone(t, timezone)}
	if rule != "" {
		s.Rule = mustParse(t, rule)
	}
	if due != "" {
		s.Due = parse(t, due)
	}
	return s
}

func TestBegin(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 1, 5, 23, 30, 0, 0, time.UTC)
	tests := []struct{ name, rule, due, timezone, start, standsFor string }{
		{"without a rule", "", "2026-01-05", "", "", "1970-01-01"},
		{"on a date", "daily", "2026-01-05", "", "2026-01-05", "2026-01-05"},
		{"at a local time", "daily", "2026-01-05T09:30", "Europe/Berlin", "2026-01-05T09:30", "2026-01-05"},
		{"with seconds", "daily", "2026-01-05T09:30:00", "", "2026-01-05T09:30:00", "2026-01-05"},
		{"with decimals", "daily", "2026-01-05T09:30:00.250", "", "2026-01-05T09:30:00.250", "2026-01-05"},
		{"at an instant of UTC", "daily", "2026-01-05T23:30:00Z", "Europe/Berlin", "2026-01-06T00:30:00", "2026-01-06"},
		{"at an instant of UTC, without a zone", "daily", "2026-01-05T23:30:00Z", "", "2026-01-06T08:30:00", "2026-01-06"},
		{"at an instant with an offset", "daily", "2026-01-05T23:30-05:00", "Europe/Berlin", "2026-01-06T05:30", "2026-01-06"},
		{"at an instant with an offset, without a zone", "daily", "2026-01-05T23:30-05:00", "", "2026-01-05T23:30", "2026-01-05"},
		{"on the day of creation", "daily", "", "America/New_York", "2026-01-05", "2026-01-05"},
		{"on the day of creation, without a zone", "daily", "", "", "2026-01-06", "2026-01-06"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			series := state(t, test.rule, test.due, test.timezone).Begin(created, zone(t, "Asia/Tokyo"))
			if series.Start.String() != test.start || series.StandsFor.String() != test.standsFor {
				t.Errorf("got %s, %s, want %s, %s", series.Start, series.StandsFor, test.start, test.standsFor)
			}
		})
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	const start, day = "2026-01-05T09:30", "2026-01-12"
	tests := []struct{ name, rule, due, newRule, newDue, start, standsFor string }{
		{"nothing", "weekly", "2026-01-12T09:30", "weekly", "2026-01-12T09:30", start, day},
		{"another due date", "weekly", "2026-01-12T09:30", "weekly", "2026-01-14T14:00", start, day},
		{"another form of time", "weekly", "2026-01-12T09:30", "weekly", "2026-01-12T10:30:00Z", start, day},
		{"the due date is cleared", "weekly", "2026-01-12T09:30", "weekly", "", start, day},
		{"the rule is cleared", "weekly", "2026-01-12T09:30", "", "2026-01-12T09:30", "", "1970-01-01"},
		{"the rule is given", "", "2026-01-12T09:30", "weekly", "2026-01-12T09:30", "2026-01-12T09:30", "2026-01-12"},
		{"the rule is given with a due date", "", "2026-01-12T09:30", "weekly", "2026-01-14", "2026-01-14", "2026-01-14"},
		{"the rule is given without one", "", "", "weekly", "", "2026-01-02", "2026-01-02"},

		{"a due date is given", "weekly", "", "weekly", "2026-01-14", "2026-01-14", "2026-01-14"},
		{"another frequency", "weekly", "2026-01-13T10:00", "daily", "2026-01-13T10:00", "2026-01-13T10:00", "2026-01-13"},
		{"another interval", "weekly", "2026-01-13T10:00", "biweekly", "2026-01-13T10:00", "2026-01-13T10:00", "2026-01-13"},
		{"other days", "FREQ=WEEKLY;BYDAY=MO", "2026-01-13", "FREQ=WEEKLY;BYDAY=MO,TU", "2026-01-13", "2026-01-13", "2026-01-13"},
		{"another week", "FREQ=WEEKLY;BYDAY=MO", "2026-01-13", "FREQ=WEEKLY;BYDAY=MO;WKST=SU", "2026-01-13", "2026-01-13", "2026-01-13"},
		{"another rule and due date", "weekly", "2026-01-13T10:00", "daily", "2026-01-20", "2026-01-20", "2026-01-20"},
		{"another rule without a due date", "weekly", "", "daily", "", "2026-01-02", "2026-01-02"},
		{"another count", "FREQ=DAILY;COUNT=3", "2026-01-13T10:00", "FREQ=DAILY;COUNT=9", "2026-01-13T10:00", start, day},
		{"another end", "FREQ=DAILY;COUNT=3", "2026-01-13T10:00", "UNTIL=20261231;FREQ=DAILY", "2026-01-13T10:00", start, day},
		{"the same in other words", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-01-13T10:00", "weekdays", "2026-01-13T10:00", start, day},

		{"a time is taken away", "weekly", "2026-01-12T09:30", "weekly", "2026-01-14", "2026-01-05", day},
		{"a time is given", "weekly", "2026-01-12", "weekly", "2026-01-14T18:00:30", "2026-01-05T18:00:30", day},
		{"an instant is given", "weekly", "2026-01-12", "weekly", "2026-01-14T18:00Z", "2026-01-05T19:00", day},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			series := recurrence.Series{Start: parse(t, start), StandsFor: parse(t, day).Day()}
			before, after := state(t, test.rule, test.due, "Europe/Berlin"), state(t, test.newRule, test.newDue, "Europe/Berlin")
			series = series.Change(before, after, created, time.UTC)
			if series.Start.String() != test.start || series.StandsFor.String() != test.standsFor {
				t.Errorf("got %s, %s, want %s, %s", series.Start, series.StandsFor, test.start, test.standsFor)
			}
		})
	}
}

// What the table has no line for.
func TestNext(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, rule, start, standsFor, due, timezone, now, want, wantDay string }{
		{"the next of a skipped time stands for its own day", "daily", "2026-03-28T02:30", "2026-03-28", "2026-03-28T02:30+01:00", "Europe/Berlin", "2026-03-28T01:00:00Z", "2026-03-29T03:30+02:00", "2026-03-29"},
		{"a day that the zone skips is the same instant as the next", "daily", "2011-12-29T09:30", "2011-12-29", "2011-12-29T09:30-10:00", "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-31T09:30+14:00", "2011-12-30"},
		{"and is not repeated", "daily", "2011-12-29T09:30", "2011-12-30", "2011-12-31T09:30+14:00", "Pacific/Apia", "2011-12-30T12:00:00Z", "2012-01-01T09:30+14:00", "2012-01-01"},
		{"UTC is read on the clock of the standard zone", "daily", "2026-03-28T09:30", "2026-03-28", "2026-03-28T08:30Z", "", "2026-03-28T07:00:00Z", "2026-03-29T07:30Z", "2026-03-29"},
		{"seconds of the series are left out where the due date has none", "daily", "2026-01-05T09:30:15", "2026-01-05", "2026-01-05T14:00", "", "2026-01-05T12:00:00Z", "2026-01-06T09:30", "2026-01-06"},
		{"and do not count then", "daily", "2026-01-05T09:30:15", "2026-01-05", "2026-01-05T14:00", "UTC", "2026-01-06T09:30:10Z", "2026-01-07T09:30", "2026-01-07"},
		{"decimals count", "daily", "2026-01-05T09:30:00.500", "2026-01-05", "2026-01-05T09:30:00.500Z", "UTC", "2026-01-06T09:30:00.4Z", "2026-01-06T09:30:00.500Z", "2026-01-06"},
		{"ten years are within ten years", "FREQ=YEARLY;INTERVAL=10", "2026-01-05", "2026-01-05", "2026-01-05", "", "2026-01-05T08:00:00Z", "2036-01-05", "2036-01-05"},
		{"the last day that can be written", "daily", "9999-12-30", "9999-12-30", "9999-12-30", "", "2026-01-05T08:00:00Z", "9999-12-31", "9999-12-31"},
		{"there is none after it", "daily", "9999-12-30", "9999-12-31", "9999-12-31", "", "2026-01-05T08:00:00Z", "end", ""},
		{"nor in UTC", "daily", "9999-12-30T20:00", "9999-12-30", "9999-12-31T01:00Z", "America/New_York", "2026-01-05T08:00:00Z", "end", ""},
		{"a series that begins after now", "FREQ=WEEKLY;BYDAY=MO", "2030-01-03", "2030-01-03", "2030-01-03", "", "2026-01-05T08:00:00Z", "2030-01-07", "2030-01-07"},
		{"a due date moved before the start", "weekly", "2026-06-01", "2026-06-01", "2026-05-01", "", "2026-05-01T08:00:00Z", "2026-06-08", "2026-06-08"},
		{"a due date moved ahead by more than ten years", "yearly", "2026-01-05", "2026-01-05", "2050-03-01", "", "2026-01-05T08:00:00Z", "2051-01-05", "2051-01-05"},
		{"150 years after the start of a COUNT", "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;COUNT=999", "1850-02-04", "1850-02-04", "2000-02-07", "", "2000-02-07T08:00:00Z", "2000-02-14", "2000-02-14"},
		{"weeks are counted for 191 years", "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;COUNT=999", "1800-02-03", "1800-02-03", "2000-02-07", "", "2000-02-07T08:00:00Z", "end", ""},
		{"years after the start of a COUNT", "FREQ=DAILY;BYMONTH=1;COUNT=999", "1990-01-01", "1990-01-01", "2021-01-31", "", "2021-01-31T08:00:00Z", "2022-01-01", "2022-01-01"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339Nano, test.now)
			if err != nil {
				t.Fatal(err)
			}
			c := recurrence.Completion{
				State:    state(t, test.rule, test.due, test.timezone),
				Series:   recurrence.Series{Start: parse(t, test.start), StandsFor: parse(t, test.standsFor).Day()},
				Standard: zone(t, "Europe/Berlin"),
				Now:      now,
			}
			due, day, ok := c.Next()
			if !ok {
				if test.want != "end" {
					t.Errorf("got the end, want %s", test.want)
				}
				return
			}
			if due.String() != test.want || day.String() != test.wantDay {
				t.Errorf("got %s for %s, want %s for %s", due, day, test.want, test.wantDay)
			}
		})
	}
}

// A rule that names days is not completed twice for one of them, from wherever it repeats.
func TestNextFromCompletionOfTaskMovedForward(t *testing.T) {
	t.Parallel()
	c := recurrence.Completion{
		State:          state(t, "FREQ=WEEKLY;BYDAY=MO", "2026-01-09", ""),
		Series:         recurrence.Series{Start: parse(t, "2026-01-05"), StandsFor: parse(t, "2026-01-12").Day()},
		Standard:       time.UTC,
		Now:            time.Date(2026, 1, 9, 8, 0, 0, 0, time.UTC),
		FromCompletion: true,
	}
	if due, _, _ := c.Next(); due.String() != "2026-01-19" {
		t.Errorf("got %s, want 2026-01-19", due)
	}
}

func TestNoRuleHasNoNext(t *testing.T) {
	t.Parallel()
	if due, _, ok := (recurrence.Completion{Standard: time.UTC}).Next(); ok {
		t.Errorf("got %s", due)
	}
}

// Completing each task of a series on its day walks all of it.
func TestWholeSeries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, start string
		want        []string
	}{
		{"FREQ=MONTHLY;COUNT=6", "2027-12-31", []string{"2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"}},
		{"FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4", "2027-12-31", []string{"2027-12-31", "2028-01-31", "2028-03-31", "2028-05-31"}},
		{"FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260119", "2026-01-06", []string{"2026-01-06", "2026-01-07", "2026-01-12", "2026-01-14", "2026-01-19"}},
		{"FREQ=YEARLY;UNTIL=20330101T000000Z", "2028-02-29", []string{"2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"}},
		{"FREQ=WEEKLY;BYMONTH=2;BYDAY=SA,SU;COUNT=3", "2026-01-05", []string{"2026-01-05", "2026-02-01", "2026-02-07"}},
		{"FREQ=WEEKLY;BYMONTH=1;BYDAY=SA,SU;COUNT=3", "2026-01-25", []string{"2026-01-25", "2026-01-31", "2027-01-02"}},
		{"FREQ=YEARLY;BYMONTH=3,12;BYDAY=1MO,-1FR;COUNT=5", "2026-03-02", []string{"2026-03-02", "2026-03-27", "2026-12-07", "2026-12-25", "2027-03-01"}},
		{"FREQ=YEARLY;BYDAY=53MO;COUNT=3", "2018-12-31", []string{"2018-12-31", "2024-12-30", "2029-12-31"}},
		{"FREQ=YEARLY;BYDAY=-53SU,53SU;COUNT=3", "2017-12-31", []string{"2017-12-31", "2023-01-01", "2023-12-31"}},
		{"FREQ=DAILY;INTERVAL=9;COUNT=3", "2026-01-28T09:30", []string{"2026-01-28T09:30", "2026-02-06T09:30", "2026-02-15T09:30"}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			c := recurrence.Completion{State: state(t, test.rule, test.start, ""), Standard: time.UTC}
			c.Series = c.Begin(time.Time{}, time.UTC)
			for i, want := range test.want {
				if c.Due.String() != want {
					t.Fatalf("task %d is due %s, want %s", i+1, c.Due, want)
				}
				c.Now = c.Due.Begin(time.UTC)
				due, day, ok := c.Next()
				if last := i == len(test.want)-1; ok == last {
					t.Fatalf("after %s: %s, %v", c.Due, due, ok)
				}
				c.Due, c.StandsFor = due, day
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	day := parse(t, "2026-01-05").Day()
	for rule, want := range map[string]bool{
		"FREQ=YEARLY;INTERVAL=10":                         true,
		"FREQ=YEARLY;INTERVAL=11":                         false,
		"FREQ=DAILY;INTERVAL=3652":                        true,
		"FREQ=DAILY;INTERVAL=3653":                        false,
		"FREQ=DAILY;UNTIL=20200101":                       true, // the end does not count
		"FREQ=DAILY;COUNT=1":                              true,
		"FREQ=DAILY;BYDAY=MO;BYSETPOS=2":                  false,
		"FREQ=DAILY;BYDAY=MO;BYSETPOS=-1":                 true,
		"FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3":              false,
		"FREQ=MONTHLY;INTERVAL=12;BYMONTH=2":              false,
		"FREQ=MONTHLY;INTERVAL=12;BYMONTH=1":              true,
		"FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2":            false,
		"FREQ=YEARLY;BYDAY=53MO":                          true,
		"FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=4,6,9,11":      false,
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5;INTERVAL=100": false, // the first due date does not count
	} {
		err := mustParse(t, rule).Check(day, false)
		if (err == nil) != want || err != nil && !errors.Is(err, recurrence.ErrNever) {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if err := (recurrence.Rule{}).Check(day, true); err != nil {
		t.Errorf("no rule: %v", err)
	}
	var broken *recurrence.Error
	if err := mustParse(t, "FREQ=DAILY;COUNT=2").Check(day, true); !errors.As(err, &broken) || broken.Part != "COUNT" {
		t.Errorf("COUNT from completion: %v", err)
	}
}

func TestReminderCountsFrom(t *testing.T) {
	t.Parallel()
	c := recurrence.Completion{Series: recurrence.Series{StandsFor: parse(t, "2026-01-05").Day()}, Standard: time.UTC}
	if got := c.From().String(); got != "2026-01-05" {
		t.Errorf("without a due date: %s", got)
	}
	c.Due = parse(t, "2026-01-07T09:30")
	if got := c.From(); got != c.Due {
		t.Errorf("with one: %s", got)
	}
	moved, ok := moment.Move(parse(t, "2026-01-07T09:00"), c.From(), parse(t, "2026-01-12T09:30"), nil, time.UTC)
	if moved.String() != "2026-01-12T09:00" || !ok {
		t.Errorf("moved to %s", moved)
	}
}
