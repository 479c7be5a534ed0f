//go:build faults

package faults

import (
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestConnectionsBreak breaks the connections to Postgres, in every way that a network knows.
func TestConnectionsBreak(t *testing.T) {
	t.Parallel()
	const (
		deadline = 2 * time.Second
		idle     = 1200 * time.Millisecond // after a second a connection is tried out before it is used
	)
	p, source := newProxy(t, durablePostgres(t))
	s := newService(t, postgresSetting+source, "REQUEST_TIMEOUT="+deadline.String())
	s.start(t)
	l := newLoad(t, s.url(), 16, 4)
	l.run()
	l.awaitBack(10 * time.Second)
	for _, fault := range []struct {
		name       string
		begin, end func()
	}{
		{"connections are cut", repeatedly(p.cut), func() {}},
		{"answers are reset in the middle", repeatedly(p.resetAnswers), func() {}},
		{"connections are refused", func() { p.refuse(); p.cut() }, p.accept},
		{"connections hang", p.stall, p.flow},
		{"connections hang for good, new ones do not", p.lose, func() {}},
		{"idle connections hang for good", func() { l.stop(); time.Sleep(idle); p.lose(); l.run() }, func() {}},
	} {
		time.Sleep(500 * time.Millisecond)
		l.mark("%s", fault.name)
		fault.begin()
		time.Sleep(deadline)
		fault.end()
		l.mark("that is over")
		l.awaitBack(4 * deadline)
	}
	time.Sleep(deadline)
	l.stop()
	l.wantAnswers(deadline)
	l.check(t)
	p.wantAtMost(t, 16)
}

// repeatedly does something several times in a second.
func repeatedly(do func()) func() {
	return func() {
		for range 5 {
			do()
			time.Sleep(200 * time.Millisecond)
		}
	}
}

// proxy stands between the service and Postgres.
type proxy struct {
	t               *testing.T
	address, target string

	mu       sync.Mutex
	listener net.Listener
	stalls   bool // new connections too
	links    []*link
}

// link is a connection through the proxy.
type link struct {
	client, server *net.TCPConn
	gate           sync.RWMutex // forwarding holds it for reading, a stall for writing
	stalls         bool
	clientClosed   atomic.Bool // its end
	reset          atomic.Bool // in the middle of the next answer
}

// newProxy returns a proxy and the URL of the database behind it.
func newProxy(t *testing.T, databaseURL string) (p *proxy, through string) {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	p = &proxy{t: t, address: "127.0.0.1:" + steadyPort(t), target: u.Host}
	p.accept()
	t.Cleanup(func() {
		p.refuse()
		p.flow()
		p.cut()
	})
	u.Host = p.address
	return p, u.String()
}

func (p *proxy) accept() {
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Error(err)
		return
	}
	p.listener = listener
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.connect(client.(*net.TCPConn))
		}
	}()
}

func (p *proxy) refuse() { p.listener.Close() }

func (p *proxy) connect(client *net.TCPConn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	l := &link{client: client, server: server.(*net.TCPConn)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalls {
		l.stall()
	}
	p.links = append(p.links, l)
	go l.forwardRequests()
	go l.forwardAnswers()
}

// forwardRequests forwards what the client sends. It reads on while nothing is let through, since only then it sees that the client
// closes its end.
func (l *link) forwardRequests() {
	sent := make(chan []byte, 64)
	go func() {
		defer l.cut()
		for chunk := range sent {
			l.gate.RLock()
			l.server.Write(chunk)
			l.gate.RUnlock()
		}
	}()
	defer close(sent)
	for {
		chunk := make([]byte, 32<<10)
		n, err := l.client.Read(chunk)
		sent <- chunk[:n]
		if err != nil {
			l.clientClosed.Store(true)
			return
		}
	}
}

func (l *link) forwardAnswers() {
	buffer := make([]byte, 32<<10)
	for {
		n, err := l.server.Read(buffer)
		resets := n > 0 && l.reset.Load()
		if resets {
			n /= 2
		}
		l.gate.RLock()
		l.client.Write(buffer[:n])
		l.gate.RUnlock()
		if resets {
			l.client.SetLinger(0)
		}
		if resets || err != nil {
			l.cut()
			return
		}
	}
}

func (l *link) cut() {
	l.client.Close()
	l.server.Close()
}

func (l *link) stall() {
	if !l.stalls {
		l.stalls = true
		l.gate.Lock()
	}
}

func (l *link) flow() {
	if l.stalls {
		l.stalls = false
		l.gate.Unlock()
	}
}

// each calls do for every open connection, and sets whether new ones stall.
func (p *proxy) each(stalls bool, do func(*link)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalls = stalls
	for _, l := range p.links {
		do(l)
	}
}

func (p *proxy) cut()          { p.each(false, (*link).cut) }
func (p *proxy) resetAnswers() { p.each(false, func(l *link) { l.reset.Store(true) }) }

// stall holds back all bytes, flow lets them through again. lose stalls the open connections alone: new ones flow.
func (p *proxy) stall() { p.each(true, (*link).stall) }
func (p *proxy) flow()  { p.each(false, (*link).flow) }
func (p *proxy) lose()  { p.each(false, (*link).stall) }

// wantAtMost waits until the client has so many connections open at most.
func (p *proxy) wantAtMost(t *testing.T, most int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		open := p.open()
		if open <= most {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are open, want %d at most", open, most)
		}
	}
}

// open counts the connections that the client has not closed.
func (p *proxy) open() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.links {
		if !l.clientClosed.Load() {
			n++
		}
	}
	return n
}
