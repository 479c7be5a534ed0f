package sqlite_test

import (
	"fmt"
	"sync"
	"testing"

	"entgo.io/ent/dialect/sql"
)

// mostKept is how many statements stay prepared, as a number: a test that took it from the code would find any number right.
const mostKept = 128

// TestMoreStatementsThanAreKept runs more different ones than stay prepared, by several at once, and
// each of them twice.
func TestMoreStatementsThanAreKept(t *testing.T) {
	t.Parallel()
	driver := open(t)
	execute(t, driver.Writer(), "CREATE TABLE t (a)") // a new file becomes one with a WAL before several open it, as by a migration
	read := func(n int) error {
		rows := &sql.Rows{}
		if err := driver.Query(t.Context(), fmt.Sprintf("SELECT %d + ?", n), []any{1}, rows); err != nil {
			return err
		}
		got, err := sql.ScanInt(rows)
		if err == nil && got != n+1 {
			err = fmt.Errorf("%d + 1 is %d", n, got)
		}
		return err
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range 4 * mostKept {
				if err := read(n / 2); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if kept := driver.KeptStatements(); kept != mostKept {
		t.Errorf("%d are kept, want %d", kept, mostKept)
	}
	for n := range 2 * mostKept {
		if err := driver.Exec(t.Context(), fmt.Sprintf("INSERT INTO t VALUES (%d + ?)", n), []any{1}, nil); err != nil {
			t.Fatal(err)
		}
	}
}
