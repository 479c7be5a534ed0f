package database_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// A test binary that finds one of these in its environment plays a copy of the service that starts, on a Postgres URL or a
// SQLite file.
const (
	copyOnPostgres = "TEST_COPY_ON_POSTGRES"
	copyOnSQLite   = "TEST_COPY_ON_SQLITE"
	// copyMigrations is a folder of migrations to apply instead of ours, on SQLite.
	copyMigrations = "TEST_COPY_MIGRATIONS"
)

func TestMain(m *testing.M) {
	source := database.Source{PostgresURL: os.Getenv(copyOnPostgres), SQLitePath: os.Getenv(copyOnSQLite)}
	if source == (database.Source{}) {
		databasetest.Main(m)
	}
	if err := start(context.Background(), source); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// start waits for standard input to close, then does what the service does first.
func start(ctx context.Context, source database.Source) (err error) {
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	if folder := os.Getenv(copyMigrations); folder != "" {
		return database.MigrateSQLite(ctx, source.SQLitePath, os.DirFS(folder))
	}
	db, err := database.Open(source)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Migrate(ctx)
}

// copyOfService is a process of its own.
type copyOfService struct {
	*exec.Cmd
	stdin  io.Closer
	output bytes.Buffer // what it says of what went wrong
}

// launch returns a copy that is ready to start.
func launch(t *testing.T, environment ...string) *copyOfService {
	t.Helper()
	c := &copyOfService{Cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")}
	c.Env = append(os.Environ(), environment...)
	c.Stderr = &c.output
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	c.stdin = stdin
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the copy is not ready: %q: %v\n%s", line, err, &c.output)
	}
	return c
}

// startTogether starts copies at once and waits until they have all ended, or failed the test.
func startTogether(t *testing.T, count int, environment ...string) {
	t.Helper()
	copies := make([]*copyOfService, count)
	for i := range copies {
		copies[i] = launch(t, environment...)
	}
	begin := time.Now()
	for _, c := range copies {
		c.stdin.Close()
	}
	for i, c := range copies {
		if err := c.Wait(); err != nil {
			t.Errorf("copy %d: %v: %s", i, err, strings.TrimSpace(c.output.String()))
		}
	}
	t.Logf("%d copies started in %v", count, time.Since(begin).Round(time.Millisecond))
}
