package token

import (
	"errors"
	"fmt"

	jwtware "github.com/gofiber/contrib/jwt"
	"github.com/golang-jwt/jwt/v5"
)

// A Reason is why a token is refused.
type Reason string

// The reasons, in the order in which they are found.
const (
	ReasonMissing     Reason = "missing"       // there is no bearer token
	ReasonScheme      Reason = "scheme"        // there is something else than Bearer and a token
	ReasonMalformed   Reason = "malformed"     // it is no JWT, or a claim is of the wrong type
	ReasonAlgorithm   Reason = "algorithm"     // it is not accepted, or not with that key
	ReasonUnknownKey  Reason = "unknown_key"   // the JWKS has no such kid
	ReasonSignature   Reason = "signature"     // it does not match
	ReasonNoExpiry    Reason = "no_expiry"     // exp is absent
	ReasonExpired     Reason = "expired"       // exp is past
	ReasonNotYetValid Reason = "not_yet_valid" // nbf is to come
	ReasonFarExpiry   Reason = "far_expiry"    // exp is more than ten years ahead
	ReasonSubject     Reason = "subject"       // no claim names the user
	ReasonIssuer      Reason = "issuer"        // iss is another's
	ReasonAudience    Reason = "audience"      // aud does not name this service
	ReasonRevoked     Reason = "revoked"       // there is no such API token, or no longer
)

// An AuthError says why a request is not authenticated. Its text is for the log and for developers. It
// never contains the token.
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

// refusal makes an AuthError of an error of contrib/jwt or golang-jwt. Where that wraps an error of this
// package, it returns the wrapped one.
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

// ScopeError is the error of a request that a valid token does not open. Its text is for the user.
type ScopeError struct {
	// Needs is the scope that opens it; empty: no API token does.
	Needs    Scope
	sentence string
}

// Error returns what would open the request.
func (e *ScopeError) Error() string { return e.sentence }
