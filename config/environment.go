package config

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// environment reads variables and collects what is wrong with them.
type environment struct {
	Rejections
	getenv func(string) string
}

// text returns the value of name without surrounding white space.
func (e *environment) text(name string) string {
	return strings.TrimSpace(e.getenv(name))
}

// isSet tells whether name has a value, right or wrong.
func (e *environment) isSet(name string) bool {
	return e.text(name) != ""
}

// either returns which of two names counts: the first where it has a value.
func (e *environment) either(first, second string) string {
	if e.isSet(second) && !e.isSet(first) {
		return second
	}
	return first
}

// read parses the value of name, or returns the fallback where there is none.
func read[T any](env *environment, name string, fallback T, parse func(string) (T, error)) T {
	if !env.isSet(name) {
		return fallback
	}
	parsed, err := parse(env.text(name))
	if err != nil {
		env.Reject(name, err)
	}
	return parsed
}

// oneOf parses one of the words.
func oneOf[T any](words map[string]T) func(string) (T, error) {
	return func(value string) (T, error) {
		chosen, ok := words[value]
		if !ok {
			return chosen, fmt.Errorf("must be one of %s", strings.Join(slices.Sorted(maps.Keys(words)), ", "))
		}
		return chosen, nil
	}
}

var format = oneOf(map[string]Format{
	"plain":    FormatPlain,
	"wrapped":  FormatWrapped,
	"envelope": FormatEnvelope,
})

var logLevel = oneOf(map[string]slog.Level{
	"debug": slog.LevelDebug,
	"info":  slog.LevelInfo,
	"warn":  slog.LevelWarn,
	"error": slog.LevelError,
})

// integer parses a whole number within the bounds.
func integer(lowest, highest int) func(string) (int, error) {
	return func(value string) (int, error) {
		n, err := strconv.Atoi(value)
		if err != nil || n < lowest || n > highest {
			return 0, fmt.Errorf("must be a whole number from %d to %d", lowest, highest)
		}
		return n, nil
	}
}

// duration parses Go's notation of a duration, not shorter than lowest.
func duration(lowest time.Duration) func(string) (time.Duration, error) {
	return func(value string) (time.Duration, error) {
		d, err := time.ParseDuration(value)
		if err != nil || d < lowest {
			return 0, fmt.Errorf("must be a duration such as 10s or 500ms, %s or longer", lowest)
		}
		return d, nil
	}
}

// host parses a name or an IP address to listen on. A colon outside an IPv6 address is a port.
func host(value string) (string, error) {
	if _, err := netip.ParseAddr(value); err != nil && strings.ContainsAny(value, ":/[]") {
		return "", errors.New("must be a host name or an IP address, without brackets and port")
	}
	return value, nil
}

// address parses a host and port to listen on; the host may be empty.
func address(value string) (string, error) {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", errors.New("must be an address and a port, such as 127.0.0.1:9090 or :9090")
	}
	return value, nil
}
