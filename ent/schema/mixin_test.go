package schema

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestInstant(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, id, want string }{
		{"the epoch", "00000000-0000-7000-8000-000000000000", "1970-01-01T00:00:00Z"},
		{"the example of RFC 9562, appendix A.6", "017F22E2-79B0-7000-98C4-DC0C0C07398F", "2022-02-22T19:22:22Z"},
		{"half a millisecond later", "017F22E2-79B0-77A1-98C4-DC0C0C07398F", "2022-02-22T19:22:22.000499Z"},
		{"the end of a millisecond", "017F22E2-79B0-7F42-98C4-DC0C0C07398F", "2022-02-22T19:22:22.000999Z"},
		{"a counter beyond it", "017F22E2-79B0-7FFF-98C4-DC0C0C07398F", "2022-02-22T19:22:22.000999Z"},
		{"the next millisecond", "017F22E2-79B1-7000-98C4-DC0C0C07398F", "2022-02-22T19:22:22.001Z"},
	}
	for _, test := range tests {
		if got := instant(uuid.MustParse(test.id)).Format(time.RFC3339Nano); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestIDsSortByCreation makes many ids, also several at once: in the order of ids their instants never go back.
func TestIDsSortByCreation(t *testing.T) {
	t.Parallel()
	const makers, each = 4, 5000
	ids := make([]uuid.UUID, makers*each)
	start := time.Now().Add(-time.Microsecond)
	var wg sync.WaitGroup
	for maker := range makers {
		wg.Go(func() {
			own := ids[maker*each : (maker+1)*each]
			for i := range own {
				own[i] = newID()
			}
			if !slices.IsSortedFunc(own, compareIDs) {
				t.Error("a later id sorts before an earlier one")
			}
		})
	}
	wg.Wait()
	// An id may be ahead of the clock where many are made at once: each takes 256 ns.
	end := time.Now().Add(makers * each * 256 * time.Nanosecond)

	slices.SortFunc(ids, compareIDs)
	last := start
	for _, id := range ids {
		at := instant(id)
		if at.Before(last.Truncate(time.Microsecond)) || at.After(end) {
			t.Fatalf("%s is of %v, the one before it of %v", id, at, last)
		}
		last = at
	}
	if n := len(slices.Compact(ids)); n != makers*each {
		t.Errorf("%d of %d ids differ", n, makers*each)
	}
}

func compareIDs(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) }

func TestCharacters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		lowest, highest int
		text            string
		want            string
	}{
		{1, 3, "", "must have 1 to 3 characters"},
		{1, 3, "a", ""},
		{1, 3, "äöü", ""},
		{1, 3, "📝📝📝", ""},
		{1, 3, "📝📝📝📝", "must have 1 to 3 characters"},
		{0, 3, "", ""},
		{0, 3, "four", "must have at most 3 characters"},
	}
	for _, test := range tests {
		got := ""
		if err := characters(test.lowest, test.highest)(test.text); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q of %d to %d: %q, want %q", test.text, test.lowest, test.highest, got, test.want)
		}
	}
}
