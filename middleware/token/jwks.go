package token

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/MicahParks/keyfunc/v2"
	"github.com/golang-jwt/jwt/v5"
)

// How the JWKS is fetched.
const (
	// keysMaxAge is how long a key that was removed from the JWKS is accepted at most, while the JWKS
	// answers.
	keysMaxAge = 15 * time.Minute
	// keysRetry is the time from a failed fetch to the next.
	keysRetry = 15 * time.Second
	// keysPause is the least time between two fetches that tokens with an unknown key ask for.
	keysPause = 2 * time.Second
	// keysPatience is how long such a token waits for the pause and the fetch.
	keysPatience = 3 * time.Second
	// keysWaiting is how many such tokens may wait at once. Others are refused at once, so that a
	// flood of them does not fill the service.
	keysWaiting = 64

	keysTimeout = 5 * time.Second
	keysMaxSize = 512 << 10
)

// ErrKeysUnavailable is the error of a token that needs a key of the JWKS, while the JWKS could never
// be fetched. The token may be good.
var ErrKeysUnavailable = errors.New("the JWKS is unavailable")

// keysError is an ErrKeysUnavailable that says why.
type keysError struct{ cause error }

// Error returns the cause in a sentence.
func (e *keysError) Error() string {
	return "The keys for this token could not be fetched: " + e.cause.Error()
}

// Unwrap returns ErrKeysUnavailable and the cause.
func (e *keysError) Unwrap() []error { return []error{ErrKeysUnavailable, e.cause} }

// keySet keeps the keys of a JWKS (RFC 7517 section 5). It parses them with keyfunc, but fetches them
// itself. The refresh of keyfunc refuses all but two of the tokens that come with a new key at the same
// time, drops every key on an answer such as {}, and panics on a null among the keys.
type keySet struct {
	url     string
	client  *http.Client
	log     *slog.Logger
	latest  atomic.Pointer[snapshot]
	asked   chan struct{} // a send asks for a fetch
	waiting chan struct{} // holds one for each that waits
	ended   chan struct{} // closed when nothing is fetched any more
	metrics keyMetrics
}

// snapshot is the state after a fetch.
type snapshot struct {
	keys       *keyfunc.JWKS // nil: never fetched
	answer     []byte        // the one that has the keys
	err        error         // of the fetch; the keys are those of an earlier one then
	superseded chan struct{} // closed when there is a newer snapshot
}

func newKeySet(url string, log *slog.Logger) *keySet {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // too rarely used to keep one
	s := &keySet{
		url:     url,
		log:     log,
		asked:   make(chan struct{}),
		waiting: make(chan struct{}, keysWaiting),
		ended:   make(chan struct{}),
		metrics: newKeyMetrics(),
		client: &http.Client{
			Transport:     transport,
			Timeout:       keysTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	s.latest.Store(&snapshot{
		err:        fmt.Errorf("%s has not answered yet", url),
		superseded: make(chan struct{}),
	})
	return s
}

// current returns the keys that are known now, nil without a JWKS. The pointer changes when the answer
// of the JWKS does, and only then.
func (s *keySet) current() *keyfunc.JWKS {
	if s == nil {
		return nil
	}
	return s.latest.Load().keys
}

// find returns the key that a token names. It fetches the JWKS where the key is not known yet.
func (s *keySet) find(token *jwt.Token) (any, error) {
	known := s.latest.Load()
	key, err := known.keyOf(token)
	if errors.Is(err, ErrKeysUnavailable) || errors.Is(err, keyfunc.ErrKIDNotFound) {
		key, err = s.newerThan(known).keyOf(token)
	}
	return key, s.explain(err, token)
}

// explain makes an AuthError of what keyfunc says.
func (s *keySet) explain(err error, token *jwt.Token) error {
	switch {
	case errors.Is(err, keyfunc.ErrKIDNotFound):
		return refuse(ReasonUnknownKey, "The JWKS at %s has no key %.64q, which the token names", s.url, token.Header["kid"])
	case errors.Is(err, keyfunc.ErrKID):
		return refuse(ReasonUnknownKey, "The token names no key (kid) of the JWKS")
	case errors.Is(err, keyfunc.ErrJWKAlgMismatch):
		return refuse(ReasonAlgorithm, "The algorithm %s is not that of the key which the token names", token.Method.Alg())
	}
	return err
}

// newerThan asks for a newer snapshot and waits for it. It returns the known one where too many wait, or
// after keysPatience.
func (s *keySet) newerThan(known *snapshot) *snapshot {
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return known
	}
	patience := time.After(keysPatience)
	for {
		select {
		case s.asked <- struct{}{}:
		case <-known.superseded:
			return s.latest.Load()
		case <-patience:
			return known
		case <-s.ended:
			return known
		}
	}
}

func (k *snapshot) keyOf(token *jwt.Token) (any, error) {
	if k.keys == nil {
		return nil, &keysError{k.err}
	}
	return k.keys.Keyfunc(token)
}

// keepFresh fetches the JWKS now, when a token asks for it, and every keysMaxAge, until ctx ends.
func (s *keySet) keepFresh(ctx context.Context) {
	defer close(s.ended)
	for {
		again := s.refresh(ctx)
		if !sleep(ctx, keysPause, nil) || !sleep(ctx, again-keysPause, s.asked) {
			return
		}
	}
}

// sleep waits for d or until it is woken. It returns false if ctx ends.
func sleep(ctx context.Context, d time.Duration, woken <-chan struct{}) bool {
	select {
	case <-time.After(d):
	case <-woken:
	case <-ctx.Done():
		return false
	}
	return true
}

// refresh replaces the snapshot and returns the time until the next refresh. Where the fetch fails the
// keys stay.
func (s *keySet) refresh(ctx context.Context) time.Duration {
	old := s.latest.Load()
	fresh := &snapshot{keys: old.keys, answer: old.answer, superseded: make(chan struct{})}
	answer, err := s.fetch(ctx)
	if err == nil && (old.keys == nil || !bytes.Equal(answer, old.answer)) {
		err = s.learn(ctx, fresh, answer)
	}
	fresh.err = err
	s.report(ctx, old, err)
	s.metrics.count(err)
	s.latest.Store(fresh)
	close(old.superseded)
	if err != nil {
		return keysRetry
	}
	return keysMaxAge
}

// learn takes the keys of an answer into a snapshot.
func (s *keySet) learn(ctx context.Context, fresh *snapshot, answer []byte) error {
	keys, published, err := readKeys(answer)
	if err != nil {
		return fmt.Errorf("the answer of %s: %w", s.url, err)
	}
	fresh.keys, fresh.answer = keys, answer
	s.log.InfoContext(ctx, "fetched the JWKS", "url", s.url, "keys", keys.Len(), "of_no_use", published-keys.Len())
	return nil
}

// report logs that a fetch failed, or succeeds again, unless the last fetch did the same.
func (s *keySet) report(ctx context.Context, old *snapshot, err error) {
	switch {
	case ctx.Err() != nil: // the service is ending
	case err == nil && old.err != nil && old.keys != nil:
		s.log.InfoContext(ctx, "the JWKS answers again", "url", s.url)
	case err != nil && (old.err == nil || old.err.Error() != err.Error()):
		s.log.WarnContext(ctx, "cannot fetch the JWKS", "error", err)
	}
}

// fetch gets the JWKS; its errors name the address.
func (s *keySet) fetch(ctx context.Context) ([]byte, error) {
	answer, _, err := s.get(ctx)
	return answer, err
}

// get gets the JWKS, and the headers of the answer.
func (s *keySet) get(ctx context.Context) ([]byte, http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("the address of the JWKS: %w", err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("%s answers %s", s.url, response.Status)
	}
	answer, err := readBounded(response.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("the answer of %s: %w", s.url, err)
	}
	return answer, response.Header, nil
}

func readBounded(body io.Reader) ([]byte, error) {
	answer, err := io.ReadAll(io.LimitReader(body, keysMaxSize+1))
	if err == nil && len(answer) > keysMaxSize {
		err = fmt.Errorf("it is longer than %d bytes", keysMaxSize)
	}
	return answer, err
}

// readKeys reads a JWKS without the keys that are of no use here, as RFC 7517 section 5 wants, and
// returns how many it publishes. A JWKS may have no keys: that of Better Auth has none before its first
// token.
func readKeys(answer []byte) (keys *keyfunc.JWKS, published int, err error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(answer, &set); err != nil {
		return nil, 0, fmt.Errorf("it is no JWKS: %w", err)
	}
	if set.Keys == nil {
		return nil, 0, errors.New("it is no JWKS: it has no keys member")
	}
	published = len(set.Keys)
	keys, err = parseKeys(slices.DeleteFunc(set.Keys, useless))
	return keys, published, err
}

func parseKeys(jwks []json.RawMessage) (*keyfunc.JWKS, error) {
	set, err := json.Marshal(map[string]any{"keys": jwks})
	if err != nil {
		return nil, err
	}
	return keyfunc.NewJSON(set)
}

// useless reports whether a JWK is not for signatures, or of a curve that keyfunc would take for
// Ed25519.
func useless(jwk json.RawMessage) bool {
	var key *struct{ Kty, Crv, Kid, Alg, Use string }
	if err := json.Unmarshal(jwk, &key); err != nil || key == nil {
		return true
	}
	return key.Use != "" && key.Use != "sig" || key.Kty == "OKP" && key.Crv != "Ed25519"
}
