// Package recurrence compares the rules of recurring tasks with a second implementation, Python's dateutil (Debian's
// python3-dateutil). A longer run:
//
//	go test ./e2e/recurrence -cases 50000 -seed 7
package recurrence

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"todo-backend/ent/moment"
	"todo-backend/ent/recurrence"
)

var (
	cases = flag.Int("cases", 400, "how many completions are compared")
	seed  = flag.Uint64("seed", 1, "what they are drawn from")
)

// completion is what next.py reads.
type completion struct {
	Rule       string `json:"rule"`
	Start      string `json:"start"`
	StandsFor  string `json:"standsFor"`
	Due        string `json:"due"`
	Zone       string `json:"zone"`
	Now        string `json:"now"`
	Completion bool   `json:"completion"`
}

func TestSameAsDateutil(t *testing.T) {
	t.Parallel()
	python := findPython(t)
	draw := drawing{rand.New(rand.NewPCG(*seed, 0))}
	var completions []completion
	var input bytes.Buffer
	for range *cases {
		c := draw.completion()
		completions = append(completions, c)
		if err := json.NewEncoder(&input).Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), python, "next.py")
	command.Stdin = &input
	var failure strings.Builder
	command.Stderr = &failure
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", python, err, failure.String())
	}
	answers := strings.Split(strings.TrimSuffix(string(output), "\n"), "\n")
	if len(answers) != len(completions) {
		t.Fatalf("%d answers to %d completions", len(answers), len(completions))
	}
	kinds := map[string]int{}
	for i, c := range completions {
		got := answer(t, c)
		if got != answers[i] {
			t.Errorf("%+v: %s, dateutil says %s", c, got, answers[i])
		}
		kind := got
		if kind != "never" && kind != "end" {
			kind = "next"
		}
		kinds[kind]++
	}
	t.Logf("%v", kinds)
	if kinds["next"] < *cases/2 || kinds["end"] == 0 || kinds["never"] == 0 {
		t.Error("the completions drawn show too little")
	}
}

// findPython returns a Python that has dateutil. Where there is none the test is skipped, but not in CI.
func findPython(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import dateutil, zoneinfo").Run() == nil {
			return python
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("Python with dateutil is missing: install python3-dateutil")
	}
	t.Skip("Python with dateutil is missing: install python3-dateutil to compare")
	return ""
}

// answer is what next.py answers, by the code under test.
func answer(t *testing.T, c completion) string {
	t.Helper()
	rule, err := recurrence.Parse(c.Rule)
	if err != nil {
		t.Fatalf("%s: %v", c.Rule, err)
	}
	zone, err := moment.Zone(c.Zone)
	if err != nil {
		t.Fatal(err)
	}
	now, err := time.Parse(time.RFC3339, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	completed := recurrence.Completion{Standard: time.UTC, Now: now, FromCompletion: c.Completion}
	completed.Rule, completed.Timezone = rule, zone
	completed.Start, completed.StandsFor = parse(t, c.Start), parse(t, c.StandsFor).Day()
	if c.Due != "" {
		completed.Due = parse(t, c.Due)
	}
	if err := rule.Check(completed.Start.Day(), c.Completion); errors.Is(err, recurrence.ErrNever) {
		return "never"
	} else if err != nil {
		t.Fatalf("%s: %v", c.Rule, err)
	}
	due, _, ok := completed.Next()
	if !ok {
		return "end"
	}
	return due.String()
}

func parse(t *testing.T, text string) moment.Moment {
	t.Helper()
	m, err := moment.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

// drawing draws rules and completions.
type drawing struct{ *rand.Rand }

// oneIn is true in one of n.
func (d drawing) oneIn(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d drawing, of ...T) T { return of[d.IntN(len(of))] }

// list returns one to five items with commas.
func (d drawing) list(item func() string) string {
	items := []string{item()}
	for range d.IntN(5) {
		items = append(items, item())
	}
	return strings.Join(items, ",")
}

// signed returns a number from 1 to highest, or from the end.
func (d drawing) signed(highest int) string {
	n := 1 + d.IntN(highest)
	if d.oneIn(3) {
		n = -n
	}
	return fmt.Sprint(n)
}

func (d drawing) weekday() string { return pick(d, "MO", "TU", "WE", "TH", "FR", "SA", "SU") }

func (d drawing) rule(fromCompletion bool) string {
	frequency := pick(d, "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
	parts := []string{"FREQ=" + frequency}
	add := func(name, value string) { parts = append(parts, name+"="+value) }
	if d.oneIn(2) {
		add("INTERVAL", fmt.Sprint(pick(d, 1, 2, 3, 4, 5, 6, 7, 10, 12, 26, 52, 100)))
	}
	if d.oneIn(4) {
		add("WKST", d.weekday())
	}
	byMonth := d.oneIn(4)
	if byMonth {
		add("BYMONTH", d.list(func() string { return fmt.Sprint(1 + d.IntN(12)) }))
	}
	names := false
	if d.oneIn(3) && frequency != "WEEKLY" {
		names = true
		add("BYMONTHDAY", d.list(func() string { return d.signed(31) }))
	}
	if d.oneIn(2) {
		names = true
		weekday := d.weekday
		switch {
		case d.oneIn(2) && (frequency == "MONTHLY" || frequency == "YEARLY" && byMonth):
			weekday = func() string { return d.signed(5) + d.weekday() }
		case d.oneIn(2) && frequency == "YEARLY" && !byMonth:
			weekday = func() string { return d.signed(52) + d.weekday() } // dateutil fails on some 53rd
		}
		add("BYDAY", d.list(weekday))
	}
	if names && d.oneIn(4) {
		highest := map[string]int{"DAILY": 1, "WEEKLY": 3, "MONTHLY": 6, "YEARLY": 60}[frequency]
		add("BYSETPOS", d.list(func() string { return d.signed(highest) }))
	}
	switch {
	case d.oneIn(4) && !fromCompletion:
		add("COUNT", fmt.Sprint(1+d.IntN(pick(d, 5, 50, 999))))
	case d.oneIn(4):
		add("UNTIL", d.day(2015, 2045).Format(pick(d, "20060102", "20060102T150405", "20060102T150405Z")))
	}
	d.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return strings.Join(parts, ";")
}

// day returns a time of a day between two years, where days at the end of months are frequent.
func (d drawing) day(from, to int) time.Time {
	month := time.Month(1 + d.IntN(12))
	day := time.Date(pick(d, from+d.IntN(to-from), 2028), month, 1+d.IntN(28), d.IntN(24), 30*d.IntN(2), 15*d.IntN(2), 0, time.UTC)
	if d.oneIn(3) {
		day = time.Date(day.Year(), month+1, 1-d.IntN(3), day.Hour(), day.Minute(), day.Second(), 0, time.UTC)
	}
	return day
}

// Zones whose clocks change at midnight, by half an hour, by a month in the year, or not at all.
var zones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut", "America/Santiago", "Asia/Tokyo",
	"Pacific/Chatham", "Africa/Casablanca",
}

// atChange returns a day on which the clock of a zone changes, and a time of day around the change.
func (d drawing) atChange(zone *time.Location) (time.Time, bool) {
	_, change := d.day(2015, 2036).In(zone).ZoneBounds()
	if change.IsZero() {
		return time.Time{}, false
	}
	wall := change.Add(time.Duration(d.IntN(9)-6) * 30 * time.Minute)
	return time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, time.UTC), true
}

func (d drawing) completion() completion {
	c := completion{Zone: pick(d, zones...), Completion: d.oneIn(4)}
	c.Rule = d.rule(c.Completion)
	zone, err := moment.Zone(c.Zone)
	if err != nil {
		panic(err)
	}
	start := d.day(2015, 2036)
	if change, ok := d.atChange(zone); ok && d.oneIn(3) {
		start = change.AddDate(0, 0, -d.IntN(20))
	}
	layouts := []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"}
	c.Start = start.Format(pick(d, layouts...))
	due := start.AddDate(0, 0, pick(d, 0, 0, d.IntN(40), d.IntN(1000)))
	if d.oneIn(4) {
		due = due.Add(time.Duration(d.IntN(96)-48) * time.Hour)
	}
	c.StandsFor = start.AddDate(0, 0, max(0, int(due.Sub(start).Hours()/24)+pick(d, 0, 0, 0, d.IntN(9)-4))).Format(time.DateOnly)
	switch layout := pick(d, layouts...); {
	case d.oneIn(8):
	case layout != time.DateOnly && d.oneIn(2):
		instant := time.Date(due.Year(), due.Month(), due.Day(), due.Hour(), due.Minute(), due.Second(), 0, zone)
		c.Due = pick(d, instant.UTC().Format(layout+"Z"), instant.Format(layout+"-07:00"))
	default:
		c.Due = due.Format(layout)
	}
	c.Now = due.Add(time.Duration(pick(d, 0, d.IntN(49)-24, d.IntN(24*60)-24*30, d.IntN(24*3000))) * time.Hour).Format(time.RFC3339)
	return c
}
