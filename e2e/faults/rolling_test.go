//go:build faults

package faults

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// balancer is HAProxy's configuration before two copies. It retries what could not be sent (the default), and nothing else.
const balancer = `
global
	log stdout format raw local0 notice
defaults
	mode http
	log global
	timeout connect 5s
	timeout check 5s
	timeout client 30s
	timeout server 30s
	http-reuse %s
	option redispatch
frontend api
	bind %s
	default_backend copies
frontend state
	bind %s
	stats enable
	stats uri /
backend copies
	option httpchk GET /ready
	http-check expect status 200
	default-server check inter 200ms fall 2 rise 2
	server a %s
	server b %s
`

// TestRollingRestart restarts two copies in turn, under load, behind a balancer: no request fails.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	for _, reuse := range []string{"safe", "always"} { // of the balancer's connections: the default, and the boldest
		t.Run(reuse, func(t *testing.T) {
			t.Parallel()
			rollingRestart(t, reuse)
		})
	}
}

func rollingRestart(t *testing.T, reuse string) {
	t.Helper()
	source := postgresSetting + durablePostgres(t)
	copies := []*service{newService(t, source, "DRAIN_DELAY=2s"), newService(t, source, "DRAIN_DELAY=2s")}
	for _, s := range copies {
		s.start(t)
	}
	h := startHAProxy(t, reuse, copies[0].address, copies[1].address)
	l := newLoad(t, "http://"+h.api, 16, 4)
	l.run()
	l.awaitBack(10 * time.Second)
	for i, s := range copies {
		l.mark("SIGTERM to copy %d", i+1)
		s.terminate(t)
		l.mark("start copy %d", i+1)
		s.start(t)
		h.awaitBoth(t)
	}
	l.mark("done")
	l.awaitBack(10 * time.Second)
	l.stop()
	l.check(t)
	for outcome, n := range l.sum() {
		if !strings.HasPrefix(outcome, "20") {
			t.Errorf("%d requests failed: %s", n, outcome)
		}
	}
}

// haproxy is a running HAProxy.
type haproxy struct {
	api, state string // addresses
	output     *buffer
}

// startHAProxy puts HAProxy before two copies until the test ends.
func startHAProxy(t *testing.T, reuse, a, b string) *haproxy {
	t.Helper()
	file, err := exec.LookPath("haproxy")
	if err != nil {
		file, err = exec.LookPath("/usr/sbin/haproxy") // where only root's PATH leads
	}
	if err != nil {
		leaveOut(t, "HAProxy not found: install it")
	}
	h := &haproxy{api: "127.0.0.1:" + steadyPort(t), state: "127.0.0.1:" + steadyPort(t), output: &buffer{}}
	settings := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(settings, fmt.Appendf(nil, balancer, reuse, h.api, h.state, a, b), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(file, "-db", "-f", settings)
	cmd.Stdout, cmd.Stderr = h.output, h.output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("HAProxy wrote:\n%s", h.output)
		}
	})
	h.awaitBoth(t)
	return h
}

// awaitBoth waits until the balancer sends requests to both copies.
func (h *haproxy) awaitBoth(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if strings.Count(h.states(), "\n") == 2 {
			return
		}
	}
	t.Fatalf("the balancer does not take both copies:\n%s", h.states())
}

// states are the lines about copies that are up and whose checks have passed.
func (h *haproxy) states() (up string) {
	res, err := http.Get("http://" + h.state + "/;csv")
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "copies,") && strings.Contains(line, ",UP,") && !strings.Contains(line, ",BACKEND,") && strings.Contains(line, ",L7OK,") {
			up += line
		}
	}
	return up
}
