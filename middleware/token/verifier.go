// Package token verifies the tokens that requests carry. It accepts HS256 tokens that are signed with
// a shared secret, and tokens that are signed with a key of Better Auth's JWKS.
package token

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"log/slog"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Rules says which tokens are accepted.
type Rules struct {
	// Secret is the HS256 key, as UTF-8 text; HS256 is off without it.
	Secret string
	// SecretIssuer and SecretAudience are expected of HS256 tokens, each where it is set.
	SecretIssuer, SecretAudience string

	// JWKSURL is where the public keys of the other algorithms are published. Without it those
	// algorithms are off.
	JWKSURL string
	// Issuer and Audience are expected of all tokens that are signed with a key of the JWKS. An
	// empty one refuses all of them.
	Issuer, Audience string

	// Logger is told when the JWKS can't be fetched and when it can again; nil: slog.Default().
	Logger *slog.Logger
}

// A Verifier says whether a token is accepted, and whose it is.
type Verifier struct {
	secret   []byte
	keys     *keySet // nil: no JWKS
	bySecret expectation
	byKeys   expectation
}

// NewVerifier returns a Verifier with the given rules. It does not wait for the JWKS, which is fetched
// in the background, again and again, until ctx ends.
func NewVerifier(ctx context.Context, rules Rules) *Verifier {
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

// Verify returns the claims of a token, or an error as [Auth] does.
func (v *Verifier) Verify(token string) (*Claims, error) {
	var claims tokenClaims
	if _, err := jwt.ParseWithClaims(token, &claims, v.key); err != nil {
		return nil, refusal(err)
	}
	return &claims.result, nil
}

// publicKeyAlgorithms are those that Better Auth can sign with (RFC 7518 section 3.1, RFC 8037
// section 3.1).
var publicKeyAlgorithms = []string{"EdDSA", "ES256", "ES512", "RS256", "PS256"}

// key is the jwt.Keyfunc. It returns the key for a token's algorithm, and notes in the claims what is
// expected of the token. Which algorithms are accepted follows from the kind of key, never from the
// token (RFC 8725 section 3.1).
func (v *Verifier) key(token *jwt.Token) (any, error) {
	claims, alg := token.Claims.(*tokenClaims), token.Method.Alg()
	claims.keys = v.keys.current()                     // before the search, which may fetch newer ones
	if _, critical := token.Header["crit"]; critical { // RFC 7515 section 4.1.11
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

// fits reports whether a key is of the kind that an algorithm is for. golang-jwt does not check the
// curve.
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
