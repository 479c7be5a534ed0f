package middleware

import (
	"errors"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
)

// Errors of requests that come before the service can answer them, or when it is about to end. Neither is a fault.
var (
	ErrStarting = errors.New("the service is starting")
	ErrStopping = errors.New("the service is stopping")
)

// Lifecycle is whether the service is starting, serving or stopping. The zero value is starting.
type Lifecycle struct{ phase atomic.Int32 }

const (
	starting = iota
	serving
	stopping
)

// Serving returns the lifecycle of a service that has started.
func Serving() *Lifecycle {
	l := new(Lifecycle)
	l.Serve()
	return l
}

// Serve says that the service has started.
func (l *Lifecycle) Serve() { l.phase.Store(serving) }

// Stop says that the service is about to end.
func (l *Lifecycle) Stop() { l.phase.Store(stopping) }

// Err returns nil while the service is serving, else ErrStarting or ErrStopping.
func (l *Lifecycle) Err() error {
	switch l.phase.Load() {
	case starting:
		return ErrStarting
	case stopping:
		return ErrStopping
	}
	return nil
}

// AwaitStart refuses requests with ErrStarting until the service has started.
func (l *Lifecycle) AwaitStart(c *fiber.Ctx) error {
	if err := l.Err(); errors.Is(err, ErrStarting) {
		return err
	}
	return c.Next()
}

// CloseOnDrain has answers end their connections while the service is stopping. Who keeps connections open then comes back over a
// new one, to a copy that stays, instead of sending a request into a connection that is about to be closed.
func (l *Lifecycle) CloseOnDrain(c *fiber.Ctx) error {
	err := c.Next()
	if errors.Is(l.Err(), ErrStopping) {
		c.Context().SetConnectionClose()
	}
	return err
}

// isFault reports whether err says that something is wrong, as opposed to a service that starts or ends.
func isFault(err error) bool { return !errors.Is(err, ErrStarting) && !errors.Is(err, ErrStopping) }
