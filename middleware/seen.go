package middleware

import (
	"crypto/sha256"
	"time"

	"github.com/MicahParks/keyfunc/v2"
	"github.com/gofiber/fiber/v2"
	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// tokensSeen is how many accepted tokens are remembered, the latest added:
	// some 1.5 MB of them, and 13 MB where all are as long as may be.
	tokensSeen = 4096
	// tokenSeenLength is how long a header may be to be remembered, in bytes. A
	// longer one could make its claims as large, and is verified each time.
	tokenSeenLength = 4 << 10
)

// seen remembers tokens that were accepted, since clients send theirs with
// every request: to parse and verify one takes longer than all else that is done
// for a request beside the database. A token is known by a hash of the whole
// header and stays accepted only while nothing that decided can have changed:
// the keys of the JWKS are the very same and its time has not run out. Otherwise
// it is verified anew, and refused with the reason.
type seen struct {
	tokens *lru.Cache[[sha256.Size]byte, acceptance]
}

// acceptance is what a token says that was accepted, with what that rests on.
type acceptance struct {
	claims *Claims
	lifetime
	keys *keyfunc.JWKS
}

func newSeen() seen {
	tokens, err := lru.New[[sha256.Size]byte, acceptance](tokensSeen)
	if err != nil {
		panic(err) // of a size that is none
	}
	return seen{tokens}
}

// add remembers the claims of the request's token.
func (s seen) add(c *fiber.Ctx, claims *tokenClaims) {
	header := c.Request().Header.Peek(fiber.HeaderAuthorization)
	if len(header) > tokenSeenLength {
		return
	}
	result := claims.result // all else may be forgotten
	s.tokens.Add(sha256.Sum256(header), acceptance{&result, claims.lifetime, claims.keys})
}

// find returns the claims of the request's token if it was accepted with these
// keys and still is, or nil.
func (s seen) find(c *fiber.Ctx, keys *keyfunc.JWKS) *Claims {
	header := c.Request().Header.Peek(fiber.HeaderAuthorization)
	if len(header) > tokenSeenLength {
		return nil
	}
	// Peek, not Get: who only looks need not wait for each other. So the latest added are kept, not the latest used.
	known, ok := s.tokens.Peek(sha256.Sum256(header))
	if !ok || known.keys != keys || known.checkTimes(time.Now()) != nil {
		return nil
	}
	return known.claims
}
