package routes

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"todo-backend/config"
)

// developmentToken returns the token that an answer to a request may hold, or false where the answer may
// hold none. A token is given in development, where the service made its secret itself, to who sits at this
// machine and no page of another origin:
//   - the connection comes from a loopback address, and nothing says that a proxy passes it on;
//   - Host is localhost or a loopback address: a name of somebody's own may lead here (DNS rebinding);
//   - neither Origin nor Sec-Fetch-Site says that a page of another origin asks.
//
// The answer must be no-store, as it is unless a handler says otherwise.
type developmentToken func(*fiber.Ctx) (string, bool)

// newDevelopmentToken returns what decides. Behind a proxy that strips a path it gives no token: the
// connections of all users come from the proxy.
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

// proxyHeaders are those by which proxies say that they pass a request on.
var proxyHeaders = []string{
	"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server",
	"X-Real-Ip", "X-Client-Ip", "X-Original-Host", "True-Client-Ip", "Cf-Connecting-Ip",
}

// isFromThisMachine reports whether the connection itself comes from this machine, and no proxy speaks.
// Browsers send HTTP/1.1; a proxy without settings may send HTTP/1.0, as nginx does.
func isFromThisMachine(c *fiber.Ctx) bool {
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	passedOn := slices.ContainsFunc(proxyHeaders, func(name string) bool { return c.Request().Header.Peek(name) != nil })
	return ok && peer.Unmap().IsLoopback() && !passedOn && c.Request().Header.IsHTTP11()
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

// isFromOtherOrigin reports whether a page of another origin may be what asks. To follow a link to here is no
// such request: the page that has the link does not see the answer.
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
