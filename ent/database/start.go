package database

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

const (
	// startPatience is how long Start waits for a database that can't be reached.
	startPatience     = time.Minute
	firstStartPause   = 250 * time.Millisecond
	longestStartPause = 10 * time.Second
)

// Start brings the schema up to date as soon as the database can be reached. While it can't for a
// reason that may pass, because its server starts later than the service for one, Start tries again
// for a minute, with growing pauses, each of which the logger is told.
func (d *Database) Start(ctx context.Context, logger *slog.Logger) error {
	begin := time.Now()
	for pause := firstStartPause; ; pause = min(2*pause, longestStartPause) {
		err := d.Migrate(ctx)
		if err == nil || ctx.Err() != nil || !d.mayPass(err) {
			return err
		}
		left := startPatience - time.Since(begin)
		if left <= 0 {
			return fmt.Errorf("waited for %s: %w", startPatience, err)
		}
		pause = min(pause, left)
		logger.WarnContext(ctx, "the database can't be reached yet", "error", oneLine(err), "next_try_in", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("%w while waiting: %w", ctx.Err(), err)
		}
	}
}

// oneLine is what err says, without the line breaks between several causes.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
