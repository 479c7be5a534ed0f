package network

import (
	"errors"
	"net"
	"slices"
	"syscall"
	"time"
)

const (
	firstPause   = 5 * time.Millisecond
	longestPause = time.Second
)

// passing are the errors of accept that say that the system is short of something, or that the client gave up. They are no reason
// to stop: what is short is given back when connections close.
var passing = []error{
	syscall.EMFILE,       // the process has no file descriptor left
	syscall.ENFILE,       // the system has none left
	syscall.ENOBUFS,      // no memory for sockets
	syscall.ENOMEM,       // the same
	syscall.ECONNABORTED, // the client left before it was accepted
}

// acceptAt hands over the connections that come in at one of the addresses, until the listener is closed. While accept fails with
// an error that passes it pauses, longer each time.
func (l *Listener) acceptAt(listener net.Listener) {
	pause := firstPause
	for {
		conn, err := listener.Accept()
		isPassing := slices.ContainsFunc(passing, func(kind error) bool { return errors.Is(err, kind) })
		if isPassing {
			l.logger.Warn("no connection can be accepted", "error", err, "next_try_in", pause)
			if !l.sleep(pause) {
				return
			}
			pause = min(2*pause, longestPause)
			continue
		}
		pause = firstPause
		if !l.deliver(accepted{conn, err}) || err != nil {
			return
		}
	}
}

// deliver hands over to Accept. It reports false if the listener was closed meanwhile.
func (l *Listener) deliver(next accepted) bool {
	select {
	case l.accepted <- next:
		return true
	case <-l.closing:
		if next.conn != nil {
			_ = next.conn.Close() // nobody will serve it
		}
		return false
	}
}

// sleep reports false if the listener was closed meanwhile.
func (l *Listener) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-l.closing:
		return false
	}
}
