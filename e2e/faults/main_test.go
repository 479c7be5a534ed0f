//go:build faults

// Package faults breaks what the service stands on, while a client that keeps a ledger writes through it, and checks the
// ledger afterwards. The tests run the program itself, built once, on Linux:
//
//	go test -tags faults ./e2e/faults
package faults

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"todo-backend/ent/database/pgtest"
)

// The long forms are -rounds 50 and -soak 20m.
var (
	rounds   = flag.Int("rounds", 3, "how often the service is killed on each database")
	soak     = flag.Duration("soak", 10*time.Second, "how long nothing may grow")
	soakRace = flag.Bool("soak.race", false, "soak a program that detects races")
)

// folder is for what the tests of this process share.
var folder string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "faults-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	if err := os.Chmod(folder, 0o755); err != nil { // a service that runs as nobody begins there
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if durable.server != nil {
		durable.server.Stop()
	}
	return code
}

// program is the file of the built program.
func program(t *testing.T) string {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var built = sync.OnceValues(func() (string, error) {
	file := filepath.Join(folder, "todo-backend")
	return file, build(file, "CGO_ENABLED=0")
})

// racingProgram is the file of the program built with the race detector.
func racingProgram(t *testing.T) string {
	t.Helper()
	file, err := builtRacing()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var builtRacing = sync.OnceValues(func() (string, error) {
	file := filepath.Join(folder, "todo-backend-race")
	return file, build(file, "CGO_ENABLED=1", "-race")
})

// build builds the program into a file, from this checkout unless the arguments for go build say otherwise.
func build(file, env string, args ...string) error {
	cmd := exec.Command("go", append(append([]string{"build", "-o", file}, args...), "todo-backend")...)
	cmd.Env = append(os.Environ(), env)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return nil
}

// durable is the Postgres server of all tests that leave it alone. What it acknowledges is on the disk.
var durable struct {
	once   sync.Once
	server *pgtest.Server
	err    error
}

// durablePostgres returns the URL of an empty database on the server that all tests share.
func durablePostgres(t *testing.T) string {
	t.Helper()
	durable.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		durable.server, durable.err = pgtest.StartDurable(ctx)
	})
	if errors.Is(durable.err, pgtest.ErrNotFound) {
		leaveOut(t, durable.err.Error())
	}
	if durable.err != nil {
		t.Fatal(durable.err)
	}
	url, drop, err := durable.server.CreateDatabase(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return url
}

// leaveOut skips the test because something is not installed; with CI=true it fails it.
func leaveOut(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip("left out: " + reason)
}
