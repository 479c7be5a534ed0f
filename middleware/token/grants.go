package token

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/semaphore"
)

const (
	// grantAge is how long what was found about an API token counts: a revoked one is refused by every
	// copy of the service after that time.
	grantAge = 10 * time.Second
	// maxGrants and maxRefusals are how many accepted and refused API tokens are remembered, in less than
	// 2 MB each. They are kept apart, so that made up ones push out no accepted one.
	maxGrants, maxRefusals = 4096, 4096
	// useInterval is how exactly the last use of a token is told.
	useInterval = time.Minute
	// useTimeout bounds the time to write down a use.
	useTimeout = 5 * time.Second
)

// ErrNoGrant is the error of [GrantStore.Find] where there is no such API token.
var ErrNoGrant = errors.New("there is no such API token")

// GrantStore is where API tokens are kept.
type GrantStore struct {
	// Find returns the grant of the token with this hash ([APIToken.Hash]), or [ErrNoGrant].
	Find func(ctx context.Context, hash string) (*Grant, error)
	// Use writes down when a token was last used. Nil: nobody does.
	Use func(ctx context.Context, grant *Grant, at time.Time) error
	// Lookups is how many calls of Find run at a time for tokens that are not known: anybody can cause
	// them. Others wait. As many run beside them for tokens that were accepted before, which do not
	// wait behind made up ones.
	Lookups int
}

// Grants verifies API tokens. What it finds about one counts for ten seconds.
type Grants struct {
	store    GrantStore
	lookups  *semaphore.Weighted // of tokens that are not among the accepted ones
	renewals *semaphore.Weighted // of those that are
	uses     *semaphore.Weighted
	accepted *lru.Cache[[sha256.Size]byte, *foundGrant]
	refused  *lru.Cache[[sha256.Size]byte, time.Time] // until when
	now      func() time.Time
}

// foundGrant is a grant that was found.
type foundGrant struct {
	*Grant

	until time.Time    // when it has to be looked up again
	used  atomic.Int64 // the last use that was written down, in seconds since 1970
}

// NewGrants returns what verifies the API tokens of a store.
func NewGrants(store GrantStore) *Grants {
	accepted, err := lru.New[[sha256.Size]byte, *foundGrant](maxGrants)
	if err != nil {
		panic(err) // of a size that is not positive
	}
	refused, err := lru.New[[sha256.Size]byte, time.Time](maxRefusals)
	if err != nil {
		panic(err)
	}
	lookups := int64(max(1, store.Lookups))
	return &Grants{
		store:    store,
		lookups:  semaphore.NewWeighted(lookups),
		renewals: semaphore.NewWeighted(lookups),
		uses:     semaphore.NewWeighted(1),
		accepted: accepted, refused: refused, now: time.Now,
	}
}

// Verify returns the grant of an API token. Its errors are an [*AuthError], and those of the store.
func (g *Grants) Verify(ctx context.Context, text string) (*Grant, error) {
	if err := APIToken(text).check(); err != nil {
		return nil, err
	}
	found, err := g.find(ctx, APIToken(text))
	if err != nil {
		return nil, err
	}
	now := g.now()
	if err := found.check(now); err != nil {
		return nil, err
	}
	g.noteUse(ctx, found, now)
	return found.Grant, nil
}

// find returns what is known about a token, or looks it up.
func (g *Grants) find(ctx context.Context, text APIToken) (*foundGrant, error) {
	key := sha256.Sum256([]byte(text))
	if found, err := g.remembered(key); found != nil || err != nil {
		return found, err
	}
	places := g.lookups
	if g.accepted.Contains(key) {
		places = g.renewals
	}
	if err := places.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait to look up an API token: %w", err)
	}
	defer places.Release(1)
	if found, err := g.remembered(key); found != nil || err != nil { // another request has looked it up meanwhile
		return found, err
	}
	until := g.now().Add(grantAge) // counted from before the look: it may be revoked while we look
	grant, err := g.store.Find(ctx, text.Hash())
	if errors.Is(err, ErrNoGrant) {
		g.accepted.Remove(key)
		g.refused.Add(key, until)
		return nil, errUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("look up an API token: %w", err)
	}
	found := &foundGrant{Grant: grant, until: until}
	if grant.LastUsedAt != nil {
		found.used.Store(grant.LastUsedAt.Unix())
	}
	g.accepted.Add(key, found)
	return found, nil
}

var errUnknown = refuse(ReasonRevoked, "There is no such API token here: it was revoked, or it is one of another service")

// remembered returns what was found about a token not long ago; nothing where it was not.
func (g *Grants) remembered(key [sha256.Size]byte) (*foundGrant, error) {
	now := g.now()
	if found, ok := g.accepted.Get(key); ok && now.Before(found.until) {
		return found, nil
	}
	if until, ok := g.refused.Get(key); ok && now.Before(until) {
		return nil, errUnknown
	}
	return nil, nil
}

// noteUse writes down that a token is used, once in an interval and one token at a time. Nobody waits for
// it, and a use that finds another being written is left to the next request.
func (g *Grants) noteUse(ctx context.Context, found *foundGrant, now time.Time) {
	at := now.Truncate(useInterval)
	last := found.used.Load()
	if g.store.Use == nil || at.Unix() <= last || !g.uses.TryAcquire(1) {
		return
	}
	if !found.used.CompareAndSwap(last, at.Unix()) {
		g.uses.Release(1)
		return
	}
	go func() {
		defer g.uses.Release(1)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), useTimeout)
		defer cancel()
		// A database that takes no writes, or a token that was revoked meanwhile, is no failure of the request.
		_ = g.store.Use(ctx, found.Grant, at)
	}()
}
