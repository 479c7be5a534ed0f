package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a machine may have no zones
)

// Case is how the names in answers are written.
type Case string

// The cases that API_CASE chooses from.
const (
	CaseSnake Case = "snake" // created_at
	CaseCamel Case = "camel" // createdAt
)

// TagFormat is how the tags of a task are written in answers.
type TagFormat string

// The forms that API_TAGS chooses from.
const (
	TagNames   TagFormat = "names"   // an array of names
	TagObjects TagFormat = "objects" // an array of {"id", "name", "color"}
	TagCSV     TagFormat = "csv"     // one string, the names separated by commas
)

// Alias is a further name that tasks carry in answers and in bodies.
type Alias struct {
	Name  string
	Field string // in snake_case; whether there is such a field is not checked here
}

// Mount is a further address of the operations on tasks.
type Mount struct {
	Path  string // /api/…, with {user_id} for at most one segment and without a slash at the end
	Query string // filters its list, percent-encoded; empty: none
}

// maxFields is how many further members of a task API_FIELDS may name.
const maxFields = 16

var (
	apiCase   = oneOf(map[string]Case{"snake": CaseSnake, "camel": CaseCamel})
	tagFormat = oneOf(map[string]TagFormat{"names": TagNames, "objects": TagObjects, "csv": TagCSV})
)

// caseOf returns the case that names have in a format unless API_CASE says otherwise.
func caseOf(f Format) Case {
	if f == FormatEnvelope {
		return CaseCamel
	}
	return CaseSnake
}

var (
	memberName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]{0,63}$`)
	fieldName  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

var errMemberName = errors.New("must have a name of at most 64 letters, digits, _ and $ that begins with no digit")

// entries splits a list that is separated by commas, and parses each entry that is not empty. What is wrong
// with one is told of "an origin", say, and its place.
func entries[T any](value, what string, parse func(string) (T, error)) ([]T, error) {
	var all []T
	for i, item := range strings.Split(value, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		parsed, err := parse(item)
		if err != nil {
			return nil, fmt.Errorf("is wrong in entry %d: %s %w", i+1, what, err)
		}
		all = append(all, parsed)
	}
	return all, nil
}

// aliases parses a list of name=field.
func aliases(value string) ([]Alias, error) {
	given := map[string]bool{}
	return entries(value, "an alias", func(item string) (Alias, error) {
		name, field, _ := strings.Cut(item, "=")
		name, field = strings.TrimSpace(name), strings.TrimSpace(field)
		switch {
		case !memberName.MatchString(name):
			return Alias{}, errMemberName
		case !fieldName.MatchString(field):
			return Alias{}, errors.New("must be name=field, the field in snake_case")
		case given[name]:
			return Alias{}, errors.New("repeats a name")
		}
		given[name] = true
		return Alias{Name: name, Field: field}, nil
	})
}

// fields parses a list of names. Bodies write them in either case, so that no two may differ in that alone.
func fields(value string) ([]string, error) {
	given := map[string]bool{}
	all, err := entries(value, "a member", func(item string) (string, error) {
		folded := inOneCase(item)
		switch {
		case !memberName.MatchString(item):
			return "", errMemberName
		case given[folded]:
			return "", errors.New("repeats a name")
		}
		given[folded] = true
		return item, nil
	})
	if err == nil && len(all) > maxFields {
		return nil, fmt.Errorf("must name at most %d members", maxFields)
	}
	return all, err
}

// inOneCase makes the same of a name in snake_case and in camelCase.
func inOneCase(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// fieldsBeside reads API_FIELDS, whose names may not be those of API_ALIASES.
func fieldsBeside(env *environment, aliases []Alias) []string {
	const name = "API_FIELDS"
	all := read(env, name, nil, fields)
	taken := func(field string) bool {
		return slices.ContainsFunc(aliases, func(a Alias) bool { return inOneCase(a.Name) == inOneCase(field) })
	}
	if slices.ContainsFunc(all, taken) {
		env.Reject(name, errors.New("must not have a name that API_ALIASES gives to a field"))
	}
	return all
}

// standardPaths are the addresses that the service has without settings, as API_PATHS writes them.
var standardPaths = setOf(
	"/api/tasks", "/api/tasks/search", "/api/tasks/stats", "/api/tasks/statistics", "/api/tasks/bulk",
	"/api/tags", "/api/search",
	"/api/{user_id}/tasks", "/api/{user_id}/tasks/search", "/api/{user_id}/tasks/stats", "/api/{user_id}/tasks/statistics",
	"/api/{user_id}/tasks/bulk", "/api/{user_id}/tags", "/api/{user_id}/search",
	"/api/auth/me", "/api/health", "/api/tokens", "/api/calendar.ics",
)

// pathSegment is a fixed part of a path, of the characters that need no encoding (RFC 3986, section 2.3).
var pathSegment = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// mounts parses a list of addresses. Two are the same address if their paths are, whatever their queries say.
func mounts(value string) ([]Mount, error) {
	given := map[string]bool{}
	return entries(value, "an address", func(item string) (Mount, error) {
		mount, err := parseMount(item)
		switch {
		case err != nil:
			return Mount{}, err
		case standardPaths[mount.Path]:
			return Mount{}, errors.New("is one that the service has already")
		case given[mount.Path]:
			return Mount{}, errors.New("repeats another")
		}
		given[mount.Path] = true
		return mount, nil
	})
}

func parseMount(item string) (Mount, error) {
	path, query, _ := strings.Cut(item, "?")
	path = strings.TrimSuffix(path, "/")
	below, ok := strings.CutPrefix(path, "/api/")
	if !ok {
		return Mount{}, errors.New("must begin with /api/, such as /api/v1/tasks")
	}
	for segment := range strings.SplitSeq(below, "/") {
		if segment != "{user_id}" && !isSegment(segment) {
			return Mount{}, errors.New("must have segments of letters, digits, -, ., _ and ~, or {user_id}")
		}
	}
	if strings.Count(path, "{user_id}") > 1 {
		return Mount{}, errors.New("must not have {user_id} twice")
	}
	if _, err := url.ParseQuery(query); err != nil || strings.Contains(query, "#") {
		return Mount{}, errors.New("must have a query such as due=week, percent-encoded (a comma is %2C)")
	}
	return Mount{Path: path, Query: query}, nil
}

// isSegment tells whether a segment of a path arrives as it is written, whichever client or proxy sends it.
func isSegment(segment string) bool {
	return pathSegment.MatchString(segment) && segment != "." && segment != ".."
}

// basePath parses the path that a proxy strips. A slash at the end says nothing.
func basePath(value string) (string, error) {
	path := strings.TrimRight(value, "/")
	if path == "" {
		return "", nil
	}
	below, ok := strings.CutPrefix(path, "/")
	if !ok {
		return "", errors.New("must begin with a slash, such as /todo")
	}
	for segment := range strings.SplitSeq(below, "/") {
		if !isSegment(segment) {
			return "", errors.New("must have segments of letters, digits, -, ., _ and ~")
		}
	}
	return path, nil
}

// zoneName is how IANA writes names, so that none leads anywhere else in a file system.
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}$`)

// timezone loads a zone by its IANA name. Local is the machine's own, which differs between copies.
func timezone(value string) (*time.Location, error) {
	if zoneName.MatchString(value) && value != "Local" && value != "Factory" {
		if zone, err := time.LoadLocation(value); err == nil {
			return zone, nil
		}
	}
	return nil, errors.New("must be an IANA time zone, such as Europe/Berlin")
}
