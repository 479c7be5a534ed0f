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
}

// Start gives the server at TEST_DATABASE_URL, whose user must be allowed to create databases. Without that setting it
// starts one of its own on a free port of 127.0.0.1, which ends with this process even if nobody calls Stop.
// Start returns ErrNotFound if there is neither.
func Start(ctx context.Context) (*Server, error) { return start(ctx, hasty...) }

// StartDurable is Start for measurements: a server of its own waits for the disk as PostgreSQL does by default. It takes further
// arguments of postgres.
func StartDurable(ctx context.Context, settings ...string) (*Server, error) {
	return start(ctx, settings...)
}

// hasty are the settings of a server that need not survive a crash.
var hasty = []string{"-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"}

func start(ctx context.Context, settings ...string) (*Server, error) {
	if s := os.Getenv("TEST_DATABASE_URL"); s != "" {
		return existing(s)
	}
	bin, err := findPrograms()
	if err != nil {
		return nil, err
	}
	return startIn(ctx, bin, settings...)
}

// startIn starts a server with the programs in the folder bin.
func startIn(ctx context.Context, bin string, settings ...string) (*Server, error) {
	password := rand.Text()
	p, port, err := onFreePort(func(port string) (*process, error) {
		return cluster(bin, port, password, settings...).start(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	return open(p, url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword("postgres", password),
		Host:     "127.0.0.1:" + port,
		Path:     "/postgres",
		RawQuery: "sslmode=disable",
	})
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

// serve makes a cluster and serves it. Its default collation is a language's, not "C", so that a query which forgets
// to name its collation is found out.
const serve = `
PATH=$1:$PATH
init() { initdb -D data -U postgres -A password --pwfile=password -E UTF8 --no-sync "$@"; }
init --locale=C --locale-provider=icu --icu-locale=en-US || init --locale=en_US.UTF-8 --lc-messages=C || exit
port=$2
shift 2
exec postgres -D data -h 127.0.0.1 -p "$port" -k '' -c max_connections=400 "$@"`

func cluster(bin, port, password string, settings ...string) program {
	return program{
		files:   map[string]string{"password": password},
		command: append([]string{"sh", "-c", serve, "sh", bin, port}, settings...),
		signal:  "QUIT",
		ready:   "database system is ready to accept connections",
	}
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
