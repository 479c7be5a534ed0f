package config

import (
	"slices"
	"strings"
	"testing"
)

func TestHints(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		environ []string
		want    map[string]string // the setting that is meant, by the name that is set
	}{
		"other programs' names": {
			[]string{"DATABASE_URL=postgres://u:hunter2@h/d", "JWT_SECRET=hunter2"},
			map[string]string{"DATABASE_URL": "NEON_DB_URL", "JWT_SECRET": "BETTER_AUTH_SECRET"},
		},
		"beside the right ones": {[]string{"DATABASE_URL=x", "NEON_DB_URL=y"}, nil},
		"misspelt": {
			[]string{
				"BETTER_AUTH_SECERT=hunter2", "BETER_AUTH_URL=x", "CORS_ORIGIN=x", "NEON_DATABSE_URL=x", "NEON_DBURL=x", "API_FROMAT=x",
				"SQLLITE_PATH=x", "app_env=production", "LOGLEVEL=x", "REQUEST_TIME_OUT=1s",
			},
			map[string]string{
				"BETTER_AUTH_SECERT": "BETTER_AUTH_SECRET", "BETER_AUTH_URL": "BETTER_AUTH_URL", "CORS_ORIGIN": "CORS_ORIGINS",
				"NEON_DBURL": "NEON_DB_URL", "API_FROMAT": "API_FORMAT", "SQLLITE_PATH": "SQLITE_PATH", "app_env": "APP_ENV",
				"LOGLEVEL": "LOG_LEVEL", "REQUEST_TIME_OUT": "REQUEST_TIMEOUT",
			},
		},
		"with two letters swapped": {
			[]string{"APP_EVN=production", "BASE_APTH=x", "BASE_PAHT=x", "API_CSAE=x", "api_tgas=x", "RATE_LIMTI=x"},
			map[string]string{
				"APP_EVN": "APP_ENV", "BASE_APTH": "BASE_PATH", "BASE_PAHT": "BASE_PATH", "API_CSAE": "API_CASE",
				"api_tgas": "API_TAGS", "RATE_LIMTI": "RATE_LIMIT",
			},
		},
		"misspelt beside the right one": {[]string{"BETTER_AUTH_SECERT=x", "BETTER_AUTH_SECRET=y"}, nil},
		"misspelt beside an empty one": {
			[]string{"BETTER_AUTH_SECERT=x", "BETTER_AUTH_SECRET="},
			map[string]string{"BETTER_AUTH_SECERT": "BETTER_AUTH_SECRET"},
		},
		"what an ordinary machine has": {
			[]string{
				"HOME=/root", "PATH=/bin", "HOSTNAME=x", "host=x", "POST=x", "PWD=/", "SHELL=/bin/sh", "LANG=C.UTF-8", "LOGNAME=root",
				"SSH_AUTH_SOCK=x", "XDG_DATA_DIRS=x", "GIT_AUTHOR_NAME=x", "CI=true", "NODE_ENV=production", "PGHOST=x", "PGDATABASE=x",
				"OTEL_LOGS_EXPORTER=x", "OTEL_EXPORTER_OTLP_HEADERS=x", "OTEL_METRICS_EXPORTER=x", "KUBERNETES_PORT=x", "BETTER_AUTH_TELEMETRY=0",
				"NEXT_PUBLIC_BETTER_AUTH_URL=x", "=C:=C:\\", "DEBIAN_FRONTEND=x", "ASPNETCORE_URLS=x", "VERCEL_URL=x",
			},
			nil,
		},
		"every setting": {names, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			for set, meant := range tt.want {
				want = append(want, set+" is set, but nothing reads it: is "+meant+" meant?")
			}
			slices.Sort(want)
			if got := Hints(tt.environ); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}
