package recurrence_test

import (
	"errors"
	"strings"
	"testing"

	"todo-backend/ent/recurrence"
)

func TestParse(t *testing.T) {
	t.Parallel()
	same := "="
	tests := []struct{ text, want string }{
		{"FREQ=DAILY", same},
		{"BYDAY=MO;FREQ=WEEKLY", same},
		{"rrule:freq=daily", "FREQ=DAILY"},
		{"\tRRULE: FREQ = weekly ; byday = mo , we ; ", "FREQ=WEEKLY;BYDAY=MO,WE"},
		{"FREQ=DAILY;", "FREQ=DAILY"},
		{"FREQ=DAILY;INTERVAL=1", same},
		{"FREQ=DAILY;INTERVAL=9999", same},
		{"FREQ=DAILY;INTERVAL=02", same},
		{"FREQ=DAILY;COUNT=1", same},
		{"FREQ=DAILY;COUNT=999", same},
		{"FREQ=DAILY;UNTIL=20261231", same},
		{"FREQ=DAILY;UNTIL=20261231T235959", same},
		{"FREQ=DAILY;UNTIL=20261231t235959z", "FREQ=DAILY;UNTIL=20261231T235959Z"},
		{"FREQ=WEEKLY;BYDAY=MO,MO", same},
		{"FREQ=MONTHLY;BYDAY=+1MO,-5SU,5FR", same},
		{"FREQ=MONTHLY;BYMONTH=1;BYDAY=5MO", same},
		{"FREQ=YEARLY;BYDAY=53MO,-53TU", same},
		{"FREQ=YEARLY;BYMONTH=1;BYDAY=-5MO", same},
		{"FREQ=MONTHLY;BYMONTHDAY=1,31,-1,-31,+15", same},
		{"FREQ=DAILY;BYMONTHDAY=1;BYDAY=MO;BYMONTH=1,12", same},
		{"FREQ=YEARLY;BYMONTHDAY=1;BYSETPOS=366,-366", same},
		{"FREQ=WEEKLY;BYDAY=MO;WKST=SU", same},
		{"daily", "FREQ=DAILY"},
		{"Weekly", "FREQ=WEEKLY"},
		{" BIWEEKLY ", "FREQ=WEEKLY;INTERVAL=2"},
		{"weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
		{"monthly", "FREQ=MONTHLY"},
		{"yearly", "FREQ=YEARLY"},
		{"FREQ=YEARLY;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31;BYDAY=MO,TU,WE,TH,FR,SA,SU", same},

		{"", "!"},
		{"none", "!"},
		{"RRULE:", "!"},
		{"RRULE:daily", "!"},
		{";FREQ=DAILY", "!"},
		{"FREQ=DAILY;;COUNT=1", "!"},
		{"FREQ=DAILY;;", "!"},
		{"=DAILY", "!"},
		{"every day=1", "!EVERY"},
		{strings.Repeat("FREQ=DAILY;", 30), "!FREQ"},
		{"FREQ=DAILY;BYMONTHDAY=" + strings.Repeat("1,", 120) + "1", "!"},
		{strings.Repeat("x", 1<<16), "!"},
		{"FREQ=DAILY\nRRULE:FREQ=WEEKLY", "!FREQ"},
		{"DTSTART:20260101\nRRULE:FREQ=DAILY", "!DTSTART"},
		{"FREQ=DAILY;EXDATE=20260101", "!EXDATE"},
		{"FREQ=DAILY;X-NAME=1", "!X-NAME"},
		{"INTERVAL=2", "!FREQ"},
		{"FREQ=", "!FREQ"},
		{"FREQ", "!"},
		{"FREQ=DAILY;COUNT", "!COUNT"},
		{"FREQ=SECONDLY", "!FREQ"},
		{"FREQ=DAI LY", "!FREQ"},
		{"F REQ=DAILY", "!F"},
		{"FREQ=DAıLY", "!FREQ"},
		{"FREQ=DAILY;BYſETPOS=1", "!BY"},
		{"FREQ=DAILY;FREQ=DAILY", "!FREQ"},
		{"FREQ=DAILY;INTERVAL=0", "!INTERVAL"},
		{"FREQ=DAILY;INTERVAL=-1", "!INTERVAL"},
		{"FREQ=DAILY;INTERVAL=+1", "!INTERVAL"},
		{"FREQ=DAILY;INTERVAL=1.5", "!INTERVAL"},
		{"FREQ=DAILY;INTERVAL=1,2", "!INTERVAL"},
		{"FREQ=DAILY;INTERVAL=10000", "!INTERVAL"},
		{"FREQ=DAILY;COUNT=1000", "!COUNT"},
		{"FREQ=DAILY;UNTIL=20260101;COUNT=2", "!UNTIL"},
		{"FREQ=DAILY;UNTIL=2026-12-31", "!UNTIL"},
		{"FREQ=DAILY;UNTIL=20261301", "!UNTIL"},
		{"FREQ=DAILY;UNTIL=00001231", "!UNTIL"},
		{"FREQ=DAILY;UNTIL=20261231T2359", "!UNTIL"},
		{"FREQ=DAILY;UNTIL=20261231T246060Z", "!UNTIL"},
		{"FREQ=DAILY;UNTIL=20261231X235959", "!UNTIL"},
		{"FREQ=DAILY;UNTIL=20261231T235959X", "!UNTIL"},
		{"FREQ=DAILY;UNTIL=20261231T235959.5", "!UNTIL"},
		{"FREQ=DAILY;UNTIL=2026é231", "!UNTIL"},
		{"FREQ=WEEKLY;BYDAY=", "!BYDAY"},
		{"FREQ=WEEKLY;BYDAY=MO,", "!BYDAY"},
		{"FREQ=WEEKLY;BYDAY=MONDAY", "!BYDAY"},
		{"FREQ=WEEKLY;BYDAY=M", "!BYDAY"},
		{"FREQ=WEEKLY;BYDAY=1MO", "!BYDAY"},
		{"FREQ=DAILY;BYDAY=1MO", "!BYDAY"},
		{"FREQ=MONTHLY;BYDAY=6MO", "!BYDAY"},
		{"FREQ=MONTHLY;BYDAY=+-1MO", "!BYDAY"},
		{"FREQ=YEARLY;BYDAY=54MO", "!BYDAY"},
		{"FREQ=YEARLY;BYDAY=-54MO", "!BYDAY"},
		{"BYDAY=6MO;BYMONTH=2;FREQ=YEARLY", "!BYDAY"},
		{"FREQ=YEARLY;BYDAY=1MO,TU", "!BYDAY"},
		{"FREQ=MONTHLY;BYMONTHDAY=0", "!BYMONTHDAY"},
		{"FREQ=MONTHLY;BYMONTHDAY=32", "!BYMONTHDAY"},
		{"FREQ=MONTHLY;BYMONTHDAY=-32", "!BYMONTHDAY"},
		{"FREQ=WEEKLY;BYMONTHDAY=1", "!BYMONTHDAY"},
		{"FREQ=YEARLY;BYMONTH=0", "!BYMONTH"},
		{"FREQ=YEARLY;BYMONTH=13", "!BYMONTH"},
		{"FREQ=YEARLY;BYMONTH=-1", "!BYMONTH"},
		{"FREQ=YEARLY;BYMONTH=1;BYSETPOS=1", "!BYSETPOS"},
		{"FREQ=YEARLY;BYDAY=MO;BYSETPOS=0", "!BYSETPOS"},
		{"FREQ=YEARLY;BYDAY=MO;BYSETPOS=367", "!BYSETPOS"},
		{"FREQ=WEEKLY;WKST=1MO", "!WKST"},
		{"FREQ=WEEKLY;WKST=MO,TU", "!WKST"},
	}
	for _, test := range tests {
		t.Run(test.text[:min(len(test.text), 60)], func(t *testing.T) {
			t.Parallel()
			rule, err := recurrence.Parse(test.text)
			part, refused := strings.CutPrefix(test.want, "!")
			var broken *recurrence.Error
			switch {
			case refused:
				if !errors.As(err, &broken) || broken.Part != part || !rule.IsZero() {
					t.Errorf("got %q, %v, want an error of %q", rule, err, part)
				}
				return
			case test.want == same:
				test.want = test.text
			}
			if err != nil || rule.String() != test.want || rule.IsZero() {
				t.Errorf("got %q, %v, want %q", rule, err, test.want)
			}
		})
	}
}

func TestErrorIsSentenceAboutTheField(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"FREQ=HOURLY":                  "is not taken: FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY",
		"FREQ=DAILY;BYHOUR=9":          "is not taken: BYHOUR is not supported",
		"FREQ=DAILY;COUNT=1;UNTIL=2":   "is not taken: UNTIL must be a day like 20261231, or a time like 20261231T235959Z",
		"every 2 weeks":                "must be a rule like FREQ=WEEKLY;BYDAY=MO, or daily, weekly, biweekly, weekdays, monthly or yearly",
		strings.Repeat("FREQ=", 1_000): "must have at most 255 characters",
	} {
		if _, err := recurrence.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%.40s: %v, want %s", text, err, want)
		}
	}
}

func TestReadings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule      string
		word      string
		frequency string
		interval  int
		end       string
	}{
		{"", "none", "none", 0, ""},
		{"daily", "daily", "daily", 1, ""},
		{"biweekly", "biweekly", "weekly", 2, ""},
		{"weekdays", "weekdays", "weekly", 1, ""},
		{"FREQ=DAILY;INTERVAL=3;UNTIL=20261231", "daily", "daily", 3, "2026-12-31"},
		{"FREQ=WEEKLY;BYDAY=FR,TH,WE,TU,MO,MO", "weekdays", "weekly", 1, ""},
		{"FREQ=WEEKLY;BYDAY=MO", "weekly", "weekly", 1, ""},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "biweekly", "weekly", 2, ""},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", "biweekly", "weekly", 2, ""},
		{"FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "monthly", "monthly", 1, ""},
		{"FREQ=YEARLY;UNTIL=20261231T230000Z", "yearly", "yearly", 1, "2026-12-31"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			var rule recurrence.Rule
			if test.rule != "" {
				rule = mustParse(t, test.rule)
			}
			end := ""
			if day, ok := rule.EndDate(); ok {
				end = day.String()
			}
			if rule.Word() != test.word || rule.Frequency().String() != test.frequency || rule.Interval() != test.interval || end != test.end {
				t.Errorf("got %s, %s, %d, %s", rule.Word(), rule.Frequency(), rule.Interval(), end)
			}
		})
	}
}

func TestMeans(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b             string
		same, sameSeries bool
	}{
		{"FREQ=WEEKLY;BYDAY=MO,TU", "BYDAY=TU,MO,MO;FREQ=WEEKLY;INTERVAL=1;WKST=MO", true, true},
		{"FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=+1MO", true, true},
		{"FREQ=DAILY;INTERVAL=02", "INTERVAL=2;FREQ=DAILY", true, true},
		{"weekdays", "FREQ=WEEKLY;BYDAY=FR,TH,WE,TU,MO", true, true},
		{"FREQ=DAILY;COUNT=2", "FREQ=DAILY", false, true},
		{"FREQ=DAILY;COUNT=2", "FREQ=DAILY;COUNT=3", false, true},
		{"FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231T235959", false, true},
		{"FREQ=DAILY", "FREQ=WEEKLY", false, false},
		{"FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", false, false},
		{"FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO", false, false},
		{"FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO;WKST=SU", false, false},
		{"FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=-1MO", false, false},
		{"FREQ=MONTHLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYMONTHDAY=-1", false, false},
		{"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=MO", false, false},
		{"FREQ=YEARLY;BYMONTH=1", "FREQ=YEARLY", false, false},
	}
	for _, test := range tests {
		t.Run(test.a+" and "+test.b, func(t *testing.T) {
			t.Parallel()
			a, b := mustParse(t, test.a), mustParse(t, test.b)
			if a.Means(b) != test.same || b.Means(a) != test.same || !a.Means(a) {
				t.Errorf("means the same: %v", a.Means(b))
			}
			if a.SamePattern(b) != test.sameSeries || b.SamePattern(a) != test.sameSeries {
				t.Errorf("same pattern: %v", a.SamePattern(b))
			}
			if a.Means(recurrence.Rule{}) || (recurrence.Rule{}).Means(a) {
				t.Error("means the same as none")
			}
		})
	}
}
