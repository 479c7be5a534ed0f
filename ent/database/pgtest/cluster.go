package pgtest

import (
	"crypto/rand"
	"net/url"
)

// cluster is what a server is made of and how it is served.
type cluster struct {
	bin      string // the folder of PostgreSQL's programs
	port     string
	password string
	primary  string // the URL of the server that it follows as a replica
	secure   bool   // it talks over TLS only, and checks passwords by SCRAM
	settings []string
}

// hasty are the settings of a server that need not survive a crash.
var hasty = []string{"-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"}

// newCluster says how a server is started that has its own data and answers at a port that is still to be found.
func newCluster(settings ...string) (cluster, error) {
	bin, err := findPrograms()
	return cluster{bin: bin, password: rand.Text(), settings: settings}, err
}

// admin is the URL of the server for who may do everything.
func (c cluster) admin() url.URL {
	query := "sslmode=disable"
	if c.secure {
		query = "sslmode=require&channel_binding=require"
	}
	return url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword("postgres", c.password),
		Host:     "127.0.0.1:" + c.port,
		Path:     "/postgres",
		RawQuery: query,
	}
}

// The steps of the script that makes a cluster and serves it. Its default collation is a language's, not "C", so that a query
// which forgets to name its collation is found out.
const (
	prepare = `
PATH=$1:$PATH port=$2 auth=$3 primary=$4
shift 4
`
	create = `
init() { initdb -D data -U postgres -A "$auth" --pwfile=password -E UTF8 --no-sync "$@"; }
init --locale=C --locale-provider=icu --icu-locale=en-US || init --locale=en_US.UTF-8 --lc-messages=C || exit
`
	encrypt = `
sed -i 's/^host /hostssl /' data/pg_hba.conf || exit
(umask 077 && cp server.crt server.key data) || exit
echo 'ssl = on' >>data/postgresql.conf
`
	follow = `
pg_basebackup -D data -d "$primary" -R -c fast || exit
`
	serve = `
exec postgres -D data -h 127.0.0.1 -p "$port" -k '' -c max_connections=400 "$@"`
)

// program makes the cluster and serves it.
func (c cluster) program() (program, error) {
	switch {
	case c.primary != "":
		return c.script(follow), nil
	case c.secure:
		p := c.script(create + encrypt)
		return p, addCertificate(p.files)
	}
	return c.script(create), nil
}

// script serves the cluster after these steps.
func (c cluster) script(steps string) program {
	auth := "password" // far less work than SCRAM, for a server and a client of the same machine
	if c.secure {
		auth = "scram-sha-256"
	}
	return program{
		files:   map[string]string{"password": c.password},
		command: append([]string{"sh", "-c", prepare + steps + serve, "sh", c.bin, c.port, auth, c.primary}, c.settings...),
		signal:  "QUIT",
		ready:   "database system is ready to accept", // connections, or read-only connections
	}
}
