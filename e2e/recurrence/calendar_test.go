package recurrence

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"

	"todo-backend/ent/moment"
	"todo-backend/ent/recurrence"
)

// event is what expand.py reads.
type event struct {
	Rule  string `json:"rule"`
	Start string `json:"start"`
	Zone  string `json:"zone"`
	Count int    `json:"count"`

	completing []string // the days that completing makes, this one first
}

// TestCalendarsShowWhatCompletingMakes compares the days that a calendar makes of a series with those of the
// tasks that come one after the other, each completed when it is due.
func TestCalendarsShowWhatCompletingMakes(t *testing.T) {
	t.Parallel()
	python := findPython(t)
	draw := drawing{rand.New(rand.NewPCG(*seed, 1))}
	var events []event
	var input bytes.Buffer
	for len(events) < *cases {
		e, ok := draw.event(t)
		if !ok {
			continue
		}
		events = append(events, e)
		if err := json.NewEncoder(&input).Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), python, "expand.py")
	command.Stdin = &input
	var failure strings.Builder
	command.Stderr = &failure
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", python, err, failure.String())
	}
	answers := strings.Split(strings.TrimSuffix(string(output), "\n"), "\n")
	if len(answers) != len(events) {
		t.Fatalf("%d answers to %d events", len(answers), len(events))
	}
	several := 0
	for i, e := range events {
		got := strings.Fields(answers[i])
		want := strings.Join(e.completing, " ")
		if len(got) > len(e.completing) && isFar(t, got[len(e.completing)-1], got[len(e.completing)]) {
			got = got[:len(e.completing)] // completing looks ten years ahead
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s from %s in %s: dateutil says %s, completing makes %s", e.Rule, e.Start, e.Zone, got, want)
		}
		if len(got) > 2 {
			several++
		}
	}
	if several < *cases/2 {
		t.Errorf("only %d of the events come back", several)
	}
}

// isFar reports whether a day lies more than nine years after another.
func isFar(t *testing.T, from, to string) bool {
	t.Helper()
	return parse(t, to).Day() > parse(t, from).Day().AddYears(9)
}

// event draws a task somewhere in a series, of which a calendar is told.
func (d drawing) event(t *testing.T) (event, bool) {
	t.Helper()
	c := d.completion()
	rule, err := recurrence.Parse(c.Rule)
	if err != nil || c.Completion || c.Due == "" || strings.Contains(c.Rule, "FREQ=WEEKLY") && strings.Contains(c.Rule, "BYSETPOS") {
		return event{}, false // dateutil counts BYSETPOS from DTSTART in its week
	}
	zone, err := moment.Zone(c.Zone)
	if err != nil {
		t.Fatal(err)
	}
	state := recurrence.State{Rule: rule, Due: parse(t, c.Due), Timezone: zone}
	series := state.Begin(state.Due.Begin(zone), time.UTC)
	for range d.IntN(4) {
		if next, ok := completed(&state, &series); !ok || next == "" {
			return event{}, false
		}
	}
	text, in, ok := series.RRULE(state, time.UTC)
	if !ok {
		return event{}, false
	}
	e := event{Rule: text, Start: series.StandsFor.String(), Zone: in.String(), Count: 8}
	if state.Due.Form().HasTime() {
		day, clock := state.Due.Wall(in)
		e.Start = day.String() + "T" + time.Time{}.Add(clock).Format("15:04:05")
	}
	e.completing = []string{series.StandsFor.String()}
	for len(e.completing) < e.Count {
		day, ok := completed(&state, &series)
		if !ok {
			break
		}
		e.completing = append(e.completing, day)
	}
	return e, true
}

// completed completes a task when it is due, and reports the day of the next.
func completed(state *recurrence.State, series *recurrence.Series) (day string, ok bool) {
	now := state.Due.Begin(state.Timezone)
	due, standsFor, ok := recurrence.Completion{State: *state, Series: *series, Standard: time.UTC, Now: now}.Next()
	state.Due, series.StandsFor = due, standsFor
	return standsFor.String(), ok
}
