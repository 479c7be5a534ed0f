package database

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	errPassing = errors.New("connection refused")
	errLasting = errors.New("password authentication failed")
)

// TestStartWaitsForTheDatabase has migrating fail in given ways, and then succeed or not.
func TestStartWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fails func(try int, waited time.Duration) error
		want  error
		takes time.Duration
		lines int
	}{
		{"it is there", func(int, time.Duration) error { return nil }, nil, 0, 0},
		{"it comes later", func(_ int, waited time.Duration) error {
			if waited < 20*time.Second {
				return errPassing
			}
			return nil
		}, nil, 25750 * time.Millisecond, 7}, // 0.25 + 0.5 + … + 8, and 10 s
		{"it never comes", func(int, time.Duration) error { return errPassing }, errPassing, time.Minute, 11},
		{"it does not let us in", func(int, time.Duration) error { return errLasting }, errLasting, 0, 0},
		{"it comes and does not let us in", func(try int, _ time.Duration) error {
			if try < 3 {
				return errPassing
			}
			return errLasting
		}, errLasting, 1750 * time.Millisecond, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin, try := time.Now(), -1
				var lines bytes.Buffer
				db := &Database{
					Name: "a test's",
					migrate: func(context.Context) error {
						try++
						return test.fails(try, time.Since(begin))
					},
					mayPass: func(err error) bool { return errors.Is(err, errPassing) },
				}
				err := db.Start(t.Context(), slog.New(slog.NewTextHandler(&lines, nil)))
				if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
					t.Errorf("it ends with %v, want %v", err, test.want)
				}
				if took := time.Since(begin); took != test.takes {
					t.Errorf("it takes %v, want %v", took, test.takes)
				}
				if said := strings.Count(lines.String(), errPassing.Error()); said != test.lines {
					t.Errorf("%d lines, want %d:\n%s", said, test.lines, &lines)
				}
			})
		})
	}
}

// TestStartEndsWithItsContext also where it waits.
func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		db := &Database{migrate: func(context.Context) error { return errPassing }, mayPass: func(error) bool { return true }}
		if err := db.Start(ctx, slog.New(slog.DiscardHandler)); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
	})
}
