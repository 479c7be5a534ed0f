// Package config reads the service's settings from the environment.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Format is the dialect in which tasks and lists are written.
type Format string

// The dialects that API_FORMAT chooses from.
const (
	FormatPlain    Format = "plain"    // bare objects and arrays
	FormatWrapped  Format = "wrapped"  // lists as an object with a total and a cursor
	FormatEnvelope Format = "envelope" // everything under success and data, in camelCase
)

// minSecretBytes is the least length of an HS256 key (RFC 7518, section 3.2).
const minSecretBytes = 32

// Config is what the service was told to do. Load makes it.
type Config struct {
	Production bool

	Host string // empty: all interfaces
	Port int    // 0: any free port

	// Exactly one of the two databases is set.
	PostgresURL string // in pgx's form
	SQLitePath  string

	Secret      string   // the shared HS256 key; empty: not set
	AuthOrigin  string   // origin of Better Auth; empty: not set
	JWKSURL     string   // where Better Auth's public keys are; empty: nowhere
	Issuer      string   // required of every token, where set; see JWKSIssuer
	Audience    string   // required of every token, where set; see JWKSAudience
	CORSOrigins []string // exact origins that CORS lets in; in development all of this machine are let in too
	Format      Format

	Case     Case           // of the names in answers; follows from the format unless API_CASE says otherwise
	Tags     TagFormat      // of tags in answers
	Aliases  []Alias        // in the order given
	Fields   []string       // further members of a task, 16 at most
	Mounts   []Mount        // further addresses of the operations on tasks
	Timezone *time.Location // in which dates without a zone of their own are meant
	BasePath string         // what a proxy in front strips, /todo; empty: nothing

	RequestTimeout time.Duration
	DrainDelay     time.Duration // how long a stopping copy goes on serving
	IdleTimeout    time.Duration // how long a connection may be idle
	RateLimit      int           // requests a minute and user; 0: no limit
	MetricsAddr    string        // empty: no metrics
	Traces         bool          // OpenTelemetry's variables, which its exporter reads itself, ask for traces
	LogLevel       slog.Level
}

// Addr returns the address to listen on, as net.Listen takes it.
func (c Config) Addr() string {
	return net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
}

// JWKSIssuer returns the iss that a token signed with a key of the JWKS must have.
func (c Config) JWKSIssuer() string { return cmp.Or(c.Issuer, c.AuthOrigin) }

// JWKSAudience returns what the aud of a token signed with a key of the JWKS must hold.
func (c Config) JWKSAudience() string { return cmp.Or(c.Audience, c.AuthOrigin) }

// defaults are those that differ between development and production.
type defaults struct {
	host       string
	sqlitePath string
	drainDelay time.Duration
}

func defaultsFor(production bool) defaults {
	if production {
		return defaults{drainDelay: 5 * time.Second}
	}
	return defaults{
		host:       "127.0.0.1",
		sqlitePath: "data/todo.db",
	}
}

// Load reads the settings through getenv and applies the defaults. The error names every wrong
// setting at once. It repeats no value, so that no secret or password can reach a log through it.
func Load(getenv func(string) string) (Config, error) {
	env := &environment{getenv: getenv}
	production := read(env, "APP_ENV", false, oneOf(map[string]bool{"development": false, "production": true}))
	preset := defaultsFor(production)
	cfg := Config{
		Production:     production,
		Host:           read(env, "HOST", preset.host, host),
		Port:           read(env, "PORT", 8000, integer(0, math.MaxUint16)),
		PostgresURL:    read(env, "NEON_DB_URL", "", postgresURL),
		SQLitePath:     sqlitePath(env, preset.sqlitePath),
		Secret:         secret(env, production),
		Issuer:         env.text("JWT_ISSUER"),
		Audience:       env.text("JWT_AUDIENCE"),
		Format:         read(env, "API_FORMAT", FormatPlain, format),
		Tags:           read(env, "API_TAGS", TagNames, tagFormat),
		Aliases:        read(env, "API_ALIASES", nil, aliases),
		Mounts:         read(env, "API_PATHS", nil, mounts),
		Timezone:       read(env, "DEFAULT_TIMEZONE", time.UTC, timezone),
		BasePath:       read(env, "BASE_PATH", "", basePath),
		RequestTimeout: read(env, "REQUEST_TIMEOUT", 10*time.Second, duration(time.Millisecond)),
		DrainDelay:     read(env, "DRAIN_DELAY", preset.drainDelay, duration(0)),
		IdleTimeout:    read(env, "IDLE_TIMEOUT", 2*time.Minute, duration(time.Second)),
		RateLimit:      read(env, "RATE_LIMIT", 600, integer(0, math.MaxInt32)),
		MetricsAddr:    read(env, "METRICS_ADDR", "", address),
		Traces:         traces(env),
		LogLevel:       read(env, "LOG_LEVEL", slog.LevelInfo, logLevel),
	}
	cfg.Case = read(env, "API_CASE", caseOf(cfg.Format), apiCase)
	cfg.Fields = fieldsBeside(env, cfg.Aliases)
	auth := read(env, "BETTER_AUTH_URL", betterAuth{}, parseBetterAuth)
	cfg.AuthOrigin = auth.origin
	cfg.JWKSURL = jwksURL(env, auth)
	cfg.CORSOrigins = allowedOrigins(read(env, "CORS_ORIGINS", nil, origins), auth.origin)
	return cfg, env.Err()
}

// traces tells whether OpenTelemetry's variables ask for traces, and refuses what they can't be sent to.
func traces(env *environment) bool {
	exporter := read(env, "OTEL_TRACES_EXPORTER", true, oneOf(map[string]bool{"otlp": true, "none": false}))
	disabled := strings.EqualFold(env.text("OTEL_SDK_DISABLED"), "true")
	endpoint := env.either("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
	protocol := env.either("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
	if !exporter || disabled || !env.isSet(endpoint) {
		return false
	}
	read(env, endpoint, nil, parseWebURL)
	read(env, protocol, true, oneOf(map[string]bool{"http/protobuf": true}))
	return true
}

// sqlitePath returns the embedded database's path, or nothing where NEON_DB_URL names another.
func sqlitePath(env *environment, fallback string) string {
	if env.isSet("NEON_DB_URL") {
		return ""
	}
	path := cmp.Or(env.text("SQLITE_PATH"), fallback)
	if path == "" {
		env.Reject("NEON_DB_URL", errors.New("or SQLITE_PATH must be set in production"))
	}
	if strings.Contains(path, ":memory:") || strings.Contains(path, "mode=memory") {
		env.Reject("SQLITE_PATH", errors.New("must name a file: a database in memory is not supported"))
	}
	return path
}

// secret returns the key that is shared with the signer, byte for byte: trimming one side only
// would make every token fail.
func secret(env *environment, production bool) string {
	const name = "BETTER_AUTH_SECRET"
	value := env.getenv(name)
	switch {
	case !env.isSet(name):
		if production && !env.isSet("BETTER_AUTH_URL") && !env.isSet("BETTER_AUTH_JWKS_URL") {
			env.Reject(name, errors.New("or BETTER_AUTH_URL must be set in production"))
		}
		return ""
	case value != strings.TrimSpace(value):
		env.Reject(name, errors.New("must not begin or end with white space"))
	case production && len(value) < minSecretBytes:
		env.Reject(name, fmt.Errorf("must have %d bytes or more in production", minSecretBytes))
	}
	return value
}

// jwksURL returns where the public keys are. Keys without an issuer and an audience to check
// would let in tokens that were made for others.
func jwksURL(env *environment, auth betterAuth) string {
	const name = "BETTER_AUTH_JWKS_URL"
	expects := env.isSet("BETTER_AUTH_URL") || env.isSet("JWT_ISSUER") && env.isSet("JWT_AUDIENCE")
	if env.isSet(name) && !expects {
		env.Reject(name, errors.New("needs BETTER_AUTH_URL, or both JWT_ISSUER and JWT_AUDIENCE"))
	}
	return read(env, name, auth.jwks, jwksOverride)
}

// allowedOrigins joins the configured origins and Better Auth's own, each once.
func allowedOrigins(configured []string, auth string) []string {
	var all []string
	for _, origin := range slices.Concat(configured, []string{auth}) {
		if origin != "" && !slices.Contains(all, origin) {
			all = append(all, origin)
		}
	}
	return all
}
