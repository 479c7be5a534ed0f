package token

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// fakeStore is a store of one token, which counts what it is asked.
type fakeStore struct {
	mu       sync.Mutex
	token    APIToken
	grant    *Grant // nil: it is revoked
	err      error
	lookups  atomic.Int64
	uses     []time.Time
	hold     chan struct{} // nil: a lookup returns at once
	together atomic.Int64  // lookups at once, at most
	running  atomic.Int64
}

func (s *fakeStore) set(grant *Grant, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grant, s.err = grant, err
}

func (s *fakeStore) find(_ context.Context, hash string) (*Grant, error) {
	s.lookups.Add(1)
	running := s.running.Add(1)
	defer s.running.Add(-1)
	if running > s.together.Load() {
		s.together.Store(running)
	}
	if s.hold != nil {
		<-s.hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return nil, s.err
	case s.grant == nil || hash != s.token.Hash():
		return nil, ErrNoGrant
	}
	return s.grant, nil
}

func (s *fakeStore) use(_ context.Context, _ *Grant, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uses = append(s.uses, at)
	return errors.New("the database is read-only")
}

func newFakeStore(grant Grant) (*fakeStore, *Grants) {
	s := &fakeStore{token: NewAPIToken(), grant: &grant}
	return s, NewGrants(GrantStore{Find: s.find, Use: s.use, Lookups: 2})
}

// reasonOf is why a token is refused; empty where it is not.
func reasonOf(err error) Reason {
	if refused, ok := errors.AsType[*AuthError](err); ok {
		return refused.Reason
	}
	return ""
}

// TestARevokedAPITokenIsRefusedInTime asks all the time: whatever was asked before, a revoked token is
// refused 10 seconds later, and what was looked up once is not looked up again before.
func TestARevokedAPITokenIsRefusedInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, grants := newFakeStore(Grant{ID: uuid.New(), User: "ann", Scope: ScopeRead})
		for range 95 {
			if _, err := grants.Verify(t.Context(), string(store.token)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := store.lookups.Load(); n != 1 {
			t.Errorf("%d look-ups in 9.5 seconds, want 1", n)
		}
		store.set(nil, nil)
		revoked := time.Now()
		var err error
		for err == nil {
			time.Sleep(100 * time.Millisecond)
			_, err = grants.Verify(t.Context(), string(store.token))
		}
		if reasonOf(err) != ReasonRevoked || time.Since(revoked) > 10*time.Second {
			t.Errorf("refused after %v: %v", time.Since(revoked), err)
		}
		for range 90 {
			if _, err := grants.Verify(t.Context(), string(store.token)); reasonOf(err) != ReasonRevoked {
				t.Fatalf("a revoked token: %v", err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := store.lookups.Load(); n != 2 {
			t.Errorf("%d look-ups of a refused token in 9 seconds, want one more", n-1)
		}
	})
}

// TestALookupThatTakesLong: a token that is revoked while it is looked up counts no longer than any other.
func TestALookupThatTakesLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, grants := newFakeStore(Grant{ID: uuid.New(), User: "ann", Scope: ScopeRead})
		store.hold = make(chan struct{})
		verified := make(chan error)
		go func() {
			_, err := grants.Verify(t.Context(), string(store.token))
			verified <- err
		}()
		time.Sleep(8 * time.Second)
		close(store.hold)
		if err := <-verified; err != nil {
			t.Fatal(err)
		}
		store.set(nil, nil)
		time.Sleep(2*time.Second + time.Millisecond)
		if _, err := grants.Verify(t.Context(), string(store.token)); reasonOf(err) != ReasonRevoked {
			t.Errorf("10 seconds after the look-up began: %v", err)
		}
	})
}

func TestAPITokensExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		end := time.Now().Add(5 * time.Second)
		store, grants := newFakeStore(Grant{User: "ann", ExpiresAt: &end})
		for range 5 {
			if _, err := grants.Verify(t.Context(), string(store.token)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if _, err := grants.Verify(t.Context(), string(store.token)); reasonOf(err) != ReasonExpired {
			t.Errorf("at its end: %v", err)
		}
	})
}

// TestUsesAreNotedByTheMinute has a token used every second for five minutes.
func TestUsesAreNotedByTheMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, grants := newFakeStore(Grant{User: "ann"})
		begin := time.Now()
		for range 300 {
			if _, err := grants.Verify(t.Context(), string(store.token)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			// As the database would: the next look-up finds the use.
			store.mu.Lock()
			grant := *store.grant
			if n := len(store.uses); n > 0 {
				grant.LastUsedAt = &store.uses[n-1]
			}
			store.grant = &grant
			store.mu.Unlock()
		}
		if n := len(store.uses); n < 5 || n > 6 {
			t.Errorf("%d uses are noted in five minutes: %v", n, store.uses)
		}
		for i, at := range store.uses {
			if !at.Equal(at.Truncate(time.Minute)) || at.Before(begin.Add(-time.Minute)) || i > 0 && at.Equal(store.uses[i-1]) {
				t.Errorf("use %d is at %v", i, at)
			}
		}
	})
}

// TestMadeUpAPITokensPushOutNone sends more made up tokens than are remembered, of right and wrong checksums.
func TestMadeUpAPITokensPushOutNone(t *testing.T) {
	t.Parallel()
	store, grants := newFakeStore(Grant{User: "ann"})
	if _, err := grants.Verify(t.Context(), string(store.token)); err != nil {
		t.Fatal(err)
	}
	for range maxRefusals + 100 {
		made := NewAPIToken()
		if _, err := grants.Verify(t.Context(), string(made)); reasonOf(err) != ReasonRevoked {
			t.Fatalf("a made up token: %v", err)
		}
		if _, err := grants.Verify(t.Context(), string(made[:len(made)-1])+"-"); reasonOf(err) != ReasonMalformed {
			t.Fatalf("a mistyped token: %v", err)
		}
	}
	if n := grants.refused.Len(); n != maxRefusals {
		t.Errorf("%d refusals are remembered, want %d", n, maxRefusals)
	}
	before := store.lookups.Load()
	if before != maxRefusals+101 {
		t.Errorf("%d look-ups: mistyped tokens are looked up", before)
	}
	if _, err := grants.Verify(t.Context(), string(store.token)); err != nil || store.lookups.Load() != before {
		t.Errorf("the accepted token was forgotten: %v", err)
	}
}

// TestLookupsAreBounded has many clients present made up tokens at once.
func TestLookupsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, grants := newFakeStore(Grant{User: "ann"})
		store.hold = make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		errs := make(chan error, 50)
		for range 50 {
			go func() {
				_, err := grants.Verify(ctx, string(NewAPIToken()))
				errs <- err
			}()
		}
		synctest.Wait()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		close(store.hold)
		waited := 0
		for range 50 {
			if errors.Is(<-errs, context.DeadlineExceeded) {
				waited++
			}
		}
		if most := store.together.Load(); most != 2 || waited != 48 {
			t.Errorf("%d look-ups ran at once, %d requests waited until their deadline", most, waited)
		}
	})
}

// TestKnownAPITokensDoNotWaitBehindMadeUpOnes has clients keep all look-ups of unknown tokens busy.
func TestKnownAPITokensDoNotWaitBehindMadeUpOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		known, hold := NewAPIToken(), make(chan struct{})
		var renewals atomic.Int64
		grants := NewGrants(GrantStore{Lookups: 2, Find: func(_ context.Context, hash string) (*Grant, error) {
			if hash == known.Hash() {
				renewals.Add(1)
				return &Grant{User: "ann"}, nil
			}
			<-hold
			return nil, ErrNoGrant
		}})
		verify := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := grants.Verify(ctx, string(known))
			return err
		}
		if err := verify(); err != nil {
			t.Fatal(err)
		}
		for range 50 {
			go func() { _, _ = grants.Verify(t.Context(), string(NewAPIToken())) }()
		}
		synctest.Wait()
		time.Sleep(grantAge)
		if err := verify(); err != nil || renewals.Load() != 2 {
			t.Errorf("the known token: %v, after %d look-ups", err, renewals.Load())
		}
		close(hold)
	})
}

// TestAStoreThatFails: what went wrong is no refusal, and is not remembered.
func TestAStoreThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the database is away")
	store, grants := newFakeStore(Grant{User: "ann"})
	store.set(nil, broken)
	if _, err := grants.Verify(t.Context(), string(store.token)); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	store.set(&Grant{User: "ann"}, nil)
	if grant, err := grants.Verify(t.Context(), string(store.token)); err != nil || grant.User != "ann" {
		t.Errorf("after that: %v %v", grant, err)
	}
}

func TestFormOfAPITokens(t *testing.T) {
	t.Parallel()
	made := map[APIToken]bool{}
	for range 1000 {
		token := NewAPIToken()
		if err := token.check(); err != nil || made[token] {
			t.Fatalf("%s: %v", token, err)
		}
		made[token] = true
	}
	// Computed with zlib.crc32 of Python.
	for text, want := range map[string]string{
		"": "000000", "a": "4GEHKN", "0000000000000000000000000000000000000": "3jnQlY",
	} {
		if got := checksum(text); got != want {
			t.Errorf("the checksum of %q is %s, want %s", text, got, want)
		}
	}
	good := string(NewAPIToken())
	for _, text := range []string{"", "todo_", good[1:], good + "0", good[:47], strings.ToUpper(good), good[:20] + "." + good[21:]} {
		if err := APIToken(text).check(); reasonOf(err) != ReasonMalformed {
			t.Errorf("%q: %v", text, err)
		}
	}
}
