package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// An API token is apiTokenPrefix, apiTokenRandom random letters and digits, and the CRC32 of those in
// apiTokenChecksum digits of base 62, so that it can be told from other texts, as scanners for secrets
// do, and a wrong one without a look into the database.
const (
	apiTokenPrefix   = "todo_"
	apiTokenRandom   = 37
	apiTokenChecksum = 6
	apiTokenLength   = len(apiTokenPrefix) + apiTokenRandom + apiTokenChecksum

	// shownCharacters are how many of an API token's characters are kept, for its owner to know it by.
	shownCharacters = len(apiTokenPrefix) + 4
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// APIToken is the text of an API token. It is told once, to who made it.
type APIToken string

// NewAPIToken makes an API token of 220 random bits.
func NewAPIToken() APIToken {
	text := make([]byte, apiTokenRandom)
	for i := range text {
		digit, err := rand.Int(rand.Reader, big.NewInt(int64(len(base62))))
		if err != nil {
			panic(err) // the system's randomness does not fail
		}
		text[i] = base62[digit.Int64()]
	}
	return APIToken(apiTokenPrefix + string(text) + checksum(string(text)))
}

// IsAPIToken reports whether a token is meant to be an API token, well-formed or not.
func IsAPIToken(text string) bool { return strings.HasPrefix(text, apiTokenPrefix) }

// HoldsAPIToken reports whether a text has in it what looks like an API token, however its letters are
// written. Such a text is not repeated in answers and logs.
func HoldsAPIToken(text string) bool { return apiTokenForm.MatchString(text) }

var apiTokenForm = regexp.MustCompile(fmt.Sprintf(`(?i)%s[0-9a-z]{%d}`, apiTokenPrefix, apiTokenLength-len(apiTokenPrefix)))

// Hash is what is kept of the token: its SHA-256 in hexadecimal digits.
func (t APIToken) Hash() string {
	sum := sha256.Sum256([]byte(t))
	return hex.EncodeToString(sum[:])
}

// Shown are the first characters of the token, which may be shown.
func (t APIToken) Shown() string { return string(t[:shownCharacters]) }

// check returns why the text can't be an API token, or nil.
func (t APIToken) check() error {
	if len(t) != apiTokenLength || !IsAPIToken(string(t)) {
		return refuse(ReasonMalformed, "The API token is malformed: it has %d characters, %q and %d letters and digits",
			apiTokenLength, apiTokenPrefix, apiTokenLength-len(apiTokenPrefix))
	}
	random := string(t[len(apiTokenPrefix) : len(apiTokenPrefix)+apiTokenRandom])
	if checksum(random) != string(t[len(apiTokenPrefix)+apiTokenRandom:]) {
		return refuse(ReasonMalformed, "The API token is mistyped: its checksum does not match")
	}
	return nil
}

// checksum is the CRC32 (IEEE 802.3) of a text in base 62, with zeros in front.
func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	digits := []byte(strings.Repeat(base62[:1], apiTokenChecksum))
	for i := len(digits) - 1; sum > 0; i-- {
		digits[i] = base62[sum%uint32(len(base62))]
		sum /= uint32(len(base62))
	}
	return string(digits)
}

// Scope is what a token opens.
type Scope string

// The scopes of API tokens. Tokens of Better Auth have none: they open everything.
const (
	ScopeRead  Scope = "read"  // what changes nothing
	ScopeWrite Scope = "write" // everything but the API tokens
	ScopeFeed  Scope = "feed"  // the calendar
)

// Grant is what is kept of an API token.
type Grant struct {
	ID         uuid.UUID
	User       string // whose it is
	Name       string
	Scope      Scope
	ExpiresAt  *time.Time // nil: never
	LastUsedAt *time.Time // to the minute; nil: never
}

// check returns why the grant does not hold at a time, or nil.
func (g *Grant) check(now time.Time) error {
	if g.ExpiresAt != nil && !now.Before(*g.ExpiresAt) {
		return refuse(ReasonExpired, "The API token expired at %s", g.ExpiresAt.UTC().Format(time.RFC3339))
	}
	return nil
}
