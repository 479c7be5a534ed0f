package resource

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Field is one member of an entity E, whose columns a mutation M sets.
type Field[E, M any] struct {
	Spec

	Name     string // in snake_case
	Kind     Kind
	Nullable bool
	Column   string // that lists filter and sort by; empty for what is no column

	// Append appends the value as JSON; nil: answers do not have the field.
	Append func(b []byte, e *E) []byte
	// Value is the field's value, as Read returns it; nil where there is none.
	Value func(e *E) any

	// Read reads the value of a body; nil: bodies have no such field.
	Read func(raw json.RawMessage) (any, *Refusal)
	// Into names the field that this one is another name of in bodies; empty: it is none.
	Into string
	// Same reports whether a value says what is stored; nil: where it equals Value.
	Same func(e *E, value any) bool
	// Merge is what two values say together, if they agree; nil: they must be equal.
	Merge func(a, b any) (any, bool)
	// Weigh decides what all values together say that a body has for the field, under any name; stored is
	// nil for a new item. nil: they are compared one by one.
	Weigh func(given []Given, stored *E) (value any, broken Invalid)
	// OnlyAliased: answers have it only where a setting names it.
	OnlyAliased bool
	// Required is of a new entity.
	Required bool
	// Set sets the column; nil clears it.
	Set func(m M, value any)

	// Schema replaces, in the documents, what follows from the kind.
	Schema Members
}

// Given is a value that a body gives a field.
type Given struct {
	Field string // the name in snake_case; of a further name that a setting gives, that of its field
	As    string // the name as it was sent
	Value any    // as Read returns it
}

// IsRequired returns the field as one that a new entity needs.
func (f Field[E, M]) IsRequired() Field[E, M] {
	f.Required = true
	return f
}

// Text is a field of a text column.
func Text[E, M any](name string, spec Spec, get func(*E) string, set func(M, string), check func(string) error) Field[E, M] {
	f := Field[E, M]{
		Spec: spec, Name: name, Kind: KindText, Column: name,
		Append: func(b []byte, e *E) []byte { return AppendString(b, get(e)) },
		Value:  func(e *E) any { return get(e) },
	}
	if set != nil {
		f.Read = spec.readText(check)
		f.Set = func(m M, v any) { set(m, v.(string)) }
	}
	return f
}

// OptionalText is a field of a text column that may be null.
func OptionalText[E, M any](
	name string, spec Spec, get func(*E) *string, set func(M, string), unset func(M), check func(string) error,
) Field[E, M] {
	f := Field[E, M]{
		Spec: spec, Name: name, Kind: KindText, Nullable: true, Column: name,
		Append: func(b []byte, e *E) []byte { return AppendNullable(b, get(e)) },
		Value:  func(e *E) any { return orNil(get(e)) },
	}
	if set != nil {
		f.Read = spec.orNull(spec.readText(check))
		f.Set = orUnset(set, unset)
	}
	return f
}

// Bool is a field of a boolean column.
func Bool[E, M any](name string, spec Spec, get func(*E) bool, set func(M, bool)) Field[E, M] {
	f := Field[E, M]{
		Spec: spec, Name: name, Kind: KindBool, Column: name,
		Append: func(b []byte, e *E) []byte { return strconv.AppendBool(b, get(e)) },
		Value:  func(e *E) any { return get(e) },
	}
	if set != nil {
		f.Read = func(raw json.RawMessage) (any, *Refusal) {
			if spec.Null == NullAbsent && IsNull(raw) {
				return Absent, nil
			}
			return orRefusal(ReadBool(raw))
		}
		f.Set = func(m M, v any) { set(m, v.(bool)) }
	}
	return f
}

// Word is a field of an integer column that holds the index of one of spec.Words.
func Word[E, M any](name string, spec Spec, get func(*E) int8, set func(M, int8)) Field[E, M] {
	f := Field[E, M]{
		Spec: spec, Name: name, Kind: KindWord, Column: name,
		Append: func(b []byte, e *E) []byte { return AppendString(b, spec.word(int(get(e)))) },
		Value:  func(e *E) any { return int(get(e)) },
	}
	if set != nil {
		f.Read = spec.readWord
		f.Set = func(m M, v any) { set(m, int8(v.(int))) } //nolint:gosec // an index
	}
	return f
}

// Instant is a field of a column of times.
func Instant[E, M any](name string, spec Spec, get func(*E) time.Time) Field[E, M] {
	return Field[E, M]{
		Spec: spec, Name: name, Kind: KindInstant, Column: name,
		Append: func(b []byte, e *E) []byte { return AppendTime(b, get(e)) },
		Value:  func(e *E) any { return get(e) },
	}
}

// OptionalInstant is a field of a column of times that may be null.
func OptionalInstant[E, M any](name string, spec Spec, get func(*E) *time.Time) Field[E, M] {
	return Field[E, M]{
		Spec: spec, Name: name, Kind: KindInstant, Nullable: true, Column: name,
		Append: func(b []byte, e *E) []byte {
			if t := get(e); t != nil {
				return AppendTime(b, *t)
			}
			return append(b, "null"...)
		},
		Value: func(e *E) any { return orNil(get(e)) },
	}
}

// ID is a field of a column of ids.
func ID[E, M any](name string, spec Spec, get func(*E) uuid.UUID) Field[E, M] {
	return Field[E, M]{
		Spec: spec, Name: name, Kind: KindID, Column: name,
		Append: func(b []byte, e *E) []byte { return AppendID(b, get(e)) },
		Value:  func(e *E) any { return get(e) },
	}
}

// OptionalID is a field of a column of ids that may be null.
func OptionalID[E, M any](name string, spec Spec, get func(*E) *uuid.UUID) Field[E, M] {
	return Field[E, M]{
		Spec: spec, Name: name, Kind: KindID, Nullable: true, Column: name,
		Append: func(b []byte, e *E) []byte {
			if id := get(e); id != nil {
				return AppendID(b, *id)
			}
			return append(b, "null"...)
		},
		Value: func(e *E) any { return orNil(get(e)) },
	}
}

// Texts is a field of a column of texts. What bodies may write is left to the resource.
func Texts[E, M any](name string, spec Spec, get func(*E) []string, set func(M, []string)) Field[E, M] {
	f := Field[E, M]{
		Spec: spec, Name: name, Kind: KindTexts, Column: name,
		Append: func(b []byte, e *E) []byte { return AppendArray(b, get(e), AppendString) },
		Value:  func(e *E) any { return get(e) },
	}
	if set != nil {
		f.Read = readTexts
		f.Set = func(m M, v any) { set(m, v.([]string)) }
	}
	return f
}

// Values is a field of a column of JSON texts by their names, which no body writes.
func Values[E, M any](name string, spec Spec, get func(*E) map[string]string) Field[E, M] {
	return Field[E, M]{
		Spec: spec, Name: name, Kind: KindValues, Column: name,
		Append: func(b []byte, e *E) []byte { return AppendValues(b, get(e)) },
		Value:  func(e *E) any { return get(e) },
	}
}

// readTexts reads an array of strings.
func readTexts(raw json.RawMessage) (any, *Refusal) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil || items == nil {
		return nil, Refuse("type", "must be an array of strings")
	}
	texts := make([]string, len(items))
	for i, item := range items {
		text, refusal := ReadText(item)
		if refusal != nil {
			return nil, refusal
		}
		texts[i] = text
	}
	return texts, nil
}

// absent is the type of [Absent].
type absent struct{}

// Absent is what [Field.Read] returns for a value that is as if its name were absent.
var Absent any = absent{}

// orNil is what p points to, or nil.
func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// orRefusal is a value as [Field.Read] returns it.
func orRefusal[T any](v T, refusal *Refusal) (any, *Refusal) {
	if refusal != nil {
		return nil, refusal
	}
	return v, nil
}

// orUnset sets a column, or clears it where the value is nil.
func orUnset[M, T any](set func(M, T), unset func(M)) func(M, any) {
	return func(m M, v any) {
		if v == nil {
			unset(m)
			return
		}
		set(m, v.(T))
	}
}

// readText reads a text that check accepts.
func (s Spec) readText(check func(string) error) func(json.RawMessage) (any, *Refusal) {
	return func(raw json.RawMessage) (any, *Refusal) {
		text, refusal := ReadText(raw)
		if refusal != nil {
			return nil, refusal
		}
		if s.Trim {
			text = strings.TrimSpace(text)
		}
		if check != nil {
			if err := check(text); err != nil {
				return nil, Refuse("length", "%v", err)
			}
		}
		return text, nil
	}
}

// orNull reads null, or what read reads.
func (s Spec) orNull(read func(json.RawMessage) (any, *Refusal)) func(json.RawMessage) (any, *Refusal) {
	return func(raw json.RawMessage) (any, *Refusal) {
		if !IsNull(raw) {
			return read(raw)
		}
		if s.Null == NullAbsent {
			return Absent, nil
		}
		return nil, nil
	}
}

// word is the word of an index; that of a column that another release wrote may be none of ours.
func (s Spec) word(index int) string {
	if index < 0 || index >= len(s.Words) {
		return s.Words[len(s.Words)-1]
	}
	return s.Words[index]
}

// readWord reads one of the words. Null and "" are what Null says.
func (s Spec) readWord(raw json.RawMessage) (any, *Refusal) {
	text, ok := parseString(raw)
	if IsNull(raw) || ok && text == "" {
		switch {
		case s.Null == NullAbsent:
			return Absent, nil
		case s.Null != "":
			return wordIndex(s.Words, s.Null), nil
		}
	}
	index := wordIndex(s.Words, text)
	if !ok || index < 0 {
		return nil, Refuse("enum", "must be %s", OneOf(s.Words))
	}
	return index, nil
}
