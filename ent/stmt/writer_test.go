package stmt

import (
	"fmt"
	"sync"
	"testing"

	"entgo.io/ent/dialect"
)

// TestTextsAreBounded writes more different texts than are kept, by several at once: each is right.
func TestTextsAreBounded(t *testing.T) { //nolint:paralleltest // what is kept is counted
	before := texts.known.Load()
	t.Cleanup(func() { texts.known.Store(before) })
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 2 * maxTexts {
				want := fmt.Sprintf(`DELETE FROM "t%d" WHERE "x" = $1`, i)
				table := &Table{name: fmt.Sprintf(`"t%d"`, i)}
				for range 2 {
					text, args := table.Delete(dialect.Postgres, []Cond{Equal("x", i)})
					if text != want || len(args) != 1 || args[0] != i {
						t.Errorf("%q with %v, want %q with %d", text, args, want, i)
					}
				}
			}
		})
	}
	wg.Wait()
	if kept := len(*texts.known.Load()); kept != maxTexts {
		t.Errorf("%d texts are kept, want %d", kept, maxTexts)
	}
}
