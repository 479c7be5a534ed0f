package doctor_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"todo-backend/config"
	"todo-backend/config/doctor"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/pgtest"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

// jwks serves keys, with a clock that is ahead of this machine's.
func jwks(t *testing.T, status int, body string, ahead time.Duration) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const oneKey = `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"wPyC"}]}`

// unmigrated is the path of a database without tables.
func unmigrated(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "todo.db")
	db := databasetest.Open(t, database.Source{SQLitePath: path})
	if _, err := db.Client.Task.Query().Count(t.Context()); err == nil {
		t.Fatal("it has tables")
	}
	return path
}

// migrated is the path of a database that is up to date.
func migrated(t *testing.T) string {
	t.Helper()
	path := unmigrated(t)
	db := databasetest.Open(t, database.Source{SQLitePath: path})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRun has each thing be right, and be wrong.
func TestRun(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-hunter2-hunter2-hunter2-"
	file := migrated(t)
	tests := map[string]struct {
		set  map[string]string
		says []string // regular expressions of lines
	}{
		"nothing set": {
			nil,
			[]string{
				`settings  ok     development, all by default`, `database  ok     SQLite data/todo.db is not there yet: serve and migrate make it`,
				`keys      ok     BETTER_AUTH_URL is not set: HS256 tokens alone are accepted`, `clock     ok     there is none to compare with.*`,
				`origins   ok     every origin on this machine`,
			},
		},
		"all right": {
			map[string]string{"SQLITE_PATH": file, "BETTER_AUTH_URL": jwks(t, 200, oneKey, 0), "BETTER_AUTH_SECRET": secret, "CORS_ORIGINS": "tauri://localhost"},
			[]string{
				`settings  ok     development, with SQLITE_PATH, BETTER_AUTH_SECRET, BETTER_AUTH_URL, CORS_ORIGINS`,
				`database  ok     SQLite .*todo.db answers`, `schema    ok     every table and column is there`,
				`keys      ok     1 at http://127.0.0.1:\d+/api/auth/jwks`, `clock     ok     agrees with that of Better Auth`,
				`origins   ok     tauri://localhost, http://127.0.0.1:\d+, every origin on this machine`,
			},
		},
		"wrong settings": {
			map[string]string{"PORT": "x", "NEON_DB_URL": "mysql://u:" + secret + "@h/d"},
			[]string{`settings  wrong  PORT must be .*`, `settings  wrong  NEON_DB_URL must be .*`},
		},
		"no schema": {
			map[string]string{"SQLITE_PATH": unmigrated(t)},
			[]string{`database  ok .*`, `schema    wrong  todo-backend migrate brings it up to date: .*no such table.*`, `origins   ok .*`},
		},
		"no database": {
			map[string]string{"NEON_DB_URL": "postgres://u:" + secret + "@127.0.0.1:1/todo"},
			[]string{`database  wrong  .*127.0.0.1.*refused.*`, `keys      ok .*`},
		},
		"nobody publishes keys": {
			map[string]string{"SQLITE_PATH": file, "BETTER_AUTH_URL": "http://127.0.0.1:1"},
			[]string{`keys      wrong  .*127.0.0.1:1/api/auth/jwks.*refused \(does Better Auth run.*`, `origins   ok .*`},
		},
		"no keys there": {
			map[string]string{
				"SQLITE_PATH": file, "BETTER_AUTH_JWKS_URL": jwks(t, 404, "", 0) + "/keys?key=" + secret, "JWT_ISSUER": "a", "JWT_AUDIENCE": "b",
			},
			[]string{`keys      wrong  http://127.0.0.1:\d+/keys answers 404 Not Found \(does Better Auth run.*`},
		},
		"no key yet": {
			map[string]string{"SQLITE_PATH": file, "BETTER_AUTH_URL": jwks(t, 200, `{"keys":[]}`, 0)},
			[]string{`keys      ok     none yet at .*: Better Auth makes one with its first token`},
		},
		"a clock that is behind": {
			map[string]string{"SQLITE_PATH": file, "BETTER_AUTH_URL": jwks(t, 200, oneKey, -time.Hour)},
			[]string{`clock     wrong  the clock of Better Auth is 1h0m\ds behind this one: set both by NTP, for tokens have a leeway of 5s`},
		},
		"a clock that is ahead": {
			map[string]string{"SQLITE_PATH": file, "BETTER_AUTH_URL": jwks(t, 200, oneKey, time.Hour)},
			[]string{`clock     wrong  the clock of Better Auth is (59m5\ds|1h0m0s) ahead of this one: .*`},
		},
		"nobody may call": {
			map[string]string{"APP_ENV": "production", "SQLITE_PATH": file, "BETTER_AUTH_SECRET": secret},
			[]string{`settings  ok     production, with APP_ENV, .*`, `origins   ok     no page of another origin may call: CORS_ORIGINS lets some in`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, tt.set, doctor.Case{})
			for _, want := range tt.says {
				if !slices.ContainsFunc(got, regexp.MustCompile("^"+want+"$").MatchString) {
					t.Errorf("no line is %s:\n%s", want, strings.Join(got, "\n"))
				}
			}
			if all := strings.Join(got, "\n"); strings.Contains(all, "hunter2") {
				t.Errorf("a secret is told:\n%s", all)
			}
		})
	}
}

// TestPostgres asks a real server for the time.
func TestPostgres(t *testing.T) {
	t.Parallel()
	got := run(t, map[string]string{"NEON_DB_URL": pgtest.Via(t, databasetest.PostgresURL(t))}, doctor.Case{})
	for _, want := range []string{"schema    ok     every table and column is there", "clock     ok     agrees with that of the database"} {
		if !slices.Contains(got, want) {
			t.Errorf("no line is %s:\n%s", want, strings.Join(got, "\n"))
		}
	}
}

// TestPostgresRefuses has a real server refuse a user and a database that it does not have.
func TestPostgresRefuses(t *testing.T) {
	t.Parallel()
	valid := databasetest.PostgresURL(t)
	tests := map[string]struct {
		mistake func(*url.URL)
		want    string
	}{
		"a user":     {func(u *url.URL) { u.User = url.UserPassword("nobody-of-this-name", "hunter2") }, "the server refuses the user or the password of NEON_DB_URL: "},
		"a database": {func(u *url.URL) { u.Path = "/none-of-this-name" }, "the server has no database of the name in NEON_DB_URL: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong, err := url.Parse(valid)
			if err != nil {
				t.Fatal(err)
			}
			tt.mistake(wrong)
			got := strings.Join(run(t, map[string]string{"NEON_DB_URL": wrong.String()}, doctor.Case{}), "\n")
			if !strings.Contains(got, "database  wrong  "+tt.want) || strings.Contains(got, "hunter2") {
				t.Errorf("it says\n%s", got)
			}
		})
	}
}

func TestHintsAreWrong(t *testing.T) {
	t.Parallel()
	got := run(t, nil, doctor.Case{Hints: []string{"DATABASE_URL is set, but nothing reads it: is NEON_DB_URL meant?"}})
	if len(got) != 1 || !strings.HasPrefix(got[0], "settings  wrong  DATABASE_URL is set") {
		t.Errorf("it says\n%s", strings.Join(got, "\n"))
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	tests := map[string]func(context.Context) (string, error){
		"token     ok     it is alice's": func(context.Context) (string, error) { return "it is alice's", nil },
		"token     wrong  it is expired": func(context.Context) (string, error) { return "", errors.New("it is\nexpired") },
	}
	for want, check := range tests {
		if got := run(t, nil, doctor.Case{Token: check}); !slices.Contains(got, want) {
			t.Errorf("no line is %s:\n%s", want, strings.Join(got, "\n"))
		}
	}
}

// run returns the lines for these settings. The error is that of a run with a wrong line, and of no other.
func run(t *testing.T, set map[string]string, c doctor.Case) []string {
	t.Helper()
	getenv := func(name string) string { return set[name] }
	c.Config, c.Wrong = config.Load(getenv)
	c.Settings, c.Now = config.Set(getenv), time.Now
	var said bytes.Buffer
	err := doctor.Run(t.Context(), &said, c)
	lines := strings.Split(strings.TrimSuffix(said.String(), "\n"), "\n")
	wrong := slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, " wrong  ") })
	if wrong != (err != nil) {
		t.Errorf("the error is %v:\n%s", err, said.String())
	}
	return lines
}
