package middleware

import (
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener at which a test connects without a network.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestMetricsWaitForNobody has clients of the metrics do nothing more at some point: each is sent away.
func TestMetricsWaitForNobody(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, sent string
		reads      int // bytes of the answer
		within     time.Duration
	}{
		{"sends nothing", "", 0, 30 * time.Second},
		{"sends half a line", "GET /met", 0, 30 * time.Second},
		{"sends half of the headers", "GET /metrics HTTP/1.1\r\nHost: x\r\n", 0, 30 * time.Second},
		{"reads nothing", "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 0, 30 * time.Second},
		{"reads half of the answer", "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 100, 30 * time.Second},
		{"idles behind an answer", "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 1 << 20, 3 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				listener := make(pipes)
				server := NewMetrics().server(slog.New(slog.DiscardHandler))
				go func() { _ = server.Serve(listener) }()
				client, served := net.Pipe()
				defer client.Close()
				ended := make(chan struct{})
				listener <- endsWith{served, sync.OnceFunc(func() { close(ended) })}
				begin := time.Now()
				go func() { _, _ = io.WriteString(client, test.sent) }()
				go func() { _, _ = io.CopyN(io.Discard, client, int64(test.reads)) }()
				select {
				case <-ended:
				case <-time.After(time.Hour):
					client.Close()
				}
				if took := time.Since(begin); took > test.within {
					t.Errorf("it is sent away after %v", took)
				}
				close(listener)
			})
		})
	}
}

// endsWith is a connection that tells when it is closed.
type endsWith struct {
	net.Conn
	closed func()
}

func (e endsWith) Close() error {
	defer e.closed()
	return e.Conn.Close()
}
