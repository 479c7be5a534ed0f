package stmt

import (
	stdsql "database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ScanJSON is a target that decodes a column of JSON. A null leaves the zero value.
func ScanJSON[T any](into *T) any { return jsonTarget[T]{into} }

type jsonTarget[T any] struct{ into *T }

// Scan decodes a value that a driver read: text or bytes.
func (t jsonTarget[T]) Scan(read any) error {
	switch read := read.(type) {
	case nil:
		t.Clear()
		return nil
	case []byte:
		return t.UnmarshalJSON(read)
	case string:
		return t.UnmarshalJSON([]byte(read))
	}
	return fmt.Errorf("a column of JSON is read as %T", read)
}

// UnmarshalJSON decodes a value that a driver need not copy.
func (t jsonTarget[T]) UnmarshalJSON(text []byte) error {
	if into, ok := any(t.into).(*[]string); ok && decodeTexts(into, text) {
		return nil
	}
	var fresh T // the last row's may have memory in it that an entity has now
	if err := json.Unmarshal(text, &fresh); err != nil {
		return fmt.Errorf("decode a column of JSON: %w", err)
	}
	*t.into = fresh
	return nil
}

// Target is what a value that is not null is scanned into.
func (t jsonTarget[T]) Target() any { return t }

// Clear takes a null.
func (t jsonTarget[T]) Clear() {
	var zero T
	*t.into = zero
}

// ScanOptional is a target for a column whose null is the zero value.
func ScanOptional[T any](into *T) any { return optionalTarget[T]{into} }

type optionalTarget[T any] struct{ into *T }

// Scan takes a value that a driver read.
func (t optionalTarget[T]) Scan(read any) error {
	var value stdsql.Null[T]
	if err := value.Scan(read); err != nil {
		return err
	}
	*t.into = value.V
	return nil
}

// Target is what a value that is not null is scanned into.
func (t optionalTarget[T]) Target() any { return t.into }

// Clear takes a null.
func (t optionalTarget[T]) Clear() {
	var zero T
	*t.into = zero
}

// decodeTexts decodes an array of texts in which nothing is escaped, and reports false for others. The
// texts share their memory. In a list, where every row has one, json.Unmarshal took five allocations of
// eight for a row.
func decodeTexts(into *[]string, text []byte) bool {
	if string(text) == "[]" {
		*into = []string{}
		return true
	}
	rest, isArray := strings.CutPrefix(string(text), "[")
	if !isArray || strings.ContainsRune(rest, '\\') || !utf8.ValidString(rest) {
		return false
	}
	texts := make([]string, 0, strings.Count(rest, `"`)/2)
	for separator := ""; ; separator = "," {
		before, one, _ := strings.Cut(rest, `"`)
		one, after, closed := strings.Cut(one, `"`)
		if strings.TrimSpace(before) != separator || !closed {
			return false
		}
		texts, rest = append(texts, one), strings.TrimSpace(after)
		if rest == "]" {
			*into = texts
			return true
		}
	}
}
