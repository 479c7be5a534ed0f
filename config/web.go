package config

import (
	"cmp"
	"errors"
	"net/url"
	"strings"
)

var errNotWebURL = errors.New("must be a URL such as https://auth.example.com, without a user and password")

// betterAuth is what follows from Better Auth's base URL.
type betterAuth struct {
	origin string
	jwks   string
}

// parseBetterAuth reads the base URL as Better Auth itself does: a path in it is where its routes
// are, and without one they are under /api/auth.
func parseBetterAuth(value string) (betterAuth, error) {
	u, err := parseWebURL(value)
	if err != nil {
		return betterAuth{}, err
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return betterAuth{}, errors.New("must not have a query or a fragment")
	}
	origin, err := originOf(u)
	if err != nil {
		return betterAuth{}, errNotWebURL
	}
	path := cmp.Or(strings.TrimRight(u.EscapedPath(), "/"), "/api/auth")
	return betterAuth{origin: origin, jwks: origin + path + "/jwks"}, nil
}

// jwksOverride takes the address of the public keys as it stands.
func jwksOverride(value string) (string, error) {
	_, err := parseWebURL(value)
	return value, err
}

// parseWebURL parses an absolute http or https URL. The text of url.Parse's errors is dropped, for it
// quotes the URL.
func parseWebURL(value string) (*url.URL, error) {
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || u.User != nil || !isWeb(u) {
		return nil, errNotWebURL
	}
	return u, nil
}

func isWeb(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }
