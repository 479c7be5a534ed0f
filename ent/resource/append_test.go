package resource

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// What is appended by hand means what encoding/json would write.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "Buy milk", `"\/`, "\x00\x1f \x7f", "é 😀 \u2028\u2029", "\xff\xed\xa0\x80", "<b> & co", strings.Repeat("ab\n", 100)} {
		f.Add(s)
	}
	f.Fuzz(checkAppendString)
}

func checkAppendString(t *testing.T, s string) {
	t.Helper()
	standard, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var want, got string
	if err := json.Unmarshal(standard, &want); err != nil {
		t.Fatal(err)
	}
	written := AppendString([]byte("kept"), s)
	if err := json.Unmarshal(written[4:], &got); err != nil || got != want || string(written[:4]) != "kept" {
		t.Errorf("%q is written as %s: %v", s, written, err)
	}
}

// Every byte, wherever it stands among those that are looked at together, is written as JSON has it.
func TestAppendStringOfEveryByte(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		for place := range 18 {
			text := []byte("eighteen characters"[:18])
			text[place] = byte(c)
			checkAppendString(t, string(text))
		}
	}
}

func TestAppendIDAndTime(t *testing.T) {
	t.Parallel()
	for range 100 {
		id := uuid.New()
		if got := string(AppendID(nil, id)); got != `"`+id.String()+`"` {
			t.Errorf("%v is written as %s", id, got)
		}
	}
	tokyo := time.FixedZone("Tokyo", 9*60*60)
	for at, want := range map[time.Time]string{
		time.Date(2026, 1, 2, 12, 4, 5, 6000, tokyo):        `"2026-01-02T03:04:05.000006Z"`,
		time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC):         `"2026-01-02T03:04:05.000000Z"`,
		time.Date(2026, 1, 2, 3, 4, 5, 999999999, time.UTC): `"2026-01-02T03:04:05.999999Z"`,
	} {
		if got := string(AppendTime(nil, at)); got != want {
			t.Errorf("%v is written as %s, want %s", at, got, want)
		}
	}
}

func TestAppendValues(t *testing.T) {
	t.Parallel()
	for want, values := range map[string]map[string]string{
		`{}`:                        nil,
		`{"a":{"b":[1,2]},"c":"<"}`: {"c": `"<"`, "a": "{\"b\" : [1,\r\n2]}"},
		`{"a\n":"{no JSON"}`:        {"a\n": "{no JSON"},
	} {
		if got := string(AppendValues(nil, values)); got != want {
			t.Errorf("%q are written as %s, want %s", values, got, want)
		}
	}
}
