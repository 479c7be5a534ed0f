package resource

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FieldError is one broken rule about one field of a body or one query parameter.
type FieldError struct {
	Field  string `json:"field"` // the name as it was sent
	Code   string `json:"code"`  // for programs
	Detail string `json:"detail"`
}

// Invalid is the error of input that breaks rules: every one of them, not the first only.
type Invalid []FieldError //nolint:errname // as callers read it: resource.Invalid

// Error is a sentence for each broken rule.
func (e Invalid) Error() string {
	sentences := make([]string, len(e))
	for i, f := range e {
		sentences[i] = capitalize(strings.TrimSpace(f.Field + " " + f.Detail))
	}
	return strings.Join(sentences, "; ")
}

// Add adds a broken rule.
func (e *Invalid) Add(field, code, format string, args ...any) {
	*e = append(*e, FieldError{Field: field, Code: code, Detail: fmt.Sprintf(format, args...)})
}

// Refuse adds why the value of a field is not taken.
func (e *Invalid) Refuse(field string, why *Refusal) { e.Add(field+why.At, why.Code, "%s", why.Detail) }

// OrNil is e, or no error where nothing was added.
func (e Invalid) OrNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// Under returns e with a prefix in front of every field's name.
func (e Invalid) Under(prefix string) Invalid {
	moved := slices.Clone(e)
	for i := range moved {
		moved[i].Field = strings.TrimSuffix(prefix+moved[i].Field, ".")
	}
	return moved
}

func capitalize(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// Refusal is why a value is not taken, as [FieldError] tells it.
//
//nolint:errname // as callers read it: resource.Refusal
type Refusal struct {
	Code, Detail string
	At           string // the place in the value, as in tags[2]; empty: all of it
}

// Error returns the detail.
func (r *Refusal) Error() string { return r.Detail }

// Refuse returns a refusal.
func Refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Detail: fmt.Sprintf(format, args...)}
}
