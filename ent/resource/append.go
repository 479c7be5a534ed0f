package resource

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Answers are appended to a buffer: for a page of tasks encoding/json makes six allocations a task.

// AppendString appends a JSON string (RFC 8259 section 7).
func AppendString(b []byte, s string) []byte {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			return appendEscaped(b, s)
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if !ascii && !utf8.ValidString(s) {
		return appendEscaped(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendEscaped(b []byte, s string) []byte {
	var escaped bytes.Buffer
	encoder := json.NewEncoder(&escaped)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // neither a string nor a buffer fails
	}
	return append(b, bytes.TrimSuffix(escaped.Bytes(), []byte("\n"))...)
}

// AppendNullable appends a string, or null.
func AppendNullable(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return AppendString(b, *s)
}

// AppendID appends an id in its 36-character form (RFC 9562 section 4), as a string.
func AppendID(b []byte, id uuid.UUID) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for i, octet := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[octet>>4], digits[octet&0xf])
	}
	return append(b, '"')
}

// AppendTime appends a time in UTC with six digits of microseconds (RFC 3339), as a string, the same
// whichever database it comes from. The time package is quick only with the layout that has none.
func AppendTime(b []byte, t time.Time) []byte {
	b = t.UTC().AppendFormat(append(b, '"'), time.RFC3339)
	b = append(b[:len(b)-len("Z")], `.000000Z"`...)
	micro := t.Nanosecond() / 1000
	for i := len(b) - len(`0Z"`); micro > 0; i-- {
		b[i] = byte('0' + micro%10)
		micro /= 10
	}
	return b
}

// AppendArray appends an array.
func AppendArray[T any](b []byte, items []T, appendItem func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, item)
	}
	return append(b, ']')
}

// AppendValues appends an object of JSON texts by their names, in the order of these, without line breaks. A
// text that is no JSON becomes a string.
func AppendValues(b []byte, values map[string]string) []byte {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(values)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, name), ':')
		var text bytes.Buffer
		if json.Compact(&text, []byte(values[name])) != nil {
			b = AppendString(b, values[name])
			continue
		}
		b = append(b, text.Bytes()...)
	}
	return append(b, '}')
}
