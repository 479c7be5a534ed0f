package middleware

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"
	lru "github.com/hashicorp/golang-lru/v2"

	"todo-backend/middleware/token"
)

// Origins are those whose pages may read answers.
type Origins struct {
	// Exact are serialised as browsers send them (RFC 6454 section 6.2).
	Exact []string
	// Loopback adds every origin on this machine: localhost and what is below it, 127.0.0.0/8 and
	// [::1], with any scheme and port.
	Loopback bool
}

// Allow reports whether pages of the origin may read answers.
func (o Origins) Allow(origin string) bool {
	return slices.Contains(o.Exact, origin) || o.Loopback && isLoopback(origin)
}

// isLoopback reports whether an origin is on this machine.
func isLoopback(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme+"://"+u.Host != origin {
		return false
	}
	name := u.Hostname()
	address, err := netip.ParseAddr(name)
	return err == nil && address.IsLoopback() || name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// The headers of private network access (https://wicg.github.io/private-network-access), by which
// browsers ask whether a page of the internet may call a service in a local network.
const (
	requestPrivateNetwork = "Access-Control-Request-Private-Network"
	allowPrivateNetwork   = "Access-Control-Allow-Private-Network"
)

// maxRefusedOrigins is how many refused origins are remembered.
const maxRefusedOrigins = 128

// CORS lets pages of the given origins, and no others, call with credentials and read answers, errors
// too (https://fetch.spec.whatwg.org/#http-cors-protocol). They may send all headers that their
// preflight asks for. The logger is told once of each origin that is refused.
func CORS(origins Origins, logger *slog.Logger) fiber.Handler {
	allow := cors.New(cors.Config{
		AllowOriginsFunc: origins.Allow,
		AllowMethods:     "GET,HEAD,POST,PUT,PATCH,DELETE",
		AllowHeaders:     "", // those that are asked for
		ExposeHeaders:    "ETag,Link,Location,Next-Task,RateLimit,RateLimit-Policy,Retry-After,X-Request-Id",
		AllowCredentials: true,
		MaxAge:           600,
	})
	refused := newRefusedOrigins(logger)
	return func(c *fiber.Ctx) error {
		origin := c.Get(fiber.HeaderOrigin)
		isAllowed := origins.Allow(strings.ToLower(origin)) // as cors compares
		if origin != "" && !isAllowed {
			refused.log(c, origin)
		}
		if isPreflight(c) {
			c.Vary(requestPrivateNetwork)
			if isAllowed && c.Get(requestPrivateNetwork) == "true" {
				c.Set(allowPrivateNetwork, "true")
			}
			asked := c.Get(fiber.HeaderAccessControlRequestHeaders)
			if !isAllowed || !headerNames.MatchString(asked) || token.HoldsAPIToken(asked) {
				c.Request().Header.Del(fiber.HeaderAccessControlRequestHeaders) // cors would allow them
			}
		}
		return allow(c)
	}
}

// headerNames is what a list of header names looks like. Nothing else that a client sends comes back in
// the answer, least of all a token.
var headerNames = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}(?:[ \t]*,[ \t]*[A-Za-z0-9_-]{1,64})*$`)

func isPreflight(c *fiber.Ctx) bool {
	return c.Method() == http.MethodOptions && c.Get(fiber.HeaderAccessControlRequestMethod) != ""
}

// originSyntax is what an origin looks like that CORS_ORIGINS can name. Whatever else a client may send is
// not logged.
var originSyntax = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?$`)

// refusedOrigins logs each refused origin once. Of more than maxRefusedOrigins the first ones are
// forgotten, and logged again when they come again.
type refusedOrigins struct {
	logger *slog.Logger
	logged *lru.Cache[string, struct{}]
}

func newRefusedOrigins(logger *slog.Logger) refusedOrigins {
	logged, err := lru.New[string, struct{}](maxRefusedOrigins)
	if err != nil {
		panic(err) // of a size that is not positive
	}
	return refusedOrigins{logger, logged}
}

func (r refusedOrigins) log(c *fiber.Ctx, origin string) {
	const maxLength = 255 // of a host name, and a little more
	if len(origin) > maxLength || !originSyntax.MatchString(origin) || isOwn(c, origin) {
		return
	}
	origin = strings.Clone(origin) // the request's memory is used again
	if known, _ := r.logged.ContainsOrAdd(origin, struct{}{}); !known {
		r.logger.WarnContext(c.UserContext(), "CORS refused a page to read the answer; CORS_ORIGINS can allow its origin", "origin", origin)
	}
}

// isOwn reports whether a page of the origin came from this service, so that no browser asks for leave.
func isOwn(c *fiber.Ctx, origin string) bool {
	_, host, _ := strings.Cut(origin, "://")
	return host == string(c.Request().Host())
}
