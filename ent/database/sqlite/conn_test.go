package sqlite_test

import (
	"context"
	"errors"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
)

// TestReadsEndAtTheirDeadline searches for a row that is never found: the first one, or one after
// another was found.
func TestReadsEndAtTheirDeadline(t *testing.T) {
	t.Parallel()
	const endless = "FROM (WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT n FROM numbers) "
	for name, query := range map[string]string{
		"the first row":  "SELECT n " + endless + "WHERE n < 0",
		"the second row": "SELECT n " + endless + "WHERE n = 1 OR n < 0",
		"a count":        "SELECT count(*) " + endless,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			driver := open(t)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				var rows entsql.Rows
				if err := driver.Query(ctx, query, []any{}, &rows); err != nil {
					ended <- err
					return
				}
				defer rows.Close()
				for rows.Next() {
				}
				ended <- rows.Err()
			}()
			select {
			case err := <-ended:
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("it ends with %v", err)
				}
			case <-time.After(time.Minute):
				t.Fatal("it does not end")
			}
			if writes, err := driver.Ready(t.Context(), "WHERE TRUE"); !writes || err != nil {
				t.Errorf("the next read: %v, %v", writes, err)
			}
		})
	}
}
