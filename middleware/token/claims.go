package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/MicahParks/keyfunc/v2"
	"github.com/golang-jwt/jwt/v5"
)

// leeway is how far the clocks of the issuer and of this service may differ, in seconds
// (RFC 7519 section 4.1.4).
const leeway = 5

// maxLifetimeYears is how far ahead exp may be. A later one is a mistake, most often milliseconds in
// place of seconds: the token would be accepted for ever.
const maxLifetimeYears = 10

// maxAge is the longest time in seconds that a time.Duration can tell.
const maxAge = float64(math.MaxInt64 / int64(time.Second))

// maxSubject is how many characters the user's id may have.
const maxSubject = 255

// Claims is what a token says about its user.
type Claims struct {
	// ID is the user's id, never empty.
	ID string
	// Email and Name are nil where the token has none.
	Email, Name *string
	// Scope is that of an API token; empty for a token of Better Auth.
	Scope Scope
}

// tokenClaims are the claims as a token has them.
type tokenClaims struct {
	// The embedded claims stay empty. They implement jwt.Claims, so that the parser finds nothing
	// to check: its checks have no leeway, and their errors name no values. Validate makes all checks.
	jwt.RegisteredClaims `json:"-"`

	// otherCases stands before the claims: where no field has exactly the name of a member,
	// encoding/json takes the first field that has it in another case of letters.
	otherCases

	lifetime

	Issuer   string           `json:"iss"`
	Audience jwt.ClaimStrings `json:"aud"`

	// They are raw, since null differs from absent.
	Subject json.RawMessage `json:"sub"`
	UserID  json.RawMessage `json:"user_id"`
	ID      json.RawMessage `json:"id"`

	Email any `json:"email"`
	Name  any `json:"name"`

	// They tell other tokens of Better Auth apart.
	VerifiedUser presence `json:"userId"`
	Session      presence `json:"session"`

	expected expectation   // set by Verifier.key
	keys     *keyfunc.JWKS // the keys that were known when Verifier.key ran; nil: none
	result   Claims        // set by Validate
}

// lifetime is the time in which a token is accepted. A float holds any NumericDate without overflow.
type lifetime struct {
	Expiry    *float64 `json:"exp"`
	NotBefore *float64 `json:"nbf"`
}

// otherCases takes the members whose names differ from those of claims in the case of letters. They
// are other claims (RFC 7519 section 4): SUB is not sub.
type otherCases struct {
	ISS, AUD, EXP, NBF, SUB, ID, EMAIL, NAME presence

	UserID presence `json:"USER_ID"`
}

// presence is whether a claim is there, whatever its value.
type presence bool

// UnmarshalJSON notes that the claim is there.
func (p *presence) UnmarshalJSON([]byte) error {
	*p = true
	return nil
}

// Validate is called by the parser once the signature is verified. It returns the first reason to
// refuse the token. Where there is none it sets the result.
func (c *tokenClaims) Validate() error {
	now := time.Now()
	if err := c.checkTimes(now); err != nil {
		return err
	}
	if *c.Expiry > float64(now.AddDate(maxLifetimeYears, 0, 0).Unix()+leeway) {
		return refuse(ReasonFarExpiry, "The token expires more than ten years from now, which is not accepted: "+
			"exp is %.15g and counts seconds since 1970, no milliseconds", *c.Expiry)
	}
	id, ok := c.subject()
	if !ok {
		return c.refuseSubject()
	}
	if err := c.expected.check(c); err != nil {
		return err
	}
	c.result = Claims{ID: id, Email: text(c.Email), Name: text(c.Name)}
	return nil
}

func (l lifetime) checkTimes(at time.Time) error {
	now := float64(at.UnixMilli()) / 1000
	switch {
	case l.Expiry == nil:
		return refuse(ReasonNoExpiry, "The token never expires (it has no exp), which is not accepted")
	case now >= *l.Expiry+leeway:
		ago := time.Duration(math.Min(now-*l.Expiry, maxAge)) * time.Second
		return refuse(ReasonExpired, "The token expired at %s, %s ago by the clock here, which says %s", date(*l.Expiry), ago, date(now))
	case l.NotBefore != nil && now < *l.NotBefore-leeway:
		return refuse(ReasonNotYetValid, "The token is not valid before %s; the clock here says %s", date(*l.NotBefore), date(now))
	}
	return nil
}

// date writes a NumericDate. One outside of the years that RFC 3339 has is written as their end.
func date(seconds float64) string {
	const year0, year9999 = -62167219200, 253402300799
	return time.Unix(int64(math.Min(math.Max(seconds, year0), year9999)), 0).UTC().Format(time.RFC3339)
}

// subject returns the user's id, from the first claim of sub, user_id and id that is there. It
// reports false where that claim is no usable id; the others are not tried.
func (c *tokenClaims) subject() (string, bool) {
	for _, claim := range []json.RawMessage{c.Subject, c.UserID, c.ID} {
		if claim != nil {
			return usableID(claim)
		}
	}
	return "", false
}

// usableID decodes a user's id.
func usableID(claim json.RawMessage) (string, bool) {
	var id string
	if err := json.Unmarshal(claim, &id); err != nil {
		return "", false
	}
	return id, CheckUser(id) == nil
}

// CheckUser returns an error that says why no token can name a user so, if none can. The decoder of tokens
// replaces invalid UTF-8 and lone surrogates by U+FFFD, so that several users would share an id; Postgres
// has no text with a NUL.
func CheckUser(id string) error {
	switch {
	case id == "":
		return errors.New("is empty")
	case utf8.RuneCountInString(id) > maxSubject:
		return fmt.Errorf("has more than %d characters", maxSubject)
	case !utf8.ValidString(id) || strings.ContainsRune(id, utf8.RuneError):
		return errors.New("is no valid UTF-8, or contains U+FFFD")
	case strings.ContainsRune(id, 0):
		return errors.New("contains a NUL character")
	}
	return nil
}

func (c *tokenClaims) refuseSubject() error {
	switch {
	case bool(c.Session):
		return refuse(ReasonSubject, "This looks like a Better Auth session cookie; get a token from /api/auth/token")
	case bool(c.VerifiedUser):
		return refuse(ReasonSubject, "This looks like a Better Auth e-mail verification token; get one from /api/auth/token")
	}
	return refuse(ReasonSubject, "The token does not name its user: sub must be a text of 1 to %d characters", maxSubject)
}

func text(claim any) *string {
	if s, ok := claim.(string); ok {
		return &s
	}
	return nil
}

// expectation is whose a token must be.
type expectation struct {
	issuer, audience string
	always           bool // if false, an empty one is not checked
}

// check compares iss and aud (RFC 7519 sections 4.1.1 and 4.1.3).
func (e expectation) check(c *tokenClaims) error {
	if (e.always || e.issuer != "") && c.Issuer != e.issuer {
		return refuse(ReasonIssuer, "The token's issuer is %.100q, expected is %q", c.Issuer, e.issuer)
	}
	if (e.always || e.audience != "") && !slices.Contains(c.Audience, e.audience) {
		return refuse(ReasonAudience, "The token's audience is %.100q, expected is %q", c.Audience, e.audience)
	}
	return nil
}
