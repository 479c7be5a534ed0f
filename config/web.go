package config

import (
	"cmp"
	"errors"
	"fmt"
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
	path := cmp.Or(strings.TrimRight(u.EscapedPath(), "/"), "/api/auth")
	return betterAuth{origin: originOf(u), jwks: originOf(u) + path + "/jwks"}, nil
}

// jwksOverride takes the address of the public keys as it stands.
func jwksOverride(value string) (string, error) {
	_, err := parseWebURL(value)
	return value, err
}

// origins parses a list of origins that is separated by commas.
func origins(value string) ([]string, error) {
	var all []string
	for i, item := range strings.Split(value, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		parsed, err := parseOrigin(item)
		if err != nil {
			return nil, fmt.Errorf("is wrong in entry %d: an origin %w", i+1, err)
		}
		all = append(all, parsed)
	}
	return all, nil
}

func parseOrigin(value string) (string, error) {
	if strings.Contains(value, "*") {
		return "", errors.New("must be exact: * would let any site act with a user's credentials")
	}
	u, err := parseWebURL(value)
	if err != nil {
		return "", err
	}
	if u.Path != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#") {
		return "", errors.New("must end after the host or port: no trailing slash and no path")
	}
	return originOf(u), nil
}

// parseWebURL parses an absolute http or https URL. The text of url.Parse's errors is dropped, for it
// quotes the URL.
func parseWebURL(value string) (*url.URL, error) {
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errNotWebURL
	}
	return u, nil
}

// originOf serialises the origin of u as browsers do (RFC 6454, section 6.2).
func originOf(u *url.URL) string {
	defaultPort := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	host := strings.TrimSuffix(strings.ToLower(u.Host), defaultPort)
	return u.Scheme + "://" + strings.TrimSuffix(host, ":")
}
