package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// target is what pgx makes of a URL.
type target struct {
	addresses      string // every host and port with its TLS, in the order of the attempts
	user, password string
	database       string
	binding        string
}

// targetOf parses the URL as the database package will.
func targetOf(t *testing.T, url string) target {
	t.Helper()
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatalf("pgx refuses %q: %v", url, err)
	}
	addresses := []string{fmt.Sprintf("%s:%d tls=%t", cfg.Host, cfg.Port, cfg.TLSConfig != nil)}
	for _, next := range cfg.Fallbacks {
		addresses = append(addresses, fmt.Sprintf("%s:%d tls=%t", next.Host, next.Port, next.TLSConfig != nil))
	}
	if len(cfg.RuntimeParams) != 0 {
		t.Errorf("pgx would send %v to the server", cfg.RuntimeParams)
	}
	return target{strings.Join(addresses, ", "), cfg.User, cfg.Password, cfg.Database, cfg.ChannelBinding}
}

func TestPostgresURL(t *testing.T) {
	t.Parallel()
	const (
		pooled = "ep-cool-1-pooler.eu-central-1.aws.neon.tech"
		direct = "ep-cool-1.eu-central-1.aws.neon.tech"
	)
	neon := target{direct + ":5432 tls=true", "ann", "npg_Ab1", "neondb", "prefer"}
	bound := target{pooled + ":5432 tls=true", "ann", "npg_Ab1", "neondb", "require"}
	local := func(addresses string) target { return target{addresses, "u", "p", "d", "prefer"} }
	tests := map[string]target{
		// Neon's console, with and without what comes along.
		"postgresql://ann:npg_Ab1@" + pooled + "/neondb?sslmode=require&channel_binding=require":           bound,
		"psql 'postgresql://ann:npg_Ab1@" + pooled + "/neondb?sslmode=require&channel_binding=require'":    bound,
		"'postgresql://ann:npg_Ab1@" + pooled + "/neondb?sslmode=require&channel_binding=require'":         bound,
		"psql  \"postgresql://ann:npg_Ab1@" + pooled + "/neondb?sslmode=require&channel_binding=require\"": bound,
		"postgres://ann:npg_Ab1@" + direct + "/neondb?sslmode=require":                                     neon,

		// SQLAlchemy's schemes and asyncpg's ssl.
		"postgresql+asyncpg://ann:npg_Ab1@" + direct + "/neondb?ssl=require":                      neon,
		"postgresql+asyncpg://ann:npg_Ab1@" + pooled + "/neondb?channel_binding=require&ssl=true": bound,
		"postgresql+psycopg2://ann:npg_Ab1@" + direct + "/neondb?sslmode=require":                 neon,
		"postgresql+psycopg://ann:npg_Ab1@" + direct + "/neondb?ssl=True":                         neon,
		"postgres+asyncpg://ann:npg_Ab1@" + direct + "/neondb?ssl=verify-full":                    neon,
		"POSTGRESQL+asyncpg://ann:npg_Ab1@" + direct + "/neondb?ssl=disable&sslmode=require":      neon,
		"postgresql+asyncpg://u:p@h/d?ssl=prefer":                                                 local("h:5432 tls=true, h:5432 tls=false"),
		"postgresql+asyncpg://u:p@h/d?ssl=allow":                                                  local("h:5432 tls=false, h:5432 tls=true"),
		"postgresql+asyncpg://u:p@h/d?ssl=disable":                                                local("h:5432 tls=false"),
		"postgresql+asyncpg://u:p@h/d?ssl=false":                                                  local("h:5432 tls=false"),
		"postgresql+asyncpg://u:p@h/d?sslmode=disable&ssl=require":                                local("h:5432 tls=false"),
		"postgresql+asyncpg://u:p@h1:1,h2/d?ssl=require":                                          local("h1:1 tls=true, h2:5432 tls=true"),
		"postgres://u:p@h1:5432,h2:5433/d?sslmode=disable&target_session_attrs=read-write":        local("h1:5432 tls=false, h2:5433 tls=false"),
		"postgres://u:p@[::1]:6000,[::2]/d?sslmode=disable":                                       local("::1:6000 tls=false, ::2:5432 tls=false"),
		"postgres://u:p@/d?host=/var/run/postgresql":                                              local("/var/run/postgresql:5432 tls=false"),
		"postgres:///d?user=u&password=p&host=h&sslmode=disable":                                  local("h:5432 tls=false"),
		"postgres://u:p@%2Fvar%2Frun/d":                                                           local("/var/run:5432 tls=false"),
		"postgres://u%40x:p%40%3A%2F%3F%23%25%26%27@h/d%20e?sslmode=disable":                      {"h:5432 tls=false", "u@x", "p@:/?#%&'", "d e", "prefer"},
		"postgres://u:p:?#ssl=no&'@h/d?sslmode=disable&default_query_exec_mode=exec":              {"h:5432 tls=false", "u", "p:?#ssl=no&'", "d", "prefer"},
		"postgres://h/d?sslmode=disable&user=u@x&password=p":                                      {"h:5432 tls=false", "u@x", "p", "d", "prefer"},
	}
	for value, want := range tests {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			url := load(t, map[string]string{"NEON_DB_URL": value}).PostgresURL
			if got := targetOf(t, url); got != want {
				t.Errorf("%q\ngot  %+v\nwant %+v", url, got, want)
			}
		})
	}
}

func TestWrongPostgresURLsAreRefusedWithoutThePassword(t *testing.T) {
	t.Parallel()
	// hunter2 and swordfish stand for parts of the password.
	tests := map[string]string{
		"mysql://u:hunter2@h/d":                                   "begins with",
		"postgresql+pg8000x://u:hunter2@h/d":                      "begins with",
		"jdbc:postgresql://u:hunter2@h/d":                         "begins with",
		"postgresql:/u:hunter2@h/d":                               "begins with",
		"hunter2://u:swordfish@h/d":                               "begins with",
		"host=h user=u password=hunter2":                          "begins with",
		"hunter2":                                                 "begins with",
		"'postgres://u:hunter2@h/d":                               "begins with",
		"postgres://":                                             "name a host",
		"postgres://u:hunter2@":                                   "name a host",
		"postgres://u:hunter2@/d":                                 "name a host",
		"postgres://u:hunter2@/d?host=":                           "name a host",
		"postgres://u:hunter2@:5432/d":                            "name a host",
		"postgres://u:hunter2@h1,,h2/d":                           "name a host",
		"postgres://u:hunter2@?sslmode=require":                   "name a host",
		"postgres://u:hunter2@swordfish@h/d":                      "percent-encoded",
		"postgres://u:1234/hunter2@h/d":                           "percent-encoded",
		"postgres://u:hunter2/swordfish@h/d":                      "percent-encoded",
		"postgres://u:hunter2?a/swordfish@h/d":                    "percent-encoded",
		"postgres://u:hunter2%zz@h/d":                             "percent-encoded",
		"postgres://u:hunter2 swordfish@h/d":                      "percent-encoded",
		"postgres://u:hunter2\x00@h/d":                            "percent-encoded",
		"postgres://u:hunter2@h:port/d":                           "valid ports",
		"postgres://u:hunter2@h:65536/d":                          "valid ports",
		"postgres://u:hunter2@h1:1,h2:2,h3:x/d":                   "valid ports",
		"postgres://u:hunter2@[::1/d":                             "valid ports",
		"postgres://h/d?password=hunter2%zz":                      "parameters",
		"postgres://h/d?password=hunter2=swordfish":               "parameters",
		"postgres://h/d?password=hunter2&swordfish":               "parameters",
		"postgres://u:hunter2@h/d?channel_binding=maybe":          "parameters",
		"postgres://u:hunter2@h/d?target_session_attrs=any-other": "a target_session_attrs that is one of any, read-write",
		"postgres://u:hunter2@h/d?target_session_attrs=":          "a target_session_attrs that is one of",
		"postgres://u:hunter2@h/d?pool_max_conns=1":               "a pool_max_conns that must be a whole number from 2",
		"postgres://u:hunter2@h/d?pool_min_conns=-1":              "a pool_min_conns that must be a whole number from 0",
		"postgres://u:hunter2@h/d?pool_max_conn_lifetime=60":      "a pool_max_conn_lifetime that must be a duration",
		"postgres://u:hunter2@h/d?pool_health_check_period=0":     "a pool_health_check_period that must be a duration",
		"postgres://u:hunter2@h/d?sslrootcert=/nowhere/root.crt":  "certificate files",
		"postgres://u:hunter2@h/d?sslmode=required":               "sslmode or ssl",
		"postgres://u:hunter2@h/d?sslmode=require'":               "sslmode or ssl",
		"postgres://u:hunter2@h/d?sslmode=":                       "sslmode or ssl",
		"postgresql+asyncpg://u:hunter2@h/d?ssl=maybe":            "sslmode or ssl",
	}
	for value, want := range tests {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			_, err := Load(from(map[string]string{"NEON_DB_URL": value}))
			if err == nil {
				t.Fatal("Load took it")
			}
			if !strings.Contains(err.Error(), "\nNEON_DB_URL ") || !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %q: %v", want, err)
			}
			for _, part := range []string{"hunter2", "swordfish"} {
				if strings.Contains(err.Error(), part) {
					t.Errorf("the error gives the password away: %v", err)
				}
			}
		})
	}
}
