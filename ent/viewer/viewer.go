// Package viewer carries the person on whose behalf a request runs, so that
// the data layer can tell whose data it may touch.
package viewer

import "context"

// Viewer is the authenticated person a context belongs to.
type Viewer struct {
	// ID is the subject of the person's token, never empty.
	ID string
}

// contextKey is the key of the Viewer in a context; being unexported, no
// other package can set it.
type contextKey struct{}

// NewContext returns a copy of ctx that belongs to v.
func NewContext(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, contextKey{}, v)
}

// FromContext returns the Viewer ctx belongs to. It reports false when there
// is none or its ID is empty.
func FromContext(ctx context.Context) (Viewer, bool) {
	v, _ := ctx.Value(contextKey{}).(Viewer)
	return v, v.ID != ""
}

// keyKey is the key of what [Present] adds to a context.
type keyKey struct{}

// Present returns a copy of ctx in which somebody, of whom nothing else is known yet, presents a key: the
// hash of a secret that they hold.
func Present(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, keyKey{}, key)
}

// Presented returns the key that is presented in ctx. It reports false when there is none or it is empty.
func Presented(ctx context.Context) (string, bool) {
	key, _ := ctx.Value(keyKey{}).(string)
	return key, key != ""
}
