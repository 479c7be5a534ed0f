package config

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"todo-backend/ent/database/pgtest"
)

// otherClients are queries as the documentation of other clients and of hosts has them.
var otherClients = map[string]string{
	"libpq": "keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=5&tcp_user_timeout=1000&" +
		"gssencmode=disable&load_balance_hosts=random&fallback_application_name=psql&sslcompression=0&" +
		"ssl_min_protocol_version=TLSv1.2&connect_timeout=10&application_name=todo",
	"asyncpg through SQLAlchemy": "ssl=prefer&prepared_statement_cache_size=0&statement_cache_size=0&command_timeout=60&timeout=10",
	"databases":                  "min_size=5&max_size=20&ssl=prefer",
	"Prisma":                     "schema=public&connection_limit=5&pool_timeout=10&connect_timeout=10&socket_timeout=5&sslmode=prefer",
	"Prisma and a pooler":        "pgbouncer=true&schema=public&connection_limit=1&statement_cache_size=100",
	"Prisma and a certificate":   "sslmode=prefer&sslcert=../server-ca.pem&sslidentity=client.p12&sslaccept=accept_invalid_certs",
	"node-pg":                    "ssl=no-verify&uselibpqcompat=true&keepAlive=true&query_timeout=5000&statement_timeout=5000&encoding=utf8",
	"Supabase through Vercel":    "sslmode=no-verify&supa=base-pooler.x&workaround=supabase-pooler.vercel",
	"an encoded name":            "k%65epalives=1&sslmode=pref%65r",
}

// TestParametersOfOtherClientsDoNoHarm connects with URLs that were made for other clients.
func TestParametersOfOtherClientsDoNoHarm(t *testing.T) {
	t.Parallel()
	for client, query := range otherClients {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			if cfg := configOf(t, "postgres://u:p@h/d?"+query); client == "Supabase through Vercel" || client == "node-pg" {
				if cfg.TLSConfig == nil || len(cfg.Fallbacks) != 0 {
					t.Errorf("no-verify is not require: TLS %t, %d fallbacks", cfg.TLSConfig != nil, len(cfg.Fallbacks))
				}
			}
			// The server of the tests may have no TLS.
			query = strings.ReplaceAll(query, "no-verify", "prefer")
			connect(t, query)
		})
	}
}

// TestEveryClientParameterIsDropped also holds for those that no URL above has.
func TestEveryClientParameterIsDropped(t *testing.T) {
	t.Parallel()
	for name := range clientParameters {
		if cfg := configOf(t, "postgres://u:p@h/d?"+name+"=1"); len(cfg.RuntimeParams) != 0 {
			t.Errorf("%s: pgx would send %v to the server", name, cfg.RuntimeParams)
		}
	}
}

// TestSettingsOfTheServer reach it by their names, as before; schema reaches it as search_path.
func TestSettingsOfTheServer(t *testing.T) {
	t.Parallel()
	tests := []struct{ query, setting, want string }{
		{"schema=app", "search_path", "app"},
		{"schema=My%20App", "search_path", `"My App"`},
		{"schema=a%22b", "search_path", `"a""b"`},
		{"schema=app&search_path=other", "search_path", "other"},
		{"schema=", "search_path", `"$user", public`},
		{"schema=app&pgbouncer=true", "search_path", "app"},
		{"schema=public&pgbouncer=true", "search_path", `"$user", public`},
		{"schema=public&pgbouncer=false", "search_path", "public"},
		{"statement_timeout=4321", "statement_timeout", "4321ms"},
		{"application_name=todo", "application_name", "todo"},
		{"options=-c%20lock_timeout%3D4321", "lock_timeout", "4321ms"},
		{"todo.tenant=a", "todo.tenant", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			var got string
			if err := connect(t, tt.query).QueryRow(t.Context(), "SELECT current_setting($1)", tt.setting).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("%s is %q, want %q", tt.setting, got, tt.want)
			}
		})
	}
}

// TestAnUnknownNameReachesTheServer which alone knows its settings, and refuses it by name.
func TestAnUnknownNameReachesTheServer(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, serverURL(t, "no_such_setting=1"))
	_, err := pgx.ConnectConfig(t.Context(), cfg)
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || !strings.Contains(refusal.Message, "no_such_setting") {
		t.Errorf("the server answers %v", err)
	}
}

// configOf is what pgx makes of a NEON_DB_URL.
func configOf(t *testing.T, value string) *pgx.ConnConfig {
	t.Helper()
	cfg, err := pgx.ParseConfig(load(t, map[string]string{"NEON_DB_URL": value}).PostgresURL)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// serverURL is the URL of a database of the shared server, with query added.
func serverURL(t *testing.T, query string) string {
	t.Helper()
	u, err := url.Parse(pgtest.Shared(t).URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = strings.Join(slices.DeleteFunc([]string{u.RawQuery, query}, func(s string) bool { return s == "" }), "&")
	return u.String()
}

// connect connects to the shared server with a NEON_DB_URL that has this query.
func connect(t *testing.T, query string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), configOf(t, serverURL(t, query)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	return conn
}
