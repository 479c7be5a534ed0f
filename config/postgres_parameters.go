package config

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// clientParameters are parameters of connection URLs that only another client reads. The server
// would refuse a connection that sends them as settings.
var clientParameters = setOf(
	// libpq (https://www.postgresql.org/docs/current/libpq-connect.html), and with it psycopg and asyncpg.
	// Those that pgx reads too are not among them.
	"hostaddr", "fallback_application_name", "load_balance_hosts", "requirepeer",
	"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
	"sslcompression", "sslcrl", "sslcrldir", "sslkeylogfile", "ssl_min_protocol_version", "ssl_max_protocol_version",
	"gssencmode", "gsslib", "gssdelegation", "scram_client_key", "scram_server_key",
	"oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope", "oauth_ca_file",

	// asyncpg and psycopg, as SQLAlchemy and encode/databases hand them parameters of the URL.
	"timeout", "command_timeout", "statement_cache_size", "max_cached_statement_lifetime",
	"max_cacheable_statement_size", "direct_tls", "prepared_statement_cache_size",
	"prepared_statement_name_func", "async_fallback", "prepare_threshold", "autocommit",
	"min_size", "max_size", "max_queries", "max_inactive_connection_lifetime",

	// Prisma (https://www.prisma.io/docs/orm/overview/databases/postgresql).
	"pgbouncer", "connection_limit", "pool_timeout", "socket_timeout", "sslaccept", "sslidentity",
	"max_connection_lifetime", "max_idle_connection_lifetime", "single_use_connections",

	// node-pg (pg, pg-pool and pg-connection-string), and what Vercel adds to Supabase's URLs for it.
	"encoding", "binary", "query_timeout", "connectionTimeoutMillis", "keepAlive", "keepAliveInitialDelayMillis",
	"enableChannelBinding", "uselibpqcompat", "max", "min", "idleTimeoutMillis", "maxUses", "maxLifetimeSeconds",
	"allowExitOnIdle", "supa", "workaround",
)

// poolParameters are the parameters of pgx's pool of connections, with what reads each.
var poolParameters = map[string]func(string) error{
	"pool_max_conns":                only(integer(2, math.MaxInt16)), // a migration and its lock take one each
	"pool_min_conns":                only(integer(0, math.MaxInt16)),
	"pool_min_idle_conns":           only(integer(0, math.MaxInt16)),
	"pool_max_conn_lifetime":        only(duration(time.Second)),
	"pool_max_conn_lifetime_jitter": only(duration(0)),
	"pool_max_conn_idle_time":       only(duration(time.Second)),
	"pool_health_check_period":      only(duration(time.Second)),
	"pool_ping_timeout":             only(duration(0)),
}

// sslModes are libpq's (https://www.postgresql.org/docs/current/libpq-ssl.html).
var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// sessionAttrs are what target_session_attrs may ask of a server.
var sessionAttrs = []string{"any", "read-write", "read-only", "primary", "standby", "prefer-standby"}

// plainIdentifier is a name that means the same in a search_path with and without quotes.
var plainIdentifier = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// parameter is one pair of a URL's query.
type parameter struct {
	name, value string // percent-decoded
	text        string // as written
}

// parameters are the pairs of a query, in their order.
type parameters []parameter

// parseParameters splits a query. What can't be decoded stays as it is: pgx refuses it.
func parseParameters(query string) parameters {
	var all parameters
	for text := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(text, "=")
		all = append(all, parameter{decoded(name), decoded(value), text})
	}
	return all
}

// decoded is text without its percent-encoding, which has no + for a space (RFC 3986, section 2.1),
// and without the spaces around it, which libpq and pgx ignore.
func decoded(text string) string {
	text = strings.Trim(text, " ")
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// has tells whether the query gives name a value.
func (all parameters) has(name string) bool {
	return slices.ContainsFunc(all, func(p parameter) bool { return p.name == name && p.value != "" })
}

// forPgx returns the query with its question mark, as pgx and the server understand it: parameters
// of other clients are translated where pgx has the like, else dropped.
func (all parameters) forPgx() (string, error) {
	var kept []string
	for _, p := range all {
		text, err := all.translate(p)
		if err != nil {
			return "", err
		}
		if text != "" {
			kept = append(kept, text)
		}
	}
	if kept == nil {
		return "", nil
	}
	return "?" + strings.Join(kept, "&"), nil
}

// translate returns what stands for p in pgx's URL, or nothing.
func (all parameters) translate(p parameter) (string, error) {
	if read, ok := poolParameters[p.name]; ok {
		if err := read(p.value); err != nil {
			return "", fmt.Errorf("has a %s that %w", p.name, err)
		}
	}
	switch {
	case clientParameters[p.name]:
		return "", nil
	case p.name == "ssl":
		if all.has("sslmode") {
			return "", nil
		}
		return translateSSLMode(sslMode(p.value))
	case p.name == "sslmode":
		return translateSSLMode(p.value)
	case p.name == "sslcert" && !all.has("sslkey"):
		return "", nil // Prisma's, which names the server's certificate; libpq's needs a key
	case p.name == "schema":
		return all.translateSchema(p.value), nil
	case p.name == "target_session_attrs" && !slices.Contains(sessionAttrs, p.value):
		return "", fmt.Errorf("must have a target_session_attrs that is one of %s", strings.Join(sessionAttrs, ", "))
	}
	return p.text, nil
}

// sslMode translates the truth values that ssl may have besides libpq's modes.
func sslMode(ssl string) string {
	switch strings.ToLower(ssl) {
	case "true", "1":
		return "require"
	case "false", "0":
		return "disable"
	}
	return ssl
}

// translateSSLMode checks a mode. node-pg's no-verify is what libpq calls require.
func translateSSLMode(mode string) (string, error) {
	if mode == "no-verify" {
		mode = "require"
	}
	if !slices.Contains(sslModes, mode) {
		return "", fmt.Errorf("must have an sslmode or ssl that is one of %s", strings.Join(sslModes, ", "))
	}
	return "sslmode=" + mode, nil
}

// translateSchema has the server look for tables in Prisma's schema. A search_path counts before
// it. Beside pgbouncer=true, Prisma's default schema is left out, since it is the server's too: a
// pooler refuses a search_path.
func (all parameters) translateSchema(schema string) string {
	behindPooler := slices.ContainsFunc(all, func(p parameter) bool { return p.name == "pgbouncer" && p.value == "true" })
	if schema == "" || all.has("search_path") || schema == "public" && behindPooler {
		return ""
	}
	if !plainIdentifier.MatchString(schema) {
		schema = `"` + strings.ReplaceAll(schema, `"`, `""`) + `"`
	}
	return "search_path=" + url.PathEscape(schema)
}

// setOf returns the words as a set.
func setOf(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, word := range words {
		set[word] = true
	}
	return set
}

// only makes a check of what parses a value.
func only[T any](parse func(string) (T, error)) func(string) error {
	return func(value string) error {
		_, err := parse(value)
		return err
	}
}
