package recurrence_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"todo-backend/ent/moment"
	"todo-backend/ent/recurrence"
)

// tableCase is a line of testdata/recurrence.tsv.
type tableCase struct {
	name, rule, start, standsFor, due, zone, now, repeatFrom, want string
}

func readTable(t *testing.T) []tableCase {
	t.Helper()
	text, err := os.ReadFile("testdata/recurrence.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var cases []tableCase
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		cases = append(cases, tableCase{f[0], strings.ReplaceAll(f[1], `\n`, "\n"), f[2], f[3], f[4], f[5], f[6], f[7], f[8]})
	}
	if len(cases) != 149 {
		t.Fatalf("%d cases, want 149", len(cases))
	}
	return cases
}

func TestTable(t *testing.T) {
	t.Parallel()
	for _, test := range readTable(t) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rule, err := recurrence.Parse(test.rule)
			if err == nil {
				err = rule.Check(parse(t, test.start).Day(), test.repeatFrom == "completion")
			}
			if err != nil || strings.HasPrefix(test.want, "422") {
				checkRefused(t, err, test.want)
				return
			}
			got := "end"
			if due, _, ok := test.completion(t, rule).Next(); ok {
				got = due.String()
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func checkRefused(t *testing.T, err error, want string) {
	t.Helper()
	var broken *recurrence.Error
	if !errors.As(err, &broken) {
		t.Fatalf("error %v, want %s", err, want)
	}
	got := strings.TrimSpace("422 " + broken.Part)
	if errors.Is(err, recurrence.ErrNever) {
		got = "422 never"
	}
	if got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// completion is that of a line. The start is what a task's due date was when the rule was set.
func (test tableCase) completion(t *testing.T, rule recurrence.Rule) recurrence.Completion {
	t.Helper()
	now, err := time.Parse(time.RFC3339, test.now)
	if err != nil {
		t.Fatal(err)
	}
	c := recurrence.Completion{Standard: time.UTC, Now: now, FromCompletion: test.repeatFrom == "completion"}
	c.Rule, c.Timezone = rule, zone(t, test.zone)
	begin := recurrence.State{Rule: rule, Due: parse(t, test.start), Timezone: c.Timezone}
	c.Series = begin.Begin(now, time.UTC)
	if test.due != "" {
		c.Due = parse(t, test.due)
		c.StandsFor, _ = c.Due.Wall(c.Due.ReadIn(c.Timezone, time.UTC))
	}
	if test.standsFor != "" {
		c.StandsFor = parse(t, test.standsFor).Day()
	}
	return c
}

// zone returns a zone, or nil for none.
func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	if name == "" {
		return nil
	}
	z, err := moment.Zone(name)
	if err != nil {
		t.Fatal(err)
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
