package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

const (
	// claimPatience is how long a process that is about to end may keep the file from the next one.
	claimPatience = 2 * time.Second
	claimPoll     = 50 * time.Millisecond
)

// Claim makes this driver the only one that serves from its file, until it is closed or its process
// ends, however that happens. It returns an error where another one does. Who only looks, or
// migrates, needs no claim.
func (d *Driver) Claim(ctx context.Context) error {
	patient, cancel := context.WithTimeout(ctx, claimPatience)
	defer cancel()
	claim := flock.New(d.file.target + ".serving")
	isClaimed, err := claim.TryLockContext(patient, claimPoll)
	switch {
	case isClaimed:
		d.claim = claim
		return nil
	case patient.Err() != nil && ctx.Err() == nil:
		return fmt.Errorf("another process serves from %s: stop that one first, or name another file", d.file.path)
	}
	return fmt.Errorf("claim %s: %w", d.file.path, err)
}

// release lets another process serve from the file.
func (d *Driver) release() error {
	if d.claim == nil {
		return nil
	}
	return d.claim.Close()
}
