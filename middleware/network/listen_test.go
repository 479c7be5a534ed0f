package network

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var silent = slog.New(slog.DiscardHandler)

// scripted is a listener whose Accept fails in given ways before it returns a connection.
type scripted struct {
	net.Listener
	errs   []error
	closed chan struct{}
}

func (s *scripted) Accept() (net.Conn, error) {
	if len(s.errs) == 0 {
		<-s.closed
		return nil, net.ErrClosed
	}
	err := s.errs[0]
	s.errs = s.errs[1:]
	if err != nil {
		return nil, &net.OpError{Op: "accept", Err: err}
	}
	conn, _ := net.Pipe()
	return conn, nil
}

func (s *scripted) Close() error {
	close(s.closed)
	return nil
}

// TestAcceptOutlivesShortages has accept fail for reasons that pass: the listener pauses, longer each time, and accepts again.
func TestAcceptOutlivesShortages(t *testing.T) {
	t.Parallel()
	for _, shortage := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED} {
		t.Run(shortage.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const failures = 12
				errs := make([]error, failures, failures+1)
				for i := range errs {
					errs[i] = shortage
				}
				l := newListener(silent, &scripted{errs: append(errs, nil), closed: make(chan struct{})})
				begin := time.Now()
				conn, err := l.Accept()
				if conn == nil || err != nil {
					t.Errorf("accepted %v, %v", conn, err)
				}
				// 5 + 10 + … + 640 ms, then a second each
				if want := 1275*time.Millisecond + 4*time.Second; time.Since(begin) != want {
					t.Errorf("after %s, want %s", time.Since(begin), want)
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
				if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
					t.Errorf("once it is closed: %v", err)
				}
			})
		})
	}
}

// TestAcceptEndsWithWhatDoesNotPass has accept fail for a reason that it can't outlive.
func TestAcceptEndsWithWhatDoesNotPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newListener(silent, &scripted{errs: []error{syscall.EBADF}, closed: make(chan struct{})})
		if _, err := l.Accept(); !errors.Is(err, syscall.EBADF) {
			t.Errorf("accept fails with %v", err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestCloseDuringAPause does not wait for its end.
func TestCloseDuringAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newListener(silent, &scripted{errs: []error{syscall.EMFILE}, closed: make(chan struct{})})
		synctest.Wait()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

var loopback6 = netip.IPv6Loopback()

// needIPv6 skips a test on a machine without it.
func needIPv6(t *testing.T) {
	t.Helper()
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6: ", err)
	}
	probe.Close()
}

// TestListenAtSeveralAddresses reaches one listener at both loopback addresses.
func TestListenAtSeveralAddresses(t *testing.T) {
	t.Parallel()
	needIPv6(t)
	l, err := Listen(t.Context(), silent, 0, "127.0.0.1", loopback6)
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, host := range []string{"127.0.0.1", "::1"} {
		client, err := net.Dial("tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		served, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if served.RemoteAddr().String() != client.LocalAddr().String() {
			t.Errorf("at %s the connection of %s is accepted", host, served.RemoteAddr())
		}
		served.Close()
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("the connection at %s ends with %v", host, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		if conn, err := net.Dial("tcp", net.JoinHostPort(host, port)); err == nil {
			conn.Close()
			t.Errorf("once it is closed %s still answers", host)
		}
	}
}

// TestAFurtherAddressMayBeMissing leaves out what the machine does not have.
func TestAFurtherAddressMayBeMissing(t *testing.T) {
	t.Parallel()
	l, err := Listen(t.Context(), silent, 0, "127.0.0.1", netip.MustParseAddr("203.0.113.1")) // RFC 5737
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestAFurtherAddressInUse is refused: who went there would reach another program.
func TestAFurtherAddressInUse(t *testing.T) {
	t.Parallel()
	needIPv6(t)
	taken, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if _, err := Listen(t.Context(), silent, taken.Addr().(*net.TCPAddr).Port, "127.0.0.1", loopback6); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("it listens with %v", err)
	}
}

// TestWhatKeepsFromListening says which setting is wrong.
func TestWhatKeepsFromListening(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	port := taken.Addr().(*net.TCPAddr).Port
	for _, test := range []struct {
		name string
		host string
		port int
		says []string
	}{
		{"the variable of conda", "x86_64-conda-linux-gnu", 0, []string{`HOST is "x86_64-conda-linux-gnu"`, "Conda", "unset it"}},
		{"an address of another machine", "203.0.113.1", 0, []string{"HOST is 203.0.113.1", "no address of this machine"}},
		{"a port in use", "127.0.0.1", port, []string{"in use", "is the service running already?", "PORT"}},
	} {
		_, err := Listen(t.Context(), silent, test.port, test.host)
		for _, want := range test.says {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", test.name, err, want)
			}
		}
	}
	denied := explain(&net.OpError{Op: "listen", Err: syscall.EACCES}, "127.0.0.1", 80) // root may listen on every port
	if !strings.Contains(denied.Error(), "does not let this user listen on port 80") || strings.Contains(denied.Error(), "running") {
		t.Errorf("a port without permission: %v", denied)
	}
}

// TestURLsThatOpen lead to this machine, also where the service listens on all interfaces.
func TestURLsThatOpen(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:8000": "http://127.0.0.1:8000",
		"0.0.0.0:8000":   "http://127.0.0.1:8000",
		"10.1.2.3:80":    "http://10.1.2.3:80",
		"[::]:8000":      "http://127.0.0.1:8000",
		"[::1]:8000":     "http://[::1]:8000",
	} {
		tcp := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))
		if got := (&Listener{listeners: []net.Listener{at{addr: tcp}}}).URL(); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

// at is a listener at an address.
type at struct {
	net.Listener
	addr net.Addr
}

func (a at) Addr() net.Addr { return a.addr }

// TestConnectionsFitTheirFiles leaves room for what else needs file descriptors.
func TestConnectionsFitTheirFiles(t *testing.T) {
	t.Parallel()
	for files, want := range map[int]int{1 << 30: 8192, 10_000: 8192, 8392: 8192, 8391: 8191, 1024: 824, 256: 128, 64: 32, 1: 1} {
		if got := fit(8192, files); got != want {
			t.Errorf("%d files suffice for %d connections, want %d", files, got, want)
		}
	}
}
