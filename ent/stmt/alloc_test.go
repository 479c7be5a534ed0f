//go:build !race

package stmt_test

import (
	"testing"

	"entgo.io/ent/dialect"

	"todo-backend/ent/stmt"
)

// TestTextsAreShared: a text that was written before costs no allocation, its arguments one.
func TestTextsAreShared(t *testing.T) { //nolint:paralleltest // others' allocations would be counted
	filter := []stmt.Cond{stmt.Equal("owner", "ann"), stmt.Equal("id", 1)}
	order := []stmt.Text{byAge.Order(true)}
	got := testing.AllocsPerRun(1000, func() {
		table.Select(dialect.Postgres, filter, order, stmt.Page{Limit: 1})
	})
	if got > 1 {
		t.Errorf("a known statement costs %v allocations", got)
	}
}
