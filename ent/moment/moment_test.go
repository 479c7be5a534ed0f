package moment_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"todo-backend/ent/moment"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := moment.Zone(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return z
}

func parse(t *testing.T, text string) moment.Moment {
	t.Helper()
	m, err := moment.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

func TestParse(t *testing.T) {
	t.Parallel()
	form := func(kind moment.Kind, seconds bool, decimals int) moment.Form {
		return moment.Form{Kind: kind, Seconds: seconds, Decimals: decimals}
	}
	tests := []struct {
		text string
		form moment.Form
		err  error
	}{
		{"2026-01-05", form(moment.Date, false, 0), nil},
		{"0001-01-01", form(moment.Date, false, 0), nil},
		{"9999-12-31", form(moment.Date, false, 0), nil},
		{"2024-02-29", form(moment.Date, false, 0), nil},
		{"2000-02-29", form(moment.Date, false, 0), nil},
		{"2026-01-05T00:00", form(moment.Local, false, 0), nil},
		{"2026-01-05T09:30", form(moment.Local, false, 0), nil},
		{"2026-01-05T09:30:00", form(moment.Local, true, 0), nil},
		{"2026-01-05T23:59:59.9", form(moment.Local, true, 1), nil},
		{"2026-01-05T09:30:00.123456789", form(moment.Local, true, 9), nil},
		{"2026-01-05T09:30Z", form(moment.UTC, false, 0), nil},
		{"2026-01-05T09:30:00Z", form(moment.UTC, true, 0), nil},
		{"2026-01-05T09:30:00.000Z", form(moment.UTC, true, 3), nil},
		{"2026-01-05T09:30+01:00", form(moment.Offset, false, 0), nil},
		{"2026-01-05T09:30:00.123456789-23:59", form(moment.Offset, true, 9), nil},
		{"2026-01-05T09:30-00:00", form(moment.Offset, false, 0), nil},
		{"9999-12-31T23:59:59.999999999-23:59", form(moment.Offset, true, 9), nil},

		{"2026-02-29", moment.Form{}, moment.ErrDay},
		{"1900-02-29", moment.Form{}, moment.ErrDay},
		{"2026-04-31T09:30", moment.Form{}, moment.ErrDay},
		{"2026-00-10", moment.Form{}, moment.ErrDay},
		{"2026-13-10", moment.Form{}, moment.ErrDay},
		{"2026-01-00", moment.Form{}, moment.ErrDay},
		{"2026-01-32", moment.Form{}, moment.ErrDay},
		{"0000-01-01", moment.Form{}, moment.ErrDay},
		{"2026-01-05T24:00", moment.Form{}, moment.ErrClock},
		{"2026-01-05T09:60", moment.Form{}, moment.ErrClock},
		{"2026-12-31T23:59:60Z", moment.Form{}, moment.ErrClock},
		{"2026-01-05T09:30+24:00", moment.Form{}, moment.ErrClock},
		{"2026-01-05T09:30-01:60", moment.Form{}, moment.ErrClock},

		{"", moment.Form{}, moment.ErrForm},
		{" 2026-01-05", moment.Form{}, moment.ErrForm},
		{"2026-01-05\n", moment.Form{}, moment.ErrForm},
		{"2026-1-5", moment.Form{}, moment.ErrForm},
		{"20260105", moment.Form{}, moment.ErrForm},
		{"02026-01-05", moment.Form{}, moment.ErrForm},
		{"-2026-01-05", moment.Form{}, moment.ErrForm},
		{"2026-01", moment.Form{}, moment.ErrForm},
		{"2026-01-05Z", moment.Form{}, moment.ErrForm},
		{"2026-01-05T", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09", moment.Form{}, moment.ErrForm},
		{"2026-01-05 09:30", moment.Form{}, moment.ErrForm},
		{"2026-01-05t09:30", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30z", moment.Form{}, moment.ErrForm},
		{"2026-01-05T9:30", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30:00.", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30:00,5", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30.5", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30:00.1234567890", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30+0100", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30+01", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30+01:00:00", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30Z+01:00", moment.Form{}, moment.ErrForm},
		{"2026-01-05T09:30[Europe/Berlin]", moment.Form{}, moment.ErrForm},
		{"٢٠٢٦-٠١-٠٥", moment.Form{}, moment.ErrForm},
		{"tomorrow", moment.Form{}, moment.ErrForm},
		{strings.Repeat("2", 1<<16), moment.Form{}, moment.ErrForm},
	}
	for _, test := range tests {
		t.Run(test.text[:min(len(test.text), 40)], func(t *testing.T) {
			t.Parallel()
			m, err := moment.Parse(test.text)
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err == nil && (m.String() != test.text || m.Form() != test.form || m.IsZero()) {
				t.Errorf("got %q as %+v, want %+v", m, m.Form(), test.form)
			}
		})
	}
}

func TestParseDay(t *testing.T) {
	t.Parallel()
	if day, err := moment.ParseDay("1970-01-02"); day != 1 || err != nil {
		t.Errorf("got %d, %v", day, err)
	}
	for text, want := range map[string]error{"1970-01-32": moment.ErrDay, "1970-01-02T00:00": moment.ErrForm, "": moment.ErrForm} {
		if _, err := moment.ParseDay(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

func TestBeginAndEnd(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, zone, begin, end string }{
		{"a date in UTC", "2026-01-05", "UTC", "2026-01-05T00:00:00Z", "2026-01-05T23:59:59.999999Z"},
		{"a date in winter", "2026-01-05", "Europe/Berlin", "2026-01-04T23:00:00Z", "2026-01-05T22:59:59.999999Z"},
		{"a day of 23 hours", "2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999Z"},
		{"a day of 25 hours", "2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59.999999Z"},
		{"a day of 23.5 hours", "2026-10-04", "Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04T12:59:59.999999Z"},
		{"a day without midnight", "2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-24T20:59:59.999999Z"},
		{"the day before it", "2026-04-23", "Africa/Cairo", "2026-04-22T22:00:00Z", "2026-04-23T21:59:59.999999Z"},
		{"a day whose last hour comes twice", "2026-10-29", "Africa/Cairo", "2026-10-28T21:00:00Z", "2026-10-29T21:59:59.999999Z"},
		{"a day whose midnight comes twice", "2026-11-01", "America/Havana", "2026-11-01T04:00:00Z", "2026-11-02T04:59:59.999999Z"},
		{"a day that was skipped", "2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"the day before it", "2011-12-29", "Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-30T09:59:59.999999Z"},
		{"the day after it", "2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T09:59:59.999999Z"},
		{"the first day", "0001-01-01", "Etc/GMT-14", "0000-12-31T10:00:00Z", "0001-01-01T09:59:59.999999Z"},
		{"the last day", "9999-12-31", "Etc/GMT+12", "9999-12-31T12:00:00Z", "10000-01-01T11:59:59.999999Z"},

		{"a local time", "2026-01-05T09:30", "Europe/Berlin", "2026-01-05T08:30:00Z", ""},
		{"a local time with decimals", "2026-01-05T09:30:59.123456789", "Europe/Berlin", "2026-01-05T08:30:59.123456Z", ""},
		{"just before a gap", "2026-03-29T01:59:59", "Europe/Berlin", "2026-03-29T00:59:59Z", ""},
		{"the beginning of a gap", "2026-03-29T02:00", "Europe/Berlin", "2026-03-29T01:00:00Z", ""},
		{"in a gap", "2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00Z", ""},
		{"the end of a gap", "2026-03-29T03:00", "Europe/Berlin", "2026-03-29T01:00:00Z", ""},
		{"the beginning of an overlap", "2026-10-25T02:00", "Europe/Berlin", "2026-10-25T00:00:00Z", ""},
		{"in an overlap", "2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00Z", ""},
		{"the end of an overlap", "2026-10-25T03:00", "Europe/Berlin", "2026-10-25T02:00:00Z", ""},
		{"New York gap", "2026-03-08T02:30", "America/New_York", "2026-03-08T07:30:00Z", ""},
		{"New York overlap", "2026-11-01T01:30", "America/New_York", "2026-11-01T05:30:00Z", ""},
		{"Lord Howe gap", "2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:45:00Z", ""},
		{"Lord Howe overlap", "2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", ""},
		{"Cairo midnight gap", "2026-04-24T00:30", "Africa/Cairo", "2026-04-23T22:30:00Z", ""},
		{"Dublin gap, whose winter time is the saving", "2026-03-29T01:30", "Europe/Dublin", "2026-03-29T01:30:00Z", ""},
		{"Apia, on the day that was skipped", "2011-12-30T12:00", "Pacific/Apia", "2011-12-30T22:00:00Z", ""},
		{"Kwajalein, on the day that was skipped", "1993-08-21T12:00", "Pacific/Kwajalein", "1993-08-22T00:00:00Z", ""},
		{"Sitka, on a day that came twice", "1867-10-19T12:00", "America/Sitka", "1867-10-18T21:01:13Z", ""},
		{"the last day of a leap year", "2028-12-31T12:00", "Europe/Berlin", "2028-12-31T11:00:00Z", ""},
		{"Chatham in the far future", "2500-01-05T09:30", "Pacific/Chatham", "2500-01-04T19:45:00Z", ""},

		{"UTC, whatever the zone", "2026-03-29T02:30Z", "Europe/Berlin", "2026-03-29T02:30:00Z", ""},
		{"an offset, whatever the zone", "2026-03-29T02:30:00.5-05:30", "Europe/Berlin", "2026-03-29T08:00:00.5Z", ""},
		{"an instant before the first year", "0001-01-01T00:00+23:59", "UTC", "0000-12-31T00:01:00Z", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, z := parse(t, test.text), zone(t, test.zone)
			if test.end == "" {
				test.end = test.begin
			}
			begin, end := m.Begin(z).Format(time.RFC3339Nano), m.End(z).Format(time.RFC3339Nano)
			if begin != test.begin || end != test.end {
				t.Errorf("got %s to %s, want %s to %s", begin, end, test.begin, test.end)
			}
		})
	}
}

func TestReadIn(t *testing.T) {
	t.Parallel()
	berlin, tokyo := zone(t, "Europe/Berlin"), zone(t, "Asia/Tokyo")
	tests := []struct {
		text        string
		own         *time.Location
		day, clock  string
		wantDefault bool
	}{
		{"2026-01-05", nil, "2026-01-05", "0s", true},
		{"2026-01-05T23:30", nil, "2026-01-05", "23h30m0s", true},
		{"2026-01-05T23:30Z", nil, "2026-01-06", "8h30m0s", true},
		{"2026-01-05T23:30-05:00", nil, "2026-01-05", "23h30m0s", false},
		{"2026-01-05T23:30:15.000000001-05:00", berlin, "2026-01-06", "5h30m15.000000001s", false},
		{"2026-01-05T23:30Z", berlin, "2026-01-06", "30m0s", false},
		{"2026-01-05T23:30", berlin, "2026-01-05", "23h30m0s", false},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			m := parse(t, test.text)
			in := m.ReadIn(test.own, tokyo)
			if (in == tokyo) != test.wantDefault || (in == berlin) != (test.own == berlin) {
				t.Errorf("read in %s", in)
			}
			if day, clock := m.Wall(in); day.String() != test.day || clock.String() != test.clock {
				t.Errorf("got %s %s, want %s %s", day, clock, test.day, test.clock)
			}
		})
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, like, day, clock, zone, want string }{
		{"a date", "2026-01-05", "2026-03-29", "9h30m", "Europe/Berlin", "2026-03-29"},
		{"minutes", "2026-01-05T00:00", "2026-03-29", "9h30m59.999s", "Europe/Berlin", "2026-03-29T09:30"},
		{"seconds", "2026-01-05T00:00:00", "2026-03-29", "9h30m59.999s", "Europe/Berlin", "2026-03-29T09:30:59"},
		{"decimals", "2026-01-05T00:00:00.00", "2026-03-29", "9h30m59.999s", "Europe/Berlin", "2026-03-29T09:30:59.99"},
		{"all decimals", "2026-01-05T00:00:00.000000000", "2026-03-29", "9h30m1ns", "UTC", "2026-03-29T09:30:00.000000001"},
		{"UTC", "2026-01-05T00:00:00.000Z", "2026-03-29", "9h30m", "Europe/Berlin", "2026-03-29T07:30:00.000Z"},
		{"an offset", "2026-01-05T00:00-11:00", "2026-03-29", "9h30m", "Europe/Berlin", "2026-03-29T09:30+02:00"},
		{"a negative offset", "2026-01-05T00:00+01:00", "2026-03-29", "9h30m", "America/St_Johns", "2026-03-29T09:30-02:30"},
		{"the day before, in UTC", "2026-01-05T00:00Z", "2026-03-01", "9h30m", "Pacific/Auckland", "2026-02-28T20:30Z"},
		{"a gap, as local text", "2026-01-05T00:00", "2026-03-29", "2h30m", "Europe/Berlin", "2026-03-29T02:30"},
		{"a gap, with an offset", "2026-01-05T00:00+01:00", "2026-03-29", "2h30m", "Europe/Berlin", "2026-03-29T03:30+02:00"},
		{"a gap, in UTC", "2026-01-05T00:00Z", "2026-03-29", "2h30m", "Europe/Berlin", "2026-03-29T01:30Z"},
		{"an overlap, with an offset", "2026-01-05T00:00+01:00", "2026-10-25", "2h30m", "Europe/Berlin", "2026-10-25T02:30+02:00"},
		{"an offset with seconds", "2026-01-05T00:00:00+01:00", "1890-01-01", "9h30m", "Europe/Berlin", "1890-01-01T09:29:32+00:53"},
		{"the last instant", "2026-01-05T00:00Z", "9999-12-31", "18h59m", "Etc/GMT+5", "9999-12-31T23:59Z"},
		{"beyond it", "2026-01-05T00:00Z", "9999-12-31", "19h", "Etc/GMT+5", ""},
		{"before the first", "2026-01-05T00:00Z", "0001-01-01", "4h59m", "Etc/GMT-5", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			clock, err := time.ParseDuration(test.clock)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := parse(t, test.like).Form().Write(parse(t, test.day).Day(), clock, zone(t, test.zone))
			if got.String() != test.want || ok != (test.want != "") {
				t.Fatalf("got %q, %v, want %q", got, ok, test.want)
			}
			if ok && got != parse(t, test.want) {
				t.Errorf("got %+v, parsed it is %+v", got, parse(t, test.want))
			}
		})
	}
}

func TestMove(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, zone, reminder, from, to, want string }{
		{"minutes before", "", "2026-01-05T09:00", "2026-01-05T09:30", "2026-01-12T09:30", "2026-01-12T09:00"},
		{"the evening before a date", "", "2026-01-04T18:00", "2026-01-05", "2026-01-12", "2026-01-11T18:00"},
		{"a date before a time", "", "2026-01-04", "2026-01-05T14:00", "2026-01-06T09:30", "2026-01-05"},
		{"snoozed in the day", "", "2026-01-05T13:30", "2026-01-05T14:00", "2026-01-06T09:30", "2026-01-06T09:00"},
		{"over midnight", "", "2026-01-05T23:50", "2026-01-06T00:10", "2026-01-06T23:55", "2026-01-06T23:35"},
		{"after it", "", "2026-01-05T23:50", "2026-01-05T23:40", "2026-01-06T23:55", "2026-01-07T00:05"},
		{"over a change of clocks", "Europe/Berlin", "2026-03-28T08:00:00Z", "2026-03-28T08:30:00Z", "2026-03-29T07:30:00Z", "2026-03-29T07:00:00Z"},
		{"over a change that lies between", "Europe/Berlin", "2026-03-27T18:00", "2026-03-28T09:30", "2026-03-29T09:30", "2026-03-28T18:00"},
		{"into a gap", "Europe/Berlin", "2026-03-28T02:30+01:00", "2026-03-28T09:30", "2026-03-29T09:30", "2026-03-29T03:30+02:00"},
		{"into a gap, as local text", "Europe/Berlin", "2026-03-28T02:30", "2026-03-28T09:30", "2026-03-29T09:30", "2026-03-29T02:30"},
		{"offset without a zone", "", "2026-03-28T09:00+01:00", "2026-03-28T09:30+01:00", "2026-03-29T09:30+01:00", "2026-03-29T09:00+01:00"},
		{"beyond the last year", "", "9999-12-31T09:00", "2026-01-05T09:30", "2026-01-06T09:30", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var own *time.Location
			if test.zone != "" {
				own = zone(t, test.zone)
			}
			got, ok := moment.Move(parse(t, test.reminder), parse(t, test.from), parse(t, test.to), own, time.UTC)
			if got.String() != test.want || ok != (test.want != "") {
				t.Errorf("got %q, %v, want %q", got, ok, test.want)
			}
		})
	}
}
