package token

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// keys are an issuer's, one for each algorithm, which is its kid too.
type keys struct{ private map[string]crypto.Signer }

func newKeys(t *testing.T) keys {
	t.Helper()
	made := keys{private: make(map[string]crypto.Signer)}
	add := func(alg string, key crypto.Signer, err error) {
		if err != nil {
			t.Fatalf("making a key for %s: %v", alg, err)
		}
		made.private[alg] = key
	}
	_, edDSA, err := ed25519.GenerateKey(rand.Reader)
	add("EdDSA", edDSA, err)
	for alg, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		add(alg, key, err)
	}
	for _, alg := range []string{"RS256", "PS256"} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		add(alg, key, err)
	}
	return made
}

// jwks returns the public keys, some of them once more for any algorithm, and a
// secret, which has no place there.
func (k keys) jwks() []jwk {
	published := []jwk{
		publicJWK("RSA for any", "", k.private["RS256"]),
		publicJWK("P-256 for any", "", k.private["ES256"]),
		publicJWK("P-521 for any", "", k.private["ES512"]),
		{"kty": "oct", "kid": "oct", "k": base64.RawURLEncoding.EncodeToString([]byte("published"))},
	}
	for alg, key := range k.private {
		published = append(published, publicJWK(alg, alg, key))
	}
	return published
}

type jwk map[string]any

func publicJWK(kid, alg string, key crypto.Signer) jwk {
	encode := base64.RawURLEncoding.EncodeToString
	var made jwk
	switch key := key.Public().(type) {
	case ed25519.PublicKey:
		made = jwk{"kty": "OKP", "crv": "Ed25519", "x": encode(key)}
	case *ecdsa.PublicKey:
		size := (key.Curve.Params().BitSize + 7) / 8
		point, err := key.Bytes()
		if err != nil {
			panic(err)
		}
		made = jwk{"kty": "EC", "crv": key.Curve.Params().Name, "x": encode(point[1 : 1+size]), "y": encode(point[1+size:])}
	case *rsa.PublicKey:
		made = jwk{"kty": "RSA", "n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes())}
	}
	made["kid"] = kid
	if alg != "" {
		made["alg"] = alg
	}
	return made
}

// signer is one Ed25519 key with its kid, quick to make.
type signer struct {
	kid     string
	private ed25519.PrivateKey
}

func newSigner(t *testing.T, kid string) signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{kid, private}
}

func (s signer) jwk() jwk { return publicJWK(s.kid, "EdDSA", s.private) }

func (s signer) token(t *testing.T) string {
	t.Helper()
	return signed(t, "EdDSA", s.kid, s.private, payload(nil))
}

// publisher is a server of a JWKS that can be changed and taken down.
type publisher struct {
	url     string
	answer  atomic.Pointer[http.HandlerFunc]
	fetches atomic.Int32
}

func publish(t *testing.T, published ...jwk) *publisher {
	t.Helper()
	p := &publisher{}
	p.publish(published...)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.fetches.Add(1)
		(*p.answer.Load())(w, r)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL + "/api/auth/jwks"
	return p
}

func (p *publisher) publish(published ...jwk) {
	body, err := json.Marshal(map[string]any{"keys": append([]jwk{}, published...)})
	if err != nil {
		panic(err)
	}
	p.say(string(body))
}

func (p *publisher) say(body string) {
	p.answers(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
}

func (p *publisher) answers(handler http.HandlerFunc) { p.answer.Store(&handler) }

// goDown makes the server hang up on everybody.
func (p *publisher) goDown() {
	p.answers(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// hang makes the server answer nobody until they go away.
func (p *publisher) hang() {
	p.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

func (p *publisher) verifier(ctx context.Context) *Verifier { return p.loggedVerifier(ctx, io.Discard) }

func (p *publisher) loggedVerifier(ctx context.Context, log io.Writer) *Verifier {
	return NewVerifier(ctx, Rules{
		JWKSURL: p.url, Issuer: origin, Audience: origin, Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
}

// story runs a test whose clock moves on when everybody waits, with a real
// server outside it.
func story(t *testing.T, tell func(t *testing.T, p *publisher)) {
	p := publish(t)
	synctest.Test(t, func(t *testing.T) { tell(t, p) })
}

// expect verifies a token and says how long that took.
func expect(t *testing.T, v *Verifier, token, want string) time.Duration {
	t.Helper()
	began := time.Now()
	if got := verified(v, token); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	return time.Since(began)
}

func TestTheFirstTokenWaitsForTheKeys(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		key := newSigner(t, "first")
		p.publish(key.jwk())
		took := expect(t, p.verifier(t.Context()), key.token(t), "user alice")
		if fetches := p.fetches.Load(); took != 0 || fetches != 1 {
			t.Errorf("it took %v and %d fetches, want one at once", took, fetches)
		}
	})
}

func TestKeysThatWereNeverFetched(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		key := newSigner(t, "first")
		p.goDown()
		v := p.verifier(t.Context())
		expect(t, v, key.token(t), "keys unavailable")
		if took := expect(t, v, key.token(t), "keys unavailable"); took > keysPatience {
			t.Errorf("the refusal took %v", took)
		}
		_, err := v.Verify(key.token(t))
		if !errors.Is(err, ErrKeysUnavailable) || !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), p.url) {
			t.Errorf("got %v, want an ErrKeysUnavailable with its cause and %s", err, p.url)
		}

		p.publish(key.jwk())
		if took := expect(t, v, key.token(t), "user alice"); took > keysPause {
			t.Errorf("the token waited %v for the JWKS that is up again", took)
		}
	})
}

func TestTheJWKSIsRetriedWithoutATokenAsking(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		key := newSigner(t, "first")
		p.goDown()
		v := p.verifier(t.Context())
		time.Sleep(10*keysRetry + time.Second)
		if fetches := p.fetches.Load(); fetches != 11 {
			t.Errorf("got %d fetches, want one at the start and then every %v", fetches, keysRetry)
		}
		p.publish(key.jwk())
		time.Sleep(keysRetry)
		p.goDown()
		expect(t, v, key.token(t), "user alice")
	})
}

// TestAJWKSThatHangs has it accept the request and say nothing, or answer a byte at a time: a token does not wait for longer than
// it may, the fetch is given up, and that is logged.
func TestAJWKSThatHangs(t *testing.T) {
	t.Parallel()
	for name, jwks := range map[string]roundTripper{
		"silent": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"trickling": func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(trickle{r.Context()})}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				lines := make(chan string, 10)
				keys := newKeySet("http://jwks.test", slog.New(slog.NewTextHandler(lineWriter(lines), nil)))
				keys.client.Transport = jwks
				began := time.Now()
				go keys.keepFresh(t.Context())
				v := &Verifier{keys: keys, byKeys: expectation{issuer: origin, audience: origin, always: true}}
				if took := expect(t, v, newSigner(t, "first").token(t), "keys unavailable"); took != 3*time.Second {
					t.Errorf("the token waited %v, want 3 s", took)
				}
				select {
				case line := <-lines:
					if !strings.Contains(line, "level=WARN") || !strings.Contains(line, keys.url) || time.Since(began) > keysTimeout {
						t.Errorf("after %v the log says %s", time.Since(began), line)
					}
				case <-time.After(time.Minute):
					t.Error("the fetch is not given up")
				}
			})
		})
	}
}

// roundTripper stands for a server without a network, so that the clock of a test moves on while it hangs.
type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// trickle is a body without an end, of a byte every 50 ms.
type trickle struct{ ctx context.Context }

func (b trickle) Read(p []byte) (int, error) {
	select {
	case <-time.After(50 * time.Millisecond):
		p[0] = ' '
		return 1, nil
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

// lineWriter sends what is written line by line.
type lineWriter chan<- string

func (w lineWriter) Write(line []byte) (int, error) {
	w <- string(line)
	return len(line), nil
}

func TestNoKeysBeforeTheFirstSigning(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		key := newSigner(t, "first")
		p.say(`{"keys":[]}`)
		v := p.verifier(t.Context())
		synctest.Wait()
		time.Sleep(time.Minute)
		expect(t, v, key.token(t), "unknown_key")

		p.publish(key.jwk())
		expect(t, v, key.token(t), "user alice")
	})
}

func TestANewKeyIsAcceptedAtOnce(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		old, fresh := newSigner(t, "old"), newSigner(t, "new")
		p.publish(old.jwk())
		v := p.verifier(t.Context())
		expect(t, v, old.token(t), "user alice")
		time.Sleep(time.Minute)

		p.publish(old.jwk(), fresh.jwk())
		var everybody sync.WaitGroup
		for range keysWaiting {
			everybody.Go(func() { expect(t, v, fresh.token(t), "user alice") })
		}
		everybody.Wait()
		expect(t, v, old.token(t), "user alice")
		if fetches := p.fetches.Load(); fetches != 2 {
			t.Errorf("got %d fetches, want one at the start and one for all who ask", fetches)
		}
	})
}

func TestAGarbageKidDoesNotLockOutANewKey(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		old, fresh, garbage := newSigner(t, "old"), newSigner(t, "new"), newSigner(t, "garbage")
		p.publish(old.jwk())
		v := p.verifier(t.Context())
		time.Sleep(time.Minute)
		expect(t, v, garbage.token(t), "unknown_key")

		p.publish(old.jwk(), fresh.jwk())
		if took := expect(t, v, fresh.token(t), "user alice"); took > keysPause {
			t.Errorf("the new key took %v", took)
		}
	})
}

func TestAFloodOfGarbageKids(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		key := newSigner(t, "ours")
		p.publish(key.jwk())
		v := p.verifier(t.Context())
		expect(t, v, key.token(t), "user alice")

		var flood sync.WaitGroup
		for i := range 10 * keysWaiting {
			garbage := signed(t, "EdDSA", fmt.Sprint("garbage ", i), key.private, payload(nil))
			flood.Go(func() {
				for range 10 {
					expect(t, v, garbage, "unknown_key")
					time.Sleep(time.Second)
				}
			})
		}
		synctest.Wait()
		if waiting := len(v.keys.waiting); waiting != keysWaiting {
			t.Errorf("%d wait, want %d", waiting, keysWaiting)
		}
		if took := expect(t, v, key.token(t), "user alice"); took != 0 {
			t.Errorf("a known key waited %v", took)
		}
		if took := expect(t, v, newSigner(t, "one more").token(t), "unknown_key"); took != 0 {
			t.Errorf("one more unknown key waited %v", took)
		}
		began := time.Now()
		flood.Wait()
		if fetches, most := p.fetches.Load(), int32(time.Since(began)/keysPause)+2; fetches > most {
			t.Errorf("got %d fetches in %v, want %d at most", fetches, time.Since(began), most)
		}
	})
}

// TestANewKeyIsAcceptedDuringAFlood rotates the key while as many garbage kids wait as may: tokens of the new key are accepted
// within seconds, and those of the old one never wait.
func TestANewKeyIsAcceptedDuringAFlood(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		old, fresh := newSigner(t, "old"), newSigner(t, "new")
		p.publish(old.jwk())
		v := p.verifier(t.Context())
		expect(t, v, old.token(t), "user alice")
		var flood sync.WaitGroup
		for i := range 2 * keysWaiting {
			garbage := signed(t, "EdDSA", fmt.Sprint("garbage ", i), fresh.private, payload(nil))
			flood.Go(func() {
				for range 100 {
					expect(t, v, garbage, "unknown_key")
					time.Sleep(100 * time.Millisecond)
				}
			})
		}
		time.Sleep(3 * time.Second)
		p.publish(old.jwk(), fresh.jwk())
		began, token := time.Now(), fresh.token(t)
		for verified(v, token) != "user alice" {
			time.Sleep(10 * time.Millisecond)
		}
		if took := time.Since(began); took > keysPause+time.Second {
			t.Errorf("the new key took %v", took)
		}
		if took := expect(t, v, old.token(t), "user alice"); took != 0 {
			t.Errorf("the old key waited %v", took)
		}
		flood.Wait()
	})
}

// TestKeysStayTheSame fetches the JWKS again and again: only another answer makes other keys, so that cached tokens
// need not be verified again.
func TestKeysStayTheSame(t *testing.T) {
	t.Parallel()
	key := newSigner(t, "ours")
	p := publish(t, key.jwk())
	keys := newKeySet(p.url, slog.New(slog.DiscardHandler))
	keys.refresh(t.Context())
	first := keys.current()
	for _, change := range []func(){func() {}, p.goDown, func() { p.publish(key.jwk()) }} {
		change()
		keys.refresh(t.Context())
		if keys.current() != first {
			t.Error("the keys are others though no other answer came")
		}
	}
	p.publish(key.jwk(), newSigner(t, "new").jwk())
	keys.refresh(t.Context())
	if keys.current() == first {
		t.Error("the keys are the same though there is another")
	}
}

// TestKeysOfNoUseAreLogged counts the keys that are left out.
func TestKeysOfNoUseAreLogged(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		var log strings.Builder
		p.publish(newSigner(t, "ours").jwk(), jwk{"kty": "XYZ", "kid": "x"}, jwk{"kty": "OKP", "crv": "X448", "kid": "y"})
		p.loggedVerifier(t.Context(), &log)
		synctest.Wait()
		time.Sleep(time.Second)
		if !strings.Contains(log.String(), "keys=1 of_no_use=2") {
			t.Errorf("the log says %s", &log)
		}
	})
}

func TestARemovedKeyIsForgotten(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		old, fresh := newSigner(t, "old"), newSigner(t, "new")
		p.publish(old.jwk())
		v := p.verifier(t.Context())
		expect(t, v, old.token(t), "user alice")

		p.publish(fresh.jwk())
		expect(t, v, old.token(t), "user alice")
		time.Sleep(keysMaxAge + time.Second)
		expect(t, v, old.token(t), "unknown_key")
	})
}

// TestFiguresOfKeys holds the figures that SECURITY.md promises, as numbers.
func TestFiguresOfKeys(t *testing.T) {
	t.Parallel()
	t.Run("a removed key is accepted for 15 minutes", func(t *testing.T) {
		t.Parallel()
		story(t, func(t *testing.T, p *publisher) {
			old := newSigner(t, "old")
			p.publish(old.jwk())
			v := p.verifier(t.Context())
			expect(t, v, old.token(t), "user alice")
			p.publish(newSigner(t, "new").jwk())
			time.Sleep(15*time.Minute - time.Second)
			expect(t, v, old.token(t), "user alice")
			time.Sleep(2 * time.Second)
			if fetches := p.fetches.Load(); fetches != 2 {
				t.Errorf("after 15 minutes there were %d fetches, want 2", fetches)
			}
			expect(t, v, old.token(t), "unknown_key")
		})
	})
	t.Run("garbage kids cause a fetch every 2 seconds", func(t *testing.T) {
		t.Parallel()
		story(t, func(t *testing.T, p *publisher) {
			key := newSigner(t, "ours")
			p.publish(key.jwk())
			v := p.verifier(t.Context())
			expect(t, v, key.token(t), "user alice")
			garbage, began := newSigner(t, "garbage").token(t), time.Now()
			for range 100 {
				expect(t, v, garbage, "unknown_key")
			}
			if took, fetches := time.Since(began), p.fetches.Load(); took != 200*time.Second || fetches != 1+100 {
				t.Errorf("100 garbage tokens took %v and %d fetches, want 200 s and 101", took, fetches)
			}
		})
	})
	t.Run("64 garbage kids wait", func(t *testing.T) {
		t.Parallel()
		story(t, func(t *testing.T, p *publisher) {
			key := newSigner(t, "ours")
			p.publish(key.jwk())
			v := p.verifier(t.Context())
			expect(t, v, key.token(t), "user alice")
			garbage := newSigner(t, "garbage").token(t)
			var waited atomic.Int32
			var all sync.WaitGroup
			for range 64 + 10 {
				all.Go(func() {
					if expect(t, v, garbage, "unknown_key") > 0 {
						waited.Add(1)
					}
				})
			}
			all.Wait()
			if waited := waited.Load(); waited != 64 {
				t.Errorf("%d wait, want 64", waited)
			}
		})
	})
}

func TestKnownKeysOutliveEveryFailure(t *testing.T) {
	t.Parallel()
	key := newSigner(t, "ours")
	tests := []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"503", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"keys":[]}`, http.StatusServiceUnavailable)
		}},
		{"204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }},
		{"a page", says("<!doctype html><title>Sign in</title>")},
		{"an error as JSON", says(`{"error":"not found"}`)},
		{"no keys", says(`{"keys":null}`)},
		{"null", says(`null`)},
		{"keys that are no list", says(`{"keys":{}}`)},
		{"cut short", says(`{"keys":[`)},
		{"10 MB", says(`{"keys":[]` + strings.Repeat(" ", 10<<20) + `}`)},
		{"without end", withoutEnd},
		{"a redirect to nowhere", http.RedirectHandler("http://127.0.0.1:1/", http.StatusMovedPermanently).ServeHTTP},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			story(t, func(t *testing.T, p *publisher) {
				p.publish(key.jwk())
				v := p.verifier(t.Context())
				expect(t, v, key.token(t), "user alice")

				p.answers(test.answer)
				time.Sleep(keysMaxAge + time.Second)
				if fetches := p.fetches.Load(); fetches != 2 {
					t.Errorf("got %d fetches, want 2", fetches)
				}
				expect(t, v, key.token(t), "user alice")
				expect(t, v, newSigner(t, "unknown").token(t), "unknown_key")
			})
		})
	}
}

// withoutEnd begins a JWKS and never ends it.
func withoutEnd(w http.ResponseWriter, _ *http.Request) {
	_, err := io.WriteString(w, `{"keys":[`)
	for err == nil {
		_, err = w.Write(make([]byte, 64<<10))
	}
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func TestAnswersThatAreNoJWKS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		why    string
	}{
		{"a redirect", http.RedirectHandler("/elsewhere", http.StatusFound).ServeHTTP, "302 Found"},
		{"an error", http.NotFound, "404 Not Found"},
		{"10 MB", says(strings.Repeat(" ", 10<<20)), "longer than 524288 bytes"},
		{"without end", withoutEnd, "longer than 524288 bytes"},
		{"a page", says("<html>"), "no JWKS"},
		{"another object", says("{}"), "no JWKS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			story(t, func(t *testing.T, p *publisher) {
				var log strings.Builder
				p.answers(test.answer)
				_, err := p.loggedVerifier(t.Context(), &log).Verify(newSigner(t, "k").token(t))
				if !errors.Is(err, ErrKeysUnavailable) || !strings.Contains(err.Error(), test.why) || !strings.Contains(err.Error(), p.url) {
					t.Errorf("got %v, want it to name %s and say %q", err, p.url, test.why)
				}
				if fetches := p.fetches.Load(); fetches > 2 { // at the start, and for the token if it came later
					t.Errorf("got %d fetches, want 2 at most: no redirect is followed", fetches)
				}
				synctest.Wait()
				if line := log.String(); strings.Count(line, "level=WARN") != 1 || !strings.Contains(line, test.why) || !strings.Contains(line, p.url) {
					t.Errorf("the log says %q, want one warning that names %s and says %q", line, p.url, test.why)
				}
			})
		})
	}
}

func TestKeysOfNoUseAreLeftOut(t *testing.T) {
	t.Parallel()
	ours, other := newSigner(t, "ours"), newSigner(t, "other")
	with := func(changes jwk) jwk {
		changed := other.jwk()
		maps.Copy(changed, changes)
		return changed
	}
	tests := []struct {
		name string
		jwk  jwk
		want string
	}{
		{"as it is", other.jwk(), "user alice"},
		{"for signatures", with(jwk{"use": "sig"}), "user alice"},
		{"for encryption", with(jwk{"use": "enc"}), "unknown_key"},
		{"of another curve", with(jwk{"crv": "X25519"}), "unknown_key"},
		{"of an unknown kind", with(jwk{"kty": "XYZ"}), "unknown_key"},
		{"of another algorithm", with(jwk{"alg": "ES256"}), "algorithm"},
		{"without x", with(jwk{"x": ""}), "unknown_key"},
		{"too short", with(jwk{"x": "AAAA"}), "signature"},
		{"a kid that is no text", with(jwk{"kid": 7}), "unknown_key"},
		{"null", nil, "unknown_key"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			story(t, func(t *testing.T, p *publisher) {
				p.publish(test.jwk, ours.jwk())
				v := p.verifier(t.Context())
				expect(t, v, ours.token(t), "user alice")
				expect(t, v, other.token(t), test.want)
			})
		})
	}
}

func TestTheLogTellsNewsOnly(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		var log strings.Builder
		p.goDown()
		NewVerifier(t.Context(), Rules{JWKSURL: p.url, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		time.Sleep(10*keysRetry + time.Second)
		p.publish()
		time.Sleep(2*keysMaxAge + time.Second)
		synctest.Wait()
		if warned, told := strings.Count(log.String(), "level=WARN"), strings.Count(log.String(), "level=INFO"); warned != 1 || told != 1 {
			t.Errorf("got %d warnings and %d notes, want one of each:\n%s", warned, told, log.String())
		}
	})
}

func TestTheEndIsNoNews(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		var log strings.Builder
		p.hang()
		ctx, cancel := context.WithCancel(t.Context())
		NewVerifier(ctx, Rules{JWKSURL: p.url, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		cancel()
		synctest.Wait()
		if log.Len() > 0 {
			t.Errorf("the log says %s", log.String())
		}
	})
}

func TestTheBackgroundEndsWithItsContext(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, p *publisher) {
		key := newSigner(t, "ours")
		p.publish(key.jwk())
		ctx, cancel := context.WithCancel(t.Context())
		v := p.verifier(ctx)
		expect(t, v, key.token(t), "user alice")
		cancel()
		time.Sleep(10 * keysMaxAge)
		if fetches := p.fetches.Load(); fetches != 1 {
			t.Errorf("got %d fetches, want none after the end", fetches)
		}
		expect(t, v, key.token(t), "user alice")
	})
}
