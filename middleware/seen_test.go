package middleware

import (
	"fmt"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestATokenSeenBeforeIsItsUsers sends the tokens of several users in turn, again and again.
func TestATokenSeenBeforeIsItsUsers(t *testing.T) {
	t.Parallel()
	app := app(secretVerifier(t))
	tokens := map[string]string{}
	for i := range 20 {
		user := fmt.Sprint("user ", i)
		tokens[user] = shared(t, payload(jwt.MapClaims{"sub": user}))
	}
	for range 3 {
		for user, token := range tokens {
			if got := requested(t, app, "Bearer "+token); got != "user "+user {
				t.Errorf("the token of %s is taken for that of %s", user, got)
			}
			if got := requested(t, app, "Bearer "+token[:len(token)-1]); got != "signature" && got != "malformed" {
				t.Errorf("the token of %s without its end: %s", user, got)
			}
		}
	}
}

func TestATokenSeenBeforeExpires(t *testing.T) {
	t.Parallel()
	app := app(secretVerifier(t))
	expiry := time.Now().Add(time.Second)
	token := shared(t, payload(jwt.MapClaims{"sub": "alice", "exp": float64(expiry.UnixMilli())/1000 - leeway}))
	for range 2 {
		if got := requested(t, app, "Bearer "+token); got != "user alice" {
			t.Errorf("before: %s", got)
		}
	}
	time.Sleep(time.Until(expiry) + 10*time.Millisecond)
	if got := requested(t, app, "Bearer "+token); got != "expired" {
		t.Errorf("after: %s", got)
	}
}

func TestATokenSeenBeforeFallsWithItsKey(t *testing.T) {
	t.Parallel()
	old, fresh := newSigner(t, "old"), newSigner(t, "new")
	p := publish(t, old.jwk())
	v := p.verifier(t.Context())
	app, token := app(v), "Bearer "+old.token(t)
	for range 2 {
		if got := requested(t, app, token); got != "user alice" {
			t.Errorf("while the key is published: %s", got)
		}
	}
	p.publish(fresh.jwk())
	v.keys.refresh(t.Context())
	if got := requested(t, app, token); got != "unknown_key" {
		t.Errorf("once it is not: %s", got)
	}
}

// TestTokensSeenAreBounded makes more tokens than are kept.
func TestTokensSeenAreBounded(t *testing.T) {
	t.Parallel()
	s := newSeen()
	for i := range tokensSeen + 10 {
		s.tokens.Add([32]byte{byte(i), byte(i >> 8)}, &jwt.Token{})
	}
	if n := s.tokens.Len(); n != tokensSeen {
		t.Errorf("%d are kept", n)
	}
}
