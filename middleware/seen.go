package middleware

import (
	"crypto/sha256"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"
)

// tokensSeen is how many accepted tokens are remembered, the latest used: some
// 2 MB of them.
const tokensSeen = 4096

// seen remembers tokens that were accepted, since clients send theirs with
// every request: to parse and verify one takes longer than all else that is done
// for a request beside the database. A token is known by a hash of the whole
// header and stays accepted only while nothing that decided can have changed:
// the keys of the JWKS are the very same and its time has not run out. Otherwise
// it is verified anew, and refused with the reason.
type seen struct {
	tokens *lru.Cache[[sha256.Size]byte, *jwt.Token]
}

func newSeen() seen {
	tokens, err := lru.New[[sha256.Size]byte, *jwt.Token](tokensSeen)
	if err != nil {
		panic(err) // of a size that is none
	}
	return seen{tokens}
}

// add remembers the request's token.
func (s seen) add(c *fiber.Ctx, token *jwt.Token) {
	token.Raw, token.Signature = "", nil // nobody needs them any more
	s.tokens.Add(headerHash(c), token)
}

// find returns the request's token if it was accepted with these keys and still
// is, or nil.
func (s seen) find(c *fiber.Ctx, keys *snapshot) *jwt.Token {
	token, ok := s.tokens.Get(headerHash(c))
	if !ok {
		return nil
	}
	claims := token.Claims.(*tokenClaims)
	if claims.keys != keys || claims.checkTimes(time.Now()) != nil {
		return nil
	}
	return token
}

func headerHash(c *fiber.Ctx) [sha256.Size]byte {
	return sha256.Sum256(c.Request().Header.Peek(fiber.HeaderAuthorization))
}
