package token

import (
	"crypto/sha256"
	"time"

	"github.com/MicahParks/keyfunc/v2"
	"github.com/gofiber/fiber/v2"
	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// maxCachedTokens is how many verified tokens a tokenCache keeps. They take about 1.5 MB, and
	// 13 MB where each is as long as maxCachedLength allows.
	maxCachedTokens = 4096
	// maxCachedLength is how long an Authorization header may be to be cached, in bytes. The claims
	// of a longer one take as much memory, so that it is verified each time.
	maxCachedLength = 4 << 10
)

// tokenCache keeps the claims of verified tokens, since clients send the same token with every
// request, and to verify one takes longer than all other work on a request beside the database.
//
// The key is a hash of the whole Authorization header. An entry holds only while everything that
// the verification depended on is unchanged: the keys of the JWKS, and the time. Otherwise the token
// is verified again, so that a refusal names its reason.
type tokenCache struct {
	tokens *lru.Cache[[sha256.Size]byte, cachedToken]
}

// cachedToken holds the claims of a verified token and what the verification depended on.
type cachedToken struct {
	claims *Claims
	lifetime
	keys *keyfunc.JWKS
}

func newTokenCache() tokenCache {
	tokens, err := lru.New[[sha256.Size]byte, cachedToken](maxCachedTokens)
	if err != nil {
		panic(err) // of a size that is not positive
	}
	return tokenCache{tokens}
}

// add caches the claims of the request's token.
func (t tokenCache) add(c *fiber.Ctx, claims *tokenClaims) {
	header := c.Request().Header.Peek(fiber.HeaderAuthorization)
	if len(header) > maxCachedLength {
		return
	}
	result := claims.result // a copy, so that the rest of the claims can be freed
	t.tokens.Add(sha256.Sum256(header), cachedToken{&result, claims.lifetime, claims.keys})
}

// find returns the cached claims of the request's token, or nil where the token is not cached, was
// verified with other keys, or has expired.
func (t tokenCache) find(c *fiber.Ctx, keys *keyfunc.JWKS) *Claims {
	header := c.Request().Header.Peek(fiber.HeaderAuthorization)
	if len(header) > maxCachedLength {
		return nil
	}
	// Peek takes a read lock only, where Get would take the write lock to note the use. The cache
	// therefore drops what was added first, not what was used least recently.
	cached, ok := t.tokens.Peek(sha256.Sum256(header))
	if !ok || cached.keys != keys || cached.checkTimes(time.Now()) != nil {
		return nil
	}
	return cached.claims
}
