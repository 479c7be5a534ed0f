// Package middleware holds what a request passes on its way to a handler, one
// concern a file.
package middleware

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	jwtware "github.com/gofiber/contrib/jwt"
	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"

	"todo-backend/ent/viewer"
)

// TokenRules says which tokens are accepted.
type TokenRules struct {
	// Secret is the HS256 key, as UTF-8 text; HS256 is off without it.
	Secret string
	// SecretIssuer and SecretAudience are expected of HS256 tokens, each only
	// where it is set.
	SecretIssuer, SecretAudience string

	// JWKSURL is where the public keys of the other algorithms are published;
	// those algorithms are off without it.
	JWKSURL string
	// Issuer and Audience are expected of tokens signed with a key of the JWKS,
	// always: left empty, they refuse every such token.
	Issuer, Audience string

	// Logger hears of the JWKS becoming reachable or not; slog.Default() if nil.
	Logger *slog.Logger
}

// A Verifier tells whether a token is accepted, and whose it is.
type Verifier struct {
	secret   []byte
	keys     *keySet // nil: no JWKS
	bySecret expectation
	byKeys   expectation
}

// NewVerifier returns a Verifier of the given rules. It does not wait for the
// JWKS, which is fetched and kept fresh in the background until ctx ends.
func NewVerifier(ctx context.Context, rules TokenRules) *Verifier {
	v := &Verifier{
		secret:   []byte(rules.Secret),
		bySecret: expectation{issuer: rules.SecretIssuer, audience: rules.SecretAudience},
		byKeys:   expectation{issuer: rules.Issuer, audience: rules.Audience, always: true},
	}
	if rules.JWKSURL != "" {
		v.keys = newKeySet(rules.JWKSURL, cmp.Or(rules.Logger, slog.Default()))
		go v.keys.keepFresh(ctx)
	}
	return v
}

// Verify returns the claims of a token, or an error as Auth does.
func (v *Verifier) Verify(token string) (*Claims, error) {
	var claims tokenClaims
	if _, err := jwt.ParseWithClaims(token, &claims, v.key); err != nil {
		return nil, refusal(err)
	}
	return &claims.result, nil
}

// tokenKey is where contrib/jwt puts the token among a request's locals, and
// claimsKey where its *Claims are.
const (
	tokenKey  = "token"
	claimsKey = "claims"
)

// Auth lets a request through if it carries an accepted token (RFC 6750 §2.1),
// with the token's user as the viewer of its user context. Otherwise it returns
// an *AuthError, or an error that is ErrKeysUnavailable, and writes nothing.
func Auth(v *Verifier) fiber.Handler {
	accepted := newSeen()
	return jwtware.New(jwtware.Config{
		Filter: func(c *fiber.Ctx) bool {
			claims := accepted.find(c, v.keys.current())
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
			accepted.add(c, claims)
			setUser(c, &claims.result)
			return c.Next()
		},
		ErrorHandler: func(_ *fiber.Ctx, err error) error { return refusal(err) },
	})
}

func setUser(c *fiber.Ctx, claims *Claims) {
	c.Locals(claimsKey, claims)
	c.SetUserContext(viewer.NewContext(c.UserContext(), viewer.Viewer{ID: claims.ID}))
}

// ClaimsOf returns what the request's token says, or nil where Auth did not run.
func ClaimsOf(c *fiber.Ctx) *Claims {
	claims, _ := c.Locals(claimsKey).(*Claims)
	return claims
}

// publicKeyAlgorithms are those that Better Auth can be told to sign with
// (RFC 7518 §3.1, RFC 8037 §3.1).
var publicKeyAlgorithms = []string{"EdDSA", "ES256", "ES512", "RS256", "PS256"}

// key is the jwt.Keyfunc: the key for a token's algorithm, and with it what is
// expected of the token. The kind of key decides, never the token
// (RFC 8725 §3.1).
func (v *Verifier) key(token *jwt.Token) (any, error) {
	claims, alg := token.Claims.(*tokenClaims), token.Method.Alg()
	claims.keys = v.keys.current()                     // those of before the search: it may find its key in newer ones
	if _, critical := token.Header["crit"]; critical { // RFC 7515 §4.1.11
		return nil, refuse(ReasonMalformed, "The token demands an extension (crit) that is not known here")
	}
	switch {
	case alg == "HS256" && len(v.secret) > 0:
		claims.expected = v.bySecret
		return v.secret, nil
	case v.keys != nil && slices.Contains(publicKeyAlgorithms, alg):
		claims.expected = v.byKeys
		return v.publicKey(token, alg)
	}
	return nil, refuse(ReasonAlgorithm, "The algorithm %s is not accepted%s; accepted are: %s", alg, v.hint(alg), v.accepted())
}

// hint says how to switch on a refused algorithm, if that can be.
func (v *Verifier) hint(alg string) string {
	switch {
	case alg == "HS256":
		return ", as BETTER_AUTH_SECRET is not set"
	case slices.Contains(publicKeyAlgorithms, alg):
		return ", as BETTER_AUTH_URL is not set, where the keys of such tokens are"
	}
	return ""
}

// accepted lists the algorithms that are switched on.
func (v *Verifier) accepted() string {
	var all []string
	if len(v.secret) > 0 {
		all = append(all, "HS256")
	}
	if v.keys != nil {
		all = append(all, publicKeyAlgorithms...)
	}
	return strings.Join(all, ", ")
}

func (v *Verifier) publicKey(token *jwt.Token, alg string) (any, error) {
	key, err := v.keys.find(token)
	if err != nil {
		return nil, err
	}
	if !fits(key, alg) {
		return nil, refuse(ReasonAlgorithm, "The algorithm %s is not for the kind of key that the token names", alg)
	}
	return key, nil
}

// fits reports whether a key is of the kind that an algorithm is for, which of
// the curve golang-jwt does not ask.
func fits(key any, alg string) bool {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return alg == "EdDSA"
	case *ecdsa.PublicKey:
		return alg == "ES256" && key.Curve == elliptic.P256() || alg == "ES512" && key.Curve == elliptic.P521()
	case *rsa.PublicKey:
		return alg == "RS256" || alg == "PS256"
	}
	return false
}

// A Reason is why a token is refused.
type Reason string

// The reasons, in the order in which they are found.
const (
	ReasonMissing     Reason = "missing"       // there is no bearer token
	ReasonMalformed   Reason = "malformed"     // it is no JWT, or a claim is of the wrong type
	ReasonAlgorithm   Reason = "algorithm"     // it is not accepted, or not with that key
	ReasonUnknownKey  Reason = "unknown_key"   // the JWKS has no such kid
	ReasonSignature   Reason = "signature"     // it does not match
	ReasonNoExpiry    Reason = "no_expiry"     // exp is absent
	ReasonExpired     Reason = "expired"       // exp is past
	ReasonNotYetValid Reason = "not_yet_valid" // nbf is to come
	ReasonSubject     Reason = "subject"       // no claim names the user
	ReasonIssuer      Reason = "issuer"        // iss is another's
	ReasonAudience    Reason = "audience"      // aud does not name this service
)

// An AuthError says why a request is not authenticated. Its text is for the log
// and for developers; it never contains the token.
type AuthError struct {
	Reason   Reason
	sentence string
	cause    error
}

// Error returns the reason as a sentence.
func (e *AuthError) Error() string { return e.sentence }

// Unwrap returns what the JWT library said, if it was what refused the token.
func (e *AuthError) Unwrap() error { return e.cause }

func refuse(reason Reason, format string, args ...any) *AuthError {
	return &AuthError{Reason: reason, sentence: fmt.Sprintf(format, args...)}
}

// refusal makes an AuthError of what contrib/jwt and golang-jwt say. Where they
// only hand on what a function of this package said, that is the error.
func refusal(err error) error {
	if own, ok := errors.AsType[*AuthError](err); ok {
		return own
	}
	if keys, ok := errors.AsType[*keysError](err); ok {
		return keys
	}
	reason, sentence := explain(err)
	return &AuthError{Reason: reason, sentence: sentence, cause: err}
}

func explain(err error) (Reason, string) {
	switch {
	case errors.Is(err, jwtware.ErrJWTMissingOrMalformed):
		return ReasonMissing, "There is no token: the request needs the header Authorization: Bearer <token>"
	case errors.Is(err, jwt.ErrSignatureInvalid): // of the HMACs alone
		return ReasonSignature, "The signature does not match: is BETTER_AUTH_SECRET the same on both sides, " +
			"with no white space or quotes around it?"
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return ReasonSignature, "The signature does not match the key of the JWKS that the token names"
	case errors.Is(err, jwt.ErrTokenUnverifiable):
		return ReasonAlgorithm, "The token names no algorithm, or one that is not known here"
	}
	return ReasonMalformed, "The token is malformed: a JWT has three parts of base64url, with a dot between; " +
		"a Better Auth session token is something else, get a JWT from /api/auth/token"
}
