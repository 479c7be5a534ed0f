package pgtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// pooler is PgBouncer's configuration. Its pool is small, so that clients do share connections; a server that could not be reached
// is tried again soon, not only after 15 seconds.
const pooler = `[databases]
* = host=%s port=%s user=%s password=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
server_login_retry = 1
max_client_conn = 400
`

// errNoPgBouncer is like ErrNotFound.
var errNoPgBouncer = errors.New("PgBouncer not found")

// StartPgBouncer puts PgBouncer, in transaction mode, before the server until the test ends, and returns what gives a
// database's URL through it. The URLs carry default_query_exec_mode=exec: PgBouncer knows prepared statements only
// since 1.21. A test that can have none is treated as by Shared.
func StartPgBouncer(tb testing.TB, s *Server) func(database string) string {
	tb.Helper()
	p, host, err := s.startPooler()
	failWithoutPooler(tb, err)
	tb.Cleanup(func() { _ = p.stop() })
	return func(database string) string { return s.through(host, database) }
}

func failWithoutPooler(tb testing.TB, err error) {
	tb.Helper()
	if errors.Is(err, errNoPgBouncer) {
		leaveOut(tb, "PgBouncer not found: install it")
	}
	if err != nil {
		tb.Fatal("starting PgBouncer:", err)
	}
}

func (s *Server) startPooler() (p *process, host string, err error) {
	file, err := findPgBouncer()
	if err != nil {
		return nil, "", errNoPgBouncer
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, port, err := onFreePort(func(port string) (*process, error) {
		return s.pooler(file, port).start(ctx)
	})
	return p, "127.0.0.1:" + port, err
}

// findPgBouncer also looks where only root's PATH leads.
func findPgBouncer() (string, error) {
	if file, err := exec.LookPath("pgbouncer"); err == nil {
		return file, nil
	}
	return exec.LookPath("/usr/sbin/pgbouncer")
}

func (s *Server) pooler(file, port string) program {
	password, _ := s.admin.User.Password()
	ini := fmt.Sprintf(pooler, quote(s.admin.Hostname()), cmp.Or(s.admin.Port(), "5432"),
		quote(s.admin.User.Username()), quote(password), port)
	return program{
		files:   map[string]string{"pgbouncer.ini": ini},
		command: []string{file, "pgbouncer.ini"},
		signal:  "KILL", // it keeps nothing, and what the gentler ones mean differs by version
		ready:   "process up",
	}
}

func quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

func (s *Server) through(host, database string) string {
	u := url.URL{Scheme: "postgres", User: s.admin.User, Host: host, Path: "/" + database}
	u.RawQuery = "sslmode=disable&default_query_exec_mode=exec"
	return u.String()
}
