package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
)

const (
	// asMain makes the test binary run main, so that tests can start the program as a process.
	asMain = "TODO_BACKEND_TEST_AS_MAIN"
	// asMainWithFiles says how many file descriptors the program may have then.
	asMainWithFiles = "TODO_BACKEND_TEST_AS_MAIN_WITH_FILES"
)

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		limitFiles(os.Getenv(asMainWithFiles))
		main()
		return
	}
	pgtest.Main(m)
}

// hangs is how long a test waits for what should happen soon before it fails. No speed is measured by it: a busy machine may
// take long.
const hangs = 2 * time.Minute

// command is the program in a folder, with nothing in its environment but env.
func command(t *testing.T, dir string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*hangs)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append([]string{asMain + "=1", "PORT=0"}, env...)
	return cmd
}

// service is a running copy of the program.
type service struct {
	cmd    *exec.Cmd
	url    string
	token  string
	output *buffer
	ended  chan error
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

var (
	address     = regexp.MustCompile(`(?:Listening on +http://|"address":")([^\s"]+)`) // of the banner, or of production's log
	bannerToken = regexp.MustCompile(`(?m)^(eyJ\S+)$`)
)

// start runs the program until it answers.
func start(t *testing.T, dir string, env ...string) *service {
	t.Helper()
	s := &service{cmd: command(t, dir, env), output: &buffer{}, ended: make(chan error, 1)}
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	eventually(t, "the service says where it listens", func() bool {
		if found := address.FindStringSubmatch(s.output.String()); found != nil {
			s.url = "http://" + found[1]
		}
		return s.url != "" || len(s.ended) > 0
	})
	if s.url == "" || s.get(t, "/ready", "").StatusCode != http.StatusOK {
		t.Fatalf("the service did not start:\n%s", s.output)
	}
	if found := bannerToken.FindStringSubmatch(s.output.String()); found != nil {
		s.token = found[1]
	}
	return s
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begin := time.Now(); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > hangs {
			t.Fatalf("after %v it does not hold that %s", hangs, what)
		}
	}
}

func (s *service) get(t *testing.T, path, token string) *http.Response {
	t.Helper()
	return s.do(t, http.MethodGet, path, token, "")
}

func (s *service) do(t *testing.T, method, path, token, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", method, path, err, s.output)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// stop sends a signal and waits for the end.
func (s *service) stop(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	s.awaitEnd(t)
}

// awaitEnd waits until the service has ended in good order.
func (s *service) awaitEnd(t *testing.T) {
	t.Helper()
	select {
	case err := <-s.ended:
		if err != nil {
			t.Errorf("the service ended with %v:\n%s", err, s.output)
		}
	case <-time.After(hangs):
		t.Fatalf("the service did not end:\n%s", s.output)
	}
}

// With no settings at all the service starts, and what it prints is all that a newcomer needs.
func TestFirstMinute(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir)
	for _, want := range []string{"Try it         " + first.url + "/\n", "Documentation  " + first.url + "/docs", "Database       SQLite data/todo.db", `Token of user "dev"`} {
		if !strings.Contains(first.output.String(), want) {
			t.Errorf("the banner does not say %q:\n%s", want, first.output)
		}
	}
	if got := first.do(t, "POST", "/api/dev/tasks", first.token, `{"title":"kept"}`); got.StatusCode != 201 {
		t.Errorf("with the banner's token: %s", got.Status)
	}
	first.stop(t, os.Interrupt)
	if info, err := os.Stat(filepath.Join(dir, "data", "better-auth-secret")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret is kept as %v, %v", info, err)
	}

	second := start(t, dir)
	body, err := io.ReadAll(second.get(t, "/api/tasks", first.token).Body)
	if err != nil || !strings.Contains(string(body), `"kept"`) {
		t.Errorf("after a restart the first token reads %s, %v", body, err)
	}
	token, err := command(t, dir, nil, "token", "-user", "alice").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := second.get(t, "/api/alice/tasks", strings.TrimSpace(string(token))); got.StatusCode != 200 {
		t.Errorf("alice's token: %s", got.Status)
	}
	second.stop(t, syscall.SIGTERM)
}

// Errors are in plain words, without secrets, and the exit status is 1.
func TestRefusals(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	badFile := t.TempDir()
	if err := os.WriteFile(filepath.Join(badFile, ".env"), []byte("PORT=0\nBETTER_AUTH_SECRET=\"hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	misspelt := t.TempDir()
	if err := os.WriteFile(filepath.Join(misspelt, ".env"), []byte("\ufeffAPP_ENV=production\nDATABASE_URL=postgres://u:hunter2@h/d"), 0o600); err != nil {
		t.Fatal(err)
	}
	envFolder := t.TempDir()
	if err := os.Mkdir(filepath.Join(envFolder, ".env"), 0o700); err != nil {
		t.Fatal(err)
	}
	noFolder := t.TempDir()
	if err := os.WriteFile(filepath.Join(noFolder, "data"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refusals := []struct {
		name  string
		dir   string
		env   []string
		args  []string
		lines int
		says  []string
	}{
		{"production without settings", dir, []string{"APP_ENV=production"}, nil, 3, []string{"NEON_DB_URL", "BETTER_AUTH_SECRET"}},
		{
			"everything wrong at once", dir,
			[]string{"APP_ENV=production", "BETTER_AUTH_SECRET=hunter2", "PORT=x", "API_FORMAT=xml", "NEON_DB_URL=mysql://u:hunter2@h/d"},
			nil, 5,
			[]string{"BETTER_AUTH_SECRET", "PORT", "API_FORMAT", "NEON_DB_URL"},
		},
		{"a port in use", dir, []string{"PORT=" + port}, nil, 1, []string{port, "in use"}},
		{"no data folder", noFolder, nil, nil, 1, []string{"data"}},
		{"a database in no folder", dir, []string{"SQLITE_PATH=file/todo.db"}, nil, 1, []string{"file"}},
		{"a database in memory", dir, []string{"SQLITE_PATH=:memory:"}, nil, 2, []string{"SQLITE_PATH must name a file"}},
		{"an unreadable .env", badFile, nil, nil, 1, []string{".env: line 2"}},
		{
			"other names of settings", dir,
			[]string{"APP_ENV=production", "DATABASE_URL=postgres://u:hunter2@h/d", "BETTER_AUTH_SECERT=hunter2"},
			nil, 5,
			[]string{"DATABASE_URL is set, but nothing reads it: is NEON_DB_URL meant?", "BETTER_AUTH_SECERT is set", "NEON_DB_URL or SQLITE_PATH"},
		},
		{"other names in .env", misspelt, nil, nil, 4, []string{"DATABASE_URL is set", "NEON_DB_URL or SQLITE_PATH"}},
		{"an unknown command", dir, nil, []string{"sevre"}, 11, []string{"sevre", "usage"}},
		{"an argument of a command that takes none", dir, nil, []string{"serve", "now"}, 11, []string{"now", "usage"}},
		{"an unknown command to explain", dir, nil, []string{"help", "sevre"}, 11, []string{"sevre", "usage"}},
		{"two users", dir, nil, []string{"token", "alice", "bob"}, 11, []string{"NAME", "usage"}},
		{"a user in two ways", dir, nil, []string{"token", "-user", "alice", "bob"}, 11, []string{"NAME", "usage"}},
		{"a user without a name", dir, nil, []string{"token", ""}, 11, []string{"not empty", "usage"}},
		{"a flag that there is not", dir, nil, []string{"doctor", "-tokens", "hunter2"}, 11, []string{"-token TOKEN", "usage"}},
		{"a user without an ID", dir, nil, []string{"user", "delete"}, 11, []string{"delete ID", "usage"}},
		{"an empty ID", dir, nil, []string{"user", "delete", ""}, 11, []string{"the ID of the user is empty", "usage"}},
		{"an ID that no token has", dir, nil, []string{"user", "export", strings.Repeat("a", 256)}, 11, []string{"255 characters", "usage"}},
		{"a user in no database", t.TempDir(), nil, []string{"user", "export", "alice"}, 1, []string{"data/todo.db: no such file"}},
		{"a user in no database, to delete", t.TempDir(), nil, []string{"user", "delete", "alice"}, 1, []string{"data/todo.db: no such file"}},
		{"a user in an empty database", dir, []string{"SQLITE_PATH=file"}, []string{"user", "delete", "alice"}, 1, []string{"migrate"}},
		{"an API token to check in no database", t.TempDir(), nil, []string{"token", "-check", "todo_" + strings.Repeat("a", 43)}, 1, []string{"data/todo.db: no such file"}},
		{"an empty token to check", dir, nil, []string{"token", "-check", ""}, 1, []string{"malformed"}},
		{"a folder as .env", envFolder, nil, nil, 1, []string{".env", "directory"}},
		{"a token in production", dir, []string{"APP_ENV=production", "SQLITE_PATH=x.db", "BETTER_AUTH_SECRET=hunter2-hunter2-hunter2-hunter2-"}, []string{"token"}, 1, []string{"development"}},
	}
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			wantRefusal(t, command(t, r.dir, r.env, r.args...), r.lines, r.says...)
		})
	}
	t.Run("Postgres refuses", func(t *testing.T) {
		t.Parallel()
		url := databasetest.PostgresURL(t)
		wrong := strings.Replace(url, "@", "hunter2@", 1)
		wantRefusal(t, command(t, dir, []string{"NEON_DB_URL=" + wrong}), 1, "password authentication failed")
		wrong = strings.Replace(url, pgtest.Name(url), "no_such_database", 1)
		wantRefusal(t, command(t, dir, []string{"NEON_DB_URL=" + wrong}), 1, "no_such_database")
	})
}

func wantRefusal(t *testing.T, cmd *exec.Cmd, lines int, says ...string) {
	t.Helper()
	var stderr, stdout bytes.Buffer
	cmd.Stderr, cmd.Stdout = &stderr, &stdout
	_ = cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit status %d, want 1", code)
	}
	said := stderr.String()
	if got := strings.Count(said, "\n"); got != lines || stdout.Len() > 0 {
		t.Errorf("%d lines, want %d:\n%s%s", got, lines, said, stdout.String())
	}
	for _, want := range says {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said:\n%s", want, said)
		}
	}
	if strings.Contains(said, "hunter2") {
		t.Errorf("a secret is said:\n%s", said)
	}
}

// TestHelp asks for help in every way, where no setting can be read: it needs none.
func TestHelp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".env"), 0o700); err != nil {
		t.Fatal(err)
	}
	calls := map[string][]string{ // what is printed, by what was asked
		"-h": {"serve", "migrate", "doctor", "token", "user export ID", "user delete ID", "version", "help"}, "--help": {"doctor"}, "-help": {"doctor"}, "help": {"doctor"},
		"help token": {"token [NAME]", "token -check"}, "token -h": {"token [NAME]", "token -check"}, "token --help": {"token [NAME]"},
		"token -user alice -h": {"token [NAME]"}, "serve -h": {"serve"}, "migrate --help": {"migrate"}, "doctor -h": {"doctor [-token TOKEN]"},
		"help user": {"user export ID", "user delete ID"}, "user -h": {"user export ID", "user delete ID"}, "user delete --help": {"user delete ID"},
		"help help": {"help [COMMAND]"}, "help -h": {"help [COMMAND]"}, "version -h": {"version"},
		"version": {"todo-backend development, commit"}, "-version": {"todo-backend development, commit"}, "--version": {"todo-backend development"},
		"-v": {"todo-backend development"},
	}
	for line, want := range calls {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			cmd := command(t, dir, []string{"PORT=x"}, strings.Fields(line)...)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil || stderr.Len() > 0 {
				t.Errorf("%v: %s", err, &stderr)
			}
			for _, part := range want {
				if !strings.Contains(string(out), part) {
					t.Errorf("it does not say %q:\n%s", part, out)
				}
			}
		})
	}
}

// TestTokenForAName is for the same user, however the name is given.
func TestTokenForAName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for line, user := range map[string]string{"token": "dev", "token alice": "alice", "token -user alice": "alice", "token -user=alice": "alice"} {
		made, err := command(t, dir, nil, strings.Fields(line)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		out, err := command(t, dir, nil, "token", "-check", strings.TrimSpace(string(made))).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "user \""+user+"\"'s") {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
}

// TestDoctor looks at a service that was never started, at one that runs, and at one that can't.
func TestDoctor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	examine := func(env []string, args ...string) (string, int) {
		cmd := command(t, dir, env, append([]string{"doctor"}, args...)...)
		out, _ := cmd.CombinedOutput()
		if strings.Contains(string(out), "hunter2") {
			t.Errorf("a secret is told:\n%s", out)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, code := examine(nil); code != 0 || !strings.Contains(out, "is not there yet") {
		t.Errorf("before the first start: %d\n%s", code, out)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("it left %v, %v", entries, err)
	}
	s := start(t, dir)
	out, code := examine(nil, "-token", s.token)
	if code != 0 || !strings.Contains(out, "every table and column is there") || !strings.Contains(out, `it is user "dev"'s`) {
		t.Errorf("while the service runs: %d\n%s", code, out)
	}
	out, code = examine(
		[]string{"NEON_DB_URL=postgres://u:hunter2@127.0.0.1:1/todo", "BETTER_AUTH_SECRET=hunter2", "BETTER_AUTH_URL=http://127.0.0.1:1"}, "-token", "abc")
	for _, what := range []string{"database", "keys", "token"} {
		if !regexp.MustCompile(`(?m)^` + what + ` +wrong `).MatchString(out) {
			t.Errorf("it does not say that something is wrong with %s", what)
		}
	}
	if code != 1 {
		t.Errorf("exit status %d\n%s", code, out)
	}
	out, code = examine([]string{"BETTER_AUTH_SECERT=hunter2", "PORT=hunter2"})
	if code != 1 || !strings.Contains(out, "is BETTER_AUTH_SECRET meant?") || !strings.Contains(out, "PORT must be") {
		t.Errorf("with wrong settings: %d\n%s", code, out)
	}
	s.stop(t, os.Interrupt)
}

func TestMigrateAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 {
		out, err := command(t, dir, []string{"SQLITE_PATH=x/todo.db"}, "migrate").CombinedOutput()
		if err != nil || string(out) != "SQLite x/todo.db is up to date\n" {
			t.Errorf("migrate: %v\n%s", err, out)
		}
	}
	out, err := command(t, dir, []string{"NEON_DB_URL=" + databasetest.PostgresURL(t)}, "migrate").CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "is up to date\n") {
		t.Errorf("migrate: %v\n%s", err, out)
	}
}

// A stopping copy says so, serves on for a while, and answers what it has begun.
func TestShutdown(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "DRAIN_DELAY=3s")
	half := `{"title":"begun before`
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", s.token, len(half)+2, half)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "/ready says that the service stops", func() bool {
		return s.get(t, "/ready", "").StatusCode == http.StatusServiceUnavailable
	})
	for token, want := range map[string]int{s.token: 200, "wrong": 401} {
		if got := s.get(t, "/api/tasks", token); got.StatusCode != want || !got.Close {
			t.Errorf("while stopping the service answers %s, and ends the connection: %t", got.Status, got.Close)
		}
	}
	eventually(t, "the service takes no new connections", func() bool {
		another, err := net.Dial("tcp", conn.RemoteAddr().String())
		if err == nil {
			another.Close()
		}
		return err != nil
	})
	fmt.Fprint(conn, `"}`)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("the request in flight: %v\n%s", err, s.output)
	}
	defer res.Body.Close()
	if res.StatusCode != 201 {
		t.Errorf("the request in flight: %s", res.Status)
	}
	s.awaitEnd(t)
	if log := s.output.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("a stop in good order logs errors:\n%s", log)
	}
}

// TestIdleConnectionsEnd has a connection that is used once and then rests longer than IDLE_TIMEOUT.
func TestIdleConnectionsEnd(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "IDLE_TIMEOUT=1s")
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil { // the default is two minutes
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 OK") {
		t.Errorf("it is not ended: %v\n%s", err, answer)
	}
	s.stop(t, os.Interrupt)
}

// TestPagesHoldATokenOfAnOwnSecretOnly opens the development page. It holds a token that opens the API, of the secret
// that development made; one that was given may be used elsewhere too.
func TestPagesHoldATokenOfAnOwnSecretOnly(t *testing.T) {
	t.Parallel()
	held := regexp.MustCompile(`"token":"([^"]+)"`)
	open := func(s *service) (status int, token string) {
		page := s.get(t, "/", "")
		body, err := io.ReadAll(page.Body)
		if err != nil {
			t.Fatal(err)
		}
		if found := held.FindSubmatch(body); found != nil {
			token = string(found[1])
		}
		return page.StatusCode, token
	}
	own := start(t, t.TempDir())
	status, token := open(own)
	if got := own.get(t, "/api/dev/tasks", token); status != 200 || got.StatusCode != 200 {
		t.Errorf("the page is a %d, and its token opens the API with a %d", status, got.StatusCode)
	}
	for name, settings := range map[string][]string{
		"a secret that was given": {"BETTER_AUTH_SECRET=hunter2-hunter2-hunter2-hunter2-"},
		"a path to be stripped":   {"BASE_PATH=/todo"},
	} {
		if status, token := open(start(t, t.TempDir(), settings...)); status != 200 || token != "" {
			t.Errorf("%s: the page is a %d and holds the token %q", name, status, token)
		}
	}
	production := start(t, t.TempDir(), "APP_ENV=production", "HOST=127.0.0.1", "DRAIN_DELAY=0s", "SQLITE_PATH=todo.db", "BETTER_AUTH_SECRET=hunter2-hunter2-hunter2-hunter2-")
	if status, token := open(production); status != 404 || token != "" {
		t.Errorf("in production there is a %d with the token %q", status, token)
	}
}

// In production the log is for machines, begins with what was started, and there is no banner and no token.
func TestProductionLog(t *testing.T) {
	t.Parallel()
	env := []string{"APP_ENV=production", "HOST=127.0.0.1", "SQLITE_PATH=todo.db", "BETTER_AUTH_SECRET=hunter2-hunter2-hunter2-hunter2-", "DRAIN_DELAY=0s"}
	cmd := command(t, t.TempDir(), env)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	var first struct{ Msg, Address, Database, Version string }
	if err := json.Unmarshal(lines.Bytes(), &first); err != nil || first.Msg != "serving" || first.Address == "" || first.Database != "SQLite todo.db" || first.Version == "" {
		t.Errorf("the log begins with %s: %v", lines.Bytes(), err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		if !json.Valid(lines.Bytes()) {
			t.Errorf("a line is no JSON: %s", lines.Bytes())
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// freeAddress is an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Metrics are served at an address of their own, and name no user.
func TestMetrics(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	s := start(t, t.TempDir(), "METRICS_ADDR="+address)
	s.do(t, "POST", "/api/dev/tasks", s.token, `{"title":"x"}`)
	s.get(t, "/api/other/tasks", s.token)
	if got := s.get(t, "/metrics", ""); got.StatusCode != 404 {
		t.Errorf("at the public address: %s", got.Status)
	}
	s.url = "http://" + address
	body, err := io.ReadAll(s.get(t, "/metrics", "").Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`http_request_duration_seconds_count{method="POST",route="/api/:user_id/tasks",status="201"} 1`,
		`http_request_duration_seconds_count{method="GET",route="/api/:user_id/tasks",status="403"} 1`,
		"http_requests_in_flight 0", "go_goroutines",
		`db_client_connections_max{pool="sqlite_writer"} 1`, `db_client_connections_max{pool="sqlite_reader"} 8`,
		`todo_backend_build_info{goversion="go`, `version="development"} 1`,
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(string(body), "dev") && strings.Contains(string(body), `"dev"`) {
		t.Error("the metrics name a user")
	}
	s.stop(t, os.Interrupt)
}

// The log has a line for each request, and nothing that is the user's.
func TestLog(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	s.do(t, "POST", "/api/tasks", s.token, `{"title":"private title","description":"private description"}`)
	s.do(t, "POST", "/api/tasks", s.token, `{"title":""}`)
	s.do(t, "GET", "/api/private-user/tasks?cursor=private-cursor", s.token, "")
	s.do(t, "GET", "/api/tasks", "private.token.x", "")
	s.do(t, "GET", "/private-address", "", "")
	s.stop(t, os.Interrupt)
	log := s.output.String()
	_, log, _ = strings.Cut(log, s.token)
	for _, want := range []string{"status=201", "status=422", "status=403", "status=401", "method=POST", "route=/api/:user_id/tasks", "duration=", "bytes=", "id="} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	for _, private := range []string{"private", "eyJ", s.token} {
		if strings.Contains(log, private) {
			t.Errorf("the log tells %q:\n%s", private, log)
		}
	}
}

// newBetterAuth publishes a key and returns the address and what signs with it.
func newBetterAuth(t *testing.T) (address string, sign func(kid string, claims jwt.MapClaims) string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"known","x":%q}]}`, base64.RawURLEncoding.EncodeToString(public))
	}))
	t.Cleanup(server.Close)
	return server.URL, func(kid string, claims jwt.MapClaims) string {
		token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
		token.Header["kid"] = kid
		signed, err := token.SignedString(private)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
}

// The doctor says whether a token would be accepted, and the first reason why not; it never tells the secret.
func TestTokenDoctor(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-hunter2-hunter2-hunter2-"
	sign := func(key string, claims jwt.MapClaims) string {
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	betterAuth, signEdDSA := newBetterAuth(t)
	hour := time.Now().Add(time.Hour).Unix()
	byUs := jwt.MapClaims{"sub": "alice", "iss": betterAuth, "aud": betterAuth, "exp": hour}
	for _, test := range []struct{ name, url, token, says string }{
		{"HS256", betterAuth, sign(secret, jwt.MapClaims{"sub": "alice", "exp": hour}), `accepted: it is user "alice"'s`},
		{"with its scheme", betterAuth, "bearer " + signEdDSA("known", byUs), `accepted: it is user "alice"'s`},
		{"a whole header", betterAuth, `-H "Authorization: Bearer ` + signEdDSA("known", byUs) + `" \`, `accepted: it is user "alice"'s`},
		{"in milliseconds", betterAuth, sign(secret, jwt.MapClaims{"sub": "alice", "exp": hour * 1000}), "more than ten years from now"},
		{"no token", betterAuth, "abc", "malformed"},
		{"another secret", betterAuth, sign("another", jwt.MapClaims{"sub": "alice", "exp": hour}), "is BETTER_AUTH_SECRET the same on both sides"},
		{"expired", betterAuth, sign(secret, jwt.MapClaims{"sub": "alice", "exp": time.Now().Add(-time.Hour).Unix()}), "ago by the clock here"},
		{"to come", betterAuth, sign(secret, jwt.MapClaims{"sub": "alice", "exp": hour, "nbf": hour}), "not valid before"},
		{"never expiring", betterAuth, sign(secret, jwt.MapClaims{"sub": "alice"}), "never expires"},
		{"a verification token", betterAuth, sign(secret, jwt.MapClaims{"email": "a@b.c", "userId": "alice", "exp": hour}), "e-mail verification token; get one from /api/auth/token"},
		{"an unknown key", betterAuth, signEdDSA("other", byUs), `no key "other"`},
		{"keys that can't be reached", "http://127.0.0.1:1", signEdDSA("known", byUs), "127.0.0.1:1"},
		{"keys that are switched off", "", signEdDSA("known", byUs), "EdDSA is not accepted"},
		{"another issuer", betterAuth, signEdDSA("known", jwt.MapClaims{"sub": "alice", "iss": "http://eve", "aud": betterAuth, "exp": hour}), `"http://eve", expected is "` + betterAuth},
		{"another audience", betterAuth, signEdDSA("known", jwt.MapClaims{"sub": "alice", "iss": betterAuth, "aud": "eve", "exp": hour}), `expected is "` + betterAuth},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := []string{"BETTER_AUTH_SECRET=" + secret, "BETTER_AUTH_URL=" + test.url}
			cmd := command(t, t.TempDir(), env, "token", "-check", "-")
			cmd.Stdin = strings.NewReader(test.token + "\n")
			out, err := cmd.CombinedOutput()
			if !strings.Contains(string(out), test.says) || strings.Contains(string(out), "hunter2") {
				t.Errorf("says %s, want %q", out, test.says)
			}
			if accepted := err == nil; accepted != strings.HasPrefix(test.says, "accepted") || cmd.ProcessState.ExitCode() > 1 {
				t.Errorf("exit status %d: %s", cmd.ProcessState.ExitCode(), out)
			}
		})
	}
}
