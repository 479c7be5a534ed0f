package token

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"
	"github.com/valyala/fasthttp"
)

// TestACachedTokenIsItsUsers sends the tokens of several users in turn, again and again.
func TestACachedTokenIsItsUsers(t *testing.T) {
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

func TestACachedTokenExpires(t *testing.T) {
	t.Parallel()
	requested(t, app(secretVerifier(t)), "") // the first answer of a process starts a goroutine that never ends
	synctest.Test(t, func(t *testing.T) {
		app := app(secretVerifier(t))
		const lifetime = 10 * time.Second
		token := shared(t, payload(jwt.MapClaims{"sub": "alice", "exp": time.Now().Add(lifetime).Unix() - leeway}))
		for range 2 {
			if got := requested(t, app, "Bearer "+token); got != "user alice" {
				t.Errorf("before: %s", got)
			}
		}
		time.Sleep(lifetime)
		if got := requested(t, app, "Bearer "+token); got != "expired" {
			t.Errorf("after: %s", got)
		}
	})
}

func TestACachedTokenFallsWithItsKey(t *testing.T) {
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
	expect(t, v, fresh.token(t), "user alice") // which asks for the keys
	if got := requested(t, app, token); got != "unknown_key" {
		t.Errorf("once it is not: %s", got)
	}
}

// TestTheTokenCacheIsBounded sends more tokens than are kept, each as large as it may be, as somebody would who fills the memory.
func TestTheTokenCacheIsBounded(t *testing.T) { //nolint:paralleltest // it looks at the memory
	const most = 24 << 20
	app, cache := fiber.New(), newTokenCache()
	v := secretVerifier(t)
	before := heap()
	for i := range maxCachedTokens + 10 {
		filler := strings.Repeat("x", 1350)
		claims := payload(jwt.MapClaims{"sub": fmt.Sprint("user ", i), "name": filler, "email": filler})
		token := shared(t, claims)
		c := app.AcquireCtx(&fasthttp.RequestCtx{})
		c.Request().Header.Set("Authorization", "Bearer "+token)
		parsed, err := jwt.ParseWithClaims(token, &tokenClaims{}, v.key)
		if err != nil || len(token) < maxCachedLength*9/10 {
			t.Fatalf("a token of %d bytes: %v", len(token), err)
		}
		cache.add(c, parsed.Claims.(*tokenClaims))
		app.ReleaseCtx(c)
	}
	if n := cache.tokens.Len(); n != maxCachedTokens {
		t.Errorf("%d are kept", n)
	}
	grown := heap() - before
	t.Logf("%d of the largest tokens take %.1f MB", cache.tokens.Len(), float64(grown)/1e6)
	if grown > most {
		t.Errorf("they take %d bytes, want %d at most", grown, most)
	}
}

// heap is how much memory is in use.
func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// TestLongTokensAreNotCached has bob send a token that would take much memory: he is served, and it is not cached.
func TestLongTokensAreNotCached(t *testing.T) {
	t.Parallel()
	app, cache := fiber.New(), newTokenCache()
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	token := shared(t, payload(jwt.MapClaims{"sub": "bob", "image": strings.Repeat("x", 10<<10)}))
	c.Request().Header.Set("Authorization", "Bearer "+token)
	cache.add(c, &tokenClaims{})
	if n := cache.tokens.Len(); n != 0 || cache.find(c, nil) != nil {
		t.Errorf("%d tokens are kept", n)
	}
	big := fiber.New(fiber.Config{ReadBufferSize: 16 << 10})
	big.Get("/", Auth(secretVerifier(t), nil), func(c *fiber.Ctx) error { return c.SendString(ClaimsOf(c).ID) })
	for range 2 {
		if got := requested(t, big, "Bearer "+token); got != "bob" {
			t.Errorf("a long token is answered with %s", got)
		}
	}
}
