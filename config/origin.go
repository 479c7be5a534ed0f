package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

var errNotOrigin = errors.New("must be a scheme and a host, with a port where it is not the usual one, " +
	"such as https://app.example.com, http://localhost:3000 or capacitor://localhost")

// defaultPorts are those that browsers leave out of an origin.
var defaultPorts = map[string]uint64{"http": 80, "https": 443}

// domains maps a domain as browsers do (https://url.spec.whatwg.org/#concept-domain-to-ascii): by UTS #46
// without transitional processing, with names that DNS would not take.
var domains = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
	idna.BidiRule(),
)

// asciiHost is what a host may consist of once it is mapped.
var asciiHost = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// endsInNumber matches hosts whose last label is a number, decimal or hexadecimal.
var endsInNumber = regexp.MustCompile(`(^|\.)(\d+|0[xX][0-9A-Fa-f]*)\.?$`)

// origins parses a list of origins that is separated by commas.
func origins(value string) ([]string, error) { return entries(value, "an origin", parseOrigin) }

// parseOrigin returns an origin of any scheme as browsers send it. The text of url.Parse's errors is
// dropped, for it quotes the value.
func parseOrigin(value string) (string, error) {
	if strings.Contains(value, "*") {
		return "", errors.New("must be exact: * would let any site act with a user's credentials")
	}
	if strings.EqualFold(value, "null") {
		return "", errors.New("must not be null: local files and sandboxed pages of any site send that")
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme == "" || u.Hostname() == "" || u.User != nil {
		return "", errNotOrigin
	}
	if u.Path != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#") {
		return "", errors.New("must end after the host or port: no trailing slash and no path")
	}
	return originOf(u)
}

// originOf serialises the origin of u as browsers do
// (https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin).
func originOf(u *url.URL) (string, error) {
	host, err := hostOf(u)
	if err != nil {
		return "", err
	}
	origin := u.Scheme + "://" + host
	if u.Port() == "" {
		return origin, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return "", errNotOrigin
	}
	if port == defaultPorts[u.Scheme] {
		return origin, nil
	}
	return origin + ":" + strconv.FormatUint(port, 10), nil
}

// hostOf returns the host of u, an IPv6 address in brackets. Domains are mapped to lower-case ASCII;
// the hosts of other schemes than the web's are no domains, and browsers leave them as they are.
func hostOf(u *url.URL) (string, error) {
	host := u.Hostname()
	if strings.Contains(host, ":") {
		return ipv6Host(host)
	}
	if isWeb(u) {
		mapped, err := domains.ToASCII(host)
		if err != nil || isOddIPv4(mapped) {
			return "", errNotOrigin
		}
		host = mapped
	}
	if !asciiHost.MatchString(host) {
		return "", errNotOrigin
	}
	return host, nil
}

// ipv6Host writes an address as browsers do (https://url.spec.whatwg.org/#concept-ipv6-serializer).
func ipv6Host(host string) (string, error) {
	address, err := netip.ParseAddr(host)
	if err != nil || address.Zone() != "" {
		return "", errNotOrigin
	}
	if address.Is4In6() {
		b := address.As16()
		return fmt.Sprintf("[::ffff:%x:%x]", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15])), nil
	}
	return "[" + address.String() + "]", nil
}

// isOddIPv4 tells whether browsers read host as an IPv4 address though it is not written as four
// decimal numbers (https://url.spec.whatwg.org/#ends-in-a-number-checker): they would write it anew.
func isOddIPv4(host string) bool {
	return endsInNumber.MatchString(host) && !isIPv4(host)
}

func isIPv4(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Is4()
}
