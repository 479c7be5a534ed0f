package moment

import (
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"sync"
	"time"
	_ "time/tzdata" // a machine may have no zones
)

// ErrZone is the error of [Zone], a sentence without its subject.
var ErrZone = errors.New("must be an IANA time zone, like Europe/Berlin")

// zones are those that were loaded, by name; there are about 600.
var zones sync.Map

// zoneName is how IANA writes names, so that none leads anywhere else in a file system.
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}$`)

// Zone returns the IANA time zone of that name, or ErrZone. The machine's own zone is none: neither "Local" nor "" is a name.
func Zone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if len(name) > 64 || !zoneName.MatchString(name) || name == "Local" || name == "Factory" {
		return nil, ErrZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, ErrZone
	}
	zones.Store(name, zone)
	return zone, nil
}

// The years whose changes a fingerprint covers: what is written about zones today ends before.
const fingerprintFrom, fingerprintTo = 1970, 2100

// Fingerprint returns a short text that tells whether the clock of a zone is the same as when an earlier one was taken: it
// changes with the offsets between 1970 and 2100. Instants that were made of wall clock times have to be made anew then.
func Fingerprint(zone *time.Location) string {
	hash := fnv.New64a()
	end := time.Date(fingerprintTo, 1, 1, 0, 0, 0, 0, time.UTC)
	t := time.Date(fingerprintFrom, 1, 1, 0, 0, 0, 0, time.UTC).In(zone)
	_, offset := t.Zone()
	fmt.Fprintln(hash, offset)
	for t.Before(end) {
		_, next := t.ZoneBounds()
		if next.IsZero() {
			break
		}
		if !next.After(t) { // so it is on 31 December of leap years
			next = t.Add(24 * time.Hour)
		}
		t = next
		if _, now := t.Zone(); now != offset {
			offset = now
			fmt.Fprintln(hash, t.Unix(), offset)
		}
	}
	return fmt.Sprintf("%016x", hash.Sum64())
}

// wallTime returns the instant, in UTC, at which the clock of the zone shows a time of a day. A time that the clock skips is read
// with the offset before the change, one that it shows twice is the first.
func wallTime(day Day, clock time.Duration, zone *time.Location) time.Time {
	wall := day.utc().Add(clock)
	// Offsets stay below a day, so the instant lies between these two.
	before, after := offsetAt(wall.Add(-24*time.Hour), zone), offsetAt(wall.Add(24*time.Hour), zone)
	if first := wall.Add(-before); before == after || offsetAt(first, zone) == before {
		return first
	}
	if second := wall.Add(-after); offsetAt(second, zone) == after {
		return second
	}
	return wall.Add(-before) // it is skipped
}

// offsetAt returns how far the clock of the zone is ahead of UTC at an instant.
func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// offsetText writes an offset from UTC as "+01:00".
func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60)
}
