//go:build faults

package faults

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// secret signs the tokens of all tests.
const secret = "the faults' own secret, 32 bytes long"

// service is a copy of the program, at an address that stays the same from one start to the next.
type service struct {
	program string
	address string // of 127.0.0.1
	env     []string
	as      *syscall.Credential // nil: who runs the tests
	output  *buffer             // of all its runs
	cmd     *exec.Cmd           // nil: it does not run
	ended   chan struct{}
}

// newService returns a copy with production settings, not started yet. If it runs when the test ends, it is killed.
func newService(t *testing.T, env ...string) *service {
	t.Helper()
	port := steadyPort(t)
	s := &service{program: program(t), address: "127.0.0.1:" + port, output: &buffer{}}
	s.env = append([]string{
		"APP_ENV=production", "HOST=127.0.0.1", "PORT=" + port, "BETTER_AUTH_SECRET=" + secret, "RATE_LIMIT=0", "DRAIN_DELAY=0s",
	}, env...)
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the end of what the service at %s wrote:\n%s", s.address, s.output.beside())
		}
	})
	return s
}

// steadyPort returns a free port that no client's connection takes meanwhile: those get theirs from 32768 on.
func steadyPort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

func (s *service) url() string { return "http://" + s.address }

// launch starts the program and does not wait for it. It ends with the test's process, however that ends.
func (s *service) launch(t *testing.T) {
	t.Helper()
	s.cmd = exec.Command(s.program)
	s.cmd.Dir, s.cmd.Env = folder, s.env
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: s.as}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		defer close(ended)
		_ = cmd.Wait()
	}(s.cmd, s.ended)
}

// start starts the program and waits until it is ready, which it is within a minute.
func (s *service) start(t *testing.T) {
	t.Helper()
	s.launch(t)
	s.awaitReady(t, time.Minute)
}

func (s *service) awaitReady(t *testing.T, patience time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		select {
		case <-s.ended:
			t.Fatalf("the service ended by itself: %v", s.cmd.ProcessState)
		default:
		}
		status := s.readiness()
		if status == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the service is not ready within %v: %d", patience, status)
		}
	}
}

// readiness is the status of /ready, or 0 where nobody answers.
func (s *service) readiness() int {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(s.url() + "/ready")
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

// kill ends the program at once, with -9, if it runs.
func (s *service) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.ended
	s.cmd = nil
}

// terminate asks the program to stop and waits until it has, with success.
func (s *service) terminate(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(time.Minute):
		t.Fatal("the service does not stop")
	}
	if !s.cmd.ProcessState.Success() {
		t.Errorf("the service stopped with %v", s.cmd.ProcessState)
	}
	s.cmd = nil
}

// buffer is what a process wrote so far.
type buffer struct {
	mu      sync.Mutex
	written bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.written.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.written.String()
}

// beside returns the last ten lines of the output that are not about requests that succeeded.
func (b *buffer) beside() string {
	var lines []string
	for line := range strings.Lines(b.String()) {
		if !strings.Contains(line, `"status":2`) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-10):], "")
}
