package recurrence

import (
	"fmt"
	"strings"
	"time"

	"todo-backend/ent/moment"
)

// Frequency is what FREQ says.
type Frequency uint8

// The frequencies that are taken; zero is that of no rule.
const (
	Daily Frequency = iota + 1
	Weekly
	Monthly
	Yearly
)

var frequencies = [...]string{"none", "daily", "weekly", "monthly", "yearly"}

// String returns the word of the frequency, or "none".
func (f Frequency) String() string { return frequencies[f] }

// Rule is a recurrence rule. The zero value is none. Two are equal (==) where their texts are; [Rule.Means] compares what they say.
type Rule struct {
	text    string
	pattern pattern
	count   int           // 0: no COUNT
	until   moment.Moment // zero: no UNTIL
}

// pattern is what names the days of a series, all but its end.
type pattern struct {
	frequency Frequency
	interval  int
	weekStart time.Weekday
	months    uint16     // bit n is the n-th; of this and the next ones 0 is all
	monthDays fromEnds   // BYMONTHDAY
	weekdays  uint8      // BYDAY without ordinals: bit n is time.Weekday(n)
	ordinals  [7]ordinal // BYDAY with ordinals, by weekday
	positions positions  // BYSETPOS
}

// fromEnds are days of a month: bit n of first is the n-th, of last the n-th from the end.
type fromEnds struct{ first, last uint32 }

// ordinal is which of a weekday's days count: bit n of first is the n-th, of last the n-th from the end.
type ordinal struct{ first, last uint64 }

// positions are those of BYSETPOS, from either end of a period.
type positions struct{ first, last set }

func (p *positions) isZero() bool { return *p == positions{} }

// String returns the rule as it is stored: as it was sent, without RRULE:, in capitals and without spaces.
func (r Rule) String() string { return r.text }

// IsZero reports whether this is no rule.
func (r Rule) IsZero() bool { return r.text == "" }

// Frequency returns what FREQ says: `recurrence_frequency` and, null for none, `recurrence_pattern`.
func (r Rule) Frequency() Frequency { return r.pattern.frequency }

// Interval returns what INTERVAL says, 1 without: `recurrence_interval`. It is 0 where there is no rule.
func (r Rule) Interval() int { return r.pattern.interval }

// EndDate returns the day that UNTIL is written with, whatever the zone: `recurrence_end_date`. It reports false without one.
func (r Rule) EndDate() (moment.Day, bool) { return r.until.Day(), !r.until.IsZero() }

// Means reports whether two rules say the same in whatever order and words.
func (r Rule) Means(other Rule) bool {
	return r.IsZero() == other.IsZero() && r.SamePattern(other) && r.count == other.count && r.until == other.until
}

// SamePattern reports whether two rules differ in COUNT and UNTIL at most. Where they differ otherwise a series begins anew.
func (r Rule) SamePattern(other Rule) bool { return r.pattern == other.pattern }

// namesDays reports whether the rule itself says on which days, and not the day from which it counts.
func (p *pattern) namesDays() bool {
	return p.weekdays != 0 || p.hasOrdinals() || p.monthDays != fromEnds{}
}

func (p *pattern) hasOrdinals() bool { return p.ordinals != [7]ordinal{} }

// withInterval returns the rule with another interval. A new INTERVAL stands after FREQ.
func (r Rule) withInterval(n int) (Rule, error) {
	parts := r.without("INTERVAL")
	if n > 1 {
		for i, part := range parts {
			if strings.HasPrefix(part, "FREQ=") {
				parts[i] = fmt.Sprintf("%s;INTERVAL=%d", part, n)
			}
		}
	}
	return Parse(strings.Join(parts, ";"))
}

// withEnd returns the rule with another end date in place of UNTIL and COUNT, or with neither.
func (r Rule) withEnd(day moment.Day, hasEnd bool) (Rule, error) {
	parts := r.without("UNTIL", "COUNT")
	if hasEnd {
		parts = append(parts, "UNTIL="+strings.ReplaceAll(day.String(), "-", ""))
	}
	return Parse(strings.Join(parts, ";"))
}

// without returns the parts of the rule but those of some names.
func (r Rule) without(names ...string) []string {
	var kept []string
	for part := range strings.SplitSeq(r.text, ";") {
		drop := false
		for _, name := range names {
			drop = drop || strings.HasPrefix(part, name+"=")
		}
		if !drop {
			kept = append(kept, part)
		}
	}
	return kept
}
