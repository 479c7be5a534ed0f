package stmt

import (
	stdsql "database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ScanJSON is a target that decodes a column of JSON. A null leaves the zero value.
func ScanJSON[T any](into *T) any {
	if texts, ok := any(into).(*[]string); ok {
		return textsTarget{jsonTarget[[]string]{texts}}
	}
	return jsonTarget[T]{into}
}

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
	if into, ok := any(t.into).(*[]string); ok {
		if string(text) == "[]" { // no copy is made of it
			*into = []string{}
			return nil
		}
		if texts, _, ok := decodeTexts(string(text), nil); ok {
			*into = texts
			return nil
		}
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

// textsTarget can decode into memory that it is given.
type textsTarget struct{ jsonTarget[[]string] }

// Target is what a value that is not null is scanned into.
func (t textsTarget) Target() any { return t }

// DecodeTexts decodes an array of texts, which are parts of the given one, into the room behind those in
// block. It returns block with them, or a new one where there is no room, and reports false for what it
// does not decode.
func (t textsTarget) DecodeTexts(text string, block []string) (rest []string, ok bool) {
	texts, rest, ok := decodeTexts(text, block)
	if ok {
		*t.into = texts
	}
	return rest, ok
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
// texts are put behind those in block, which it returns with them, or into a new block where it has no
// room. In a list, where every row has one, json.Unmarshal took five allocations of eight for a row.
func decodeTexts(text string, block []string) (texts, rest []string, ok bool) {
	const most = 64 // texts in a new block
	if text == "[]" {
		return []string{}, block, true
	}
	body, isArray := strings.CutPrefix(text, "[")
	if !isArray || strings.IndexByte(body, '\\') >= 0 || !utf8.ValidString(body) {
		return nil, block, false
	}
	if n := strings.Count(body, `"`) / 2; cap(block)-len(block) < n {
		block = make([]string, 0, max(n, min(2*cap(block), most)))
	}
	rest = block
	for separator := ""; ; separator = "," {
		before, one, _ := strings.Cut(body, `"`)
		one, after, closed := strings.Cut(one, `"`)
		if strings.TrimSpace(before) != separator || !closed {
			return nil, block, false
		}
		rest, body = append(rest, one), strings.TrimSpace(after)
		if body == "]" {
			return rest[len(block):len(rest):len(rest)], rest, true
		}
	}
}
