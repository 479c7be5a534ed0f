//go:build unix

package pgtest

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestHaltedServerResumesWithItsData(t *testing.T) {
	t.Parallel()
	s := durable(t)
	conn := connect(t, s.URL("postgres"))
	folder, _ := traces(t, conn)
	run(t, conn, "CREATE TABLE note (text text)")
	for name, way := range map[string]os.Signal{"fast": Fast, "immediate": Immediate} {
		run(t, connect(t, s.URL("postgres")), "INSERT INTO note VALUES ($1)", name)
		if err := s.Halt(way); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := pgx.Connect(t.Context(), s.URL("postgres")); err == nil {
			t.Errorf("%s: the server still answers", name)
		}
		if err := s.Resume(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if n := ask[int](t, connect(t, s.URL("postgres")), "SELECT count(*) FROM note"); n != 2 {
		t.Errorf("%d notes, want both", n)
	}
	_, pid := traces(t, connect(t, s.URL("postgres")))
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if !gone(folder, pid) {
		t.Errorf("process %d or folder %s is still there", pid, folder)
	}
}

func TestReplicaTakesOver(t *testing.T) {
	t.Parallel()
	primary := durable(t)
	replica, err := primary.StartReplica(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = replica.Stop() })
	all := URLOfAll("postgres", replica, primary)
	run(t, connect(t, all), "CREATE TABLE note AS SELECT 'acknowledged' AS text")
	if err := primary.Halt(Kill); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), all); err == nil {
		t.Error("a replica passes for one that takes writes")
	}
	if err := replica.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ask[string](t, connect(t, all), "INSERT INTO note SELECT text FROM note RETURNING text"); got != "acknowledged" {
		t.Errorf("the replica has %q", got)
	}
}

func TestSecureServer(t *testing.T) {
	t.Parallel()
	programs(t)
	s, err := StartSecure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	if !ask[bool](t, connect(t, s.URL("postgres")), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") {
		t.Error("the connection is not encrypted")
	}
	plain := s.admin
	plain.RawQuery = "sslmode=disable"
	if _, err := pgx.Connect(t.Context(), plain.String()); err == nil {
		t.Error("the server talks to those who do not encrypt")
	}
}

// durable starts a server that a test may halt.
func durable(t *testing.T) *Server {
	t.Helper()
	programs(t)
	s, err := StartOwn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	return s
}

func run(t *testing.T, conn *pgx.Conn, statement string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}
