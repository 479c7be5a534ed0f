package recurrence_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"todo-backend/ent/moment"
	"todo-backend/ent/recurrence"
)

// FuzzRule: whatever is taken reads back as it is stored, ends, and names days in order.
func FuzzRule(f *testing.F) {
	for _, text := range worst {
		f.Add(text, int32(0), int32(20_000), int64(34_200))
	}
	for _, text := range []string{
		"", "weekdays", "RRULE:FREQ=YEARLY;BYDAY=20MO", "freq=monthly;byday=1mo,-1fr;bymonthday=1", "FREQ=DAILY;UNTIL=20261231T235959Z",
		"DTSTART:20260101\nRRULE:FREQ=DAILY", "FREQ=WEEKLY;WKST=SU;BYMONTH=2;BYDAY=MO;BYSETPOS=-1;INTERVAL=9999",
	} {
		f.Add(text, int32(-719_162), int32(2_932_896), int64(0))
	}
	berlin, err := moment.Zone("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, first, standsFor int32, seconds int64) {
		rule, err := recurrence.Parse(text)
		var broken *recurrence.Error
		if err != nil {
			if !errors.As(err, &broken) || !rule.IsZero() {
				t.Fatalf("%q: %q, %v", text, rule, err)
			}
			return
		}
		again, err := recurrence.Parse(rule.String())
		if err != nil || again != rule || !again.Means(rule) || len(rule.String()) > recurrence.MaxLength {
			t.Fatalf("%q is stored as %q and reads back as %q, %v", text, rule, again, err)
		}
		start, day := moment.Day(first), moment.Day(standsFor)
		start = min(max(start, moment.FirstDay), moment.LastDay)
		day = min(max(day, start), moment.LastDay)
		_ = rule.Check(start, false)
		checkSteps(t, rule, start, day)

		c := recurrence.Completion{Standard: berlin, Now: time.Unix(seconds, 0)}
		c.Rule, c.StandsFor = rule, day
		clock := time.Duration(((seconds%86400)+86400)%86400) * time.Second
		c.Start, _ = moment.Form{Kind: moment.Local, Seconds: true}.Write(start, clock, berlin)
		c.Due, _ = moment.Form{Kind: moment.Offset, Seconds: true}.Write(min(day, moment.LastDay-1), clock, berlin)
		if due, next, ok := c.Next(); ok && (next <= day || !due.Begin(berlin).After(c.Now) || due.Form() != c.Due.Form()) {
			t.Fatalf("%s from %s: %s for %s, after %s", rule, c.Start, due, next, day)
		}
	})
}

// FuzzWeigh: whatever a body says of a rule leaves one that is taken, or names what is wrong with it.
func FuzzWeigh(f *testing.F) {
	for _, test := range weighTests {
		f.Add(test.stored, test.body)
	}
	f.Fuzz(func(t *testing.T, storedText, body string) {
		if !json.Valid([]byte(body)) {
			return
		}
		values := valuesOf(t, body)
		stored, _ := recurrence.Parse(storedText)
		rule, problems := recurrence.Weigh(values, stored)
		if len(problems) > 0 && rule != stored {
			t.Fatalf("%s on %q: %q in spite of %v", body, stored, rule, problems)
		}
		if again, err := recurrence.Parse(rule.String()); !rule.IsZero() && (err != nil || again != rule) {
			t.Fatalf("%s on %q: %q, %v", body, stored, rule, err)
		}
	})
}
