package pgtest

import (
	"os"
	"strings"
	"sync"
	"testing"
)

// via names the environment variable that says by which way tests reach the databases of the shared server: pgbouncer, through
// PgBouncer in transaction mode; tls, over TLS with channel binding; without it, as the server's URLs say.
const via = "TEST_DATABASE_VIA"

var sharedPooler struct {
	once    sync.Once
	process *process
	host    string
	err     error
}

// Via returns the URL by which the program under test reaches a database of the shared server. What a test does beside it may
// need a session of its own, and goes straight there.
func Via(tb testing.TB, databaseURL string) string {
	tb.Helper()
	switch way := os.Getenv(via); way {
	case "":
		return databaseURL
	case "pgbouncer":
		return viaPgBouncer(tb, Name(databaseURL))
	case "tls":
		if strings.Contains(databaseURL, "channel_binding=require") {
			return databaseURL
		}
		tb.Fatal("TEST_DATABASE_URL does not require channel binding: " + via + "=tls needs a server of its own")
	default:
		tb.Fatalf("%s is %q, neither pgbouncer nor tls", via, way)
	}
	return ""
}

func viaPgBouncer(tb testing.TB, database string) string {
	tb.Helper()
	s := Shared(tb)
	p := &sharedPooler
	p.once.Do(func() { p.process, p.host, p.err = s.startPooler() })
	failWithoutPooler(tb, p.err)
	return s.through(p.host, database)
}
