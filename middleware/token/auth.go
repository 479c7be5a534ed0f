package token

import (
	"errors"
	"strings"

	jwtware "github.com/gofiber/contrib/jwt"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/golang-jwt/jwt/v5"

	"todo-backend/ent/viewer"
)

// The keys of a request's locals: contrib/jwt puts the token under tokenKey, and Auth puts the token's
// *Claims under claimsKey.
const (
	tokenKey  = "token"
	claimsKey = "claims"
)

// Auth lets a request through if it carries an accepted token in its Authorization header
// (RFC 6750 section 2.1): one that v accepts or, unless grants is nil, an API token. The token's user
// becomes the viewer of the request's user context. Otherwise Auth returns an [*AuthError], an error that
// is [ErrKeysUnavailable], or one of the store of API tokens, and writes nothing.
func Auth(v *Verifier, grants *Grants) fiber.Handler {
	verifyJWT := authJWT(v)
	return func(c *fiber.Ctx) error {
		text := bearer(c)
		if grants == nil || !IsAPIToken(text) {
			return verifyJWT(c)
		}
		return grants.let(c, text)
	}
}

// AddressParam is the parameter of an address that [AuthInAddress] reads.
const AddressParam = "access_token"

// AuthInAddress is auth, which [Auth] made of v and grants, for what calendars fetch, which send no headers:
// without an Authorization header it reads an API token in the parameter access_token. Addresses are logged and
// shared, so that a token which opens more than reading is a [*ScopeError] there.
func AuthInAddress(auth fiber.Handler, v *Verifier, grants *Grants) fiber.Handler {
	return func(c *fiber.Ctx) error {
		text := utils.CopyString(c.Query(AddressParam))
		switch {
		case len(c.Request().Header.Peek(fiber.HeaderAuthorization)) > 0 || text == "":
			return auth(c)
		case IsAPIToken(text):
			grant, err := grants.Verify(c.UserContext(), text)
			if err != nil {
				return err
			}
			if grant.Scope == ScopeWrite {
				return errNotInAddress
			}
			return letGrant(c, grant)
		}
		if _, err := v.Verify(text); err != nil {
			return err
		}
		return errNotInAddress
	}
}

var errNotInAddress = &ScopeError{
	Needs:    ScopeFeed,
	sentence: "In an address only API tokens of the scope feed or read are taken: addresses are logged and shared",
}

// RequireScope refuses what the request's API token does not open: [ScopeFeed] opens nothing behind it,
// [ScopeRead] what is safe (RFC 9110 section 9.2.1).
func RequireScope(c *fiber.Ctx) error {
	isSafe := c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
	if err := ClaimsOf(c).Scope.open(isSafe); err != nil {
		return err
	}
	return c.Next()
}

// RequireScopeOfCalls is RequireScope for what is no more than a way to calls that read and calls that
// change something: [Claims.MayWrite] tells whether the latter are open.
func RequireScopeOfCalls(c *fiber.Ctx) error {
	if err := ClaimsOf(c).Scope.open(true); err != nil {
		return err
	}
	return c.Next()
}

// MayWrite returns a [*ScopeError] where the token opens only what reads.
func (c *Claims) MayWrite() error { return c.Scope.open(false) }

// open returns a [*ScopeError] where the scope does not open what reads only, or what does more.
func (s Scope) open(isRead bool) error {
	switch {
	case s == "", s == ScopeWrite, s == ScopeRead && isRead:
		return nil
	case isRead:
		return &ScopeError{ScopeRead, "The API token has the scope " + string(s) + ", this takes read or write"}
	}
	return &ScopeError{ScopeWrite, "The API token has the scope " + string(s) + ", this takes write"}
}

// RefuseAPITokens refuses every API token.
func RefuseAPITokens(c *fiber.Ctx) error {
	if ClaimsOf(c).Scope != "" {
		return &ScopeError{sentence: "An API token does not open this, only who has signed in does"}
	}
	return c.Next()
}

// bearer is the token in the Authorization header, as contrib/jwt reads it; empty where there is none.
func bearer(c *fiber.Ctx) string {
	const scheme = "Bearer "
	header := c.Get(fiber.HeaderAuthorization)
	if len(header) <= len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return ""
	}
	return strings.TrimSpace(header[len(scheme):])
}

// let lets a request with an API token through.
func (g *Grants) let(c *fiber.Ctx, text string) error {
	grant, err := g.Verify(c.UserContext(), text)
	if err != nil {
		return err
	}
	return letGrant(c, grant)
}

func letGrant(c *fiber.Ctx, grant *Grant) error {
	setUser(c, &Claims{ID: grant.User, Scope: grant.Scope})
	return c.Next()
}

// authJWT is Auth for the tokens that v accepts.
func authJWT(v *Verifier) fiber.Handler {
	cache := newTokenCache()
	return jwtware.New(jwtware.Config{
		Filter: func(c *fiber.Ctx) bool {
			claims := cache.find(c, v.keys.current())
			if claims == nil {
				return false
			}
			setUser(c, claims)
			return true
		},
		KeyFunc:    v.key,
		Claims:     &tokenClaims{}, // the type; each request gets its own
		ContextKey: tokenKey,
		SuccessHandler: func(c *fiber.Ctx) error {
			claims := c.Locals(tokenKey).(*jwt.Token).Claims.(*tokenClaims)
			cache.add(c, claims)
			setUser(c, &claims.result)
			return c.Next()
		},
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			if errors.Is(err, jwtware.ErrJWTMissingOrMalformed) && lacksScheme(c.Get(fiber.HeaderAuthorization)) {
				return refuse(ReasonScheme, "The header Authorization lacks Bearer: it needs Bearer, a space and the token")
			}
			return refusal(err)
		},
	})
}

// lacksScheme reports whether an Authorization header has something, but not the scheme Bearer before it.
func lacksScheme(header string) bool {
	words := strings.Fields(header)
	return len(words) > 0 && !strings.EqualFold(words[0], "Bearer")
}

func setUser(c *fiber.Ctx, claims *Claims) {
	c.Locals(claimsKey, claims)
	c.SetUserContext(viewer.NewContext(c.UserContext(), viewer.Viewer{ID: claims.ID}))
}

// ClaimsOf returns the claims of the request's token, or nil where [Auth] did not run.
func ClaimsOf(c *fiber.Ctx) *Claims {
	claims, _ := c.Locals(claimsKey).(*Claims)
	return claims
}
