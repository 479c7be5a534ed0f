package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// names are all settings that [Load] reads.
var names = []string{
	"APP_ENV", "HOST", "PORT", "NEON_DB_URL", "SQLITE_PATH", "BETTER_AUTH_SECRET", "BETTER_AUTH_URL", "BETTER_AUTH_JWKS_URL",
	"JWT_ISSUER", "JWT_AUDIENCE", "CORS_ORIGINS", "API_FORMAT", "API_CASE", "API_TAGS", "API_ALIASES", "API_FIELDS", "API_PATHS",
	"DEFAULT_TIMEZONE", "BASE_PATH", "REQUEST_TIMEOUT", "DRAIN_DELAY", "IDLE_TIMEOUT", "RATE_LIMIT", "METRICS_ADDR", "LOG_LEVEL",
	"OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT",
	"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL",
}

// otherNames are what other programs and hosts call a setting.
var otherNames = map[string]string{
	"DATABASE_URL":         "NEON_DB_URL",
	"DB_URL":               "NEON_DB_URL",
	"NEON_DATABASE_URL":    "NEON_DB_URL",
	"POSTGRES_URL":         "NEON_DB_URL",
	"ALLOWED_ORIGINS":      "CORS_ORIGINS",
	"CORS_ALLOWED_ORIGINS": "CORS_ORIGINS",
	"AUTH_SECRET":          "BETTER_AUTH_SECRET",
	"JWT_SECRET":           "BETTER_AUTH_SECRET",
	"BETTER_AUTH_BASE_URL": "BETTER_AUTH_URL",
	"JWKS_URL":             "BETTER_AUTH_JWKS_URL",
}

// Hints names the variables of an environment, of which each is NAME=value, that look as if a setting
// was meant which is not set: settings misspelt, and what others call them. Nothing reads these.
func Hints(environ []string) []string {
	set := map[string]bool{}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		set[name] = value != ""
	}
	var hints []string
	for name := range set {
		if meant := meantBy(name); meant != "" && !set[meant] {
			hints = append(hints, fmt.Sprintf("%s is set, but nothing reads it: is %s meant?", name, meant))
		}
	}
	slices.Sort(hints)
	return hints
}

// meantBy returns the setting that name is another name or a misspelling of, or nothing. Misspellings of
// short names are other programs' variables more often than not, and so are those of OpenTelemetry's names.
func meantBy(name string) string {
	if slices.Contains(names, name) {
		return ""
	}
	if meant := otherNames[name]; meant != "" {
		return meant
	}
	for _, setting := range names {
		if strings.HasPrefix(setting, "OTEL_") || len(setting) < len("APP_ENV") {
			continue
		}
		if written := strings.ToUpper(name); levenshtein.Distance(written, setting, nil) <= len(setting)/5 || isSwapped(written, setting) {
			return setting
		}
	}
	return ""
}

// isSwapped says whether a is b with two neighbouring letters swapped, which counts as two edits of single letters.
func isSwapped(a, b string) bool {
	for i := range len(b) - 1 {
		if a == b[:i]+b[i+1:i+2]+b[i:i+1]+b[i+2:] {
			return true
		}
	}
	return false
}

// Set returns the names of the settings that have a value.
func Set(getenv func(string) string) []string {
	env := environment{getenv: getenv}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !env.isSet(name) })
}
