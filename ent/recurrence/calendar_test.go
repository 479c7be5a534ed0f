package recurrence_test

import (
	"testing"

	"todo-backend/ent/moment"
)

func TestRRULE(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, rule, start, standsFor, due, timezone, want, zone string }{
		{"a date", "daily", "2026-01-05", "2026-01-07", "2026-01-07", "", "FREQ=DAILY", "Asia/Tokyo"},
		{"no rule", "", "2026-01-05", "2026-01-05", "2026-01-05", "", "", ""},
		{"a due date of its own", "daily", "2026-01-05", "2026-01-07", "2026-01-08", "", "", ""},
		{"another time of its own", "daily", "2026-01-05T09:30", "2026-01-07", "2026-01-07T10:30", "", "", ""},
		{"a day that the rule does not name", "FREQ=WEEKLY;BYDAY=MO", "2026-01-06", "2026-01-06", "2026-01-06", "", "", ""},
		{"the parts keep their order", "BYDAY=MO,WE;INTERVAL=2;FREQ=WEEKLY;WKST=SU", "2026-01-05", "2026-01-07", "2026-01-07", "", "BYDAY=MO,WE;INTERVAL=2;FREQ=WEEKLY;WKST=SU", "Asia/Tokyo"},
		{"the 31st", "monthly", "2026-01-31", "2026-02-28", "2026-02-28", "", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "Asia/Tokyo"},
		{"the 29th", "FREQ=MONTHLY;INTERVAL=2", "2026-01-29", "2026-01-29", "2026-01-29", "", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=28,29;BYSETPOS=-1", "Asia/Tokyo"},
		{"the 28th", "monthly", "2026-01-28", "2026-02-28", "2026-02-28", "", "FREQ=MONTHLY", "Asia/Tokyo"},
		{"29 February", "yearly", "2024-02-29", "2026-02-28", "2026-02-28", "", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1", "Asia/Tokyo"},
		{"30 March", "yearly", "2024-03-30", "2026-03-30", "2026-03-30", "", "FREQ=YEARLY", "Asia/Tokyo"},
		{"what remains of COUNT", "FREQ=DAILY;COUNT=5", "2026-01-05", "2026-01-07", "2026-01-07", "", "FREQ=DAILY;COUNT=3", "Asia/Tokyo"},
		{"all of COUNT", "FREQ=DAILY;COUNT=5", "2026-01-05", "2026-01-05", "2026-01-05", "", "FREQ=DAILY;COUNT=5", "Asia/Tokyo"},
		{"the last of COUNT", "FREQ=DAILY;COUNT=5", "2026-01-05", "2026-01-09", "2026-01-09", "", "FREQ=DAILY;COUNT=1", "Asia/Tokyo"},
		{"beyond COUNT", "FREQ=DAILY;COUNT=5", "2026-01-05", "2026-01-10", "2026-01-10", "", "", ""},
		{"UNTIL a day, on dates", "FREQ=DAILY;UNTIL=20260110", "2026-01-05", "2026-01-07", "2026-01-07", "", "FREQ=DAILY;UNTIL=20260110", "Asia/Tokyo"},
		{"UNTIL a time, on dates", "FREQ=DAILY;UNTIL=20260110T203000Z", "2026-01-05", "2026-01-07", "2026-01-07", "", "FREQ=DAILY;UNTIL=20260111", "Asia/Tokyo"},
		{"after UNTIL", "FREQ=DAILY;UNTIL=20260106", "2026-01-05", "2026-01-07", "2026-01-07", "", "", ""},
		{"after UNTIL, at a time", "FREQ=DAILY;UNTIL=20260107T090000", "2026-01-05T09:30", "2026-01-07", "2026-01-07T09:30", "", "", ""},
		{"UNTIL a day, at a time", "FREQ=DAILY;UNTIL=20260110", "2026-01-05T09:30", "2026-01-07", "2026-01-07T09:30", "Europe/Berlin", "FREQ=DAILY;UNTIL=20260110T225959Z", "Europe/Berlin"},
		{"UNTIL a time, at a time", "FREQ=DAILY;UNTIL=20260110T093000", "2026-01-05T09:30", "2026-01-07", "2026-01-07T09:30", "Europe/Berlin", "FREQ=DAILY;UNTIL=20260110T083000Z", "Europe/Berlin"},
		{"an instant in the task's zone", "daily", "2026-01-05T09:30:00", "2026-01-07", "2026-01-07T08:30:00Z", "Europe/Berlin", "FREQ=DAILY", "Europe/Berlin"},
		{"an offset", "FREQ=WEEKLY;BYDAY=WE", "2026-01-07T09:30", "2026-01-07", "2026-01-07T09:30+02:00", "", "FREQ=WEEKLY;BYDAY=WE", "UTC"},
		{"an offset with another day in UTC", "daily", "2026-01-07T00:30", "2026-01-07", "2026-01-07T00:30+02:00", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			day, err := moment.ParseDay(test.standsFor)
			if err != nil {
				t.Fatal(err)
			}
			now := state(t, test.rule, test.due, test.timezone)
			series := now.Begin(parse(t, "2026-01-01T00:00Z").Begin(nil), zone(t, "Asia/Tokyo"))
			series.Start, series.StandsFor = parse(t, test.start), day
			rule, in, ok := series.RRULE(now, zone(t, "Asia/Tokyo"))
			if !ok {
				rule = ""
			}
			if rule != test.want || ok && in.String() != test.zone {
				t.Errorf("%q in %v, %t, want %q in %s", rule, in, ok, test.want, test.zone)
			}
		})
	}
}
