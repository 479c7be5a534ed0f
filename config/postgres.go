package config

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// postgresScheme knows libpq's two schemes and SQLAlchemy's, which name a Python driver too. pgx would
// take any other for a keyword, and then connect to the local socket.
var postgresScheme = regexp.MustCompile(`(?i)^postgres(ql)?(\+(asyncpg|psycopg2?))?://`)

// postgresURL returns value in the form that pgx takes. It works on the text, because net/url refuses
// lists of hosts and would write percent-encoded passwords anew.
//
// pgx's errors are dropped: they quote the URL, and a misplaced password with it.
func postgresURL(value string) (string, error) {
	value = pasted(value)
	scheme := postgresScheme.FindString(value)
	if scheme == "" {
		return "", errors.New("must be a URL that begins with postgresql:// or postgres://")
	}
	user, rest := cutUser(value[len(scheme):])
	place, query, _ := strings.Cut(rest, "?")
	if strings.Contains(place, "@") {
		return "", errors.New("must have special characters of its user and password percent-encoded (@ is %40, / is %2F)")
	}
	given := parseParameters(query)
	if lacksHost(place) && !given.has("host") {
		return "", errors.New("must name a host")
	}
	query, err := given.forPgx()
	if err != nil {
		return "", err
	}
	return checked("postgres://" + user + place + query)
}

// checked returns the URL if pgx can read it.
func checked(url string) (string, error) {
	if _, err := pgx.ParseConfig(url); err != nil {
		return "", errors.New("must be a Postgres URL with valid ports, parameters and readable certificate files, " +
			"and special characters of its user and password percent-encoded")
	}
	return url, nil
}

// pasted strips what comes along from Neon's console (psql 'postgresql://…') or from an
// environment file whose quotes were kept.
func pasted(value string) string {
	value = strings.TrimSpace(strings.TrimPrefix(value, "psql "))
	for _, quote := range []string{`'`, `"`} {
		if inner, ok := strings.CutPrefix(value, quote); ok && strings.HasSuffix(inner, quote) {
			return strings.TrimSuffix(inner, quote)
		}
	}
	return value
}

// cutUser splits off the user and password with their @. As for libpq and pgx, the first @ ends
// them unless a slash stands before it.
func cutUser(rest string) (user, place string) {
	i := strings.IndexAny(rest, "@/")
	if i < 0 || rest[i] == '/' {
		return "", rest
	}
	return rest[:i+1], rest[i+1:]
}

// lacksHost tells whether one of the hosts before the path is empty: pgx would use the local socket.
func lacksHost(place string) bool {
	hosts, _, _ := strings.Cut(place, "/")
	return slices.ContainsFunc(strings.Split(hosts, ","), func(host string) bool {
		return host == "" || strings.HasPrefix(host, ":")
	})
}
