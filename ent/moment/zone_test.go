package moment_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"todo-backend/ent/moment"
)

func TestZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+5", "EST5EDT",
		"US/Pacific", "Asia/Calcutta", "Asia/Kolkata", "Europe/Kiev", "Europe/Kyiv", "Africa/Dar_es_Salaam", "NZ-CHAT",
	} {
		z, err := moment.Zone(name)
		if err != nil || z.String() != name {
			t.Errorf("%s: %v, %v", name, z, err)
		}
		if again, err := moment.Zone(name); again != z || err != nil {
			t.Errorf("%s: loaded twice", name)
		}
	}
	for _, name := range []string{
		"", "Local", "local", "localtime", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin", "Factory", "Berlin",
		"Europe", "Europe/", "/Europe/Berlin", "Europe/Atlantis", "Europe/Berlin ", "Europe//Berlin", "Europe/../Europe/Berlin",
		"../../etc/passwd", "Europe\\Berlin", "+01:00", "GMT+1:00", "Europe/Berlin\x00", "Ünited/Kingdom", "zone.tab",
	} {
		if z, err := moment.Zone(name); !errors.Is(err, moment.ErrZone) {
			t.Errorf("%q: %v, %v, want ErrZone", name, z, err)
		}
	}
}

// Every change of some zones with unusual ones, against the definition: the first instant at which the clock shows the time, else
// the instant by the offset before the change.
func TestWallTimesAroundChanges(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Europe/Berlin", "Europe/Dublin", "Europe/Lisbon", "America/New_York", "America/St_Johns", "America/Havana", "America/Caracas",
		"America/Sao_Paulo", "America/Juneau", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca", "Africa/Monrovia",
		"Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Manila", "Asia/Pyongyang", "Antarctica/Troll", "Atlantic/Azores",
		"Pacific/Apia", "Pacific/Chatham", "Pacific/Kwajalein", "Pacific/Kiritimati", "Etc/GMT-14", "UTC",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := zone(t, name)
			rapid.Check(t, func(t *rapid.T) {
				change := someChange(t, z)
				wall := change.Add(time.Duration(rapid.IntRange(-2*86400, 2*86400).Draw(t, "seconds from it")) * time.Second)
				text := wall.Format("2006-01-02T15:04:05")
				m, err := moment.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := m.Begin(z), firstInstant(wall, z); !got.Equal(want) {
					t.Fatalf("%s is %s, want %s", text, got, want.UTC())
				}
			})
		})
	}
}

// someChange draws a change of a zone's offset, as what the clock shows then, given in UTC.
func someChange(t *rapid.T, z *time.Location) time.Time {
	at := time.Unix(rapid.Int64Range(-6_000_000_000, 6_000_000_000).Draw(t, "near"), 0).In(z)
	if _, end := at.ZoneBounds(); !end.IsZero() {
		at = end
	}
	year, month, day := at.Date()
	hour, minute, second := at.Clock()
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC)
}

// firstInstant tries all offsets that the zone has within two days.
func firstInstant(wall time.Time, z *time.Location) time.Time {
	var offsets []int
	for at := wall.Add(-48 * time.Hour); at.Before(wall.Add(48 * time.Hour)); at = at.Add(15 * time.Minute) {
		if _, offset := at.In(z).Zone(); len(offsets) == 0 || offsets[len(offsets)-1] != offset {
			offsets = append(offsets, offset)
		}
	}
	by := func(offset int) time.Time { return wall.Add(-time.Duration(offset) * time.Second) }
	var first time.Time
	for _, offset := range offsets {
		_, then := by(offset).In(z).Zone()
		if then == offset && (first.IsZero() || by(offset).Before(first)) {
			first = by(offset)
		}
	}
	if !first.IsZero() {
		return first
	}
	for i, offset := range offsets[1:] {
		// It is skipped by the change that one of the two readings sees ahead and the other behind.
		if _, then := by(offsets[i]).In(z).Zone(); then == offset && offset > offsets[i] {
			return by(offsets[i])
		}
	}
	return time.Time{}
}

func TestWrittenMomentsReadBack(t *testing.T) {
	t.Parallel()
	z := zone(t, "Europe/Berlin")
	rapid.Check(t, func(t *rapid.T) {
		form := moment.Form{Kind: moment.Kind(rapid.IntRange(0, 3).Draw(t, "kind"))}
		if form.HasTime() && rapid.Bool().Draw(t, "seconds") {
			form.Seconds, form.Decimals = true, rapid.IntRange(0, 9).Draw(t, "decimals")
		}
		day := moment.Day(rapid.Int32Range(-20_000, 200_000).Draw(t, "day"))
		clock := time.Duration(rapid.Int64Range(0, int64(24*time.Hour)-1).Draw(t, "clock"))
		written, ok := form.Write(day, clock, z)
		parsed, err := moment.Parse(written.String())
		if !ok || err != nil || parsed != written || parsed.Form() != form {
			t.Fatalf("%+v: %v, %v", written, ok, err)
		}
		if again, _ := form.Write(day, form.Cut(clock), z); again != written {
			t.Fatalf("%s became %s", written, again)
		}
		local, _ := moment.Form{Kind: moment.Local, Seconds: true, Decimals: 9}.Write(day, form.Cut(clock), z)
		if !written.Begin(z).Equal(local.Begin(z)) {
			t.Fatalf("%s is not the instant of %s", written, local)
		}
	})
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	of := func(name string) string { return moment.Fingerprint(zone(t, name)) }
	if a, b := of("Europe/Berlin"), moment.Fingerprint(zone(t, "Europe/Berlin")); a != b || len(a) != 16 {
		t.Errorf("not the same twice: %s, %s", a, b)
	}
	if of("Asia/Calcutta") != of("Asia/Kolkata") {
		t.Error("two names of one zone differ")
	}
	if moment.Fingerprint(time.FixedZone("", 3600)) == moment.Fingerprint(time.UTC) {
		t.Error("two offsets are alike")
	}
	if of("Etc/GMT-1") != moment.Fingerprint(time.FixedZone("", 3600)) {
		t.Error("two names of one offset differ")
	}
	if of("Europe/Berlin") == of("Europe/London") || of("Europe/Madrid") == of("Europe/Berlin") {
		t.Error("two zones are alike")
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	if moment.FirstDay.String() != "0001-01-01" || moment.LastDay.String() != "9999-12-31" {
		t.Errorf("%s to %s", moment.FirstDay, moment.LastDay)
	}
	day := parse(t, "2028-02-29").Day()
	if got := day.AddYears(1).String(); got != "2029-03-01" {
		t.Errorf("a year later: %s", got)
	}
	if got := day.AddYears(4).String(); got != "2032-02-29" {
		t.Errorf("four years later: %s", got)
	}
	if got := day.AddDays(-60); got.String() != "2027-12-31" || got.Weekday() != time.Friday {
		t.Errorf("sixty days before: %s, a %s", got, got.Weekday())
	}
	for d := moment.FirstDay; d <= moment.LastDay; d += 997 {
		if parsed, err := moment.ParseDay(d.String()); parsed != d || err != nil {
			t.Fatalf("%d is %s, which is %d, %v", d, d, parsed, err)
		}
	}
}

func TestToday(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 5, 23, 30, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"UTC": "2026-01-05", "Europe/Berlin": "2026-01-06", "Pacific/Kiritimati": "2026-01-06", "America/New_York": "2026-01-05",
	} {
		if got := moment.Today(now, zone(t, name)).String(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
