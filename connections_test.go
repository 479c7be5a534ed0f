package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// limitFiles bounds how many file descriptors this process may have, if there is a number.
func limitFiles(number string) {
	if number == "" {
		return
	}
	files, err := strconv.ParseUint(number, 10, 32)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: files, Max: files})
	}
	if err != nil {
		panic(err)
	}
}

const healthRequest = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"

// TestConnectionsFitTheDescriptors opens more connections than the process may have file descriptors for. It serves half as many,
// refuses the others, and closes those that idle, the longest idle first, until half of what it may have is free again.
func TestConnectionsFitTheDescriptors(t *testing.T) {
	t.Parallel()
	const files, most = 200, 100
	s := start(t, t.TempDir(), "LOG_LEVEL=error", fmt.Sprint(asMainWithFiles, "=", files))
	http.DefaultClient.CloseIdleConnections()
	conns := make([]net.Conn, 2*files)
	served := 0
	for i := range conns {
		conns[i] = s.dial(t)
		t.Cleanup(func() { conns[i].Close() })
		switch got := ask(conns[i], healthRequest); got.status {
		case http.StatusOK:
			served++
		case http.StatusServiceUnavailable:
		default:
			if got.err == nil || !isReset(got.err) { // a refused client may see the connection closed before the answer
				t.Errorf("connection %d is answered %v", i, got)
			}
		}
	}
	if served < most-10 || served > most {
		t.Errorf("%d connections are served, want %d, less those of the test itself", served, most)
	}
	for _, conn := range conns[:most/4] { // surely among the half that idles longest: some of them may be noticed as idle a little later
		if _, err := io.ReadAll(conn); err != nil && !isReset(err) {
			t.Errorf("an idle connection: %v", err)
		}
	}
	if got := ask(conns[most-11], healthRequest); got.status != http.StatusOK {
		t.Errorf("one of the last connections is answered %v", got)
	}
	if got := ask(s.dial(t), healthRequest); got.status != http.StatusOK {
		t.Errorf("a new connection is answered %v", got)
	}
}

// isReset reports whether err says that the other side closed the connection.
func isReset(err error) bool {
	return strings.Contains(err.Error(), "reset by peer") || strings.Contains(err.Error(), "broken pipe") || strings.Contains(err.Error(), "EOF")
}

// TestDescriptorsRunOut uses up all file descriptors of the process. The service waits until some are free, and goes on.
func TestDescriptorsRunOut(t *testing.T) {
	t.Parallel()
	const files = 100
	metrics := freeAddress(t)
	s := start(t, t.TempDir(), "METRICS_ADDR="+metrics, fmt.Sprint(asMainWithFiles, "=", files))
	taken := make([]net.Conn, files)
	for i := range taken {
		conn, err := net.Dial("tcp", metrics) // their number has no other bound
		if err != nil {
			t.Fatal(err)
		}
		taken[i] = conn
	}
	answered := make(chan reply, 1)
	conn := s.dial(t)
	defer conn.Close()
	go func() { answered <- ask(conn, healthRequest) }()
	eventually(t, "no connection can be accepted", func() bool {
		return strings.Contains(s.output.String(), syscall.EMFILE.Error())
	})
	for _, conn := range taken {
		conn.Close()
	}
	if got := <-answered; got.status != http.StatusOK {
		t.Errorf("once descriptors are free the waiting connection is answered %v", got)
	}
}

// TestBothLoopbackAddresses answers in development at each address that localhost may have.
func TestBothLoopbackAddresses(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	port := s.url[strings.LastIndex(s.url, ":"):]
	hosts := []string{"127.0.0.1"}
	if probe, err := net.Listen("tcp", "[::1]:0"); err == nil {
		probe.Close()
		hosts = append(hosts, "[::1]")
	}
	for _, host := range hosts {
		s.url = "http://" + host + port
		if got := s.get(t, "/health", ""); got.StatusCode != http.StatusOK {
			t.Errorf("at %s: %s", host, got.Status)
		}
	}
}

// TestBannerOfAllInterfaces names an address that opens.
func TestBannerOfAllInterfaces(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "HOST=0.0.0.0")
	if !strings.HasPrefix(s.url, "http://127.0.0.1:") {
		t.Errorf("it listens on %s", s.url)
	}
}
