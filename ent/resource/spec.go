package resource

import (
	"errors"
	"fmt"
)

// Spec says what the API makes of a column where the column's type does not tell. It is an
// annotation: it stands beside the column in ent/schema. Names are in snake_case; the API takes
// each in camelCase too.
type Spec struct {
	// Description of the field in the documents. What follows from the rest is added to it.
	Description string `json:",omitempty"`
	// Example of a value in the documents.
	Example string `json:",omitempty"`

	// Hidden keeps a column from the API.
	Hidden bool `json:",omitempty"`
	// Exported is of a hidden column that an export of a user's data has all the same.
	Exported bool `json:",omitempty"`
	// Unexported says why such an export leaves a hidden column out. Each has this or Exported: what a user
	// owns is not left out by mistake.
	Unexported string `json:",omitempty"`
	// Unread is of a hidden column that only the database looks at: reads leave it out.
	Unread bool `json:",omitempty"`
	// ReadOnly is of a column that the server makes.
	ReadOnly bool `json:",omitempty"`
	// Verbatim is of a field whose name is written as it is, whatever the case of names; bodies may use
	// either.
	Verbatim bool `json:",omitempty"`
	// Last puts a field behind the others in answers.
	Last bool `json:",omitempty"`

	// Also are further names that bodies may use.
	Also []string `json:",omitempty"`
	// Trim takes white space from both ends of a text.
	Trim bool `json:",omitempty"`
	// Min and Max are how many characters (Unicode code points) a text has.
	Min, Max int `json:",omitempty"`
	// Words are the values of an enumeration, in the order in which a list sorts them. The column is
	// an integer, the index of the word. Bodies and parameters give a word in any case.
	Words []string `json:",omitempty"`
	// Null says what null means in a body, and "" for a word: one of Words, or [NullAbsent]. Without
	// it null clears a column that can be empty, and is refused otherwise.
	Null string `json:",omitempty"`

	// Sort are the words by which a list is sorted by the column.
	Sort []string `json:",omitempty"`
	// Descending is the direction of such a list where the request names none.
	Descending bool `json:",omitempty"`
	// Filter are the parameters by which a list is filtered by the column.
	Filter []string `json:",omitempty"`
}

// NullAbsent is the [Spec.Null] of a field for which null is as if its name were absent.
const NullAbsent = "absent"

// Name is the annotation's, by which templates find it.
func (Spec) Name() string { return "API" }

// Kind is the type of a field's values in JSON.
type Kind string

// The kinds of fields, and the Go type of their values in [Field.Value].
const (
	KindText    Kind = "text"    // string
	KindBool    Kind = "bool"    // bool
	KindWord    Kind = "word"    // int: the index in Spec.Words
	KindInteger Kind = "integer" // int
	KindInstant Kind = "instant" // time.Time
	KindID      Kind = "id"      // uuid.UUID
	KindTexts   Kind = "texts"   // []string
	KindValues  Kind = "values"  // map[string]string: JSON texts by name
)

// Check returns an error that names the options which a column of the kind does not have. The
// generator calls it, so that an annotation promises nothing.
func (s Spec) Check(kind Kind) error {
	var refused []error
	refuse := func(set bool, option string) {
		if set {
			refused = append(refused, fmt.Errorf("a field of kind %s has no %s", kind, option))
		}
	}
	refuse(s.Hidden && s.isShown(), "option where it is Hidden")
	refuse(s.Unread && !s.Hidden, "Unread unless it is Hidden")
	refuse(!s.Hidden && (s.Exported || s.Unexported != ""), "Exported or Unexported unless it is Hidden")
	refuse(s.Hidden && s.Exported == (s.Unexported != ""), "meaning for exports: Exported, or why it is Unexported")
	refuse(s.Exported && s.Unread, "Exported where it is Unread")
	refuse(s.ReadOnly && (len(s.Also) > 0 || s.Null != "" || s.Trim), "Also, Null or Trim where it is ReadOnly")
	refuse(kind != KindText && (s.Trim || s.Min > 0 || s.Max > 0), "Trim, Min or Max")
	refuse(kind != KindWord && len(s.Words) > 0, "Words")
	refuse(kind == KindWord && len(s.Words) == 0, "meaning without Words")
	refuse(kind == KindWord && s.Null != "" && s.Null != NullAbsent && wordIndex(s.Words, s.Null) < 0,
		fmt.Sprintf("word %q for Null", s.Null))
	refuse(kind != KindWord && s.Null != "" && s.Null != NullAbsent, fmt.Sprintf("Null of %q", s.Null))
	refuse(kind == KindTexts && len(s.Sort) > 0, "Sort")
	refuse(kind != KindWord && kind != KindBool && kind != KindID && kind != KindInteger && len(s.Filter) > 0, "Filter")
	return errors.Join(refused...)
}

// isShown reports whether any option but Hidden is set.
func (s Spec) isShown() bool {
	return s.Description != "" || s.Example != "" || s.ReadOnly || s.Last || len(s.Also) > 0 || s.Trim || s.Min > 0 || s.Max > 0 ||
		len(s.Words) > 0 || s.Null != "" || len(s.Sort) > 0 || s.Descending || len(s.Filter) > 0
}
