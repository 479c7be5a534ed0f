package config

import (
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// longSecret is long enough for production.
const longSecret = "0123456789abcdef0123456789abcdef"

// from returns a getenv over the given variables.
func from(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// load reads the given variables and fails the test where they are refused.
func load(t *testing.T, vars map[string]string) Config {
	t.Helper()
	cfg, err := Load(from(vars))
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return cfg
}

func TestLoadDefaults(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		vars map[string]string
		want Config
	}{
		"development with nothing set": {
			want: Config{
				Host: "127.0.0.1", Port: 8000, SQLitePath: "data/todo.db",
				Format: FormatPlain, Case: CaseSnake, Tags: TagNames, Timezone: time.UTC,
				RequestTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, RateLimit: 600,
			},
		},
		"production with what it needs": {
			vars: map[string]string{"APP_ENV": "production", "SQLITE_PATH": "/var/lib/todo.db", "BETTER_AUTH_SECRET": longSecret},
			want: Config{
				Production: true, Port: 8000, SQLitePath: "/var/lib/todo.db", Secret: longSecret,
				Format: FormatPlain, Case: CaseSnake, Tags: TagNames, Timezone: time.UTC,
				RequestTimeout: 10 * time.Second, DrainDelay: 5 * time.Second, IdleTimeout: 2 * time.Minute, RateLimit: 600,
			},
		},
		"everything set, with white space around it": {
			vars: map[string]string{
				"APP_ENV": " production ", "HOST": " ::1 ", "PORT": " 0 ", "NEON_DB_URL": " postgresql://u@h/d\n",
				"SQLITE_PATH": "unused.db", "BETTER_AUTH_SECRET": longSecret, "BETTER_AUTH_URL": " https://Auth.Example.com:443/ ",
				"BETTER_AUTH_JWKS_URL": " http://auth:3000/keys ", "JWT_ISSUER": " me ", "JWT_AUDIENCE": " you ",
				"CORS_ORIGINS": " http://a.example , HTTPS://B.example:443,http://a.example,", "API_FORMAT": " envelope ",
				"REQUEST_TIMEOUT": " 1.5s ", "DRAIN_DELAY": " 0s ", "RATE_LIMIT": " 0 ", "METRICS_ADDR": " :9090 ", "LOG_LEVEL": " debug ",
				"OTEL_EXPORTER_OTLP_ENDPOINT": " http://collector:4318 ", "API_CASE": " snake ", "API_TAGS": " csv ",
				"API_ALIASES": " isDone = completed , created = created_at,", "API_FIELDS": " category , reminderOffset,",
				"API_PATHS": " /api/v1/tasks/ , /api/users/{user_id}/tasks, /api/due?due=week&tags=a%2Cb,", "DEFAULT_TIMEZONE": " Europe/Berlin ",
				"BASE_PATH": " /apps/todo/ ", "IDLE_TIMEOUT": " 75s ",
			},
			want: Config{
				Production: true, Host: "::1", PostgresURL: "postgres://u@h/d", Secret: longSecret,
				AuthOrigin: "https://auth.example.com", JWKSURL: "http://auth:3000/keys", Issuer: "me", Audience: "you",
				CORSOrigins: []string{"http://a.example", "https://b.example", "https://auth.example.com"},
				Format:      FormatEnvelope, Case: CaseSnake, Tags: TagCSV,
				Aliases:  []Alias{{"isDone", "completed"}, {"created", "created_at"}},
				Fields:   []string{"category", "reminderOffset"},
				Mounts:   []Mount{{Path: "/api/v1/tasks"}, {Path: "/api/users/{user_id}/tasks"}, {"/api/due", "due=week&tags=a%2Cb"}},
				Timezone: berlin, BasePath: "/apps/todo",
				RequestTimeout: 1500 * time.Millisecond, IdleTimeout: 75 * time.Second, MetricsAddr: ":9090", Traces: true, LogLevel: slog.LevelDebug,
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := load(t, tt.vars); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestAddr(t *testing.T) {
	t.Parallel()
	tests := map[string]Config{
		"127.0.0.1:8000": {Host: "127.0.0.1", Port: 8000},
		":8000":          {Port: 8000},
		"[::1]:0":        {Host: "::1"},
	}
	for want, cfg := range tests {
		if got := cfg.Addr(); got != want {
			t.Errorf("Addr() = %q, want %q", got, want)
		}
	}
}

func TestEveryWrongSettingIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{
		"APP_ENV":              "prod",
		"HOST":                 "localhost:8000",
		"PORT":                 "65536",
		"NEON_DB_URL":          "mysql://u:hunter2@h/d",
		"BETTER_AUTH_SECRET":   "hunter2 ",
		"BETTER_AUTH_URL":      "auth.example.com",
		"BETTER_AUTH_JWKS_URL": "ftp://u:hunter2@h/keys",
		"CORS_ORIGINS":         "*",
		"API_FORMAT":           "fancy",
		"API_CASE":             "kebab",
		"API_TAGS":             "list",
		"API_ALIASES":          "done",
		"API_FIELDS":           "a b",
		"API_PATHS":            "/tasks",
		"DEFAULT_TIMEZONE":     "Local",
		"BASE_PATH":            "todo",
		"REQUEST_TIMEOUT":      "10",
		"DRAIN_DELAY":          "-1s",
		"IDLE_TIMEOUT":         "0s",
		"RATE_LIMIT":           "many",
		"METRICS_ADDR":         "9090",
		"LOG_LEVEL":            "loud",
		"OTEL_TRACES_EXPORTER": "jaeger",
	}
	_, err := Load(from(wrong))
	if err == nil {
		t.Fatal("Load took them all")
	}
	lines := strings.Split(err.Error(), "\n")[1:]
	if len(lines) != len(wrong) {
		t.Errorf("%d settings are wrong, the error has %d lines:\n%v", len(wrong), len(lines), err)
	}
	for name := range wrong {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, name+" ") }) {
			t.Errorf("no line is about %s:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error gives a secret away:\n%v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	production := map[string]string{"APP_ENV": "production", "SQLITE_PATH": "todo.db", "BETTER_AUTH_SECRET": longSecret}
	tests := map[string]struct {
		base       map[string]string
		set        map[string]string
		wantPrefix string
	}{
		"a database in memory":                      {nil, map[string]string{"SQLITE_PATH": ":memory:"}, "SQLITE_PATH must name a file"},
		"a database in memory, by its URL":          {nil, map[string]string{"SQLITE_PATH": "file:todo?mode=memory"}, "SQLITE_PATH must name a file"},
		"production without a database":             {production, map[string]string{"SQLITE_PATH": ""}, "NEON_DB_URL or SQLITE_PATH must be set"},
		"production without secret and Better Auth": {production, map[string]string{"BETTER_AUTH_SECRET": ""}, "BETTER_AUTH_SECRET or BETTER_AUTH_URL must be set"},
		"production with a secret of 31 bytes":      {production, map[string]string{"BETTER_AUTH_SECRET": longSecret[1:]}, "BETTER_AUTH_SECRET must have 32 bytes"},
		"a secret that ends in a line break":        {production, map[string]string{"BETTER_AUTH_SECRET": longSecret + "\n"}, "BETTER_AUTH_SECRET must not begin or end"},
		"environment in capitals":                   {nil, map[string]string{"APP_ENV": "Production"}, "APP_ENV must be one of development, production"},
		"a negative port":                           {nil, map[string]string{"PORT": "-1"}, "PORT must be a whole number"},
		"a host in brackets":                        {nil, map[string]string{"HOST": "[::1]"}, "HOST must be"},
		"no time for a request":                     {nil, map[string]string{"REQUEST_TIMEOUT": "0s"}, "REQUEST_TIMEOUT must be a duration"},
		"a negative rate":                           {nil, map[string]string{"RATE_LIMIT": "-1"}, "RATE_LIMIT must be"},
		"a metrics port out of range":               {nil, map[string]string{"METRICS_ADDR": ":65536"}, "METRICS_ADDR must be"},
		"Better Auth with a password":               {nil, map[string]string{"BETTER_AUTH_URL": "https://u:hunter2@h"}, "BETTER_AUTH_URL must be a URL"},
		"Better Auth with a broken escape":          {nil, map[string]string{"BETTER_AUTH_URL": "https://hunter2%zz"}, "BETTER_AUTH_URL must be a URL"},
		"Better Auth without a host":                {nil, map[string]string{"BETTER_AUTH_URL": "https://:443"}, "BETTER_AUTH_URL must be a URL"},
		"Better Auth with a query":                  {nil, map[string]string{"BETTER_AUTH_URL": "https://h?a=b"}, "BETTER_AUTH_URL must not have a query"},
		"keys without issuer and audience":          {nil, map[string]string{"BETTER_AUTH_JWKS_URL": "https://h/k"}, "BETTER_AUTH_JWKS_URL needs"},
		"keys with an issuer alone":                 {nil, map[string]string{"BETTER_AUTH_JWKS_URL": "https://h/k", "JWT_ISSUER": "me"}, "BETTER_AUTH_JWKS_URL needs"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(func(name string) string {
				if value, ok := tt.set[name]; ok {
					return value
				}
				return tt.base[name]
			})
			if err == nil {
				t.Fatal("Load took it")
			}
			if want := "wrong settings:\n" + tt.wantPrefix; !strings.HasPrefix(err.Error(), want) || strings.Count(err.Error(), "\n") != 1 {
				t.Errorf("got  %q\nwant %q… and no other", err, want)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), longSecret[1:]) {
				t.Errorf("the error gives a secret away: %v", err)
			}
		})
	}
}

func TestProductionTakesPublicKeysInPlaceOfTheSecret(t *testing.T) {
	t.Parallel()
	tests := map[string]map[string]string{
		"of Better Auth":    {"BETTER_AUTH_URL": "https://auth.example.com"},
		"of another issuer": {"BETTER_AUTH_JWKS_URL": "https://id.example.com/keys", "JWT_ISSUER": "me", "JWT_AUDIENCE": "you"},
	}
	for name, vars := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vars["APP_ENV"], vars["SQLITE_PATH"] = "production", "todo.db"
			if cfg := load(t, vars); cfg.Secret != "" || cfg.JWKSURL == "" {
				t.Errorf("Secret = %q, JWKSURL = %q", cfg.Secret, cfg.JWKSURL)
			}
		})
	}
}

func TestDevelopmentTakesAShortSecret(t *testing.T) {
	t.Parallel()
	if cfg := load(t, map[string]string{"BETTER_AUTH_SECRET": "short"}); cfg.Secret != "short" {
		t.Errorf("Secret = %q", cfg.Secret)
	}
}

func TestBetterAuthURL(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ origin, jwks string }{
		"http://localhost:3000":                {"http://localhost:3000", "http://localhost:3000/api/auth/jwks"},
		"http://localhost:3000/":               {"http://localhost:3000", "http://localhost:3000/api/auth/jwks"},
		"https://example.com/api/auth":         {"https://example.com", "https://example.com/api/auth/jwks"},
		"https://example.com/api/auth/":        {"https://example.com", "https://example.com/api/auth/jwks"},
		"https://example.com/login":            {"https://example.com", "https://example.com/login/jwks"},
		"HTTPS://Example.COM:443/API":          {"https://example.com", "https://example.com/API/jwks"},
		"http://example.com:80":                {"http://example.com", "http://example.com/api/auth/jwks"},
		"http://example.com:443":               {"http://example.com:443", "http://example.com:443/api/auth/jwks"},
		"http://[::80]":                        {"http://[::80]", "http://[::80]/api/auth/jwks"},
		"http://[2001:DB8::1]:80/a%20b%2Fc///": {"http://[2001:db8::1]", "http://[2001:db8::1]/a%20b%2Fc/jwks"},
	}
	for value, want := range tests {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			cfg := load(t, map[string]string{"BETTER_AUTH_URL": value})
			if cfg.AuthOrigin != want.origin || cfg.JWKSURL != want.jwks {
				t.Errorf("got %q and %q, want %q and %q", cfg.AuthOrigin, cfg.JWKSURL, want.origin, want.jwks)
			}
			if !slices.Contains(cfg.CORSOrigins, want.origin) {
				t.Errorf("CORS does not let %q in: %q", want.origin, cfg.CORSOrigins)
			}
		})
	}
}

func TestIssuerAndAudienceOfJWKSTokens(t *testing.T) {
	t.Parallel()
	const url = "https://auth.example.com/login"
	tests := map[string]struct {
		vars                             map[string]string
		issuer, audience                 string
		wantJWKSIssuer, wantJWKSAudience string
	}{
		"follow from Better Auth's origin, and bind HS256 tokens to nothing": {
			vars:           map[string]string{"BETTER_AUTH_URL": url},
			wantJWKSIssuer: "https://auth.example.com", wantJWKSAudience: "https://auth.example.com",
		},
		"are taken as they are set": {
			vars:   map[string]string{"BETTER_AUTH_URL": url, "JWT_ISSUER": "me/", "JWT_AUDIENCE": "you"},
			issuer: "me/", audience: "you", wantJWKSIssuer: "me/", wantJWKSAudience: "you",
		},
		"are set apart from one another": {
			vars:     map[string]string{"BETTER_AUTH_URL": url, "JWT_AUDIENCE": "you"},
			audience: "you", wantJWKSIssuer: "https://auth.example.com", wantJWKSAudience: "you",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := load(t, tt.vars)
			if cfg.Issuer != tt.issuer || cfg.Audience != tt.audience {
				t.Errorf("explicit: got %q and %q, want %q and %q", cfg.Issuer, cfg.Audience, tt.issuer, tt.audience)
			}
			if cfg.JWKSIssuer() != tt.wantJWKSIssuer || cfg.JWKSAudience() != tt.wantJWKSAudience {
				t.Errorf("JWKS: got %q and %q, want %q and %q", cfg.JWKSIssuer(), cfg.JWKSAudience(), tt.wantJWKSIssuer, tt.wantJWKSAudience)
			}
		})
	}
}

// TestTraces takes OpenTelemetry's own variables as its specification has them.
func TestTraces(t *testing.T) {
	t.Parallel()
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tests := map[string]struct {
		vars map[string]string
		want bool
	}{
		"nothing set":            {nil, false},
		"an endpoint":            {map[string]string{endpoint: "http://c:4318"}, true},
		"one for traces alone":   {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, true},
		"an exporter alone":      {map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, false},
		"no exporter":            {map[string]string{endpoint: "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, false},
		"disabled":               {map[string]string{endpoint: "http://c:4318", "OTEL_SDK_DISABLED": "TRUE"}, false},
		"HTTP for traces alone":  {map[string]string{endpoint: "http://c:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, true},
		"disabled, by gRPC then": {map[string]string{endpoint: "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_SDK_DISABLED": "true"}, false},
	}
	for name, test := range tests {
		if got := load(t, test.vars).Traces; got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
		endpoint: "c:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "ftp://c",
	} {
		vars := map[string]string{endpoint: "http://c:4318"}
		vars[name] = value
		if _, err := Load(from(vars)); err == nil || !strings.Contains(err.Error(), "\n"+name+" must be ") {
			t.Errorf("%s=%s is answered with %v", name, value, err)
		}
	}
}
