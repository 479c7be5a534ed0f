//go:build unix

package pgtest

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPgBouncerSharesConnections(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	url := StartPgBouncer(t, s)(Name(clone(t, s, "")))

	var clients []*pgx.Conn
	var servers []int
	for range 20 {
		conn := connect(t, url)
		clients = append(clients, conn)
		servers = append(servers, ask[int](t, conn, "SELECT pg_backend_pid() WHERE $1::text IS NOT NULL", "an argument"))
	}
	slices.Sort(servers)
	if n := len(slices.Compact(servers)); n > 5 {
		t.Errorf("%d clients hold %d connections to the server, want 5 at most", len(clients), n)
	}
}
