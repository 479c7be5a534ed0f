package routes

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"todo-backend/config"
)

// developmentToken returns the token to put into the answer to a request, or false if the answer must not
// hold one. Only development with a secret that the service generated has such tokens, and only a request
// from this machine and not from a page of another origin gets one:
//   - the connection comes from a loopback address, and no header shows that a proxy forwarded it;
//   - Host is localhost or a loopback address: an attacker's name may resolve to it (DNS rebinding);
//   - neither Origin nor Sec-Fetch-Site shows that a page of another origin sent it.
//
// The answer must be no-store, as it is unless a handler says otherwise.
type developmentToken func(*fiber.Ctx) (string, bool)

// newDevelopmentToken returns the function for a deployment. With BASE_PATH it returns no tokens: behind a proxy
// the connections of all users come from the proxy's machine.
func newDevelopmentToken(d Dependencies, cfg config.Config) developmentToken {
	if d.DevelopmentToken == nil || cfg.Production || cfg.BasePath != "" {
		return func(*fiber.Ctx) (string, bool) { return "", false }
	}
	return func(c *fiber.Ctx) (string, bool) {
		if !isFromThisMachine(c) || !isNamedLoopback(c) || isFromOtherOrigin(c) {
			return "", false
		}
		made, err := d.DevelopmentToken()
		if err != nil {
			d.Logger.ErrorContext(c.UserContext(), "a development token could not be made", "error", err)
			return "", false
		}
		return made, true
	}
}

// proxyHeader matches the headers that proxies add to the requests they forward.
var proxyHeader = regexp.MustCompile(`(?i)^(Forwarded|Via|X-Forwarded-.*|X-Envoy-.*|X-Real-IP|X-Client-IP|X-Original-Host|` +
	`True-Client-IP|CF-Connecting-IP|CDN-Loop)$`)

// isFromThisMachine reports whether the connection comes from this machine and not from a proxy on it.
// Browsers send HTTP/1.1; a proxy that adds no headers may send HTTP/1.0, as nginx does by default.
func isFromThisMachine(c *fiber.Ctx) bool {
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	for name := range c.Request().Header.All() {
		if proxyHeader.Match(name) {
			return false
		}
	}
	return ok && peer.Unmap().IsLoopback() && c.Request().Header.IsHTTP11()
}

// isNamedLoopback reports whether the request names this machine by a loopback address or localhost,
// in the Host header and in a target of absolute form too.
func isNamedLoopback(c *fiber.Ctx) bool {
	return isLoopbackHost(string(c.Request().Header.Host())) && isLoopbackHost(string(c.Request().Host()))
}

// hostSyntax is a name or an IPv4 address, or an IPv6 address in brackets, with or without a port.
var hostSyntax = regexp.MustCompile(`^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.]+))(?::\d{1,5})?$`)

// isLoopbackHost reports whether host is localhost or a loopback address. Names below localhost do not
// count: not every resolver keeps those on this machine.
func isLoopbackHost(host string) bool {
	parts := hostSyntax.FindStringSubmatch(host)
	if parts == nil {
		return false
	}
	if strings.EqualFold(parts[2], "localhost") {
		return true
	}
	address, err := netip.ParseAddr(parts[1] + parts[2])
	return err == nil && address.Unmap().IsLoopback()
}

// isFromOtherOrigin reports whether a page of another origin may have sent the request. A navigation from a link
// does not count: the page with the link can't read the answer.
func isFromOtherOrigin(c *fiber.Ctx) bool {
	if c.Request().Header.Peek(fiber.HeaderOrigin) != nil {
		return true // our own pages read by GET, without it
	}
	switch c.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return c.Get("Sec-Fetch-Dest") != "document"
}
