package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The ways in which a server of the test's own ends.
const (
	Fast      = syscall.SIGINT  // ends connections and transactions in good order
	Immediate = syscall.SIGQUIT // leaves at once; the next start recovers what was acknowledged
	Kill      = syscall.SIGKILL // the process is gone without having noticed
)

// Halt ends the server in one of these ways and keeps its data, for Resume.
func (s *Server) Halt(way os.Signal) error {
	if err := s.process.keep(); err != nil {
		return err
	}
	pid, err := s.pid()
	if err != nil {
		return err
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return fmt.Errorf("finding PostgreSQL: %w", err)
	}
	if err := p.Signal(way); err != nil {
		return fmt.Errorf("halting PostgreSQL: %w", err)
	}
	<-s.process.ended
	return s.process.log.Close()
}

func (s *Server) pid() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.process.folder, "data", "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("finding PostgreSQL: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(first)
}

// Resume starts the server again after Halt, with its data, at the same port.
func (s *Server) Resume(ctx context.Context) error {
	p, err := s.cluster.script("").startIn(ctx, s.process.folder, s.process.as)
	if err != nil {
		return fmt.Errorf("starting PostgreSQL again: %w", err)
	}
	s.process = p
	return nil
}

// StartReplica starts a server that follows s. From then on s acknowledges what the replica has written to its disk too.
func (s *Server) StartReplica(ctx context.Context) (*Server, error) {
	c := s.cluster
	c.primary = s.URL("postgres")
	replica, err := c.start(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.waitForReplica(ctx); err != nil {
		return nil, errors.Join(err, replica.Stop())
	}
	return replica, nil
}

func (s *Server) waitForReplica(ctx context.Context) error {
	if err := s.execute(ctx, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	for {
		var follows bool
		err := s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')").Scan(&follows)
		if follows || err != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Demote has the server refuse writes from now on, in sessions that are there too.
func (s *Server) Demote(ctx context.Context) error {
	return s.execute(ctx, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
}

// Promote makes a replica a primary, one that waits for nobody.
func (s *Server) Promote(ctx context.Context) error {
	return s.execute(ctx, "SELECT pg_promote()")
}

func (s *Server) execute(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// URLOfAll returns the address of a database on whichever of the servers, copies of each other, takes writes.
func URLOfAll(database string, servers ...*Server) string {
	u := url.URL{Scheme: "postgres", User: servers[0].admin.User, Path: "/" + database}
	hosts := make([]string, len(servers))
	for i, s := range servers {
		hosts[i] = s.admin.Host
	}
	u.Host = strings.Join(hosts, ",")
	u.RawQuery = servers[0].admin.RawQuery + "&target_session_attrs=read-write"
	return u.String()
}
