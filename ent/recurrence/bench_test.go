package recurrence_test

import (
	"strings"
	"testing"

	"todo-backend/ent/moment"
	"todo-backend/ent/recurrence"
)

// The rules that cost most: those that name a day seldom, and so leave COUNT unused for long.
var worst = []string{
	"FREQ=DAILY;COUNT=999",
	"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=999",
	"FREQ=DAILY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29;COUNT=999",
	"FREQ=DAILY;INTERVAL=2;BYMONTHDAY=31;BYDAY=MO;BYSETPOS=1;COUNT=999",
	"FREQ=WEEKLY;BYMONTH=2;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=7;COUNT=999",
	"FREQ=WEEKLY;INTERVAL=2;BYMONTH=2;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=7;COUNT=999",
	"FREQ=WEEKLY;INTERVAL=3;BYMONTH=2;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-7;COUNT=999",
	"FREQ=WEEKLY;INTERVAL=4;BYMONTH=2;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=7;COUNT=999",
	"FREQ=WEEKLY;BYMONTH=2;COUNT=999",
	"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=999",
	"FREQ=MONTHLY;BYMONTH=2;BYDAY=5MO,5TU;BYMONTHDAY=29;COUNT=999",
	"FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=MO;COUNT=999",
	"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=31;COUNT=999",
	"FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366,-366;COUNT=999",
	"FREQ=YEARLY;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31;BYSETPOS=366;COUNT=999",
	"FREQ=YEARLY;BYDAY=53MO,-53TU;BYMONTHDAY=31,30;COUNT=999",
	"FREQ=YEARLY;BYDAY=53SA;BYMONTHDAY=30;COUNT=999",
	"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=999",
	"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
	"FREQ=WEEKLY;INTERVAL=521;BYMONTH=2",
	"FREQ=DAILY;INTERVAL=3652;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12",
	"FREQ=DAILY",
}

// Steps are counted and not timed. Each is of a constant cost, well below a microsecond, but for the 14 kinds of years.
func TestNoRuleTakesManySteps(t *testing.T) {
	t.Parallel()
	for _, text := range worst {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			rule := mustParse(t, text)
			for _, start := range []moment.Day{moment.FirstDay, moment.DayOf(1970, 1, 1), moment.DayOf(2026, 2, 28)} {
				for _, late := range []int{0, 10, 100, 500, 1000, 2000, 4000, 7000} {
					checkSteps(t, rule, start, start.AddYears(late))
				}
			}
		})
	}
}

func checkSteps(tb testing.TB, rule recurrence.Rule, start, after moment.Day) {
	tb.Helper()
	const weeks, counted = 10*53 + 2, 10_000 + 2
	limit := weeks
	if strings.Contains(rule.String(), "COUNT") {
		limit += counted
	}
	if n := rule.Periods(start, after); n > limit {
		tb.Errorf("%s from %s after %s: %d periods", rule, start, after, n)
	}
}

func BenchmarkWorst(b *testing.B) {
	for _, text := range worst {
		b.Run(text[:min(len(text), 60)], func(b *testing.B) {
			rule, err := recurrence.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for b.Loop() {
				n = rule.Periods(moment.FirstDay, moment.LastDay.AddYears(-10))
			}
			b.ReportMetric(float64(n), "periods")
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		_, _ = recurrence.Parse("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE;UNTIL=20261231")
	}
}

func mustParse(t *testing.T, text string) recurrence.Rule {
	t.Helper()
	rule, err := recurrence.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return rule
}
