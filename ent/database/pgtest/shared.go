package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// leftOut counts skipped tests by what they miss.
var leftOut struct {
	sync.Mutex
	tests map[string]int
}

// Main is the TestMain of a package whose tests use Shared: it runs them, stops the shared server and exits.
func Main(m *testing.M) {
	code := m.Run()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping PostgreSQL:", err)
		code = max(code, 1)
	}
	reportLeftOut()
	os.Exit(code)
}

func stopShared() (err error) {
	if sharedPooler.process != nil {
		err = sharedPooler.process.stop()
	}
	if shared.server != nil {
		err = errors.Join(err, shared.server.Stop())
	}
	return err
}

// Shared returns the server that all tests of this process share; the first to ask starts it. A test that can have none
// is skipped, or fails where CI=true, so that nothing is left out there unseen.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	shared.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		shared.server, shared.err = startShared(ctx)
	})
	if errors.Is(shared.err, ErrNotFound) {
		leaveOut(tb, "PostgreSQL not found: install it or set TEST_DATABASE_URL")
	}
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.server
}

func startShared(ctx context.Context) (*Server, error) {
	if os.Getenv(via) == "tls" && os.Getenv("TEST_DATABASE_URL") == "" {
		return StartSecure(ctx)
	}
	return Start(ctx)
}

// leaveOut ends the test for want of something.
func leaveOut(tb testing.TB, reason string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatal(reason)
	}
	leftOut.Lock()
	defer leftOut.Unlock()
	if leftOut.tests == nil {
		leftOut.tests = map[string]int{}
	}
	leftOut.tests[reason]++
	tb.Skip("left out: " + reason)
}

// reportLeftOut names what was skipped. The go command hides what a passing package prints, hence the terminal.
// It also remembers the result without knowing what is installed, hence -count=1.
func reportLeftOut() {
	var w io.Writer = os.Stderr
	if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
		defer tty.Close()
		w = tty
	}
	for reason, n := range leftOut.tests {
		fmt.Fprintf(w, "%s: %d left out: %s (then go test -count=1)\n", filepath.Base(os.Args[0]), n, reason)
	}
}
