package routes_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"todo-backend/ent/database/databasetest"
)

// pipes is a listener at which a test connects without a network, so that the time of its bubble is the server's.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipes() *pipes {
	closed := make(chan struct{})
	return &pipes{conns: make(chan net.Conn), closed: closed, close: sync.OnceFunc(func() { close(closed) })}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close()
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects. What the client writes reaches the server as it reads, and the other way round: a pipe keeps nothing.
func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// TestTheServerWaitsSoLong has clients do nothing more at some point. The figures are those that docs/operating.md gives.
func TestTheServerWaitsSoLong(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	newAPI(t, db).anonymous().send(t, "GET", "/health", "") // fasthttp starts its clock once for all, outside of bubbles
	const post = "POST /api/tasks HTTP/1.1\r\nHost: todo\r\nContent-Length: 10\r\n\r\n"
	for _, test := range []struct {
		name, sent string
		reads      bool
		ends       time.Duration
	}{
		{"sends nothing", "", true, 10 * time.Second},
		{"sends half a line", "GET /hea", true, 10 * time.Second},
		{"sends half of the headers", "GET /health HTTP/1.1\r\nHost: todo\r\n", true, 10 * time.Second},
		{"sends half of the body", post + "{", true, 10 * time.Second},
		{"idles behind an answer", "GET /health HTTP/1.1\r\nHost: todo\r\n\r\n", true, 2 * time.Minute},
		{"reads nothing of an answer", "GET /health HTTP/1.1\r\nHost: todo\r\n\r\n", false, 30 * time.Second},
		{"reads nothing of a long answer", "GET /docs/openapi.json HTTP/1.1\r\nHost: todo\r\n\r\n", false, 30 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				listener := newPipes()
				app, _ := newApp(t, db)
				go func() { _ = app.Listener(listener) }()
				conn := listener.dial()
				begin := time.Now()
				if _, err := io.WriteString(conn, test.sent); err != nil {
					t.Error(err)
				}
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					if test.reads {
						_, _ = io.Copy(io.Discard, conn)
						return
					}
					for err := error(nil); err == nil; time.Sleep(time.Second) { // of a pipe only a write tells that it is closed
						_, err = io.WriteString(conn, "")
					}
				}()
				select {
				case <-ended:
				case <-time.After(time.Hour):
				}
				if took := time.Since(begin); took < test.ends || took > test.ends+time.Second {
					t.Errorf("the connection ends after %v, want %v", took, test.ends)
				}
				conn.Close()
				if err := app.Shutdown(); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Minute) // a goroutine of the server looks from time to time whether it has ended
			})
		})
	}
}
