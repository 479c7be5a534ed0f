package token

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"

	"todo-backend/ent/viewer"
)

const (
	secret = "a secret of more than thirty-two bytes: ü"
	origin = "http://localhost:3000"
)

// hangs is how long a test waits for an answer before it fails, on the clock of the test.
const hangs = time.Minute

// payload returns claims that are accepted from alice, changed as given; a nil
// value takes a claim away.
func payload(changes jwt.MapClaims) jwt.MapClaims {
	claims := jwt.MapClaims{
		"sub": "alice", "iss": origin, "aud": origin,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	for name, value := range changes {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	return claims
}

// signed returns a token signed with key, with a kid unless it is empty.
func signed(t *testing.T, alg, kid string, key any, claims jwt.Claims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.GetSigningMethod(alg), claims)
	if kid != "" {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatalf("signing a token: %v", err)
	}
	return text
}

// shared returns a token signed with the shared secret.
func shared(t *testing.T, claims jwt.MapClaims) string {
	t.Helper()
	return signed(t, "HS256", "", []byte(secret), claims)
}

// literal returns a token with this very payload, signed with the shared secret.
func literal(payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"HS256"}`)) + "." + encode([]byte(payload))
	signature, _ := jwt.SigningMethodHS256.Sign(text, []byte(secret))
	return text + "." + encode(signature)
}

func secretVerifier(t *testing.T) *Verifier {
	return NewVerifier(t.Context(), Rules{Secret: secret})
}

// app answers with the viewer, or with the reason why there is none.
func app(v *Verifier) *fiber.App {
	app := fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		if len(c.Response().Body()) > 0 {
			return c.SendString("the middleware wrote a body")
		}
		return c.SendString(outcome("", err))
	}})
	app.Get("/", Auth(v, nil), func(c *fiber.Ctx) error {
		who, ok := viewer.FromContext(c.UserContext())
		if !ok || who.ID != ClaimsOf(c).ID {
			return c.SendString("no viewer, or another than the claims say")
		}
		return c.SendString(outcome(who.ID, nil))
	})
	return app
}

// outcome writes what a decision was: "user alice", or a reason.
func outcome(user string, err error) string {
	var refused *AuthError
	switch {
	case err == nil:
		return "user " + user
	case errors.As(err, &refused):
		return string(refused.Reason)
	case errors.Is(err, ErrKeysUnavailable):
		return "keys unavailable"
	}
	return err.Error()
}

func verified(v *Verifier, token string) string {
	got := make(chan string, 1)
	go func() {
		claims, err := v.Verify(token)
		if err != nil {
			got <- outcome("", err)
			return
		}
		got <- outcome(claims.ID, nil)
	}()
	select {
	case got := <-got:
		return got
	case <-time.After(hangs):
		return "no answer"
	}
}

// requested returns the outcome of a request with this Authorization header.
func requested(t *testing.T, app *fiber.App, authorization string) string {
	t.Helper()
	request := httptest.NewRequest("GET", "/", nil)
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := app.Test(request, int(hangs/time.Millisecond))
	if err != nil {
		t.Fatalf("the request: %v", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("its answer: %v", err)
	}
	return string(body)
}

func TestAuthReadsTheBearerToken(t *testing.T) {
	t.Parallel()
	token := shared(t, payload(nil))
	tests := []struct{ name, authorization, want string }{
		{"no header", "", "missing"},
		{"bearer", "Bearer " + token, "user alice"},
		{"lower case", "bearer " + token, "user alice"},
		{"upper case", "BEARER " + token, "user alice"},
		{"spaces around", " Bearer   " + token + "  ", "user alice"},
		{"scheme alone", "Bearer", "missing"},
		{"scheme and spaces", "Bearer   ", "missing"},
		{"no scheme", token, "scheme"},
		{"another scheme", "Basic " + token, "scheme"},
		{"scheme twice", "Bearer Bearer " + token, "malformed"},
		{"scheme run into the token", "Bearer" + token, "scheme"},
		{"no JWT", "Bearer undefined", "malformed"},
		{"a Better Auth session token", "Bearer hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd.c2lnbmF0dXJl", "malformed"},
		{"four parts", "Bearer " + token + ".x", "malformed"},
		{"no base64url", "Bearer " + strings.Replace(token, ".", ".+", 1), "malformed"},
	}
	app := app(secretVerifier(t))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := requested(t, app, test.authorization); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAuthTakesNoTokenFromElsewhere(t *testing.T) {
	t.Parallel()
	token := shared(t, payload(nil))
	request := httptest.NewRequest("GET", "/?token="+token+"&access_token="+token, nil)
	request.Header.Set("Cookie", "token="+token+"; better-auth.session_data="+token)
	response, err := app(secretVerifier(t)).Test(request, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); string(body) != "missing" {
		t.Errorf("got %q, want missing", body)
	}
}

func TestClaimsOutliveTheRequest(t *testing.T) {
	t.Parallel()
	var kept []*Claims
	app := fiber.New()
	app.Get("/", Auth(secretVerifier(t), nil), func(c *fiber.Ctx) error {
		kept = append(kept, ClaimsOf(c))
		return nil
	})
	users := []string{"alice", "bobby", "carol"}
	for _, user := range users {
		requested(t, app, "Bearer "+shared(t, payload(jwt.MapClaims{"sub": user, "name": user, "email": user})))
	}
	for i, user := range users {
		if got := kept[i]; got.ID != user || *got.Name != user || *got.Email != user {
			t.Errorf("the claims of %s became %s, %s, %s", user, got.ID, *got.Name, *got.Email)
		}
	}
}

func TestClaimsOfARequestWithoutAuth(t *testing.T) {
	t.Parallel()
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		if claims := ClaimsOf(c); claims != nil {
			t.Errorf("got %+v, want none", claims)
		}
		return nil
	})
	requested(t, app, "Bearer "+shared(t, payload(nil)))
}

// Each token is put to Verify and to the middleware, which must agree.
func TestWhichTokensAreAccepted(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	ours := func(alg string, claims jwt.MapClaims) string {
		return signed(t, alg, alg, keys.private[alg], claims)
	}
	stranger := newKeys(t)
	publicDER, err := x509.MarshalPKIXPublicKey(&keys.private["RS256"].(*rsa.PrivateKey).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	tampered := strings.Split(shared(t, payload(nil)), ".")
	tampered[1] = strings.Split(shared(t, payload(jwt.MapClaims{"sub": "bob"})), ".")[1]

	tests := []struct{ name, token, want string }{
		{"EdDSA", ours("EdDSA", payload(nil)), "user alice"},
		{"ES256", ours("ES256", payload(nil)), "user alice"},
		{"ES512", ours("ES512", payload(nil)), "user alice"},
		{"RS256", ours("RS256", payload(nil)), "user alice"},
		{"PS256", ours("PS256", payload(nil)), "user alice"},
		{"HS256", shared(t, payload(nil)), "user alice"},
		{"HS256 with neither issuer nor audience", shared(t, payload(jwt.MapClaims{"iss": nil, "aud": nil})), "user alice"},
		{"HS256 of another issuer", shared(t, payload(jwt.MapClaims{"iss": "x", "aud": "y"})), "user alice"},

		{"HS256 with another secret", signed(t, "HS256", "", []byte(secret+" "), payload(nil)), "signature"},
		{"HS256 with another's payload", strings.Join(tampered, "."), "signature"},
		{"HS256 without its signature", strings.Join(tampered[:2], ".") + ".", "signature"},
		{"HS384 with our secret", signed(t, "HS384", "", []byte(secret), payload(nil)), "algorithm"},
		{"HS512 with our secret", signed(t, "HS512", "", []byte(secret), payload(nil)), "algorithm"},
		{"none", signed(t, "none", "", jwt.UnsafeAllowNoneSignatureType, payload(nil)), "algorithm"},
		{"none with a kid", signed(t, "none", "EdDSA", jwt.UnsafeAllowNoneSignatureType, payload(nil)), "algorithm"},
		{"HS256 keyed with our public RSA key", signed(t, "HS256", "RS256", publicDER, payload(nil)), "signature"},
		{"HS256 keyed with a key that the JWKS publishes", signed(t, "HS256", "oct", []byte("published"), payload(nil)), "signature"},
		{"an algorithm nobody knows", "eyJhbGciOiJYWTk5OSJ9.e30.AA", "algorithm"},
		{"no algorithm", "e30.e30.AA", "algorithm"},
		{"an unknown extension", critical(t), "malformed"},

		{"EdDSA with a stranger's key", signed(t, "EdDSA", "EdDSA", stranger.private["EdDSA"], payload(nil)), "signature"},
		{"ES256 with a stranger's key", signed(t, "ES256", "ES256", stranger.private["ES256"], payload(nil)), "signature"},
		{"RS256 with a stranger's key", signed(t, "RS256", "RS256", stranger.private["RS256"], payload(nil)), "signature"},
		{"RS256 with the key for PS256", signed(t, "RS256", "PS256", keys.private["PS256"], payload(nil)), "algorithm"},
		{"PS256 with the key for RS256", signed(t, "PS256", "RS256", keys.private["RS256"], payload(nil)), "algorithm"},
		{"PS256 with a key for any", signed(t, "PS256", "RSA for any", keys.private["RS256"], payload(nil)), "user alice"},
		{"RS384", signed(t, "RS384", "RSA for any", keys.private["RS256"], payload(nil)), "algorithm"},
		{"ES384", ours("ES384", payload(nil)), "algorithm"},
		{"ES256 that names a key of P-521", signed(t, "ES256", "P-521 for any", keys.private["ES256"], payload(nil)), "algorithm"},
		{"ES512 that names a key of P-256", signed(t, "ES512", "P-256 for any", keys.private["ES512"], payload(nil)), "algorithm"},
		{"EdDSA that names an RSA key", signed(t, "EdDSA", "RSA for any", keys.private["EdDSA"], payload(nil)), "algorithm"},
		{"EdDSA that names a secret", signed(t, "EdDSA", "oct", keys.private["EdDSA"], payload(nil)), "algorithm"},
		{"EdDSA without a kid", signed(t, "EdDSA", "", keys.private["EdDSA"], payload(nil)), "unknown_key"},
		{"a kid that is no text", numberedKid(t, keys.private["EdDSA"]), "unknown_key"},

		{"EdDSA of another issuer", ours("EdDSA", payload(jwt.MapClaims{"iss": "http://localhost:3001"})), "issuer"},
		{"EdDSA without an issuer", ours("EdDSA", payload(jwt.MapClaims{"iss": nil})), "issuer"},
		{"EdDSA for others", ours("EdDSA", payload(jwt.MapClaims{"aud": "http://localhost:3001"})), "audience"},
		{"EdDSA for nobody", ours("EdDSA", payload(jwt.MapClaims{"aud": nil})), "audience"},
		{"EdDSA for several, us among them", ours("EdDSA", payload(jwt.MapClaims{"aud": []string{"x", origin}})), "user alice"},
		{"EdDSA for several others", ours("EdDSA", payload(jwt.MapClaims{"aud": []string{"x", "y"}})), "audience"},
		{"EdDSA that has expired", ours("EdDSA", payload(jwt.MapClaims{"exp": 1})), "expired"},
		{"EdDSA without a user", ours("EdDSA", payload(jwt.MapClaims{"sub": nil, "iss": nil})), "subject"},
	}
	verifier := NewVerifier(t.Context(), Rules{
		Secret: secret, JWKSURL: publish(t, keys.jwks()...).url, Issuer: origin, Audience: origin,
		Logger: slog.New(slog.DiscardHandler),
	})
	app := app(verifier)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := verified(verifier, test.token); got != test.want {
				t.Errorf("Verify: got %q, want %q", got, test.want)
			}
			if got := requested(t, app, "Bearer "+test.token); got != test.want {
				t.Errorf("Auth: got %q, want %q", got, test.want)
			}
		})
	}
}

func critical(t *testing.T) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, payload(nil))
	token.Header["crit"] = []string{"b64"}
	text, err := token.SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func numberedKid(t *testing.T, key any) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, payload(nil))
	token.Header["kid"] = 1
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAlgorithmsThatAreOff(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	url, silent := publish(t, keys.jwks()...).url, slog.New(slog.DiscardHandler)
	tests := []struct {
		name  string
		rules Rules
		token string
		want  string
	}{
		{"HS256 without a secret", Rules{JWKSURL: url}, shared(t, payload(nil)), "algorithm"},
		{"HS256 with the empty secret", Rules{JWKSURL: url}, signed(t, "HS256", "", []byte{}, payload(nil)), "algorithm"},
		{
			"EdDSA without a JWKS",
			Rules{Secret: secret},
			signed(t, "EdDSA", "EdDSA", keys.private["EdDSA"], payload(nil)), "algorithm",
		},
		{
			"EdDSA of nobody, with no issuer expected",
			Rules{JWKSURL: url, Audience: origin},
			signed(t, "EdDSA", "EdDSA", keys.private["EdDSA"], payload(nil)), "issuer",
		},
		{
			"EdDSA for nobody, with no audience expected",
			Rules{JWKSURL: url, Issuer: origin},
			signed(t, "EdDSA", "EdDSA", keys.private["EdDSA"], payload(nil)), "audience",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.rules.Logger = silent
			if got := verified(NewVerifier(t.Context(), test.rules), test.token); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestIssuerAndAudienceOfTheSharedSecret(t *testing.T) {
	t.Parallel()
	rules := Rules{Secret: secret, SecretIssuer: "next", SecretAudience: "todo", Issuer: origin, Audience: origin}
	tests := []struct {
		name   string
		claims jwt.MapClaims
		want   string
	}{
		{"as expected", jwt.MapClaims{"iss": "next", "aud": "todo"}, "user alice"},
		{"among several", jwt.MapClaims{"iss": "next", "aud": []string{"other", "todo"}}, "user alice"},
		{"another issuer", jwt.MapClaims{"iss": origin, "aud": "todo"}, "issuer"},
		{"no issuer", jwt.MapClaims{"iss": nil, "aud": "todo"}, "issuer"},
		{"another audience", jwt.MapClaims{"iss": "next", "aud": origin}, "audience"},
		{"no audience", jwt.MapClaims{"iss": "next", "aud": nil}, "audience"},
		{"an audience that is no text", jwt.MapClaims{"iss": "next", "aud": 5}, "malformed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := verified(NewVerifier(t.Context(), rules), shared(t, payload(test.claims))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRefusalsSpeakPlainly(t *testing.T) {
	t.Parallel()
	edDSA := newKeys(t).private["EdDSA"]
	const in2000 = 946688400 // in an hour, by the clock of the verifier
	tests := []struct{ name, token, want string }{
		{
			"another secret", signed(t, "HS256", "", []byte(`"`+secret+`"`), payload(nil)),
			"The signature does not match: is BETTER_AUTH_SECRET the same on both sides, with no white space or quotes around it?",
		},
		{"expired", shared(t, payload(jwt.MapClaims{"exp": 1})), "The token expired at 1970-01-01T00:00:01Z, 262967h59m59s ago by the clock here, which says 2000-01-01T00:00:00Z"},
		{"expired before history", shared(t, payload(jwt.MapClaims{"exp": -1e300})), "The token expired at 0000-01-01T00:00:00Z, 2562047h47m16s ago by the clock here, which says 2000-01-01T00:00:00Z"},
		{"to come", shared(t, payload(jwt.MapClaims{"nbf": 1e300})), "The token is not valid before 9999-12-31T23:59:59Z; the clock here says 2000-01-01T00:00:00Z"},
		{
			"in milliseconds", shared(t, payload(jwt.MapClaims{"exp": 946688400000})),
			"The token expires more than ten years from now, which is not accepted: exp is 946688400000 and counts seconds since 1970, no milliseconds",
		},
		{"HS512", signed(t, "HS512", "", []byte(secret), payload(nil)), "The algorithm HS512 is not accepted; accepted are: HS256"},
		{
			"EdDSA", signed(t, "EdDSA", "k", edDSA, payload(nil)),
			"The algorithm EdDSA is not accepted, as BETTER_AUTH_URL is not set, where the keys of such tokens are; accepted are: HS256",
		},
		{"another issuer", shared(t, payload(jwt.MapClaims{"exp": in2000, "iss": "eve"})), `The token's issuer is "eve", expected is "http://localhost:3000"`},
		{
			"another audience", shared(t, payload(jwt.MapClaims{"exp": in2000, "aud": "eve"})),
			`The token's audience is ["eve"], expected is "http://localhost:3000"`,
		},
		{
			"an e-mail verification token", shared(t, payload(jwt.MapClaims{"exp": in2000, "sub": nil, "email": "a@example.com", "userId": "alice"})),
			"This looks like a Better Auth e-mail verification token; get one from /api/auth/token",
		},
		{
			"a session cookie", shared(t, payload(jwt.MapClaims{"exp": in2000, "sub": nil, "session": jwt.MapClaims{}, "user": jwt.MapClaims{"id": "alice"}})),
			"This looks like a Better Auth session cookie; get a token from /api/auth/token",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // whose clock stands at the start of 2000
				verifier := NewVerifier(t.Context(), Rules{Secret: secret, SecretIssuer: origin, SecretAudience: origin})
				if _, err := verifier.Verify(test.token); err == nil || err.Error() != test.want {
					t.Errorf("got  %v\nwant %s", err, test.want)
				}
			})
		})
	}
}

func TestRefusalsKeepTheTokenToThemselves(t *testing.T) {
	t.Parallel()
	_, err := secretVerifier(t).Verify(shared(t, payload(nil)) + "x")
	if err == nil || strings.Contains(err.Error(), "eyJ") {
		t.Errorf("the refusal %v contains the token", err)
	}
	if !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		t.Errorf("the refusal %v hides its cause", err)
	}
}

// Verifying must not cost more than golang-jwt's own verification of the
// registered claims does, give or take a tenth.
func TestVerifyAllocatesLittle(t *testing.T) { //nolint:paralleltest // others would be counted too
	token := shared(t, payload(jwt.MapClaims{"email": "a@example.com", "name": "Alice"}))
	verifier := secretVerifier(t)
	ours := testing.AllocsPerRun(500, func() {
		if _, err := verifier.Verify(token); err != nil {
			t.Fatal(err)
		}
	})
	theirs := testing.AllocsPerRun(500, func() {
		key := func(*jwt.Token) (any, error) { return []byte(secret), nil }
		if _, err := jwt.ParseWithClaims(token, &jwt.RegisteredClaims{}, key); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("allocations: %v, golang-jwt alone %v", ours, theirs)
	if ours > 1.1*theirs {
		t.Errorf("got %v allocations, golang-jwt alone makes %v", ours, theirs)
	}
}

func BenchmarkVerify(b *testing.B) {
	claims := payload(jwt.MapClaims{"email": "a@example.com", "name": "Alice"})
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		b.Fatal(err)
	}
	verifier := NewVerifier(b.Context(), Rules{Secret: secret})
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := verifier.Verify(token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("golang-jwt", func(b *testing.B) {
		b.ReportAllocs()
		key := func(*jwt.Token) (any, error) { return []byte(secret), nil }
		for b.Loop() {
			if _, err := jwt.ParseWithClaims(token, &jwt.RegisteredClaims{}, key); err != nil {
				b.Fatal(err)
			}
		}
	})
}
