package routes_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// issuer stands for Better Auth: it signs tokens with keys whose public halves it publishes. The algorithm is the kid.
type issuer struct {
	url     string // of its JWKS
	private map[string]crypto.Signer
	public  map[string]jwk
}

// jwk is a key of a JWKS.
type jwk map[string]string

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	is := &issuer{private: newKeys(t), public: map[string]jwk{}}
	var published []jwk
	for alg, key := range is.private {
		is.public[alg] = publicJWK(t, alg, key)
		published = append(published, is.public[alg])
	}
	body := encode(t, map[string]any{"keys": published})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	t.Cleanup(server.Close)
	is.url = server.URL
	return is
}

// newKeys makes a key of each kind.
func newKeys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	modular, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"EdDSA": edwards, "ES256": curve, "RS256": modular}
}

func publicJWK(t *testing.T, alg string, key crypto.Signer) jwk {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString
	switch key := key.Public().(type) {
	case ed25519.PublicKey:
		return jwk{"kid": alg, "alg": alg, "kty": "OKP", "crv": "Ed25519", "x": text(key)}
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return jwk{"kid": alg, "alg": alg, "kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:])}
	case *rsa.PublicKey:
		return jwk{"kid": alg, "alg": alg, "kty": "RSA", "n": text(key.N.Bytes()), "e": text(big.NewInt(int64(key.E)).Bytes())}
	}
	t.Fatalf("a key of kind %T", key)
	return nil
}

// claims are those of a user's token, changed as given; a nil value takes a claim away.
func claims(user string, changes jwt.MapClaims) jwt.MapClaims {
	all := jwt.MapClaims{
		"sub": user, "name": user, "iss": origin, "aud": origin,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

// signed is a token whose header may say something else than how it is signed.
func signed(t *testing.T, method jwt.SigningMethod, key any, header map[string]any, payload jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, payload)
	maps.Copy(token.Header, header)
	text, err := token.SigningString()
	if err != nil {
		t.Fatal(err)
	}
	signature, err := method.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// bySecret is a token signed with the shared secret.
func bySecret(t *testing.T, payload jwt.MapClaims) string {
	t.Helper()
	return signed(t, jwt.SigningMethodHS256, []byte(secret), nil, payload)
}

// token is one signed with the published key.
func (is *issuer) token(t *testing.T, alg string, payload jwt.MapClaims) string {
	t.Helper()
	return signed(t, jwt.GetSigningMethod(alg), is.private[alg], map[string]any{"kid": alg}, payload)
}

// valid are all tokens of a user that hold.
func (is *issuer) valid(t *testing.T, user string) []string {
	t.Helper()
	all := []string{bySecret(t, claims(user, nil))}
	for alg := range is.private {
		all = append(all, is.token(t, alg, claims(user, nil)))
	}
	return all
}

// both are the same claims signed in both ways that count.
func (is *issuer) both(t *testing.T, changes jwt.MapClaims) [][]header {
	t.Helper()
	return bearing(bySecret(t, claims("alice", changes)), is.token(t, "EdDSA", claims("alice", changes)))
}

// attack is a way to get at another user's tasks. Each of its attempts is the headers of a request; all must be answered alike.
type attack struct {
	name     string
	attempts [][]header
	user     string // whose token it is, where it holds; else every attempt is refused

	byAPIToken bool // it is an API token
}

// bearing makes an attempt of each token.
func bearing(tokens ...string) [][]header {
	attempts := make([][]header, len(tokens))
	for i, token := range tokens {
		attempts[i] = []header{{"Authorization", "Bearer " + token}}
	}
	return attempts
}

// attacks are attempts to be alice, and then bob as himself.
func (is *issuer) attacks(t *testing.T) []attack {
	t.Helper()
	hers := claims("alice", nil)
	hs256 := func(key string) string { return signed(t, jwt.SigningMethodHS256, []byte(key), nil, hers) }
	none := func(header map[string]any) string {
		return signed(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, header, hers)
	}
	edDSA := func(key crypto.Signer, header map[string]any) string {
		return signed(t, jwt.SigningMethodEdDSA, key, header, hers)
	}
	strangers := newKeys(t)["EdDSA"]
	good := bySecret(t, hers)
	parts, others := strings.Split(good, "."), strings.Split(bySecret(t, claims("bob", nil)), ".")
	expired := time.Now().Add(-time.Minute).Unix()
	session := jwt.MapClaims{
		"sub": nil, "session": jwt.MapClaims{"userId": "alice", "token": "hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd"}, "user": jwt.MapClaims{"id": "alice"},
	}
	return []attack{
		{name: "no token", attempts: [][]header{nil, {{"Authorization", "Bearer "}}, {{"Authorization", "Basic YWxpY2U6YWxpY2U="}}, {{"Authorization", good}}}},
		{name: "malformed", attempts: bearing("alice", "a.b.c", "..", parts[0]+"."+parts[1], good+".x", "Bearer "+good, strings.Replace(good, ".", ".=", 1))},
		{name: "expired", attempts: is.both(t, jwt.MapClaims{"exp": expired})},
		{name: "no exp", attempts: is.both(t, jwt.MapClaims{"exp": nil})},
		{name: "not yet valid", attempts: is.both(t, jwt.MapClaims{"nbf": time.Now().Add(30 * time.Minute).Unix()})},
		{name: "alg none", attempts: bearing(none(nil), none(map[string]any{"alg": "None"}), none(map[string]any{"kid": "EdDSA"}), none(nil)+parts[2])},
		{name: "HS384, right secret", attempts: bearing(signed(t, jwt.SigningMethodHS384, []byte(secret), nil, hers))},
		{name: "HS512, right secret", attempts: bearing(signed(t, jwt.SigningMethodHS512, []byte(secret), nil, hers))},
		{name: "RS256's public key as an HMAC's", attempts: is.algorithmConfusions(t, "RS256")},
		{name: "ES256's public key as an HMAC's", attempts: is.algorithmConfusions(t, "ES256")},
		{name: "EdDSA's public key as an HMAC's", attempts: is.algorithmConfusions(t, "EdDSA")},
		{name: "wrong secret", attempts: bearing(hs256("another secret of thirty-two bytes"), hs256(secret+" "), hs256(""))},
		{name: "bob's signature", attempts: bearing(parts[0]+"."+parts[1]+"."+others[2], parts[0]+"."+parts[1]+".")},
		{name: "foreign iss", attempts: bearing(
			is.token(t, "EdDSA", claims("alice", jwt.MapClaims{"iss": "https://eve.example"})), is.token(t, "EdDSA", claims("alice", jwt.MapClaims{"iss": nil})))},
		{name: "foreign aud", attempts: bearing(
			is.token(t, "EdDSA", claims("alice", jwt.MapClaims{"aud": "https://eve.example"})), is.token(t, "EdDSA", claims("alice", jwt.MapClaims{"aud": nil})))},
		{name: "unknown kid", attempts: bearing(edDSA(strangers, map[string]any{"kid": "eve"}))},
		{name: "a key of the sender's", attempts: bearing(
			edDSA(strangers, map[string]any{"kid": "EdDSA"}), edDSA(strangers, nil),
			edDSA(strangers, map[string]any{"kid": "EdDSA", "jwk": publicJWK(t, "EdDSA", strangers), "jku": is.url}))},
		{name: "no subject", attempts: append(is.both(t, jwt.MapClaims{"sub": nil}), is.both(t, jwt.MapClaims{"sub": "", "id": "alice"})...)},
		{name: "e-mail verification token", attempts: is.both(t, jwt.MapClaims{"sub": nil, "email": "alice@example.com", "userId": "alice"})},
		{name: "session cookie", attempts: append(is.both(t, session),
			[]header{{"Authorization", "Bearer hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2k="}},
			[]header{{"Cookie", "better-auth.session_data=" + good + "; better-auth.session_token=" + good + "; token=" + good}})},
		{name: "bob's own", attempts: bearing(is.valid(t, "bob")...), user: "bob"},
	}
}

// algorithmConfusions are tokens that are signed with a public key as if it were the secret of an HMAC (RFC 8725, section 2.1). Their
// headers name the HMAC, or the key's own algorithm.
func (is *issuer) algorithmConfusions(t *testing.T, alg string) [][]header {
	t.Helper()
	var tokens []string
	for _, key := range keyEncodings(t, is.private[alg].Public(), is.public[alg]) {
		for _, said := range []string{"HS256", alg} {
			tokens = append(tokens, signed(t, jwt.SigningMethodHS256, key, map[string]any{"alg": said, "kid": alg}, claims("alice", nil)))
		}
	}
	return bearing(tokens...)
}

// keyEncodings are the bytes in which a public key is found: as a file, as the JWKS has it, and each number in it.
func keyEncodings(t *testing.T, key crypto.PublicKey, published jwk) [][]byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	document, err := json.Marshal(published)
	if err != nil {
		t.Fatal(err)
	}
	all := [][]byte{der, file, []byte(strings.TrimSpace(string(file))), document}
	if modular, ok := key.(*rsa.PublicKey); ok {
		der := x509.MarshalPKCS1PublicKey(modular)
		all = append(all, der, pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: der}))
	}
	for _, member := range []string{"n", "x", "y"} {
		if text, ok := published[member]; ok {
			number, err := base64.RawURLEncoding.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, []byte(text), number)
		}
	}
	return all
}
