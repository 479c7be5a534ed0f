package config

import (
	"errors"
	"fmt"
)

// Rejections collects what is wrong with settings. The zero value has nothing.
type Rejections struct{ reasons []error }

// Reject notes why the setting of that name can't be used, in words that follow the name. They must not
// quote the value, which may be secret.
func (r *Rejections) Reject(name string, reason error) {
	r.reasons = append(r.reasons, fmt.Errorf("%s %w", name, reason))
}

// Err returns all that was rejected as one error, a line each, or nil.
func (r *Rejections) Err() error {
	if len(r.reasons) == 0 {
		return nil
	}
	return rejected(r.reasons)
}

// rejected are the reasons of one error.
type rejected []error

// Error is a heading and a line for each reason.
func (r rejected) Error() string { return "wrong settings:\n" + errors.Join(r...).Error() }

// Unwrap returns the reasons.
func (r rejected) Unwrap() []error { return r }

// Reasons returns what an error of [Load] consists of, each reason after the name of its setting; any other error is its own.
func Reasons(err error) []error {
	if reasons, ok := errors.AsType[rejected](err); ok {
		return reasons
	}
	return []error{err}
}

// Join returns one error for those of [Load] and of others that look at settings, so that all that is wrong
// is told at once; nil where there is none.
func Join(errs ...error) error {
	var all Rejections
	var others []error
	for _, err := range errs {
		if reasons, ok := errors.AsType[rejected](err); ok {
			all.reasons = append(all.reasons, reasons...)
			continue
		}
		others = append(others, err)
	}
	return errors.Join(append([]error{all.Err()}, others...)...)
}
