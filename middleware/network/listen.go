// Package network is what happens to connections before there is a request on them: it opens the addresses of the service,
// accepts what comes in as long as the system lets it, and decides how many connections may be open, and idle.
package network

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"syscall"
)

// Listener accepts connections at several addresses as if they were one. It outlives errors that pass.
type Listener struct {
	listeners []net.Listener
	logger    *slog.Logger

	accepted chan accepted
	closing  chan struct{}
	close    func() error
}

// accepted is what an Accept at one of the addresses returned.
type accepted struct {
	conn net.Conn
	err  error
}

// Listen opens a port (0: any free one) at a host, a name or an address, and at further addresses where the machine has them. An
// empty host is all interfaces. The error says which setting to change.
func Listen(ctx context.Context, logger *slog.Logger, port int, host string, further ...netip.Addr) (*Listener, error) {
	listeners, err := open(ctx, port, host, further)
	for range 10 {
		if port != 0 || !errors.Is(err, syscall.EADDRINUSE) {
			break // else the free port at the host was not free at a further address
		}
		listeners, err = open(ctx, port, host, further)
	}
	if err != nil {
		return nil, explain(err, host, port)
	}
	return newListener(logger, listeners...), nil
}

func newListener(logger *slog.Logger, listeners ...net.Listener) *Listener {
	l := &Listener{listeners: listeners, logger: logger, accepted: make(chan accepted), closing: make(chan struct{})}
	l.close = sync.OnceValue(func() error {
		close(l.closing)
		return closeAll(listeners)
	})
	for _, listener := range listeners {
		go l.acceptAt(listener)
	}
	return l
}

// open returns a listener for each of the addresses, all at one port.
func open(ctx context.Context, port int, host string, further []netip.Addr) ([]net.Listener, error) {
	first, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	listeners := []net.Listener{first}
	port = first.Addr().(*net.TCPAddr).Port
	for _, addr := range further {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(addr.String(), strconv.Itoa(port)))
		switch {
		case err == nil:
			listeners = append(listeners, listener)
		case !isMissing(err):
			return nil, errors.Join(err, closeAll(listeners))
		}
	}
	return listeners, nil
}

// isMissing reports whether err says that the machine does not have the address.
func isMissing(err error) bool {
	missing := []error{syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT, syscall.EPROTONOSUPPORT}
	return slices.ContainsFunc(missing, func(kind error) bool { return errors.Is(err, kind) })
}

// explain says what is wrong with the host or the port, and what to do.
func explain(err error, host string, port int) error {
	_, isUnknown := errors.AsType[*net.DNSError](err)
	switch {
	case isUnknown:
		return fmt.Errorf("HOST is %q, which is neither an address nor a name that leads to one. "+
			"Conda sets such a variable: unset it, or set HOST=127.0.0.1 (%w)", host, err)
	case isMissing(err):
		return fmt.Errorf("HOST is %s, which is no address of this machine: HOST=0.0.0.0 is all of its addresses (%w)", host, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("the system does not let this user listen on port %d: PORT chooses another one, above 1023 (%w)", port, err)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: is the service running already? PORT chooses another port", err)
	}
	return err
}

func closeAll(listeners []net.Listener) error {
	errs := make([]error, len(listeners))
	for i, listener := range listeners {
		errs[i] = listener.Close()
	}
	return errors.Join(errs...)
}

// Accept waits for the next connection at any of the addresses. Once the listener is closed the error is [net.ErrClosed].
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case next := <-l.accepted:
		return next.conn, next.err
	case <-l.closing:
		return nil, net.ErrClosed
	}
}

// Close closes all addresses. Connections that were accepted stay open.
func (l *Listener) Close() error { return l.close() }

// Addr returns the first address.
func (l *Listener) Addr() net.Addr { return l.listeners[0].Addr() }

// URL returns an address that a browser on this machine can open: all interfaces are reached at the loopback one too.
func (l *Listener) URL() string {
	addr := l.Addr().(*net.TCPAddr).AddrPort()
	if addr.Addr().IsUnspecified() { // of both families, see [net.Listen]
		addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), addr.Port())
	}
	return "http://" + addr.String()
}
