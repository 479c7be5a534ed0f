//go:build unix

package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain plays a machine without PostgreSQL where a test asks for it.
func TestMain(m *testing.M) {
	if os.Getenv("PGTEST_ABSENT") != "" {
		installed = ""
	}
	Main(m)
}

func TestClonesOfATemplateAreApart(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	template := clone(t, s, "")
	maker := connect(t, template)
	if _, err := maker.Exec(t.Context(), "CREATE TABLE note AS SELECT 'the template''s' AS text"); err != nil {
		t.Fatal(err)
	}
	maker.Close(t.Context())

	clones := make([]string, 8)
	var wg sync.WaitGroup
	for i := range clones {
		wg.Go(func() { clones[i] = clone(t, s, Name(template)) })
	}
	wg.Wait()

	for _, url := range clones {
		notes := "INSERT INTO note VALUES ('its own') RETURNING (SELECT count(*) + 1 FROM note)"
		if n := ask[int](t, connect(t, url), notes); n != 2 {
			t.Errorf("%s has %d notes, want the template's and its own", Name(url), n)
		}
	}
	if n := ask[int](t, connect(t, template), "SELECT count(*) FROM note"); n != 1 {
		t.Errorf("the template has %d notes, want its own only", n)
	}
}

func TestDropEndsConnections(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := Shared(t)
	url, drop, err := s.CreateDatabase(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	conn := connect(t, url)
	cancel()
	drop()
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the connection outlives its database")
	}
	exists := ask[bool](t, connect(t, s.URL("postgres")), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", Name(url))
	if exists {
		t.Error("the database is still there")
	}
}

func TestStopLeavesNothing(t *testing.T) {
	t.Parallel()
	s := ours(t)
	conn := connect(t, s.URL("postgres"))
	if !ask[bool](t, conn, `SELECT 'a' < 'B' AND 'B' < 'a' COLLATE "C"`) {
		t.Error("the default collation is C: no test would miss a COLLATE")
	}
	folder, pid := traces(t, conn)
	for range 2 {
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if !gone(folder, pid) {
		t.Errorf("process %d or folder %s is still there", pid, folder)
	}
}

// TestKilledProcessLeavesNothing kills a process that started a server, as a test's timeout or a user may.
func TestKilledProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	programs(t)
	child := again("TestHelperServes", "PGTEST_SERVE=1")
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { child.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	folder, pid := traces(t, connect(t, strings.TrimSpace(line)))
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	for deadline := time.Now().Add(time.Minute); !gone(folder, pid); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d or folder %s is still there", pid, folder)
		}
	}
}

// TestHelperServes is what TestKilledProcessLeavesNothing kills.
func TestHelperServes(t *testing.T) { //nolint:paralleltest // it is a process of its own
	if os.Getenv("PGTEST_SERVE") == "" {
		t.Skip("another test's child process")
	}
	fmt.Println(ours(t).URL("postgres"))
	time.Sleep(time.Minute)
}

func TestFailedStartShowsTheLog(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		command  string
		patience time.Duration
		want     string
	}{
		"it ends":          {"echo out of order; exit 1", time.Minute, "it ended by itself:\nout of order"},
		"it never answers": {"echo thinking; exec sleep 60", 3 * time.Second, "it is not ready: context deadline exceeded:\nthinking"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), tt.patience)
			defer cancel()
			p := program{command: []string{"sh", "-c", tt.command}, signal: "TERM", ready: "ready"}
			if _, err := p.start(ctx); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestTakenPortIsGivenUp(t *testing.T) {
	t.Parallel()
	bin := programs(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, first, _ := net.SplitHostPort(taken.Addr().String())

	var tried []string
	p, port, err := onFreePort(func(port string) (*process, error) {
		if len(tried) == 0 {
			port = first
		}
		tried = append(tried, port)
		program, err := cluster{bin: bin, port: port, password: "secret", settings: hasty}.program()
		if err != nil {
			return nil, err
		}
		return program.start(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	if len(tried) != 2 || port != tried[1] {
		t.Errorf("serves on port %s after trying %v, want the second", port, tried)
	}
}

func TestWithoutPostgreSQL(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		env    []string
		passes bool
		says   []string
	}{
		"at home it is skipped and told": {nil, true, []string{
			"SKIP: TestClonesOfATemplateAreApart", "1 left out: PostgreSQL not found: install it or set TEST_DATABASE_URL",
		}},
		"in CI it fails": {[]string{"CI=true"}, false, []string{
			"FAIL: TestClonesOfATemplateAreApart", "PostgreSQL not found: install it or set TEST_DATABASE_URL",
		}},
		"a wrong address fails": {[]string{"TEST_DATABASE_URL=mysql://localhost"}, false, []string{
			"TEST_DATABASE_URL is not a postgres:// URL",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := append([]string{"PGTEST_ABSENT=1", "PATH=", "CI=", "TEST_DATABASE_URL="}, tt.env...)
			child := again("TestClonesOfATemplateAreApart", env...)
			child.Args = append(child.Args, "-test.v")
			out, err := child.CombinedOutput()
			if (err == nil) != tt.passes {
				t.Errorf("passes %t, want %t", err == nil, tt.passes)
			}
			for _, want := range tt.says {
				if !strings.Contains(string(out), want) {
					t.Errorf("does not say %q:\n%s", want, out)
				}
			}
		})
	}
}

func TestServerAtTestDatabaseURL(t *testing.T) {
	t.Parallel()
	shared := Shared(t)
	env := "TEST_DATABASE_URL=" + shared.URL("postgres")
	if out, err := again("TestClonesOfATemplateAreApart", "PGTEST_ABSENT=1", "PATH=", env).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := connect(t, shared.URL("postgres")).Ping(t.Context()); err != nil {
		t.Errorf("the server does not outlive its user: %v", err)
	}
}

func TestNewestVersionIsFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, file := range []string{"9.6/bin/initdb", "15/bin/initdb", "17/bin/initdb", "18/bin/psql"} {
		file = filepath.Join(root, file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := newest(filepath.Join(root, "*", "bin"))
	if want := filepath.Join(root, "17", "bin"); got != want || err != nil {
		t.Errorf("found %q, %v, want %q: 18 has no initdb", got, err, want)
	}
}

// programs is where PostgreSQL is installed; the test is left out where it is not, even with TEST_DATABASE_URL.
func programs(t *testing.T) string {
	t.Helper()
	bin, err := findPrograms()
	if err != nil {
		leaveOut(t, "PostgreSQL's programs not found: install them")
	}
	return bin
}

// ours starts a server of the test's own.
func ours(t *testing.T) *Server {
	t.Helper()
	programs(t)
	s, err := startOwn(t.Context(), hasty...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	return s
}

// TestDurability shows that only the server for measurements waits for the disk.
func TestDurability(t *testing.T) {
	t.Parallel()
	for server, want := range map[*Server]string{durable(t): "on", ours(t): "off"} {
		conn := connect(t, server.URL("postgres"))
		for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
			if got := ask[string](t, conn, "SHOW "+setting); got != want {
				t.Errorf("%s is %s, want %s", setting, got, want)
			}
		}
	}
}

func clone(t *testing.T, s *Server, template string) string {
	t.Helper()
	url, drop, err := s.CreateDatabase(t.Context(), template)
	if err != nil {
		t.Error(err)
		return ""
	}
	t.Cleanup(drop)
	return url
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func ask[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) (answer T) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// again is this test binary, run for one test in a session of its own: without a terminal it reports to stderr.
func again(test string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd
}

// traces says where the server keeps its files and which process it is.
func traces(t *testing.T, conn *pgx.Conn) (folder string, pid int) {
	t.Helper()
	data := ask[string](t, conn, "SHOW data_directory")
	first, _, _ := strings.Cut(ask[string](t, conn, "SELECT pg_read_file('postmaster.pid')"), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(data), pid
}

func gone(folder string, pid int) bool {
	_, err := os.Stat(folder)
	return os.IsNotExist(err) && syscall.Kill(pid, 0) == syscall.ESRCH
}
