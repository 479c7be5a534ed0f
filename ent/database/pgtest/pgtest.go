// Package pgtest gives tests, and the program that writes migrations, a PostgreSQL server (15 or newer) to throw away.
package pgtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// ErrNotFound says that TEST_DATABASE_URL is not set and that PostgreSQL's own programs are not installed.
var ErrNotFound = errors.New("PostgreSQL not found")

// Server is a running PostgreSQL server.
type Server struct {
	admin   url.URL
	db      *sql.DB
	process *process // nil where the server is not ours
	cluster cluster  // of a server that is ours
}

// Start gives the server at TEST_DATABASE_URL, whose user must be allowed to create databases. Without that setting it
// starts one of its own on a free port of 127.0.0.1, which ends with this process even if nobody calls Stop.
// Start returns ErrNotFound if there is neither.
func Start(ctx context.Context) (*Server, error) {
	if s := os.Getenv("TEST_DATABASE_URL"); s != "" {
		return existing(s)
	}
	return startOwn(ctx, hasty...)
}

// StartDurable is Start for measurements: a server of its own waits for the disk as PostgreSQL does by default. It takes further
// arguments of postgres.
func StartDurable(ctx context.Context, settings ...string) (*Server, error) {
	if s := os.Getenv("TEST_DATABASE_URL"); s != "" {
		return existing(s)
	}
	return startOwn(ctx, settings...)
}

// StartOwn starts a server of its own, whatever TEST_DATABASE_URL says: one that a test may halt. What it acknowledges is on
// the disk.
func StartOwn(ctx context.Context) (*Server, error) { return startOwn(ctx) }

func startOwn(ctx context.Context, settings ...string) (*Server, error) {
	c, err := newCluster(settings...)
	if err != nil {
		return nil, err
	}
	return c.start(ctx)
}

// start starts the server of the cluster at a free port.
func (c cluster) start(ctx context.Context) (*Server, error) {
	p, _, err := onFreePort(func(port string) (*process, error) {
		c.port = port
		program, err := c.program()
		if err != nil {
			return nil, err
		}
		return program.start(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	s, err := open(p, c.admin())
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	s.cluster = c
	return s, nil
}

func existing(s string) (*Server, error) {
	u, err := url.Parse(s)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return nil, errors.New("TEST_DATABASE_URL is not a postgres:// URL")
	}
	return open(nil, *u)
}

func open(p *process, admin url.URL) (*Server, error) {
	db, err := sql.Open("pgx", admin.String())
	if err != nil {
		return nil, fmt.Errorf("opening PostgreSQL: %w", err)
	}
	return &Server{admin: admin, db: db, process: p}, nil
}

// installed is where Debian and its descendants keep each version's programs, outside PATH.
var installed = "/usr/lib/postgresql/*/bin"

// findPrograms returns the folder of initdb and postgres: the one in PATH, else that of the newest version installed.
func findPrograms() (string, error) {
	if file, err := exec.LookPath("postgres"); err == nil && hasInitdb(filepath.Dir(file)) {
		return filepath.Dir(file), nil
	}
	return newest(installed)
}

func newest(pattern string) (string, error) {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return "", fmt.Errorf("looking for PostgreSQL: %w", err)
	}
	dirs = slices.DeleteFunc(dirs, func(dir string) bool { return !hasInitdb(dir) })
	if len(dirs) == 0 {
		return "", ErrNotFound
	}
	return slices.MaxFunc(dirs, func(a, b string) int { return cmp.Compare(version(a), version(b)) }), nil
}

func hasInitdb(dir string) bool {
	_, err := exec.LookPath(filepath.Join(dir, "initdb"))
	return err == nil
}

// version reads 17 out of …/17/bin, and 0 out of the likes of …/9.6/bin.
func version(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

// Stop ends the server and removes its files, if Start started it; its clients are cut off.
func (s *Server) Stop() error {
	err := s.db.Close()
	if s.process == nil {
		return err
	}
	return errors.Join(err, s.process.stop())
}

// URL returns the address of a database, for a user who may do everything in it.
func (s *Server) URL(database string) string {
	u := s.admin
	u.Path, u.RawPath = "/"+database, ""
	return u.String()
}

// Name returns the name of the database in a URL of this package.
func Name(databaseURL string) string {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return ""
	}
	return path.Base(u.Path)
}

// CreateDatabase makes a database with a name of its own, a copy of the database template unless that is empty.
// Nobody may be connected to the template; who has just left is waited for. drop ends all connections to the new
// database and removes it, also after ctx has ended.
func (s *Server) CreateDatabase(ctx context.Context, template string) (databaseURL string, drop func(), err error) {
	name := "test_" + strings.ToLower(rand.Text())
	create := "CREATE DATABASE " + pgx.Identifier{name}.Sanitize()
	if template != "" {
		// About a third faster than the default strategy, which writes the copy to the log as well.
		create += " STRATEGY file_copy TEMPLATE " + pgx.Identifier{template}.Sanitize()
	}
	if _, err := s.db.ExecContext(ctx, create); err != nil {
		return "", nil, fmt.Errorf("creating a database: %w", err)
	}
	return s.URL(name), func() { s.drop(context.WithoutCancel(ctx), name) }, nil
}

// drop reports nothing: what it could not remove stays in a server that is itself thrown away.
func (s *Server) drop(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	_, _ = s.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
}
