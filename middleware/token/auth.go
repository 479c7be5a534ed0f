package token

import (
	"errors"
	"strings"

	jwtware "github.com/gofiber/contrib/jwt"
	"github.com/gofiber/fiber/v2"
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
// (RFC 6750 section 2.1). The token's user becomes the viewer of the request's user context.
// Otherwise Auth returns an [*AuthError], or an error that is [ErrKeysUnavailable], and writes
// nothing.
func Auth(v *Verifier) fiber.Handler {
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
