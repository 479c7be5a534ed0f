//go:build !race

package main_test

import (
	"fmt"
	"testing"
	"time"

	fixture "todo-backend/ent/generate/testdata/fixture"
	"todo-backend/ent/generate/testdata/fixture/thing"
	"todo-backend/ent/stmt"
)

// rowBudgets are how many allocations a row of a list may cost on Postgres where a column has a value:
// what was measured, and a tenth. A type of column that is left to pgx or database/sql costs one or more
// in every row.
var rowBudgets = []struct {
	column      string
	set         func(*fixture.ThingCreate)
	allocations float64
}{
	{"none that is optional", func(*fixture.ThingCreate) {}, 0.1},
	{"an optional text", func(c *fixture.ThingCreate) { c.SetNote("a note of some length") }, 0.1},
	{"a number or null", func(c *fixture.ThingCreate) { c.SetWeight(70_000) }, 0.1},
	{"a time or null", func(c *fixture.ThingCreate) { c.SetDue(time.UnixMicro(1)) }, 0.1},
	{"an enumeration or null", func(c *fixture.ThingCreate) { c.SetMood(thing.MoodGood) }, 1.2},
	{"a list of texts", func(c *fixture.ThingCreate) { c.SetTags([]string{"a", "b"}) }, 2.3},
	{"an object", func(c *fixture.ThingCreate) { c.SetSettings(map[string]int{"x": 1}) }, 8},
}

// TestAllocationsOnPostgres counts what rows cost on the way from pgx to the entity.
func TestAllocationsOnPostgres(t *testing.T) { //nolint:paralleltest // others' allocations would be counted
	client := openPostgres(t)
	ann := as(t, "ann")
	const few, many = 50, 150
	for _, b := range rowBudgets {
		client.Thing.Delete().ExecX(ann)
		client.Thing.MapCreateBulk(make([]struct{}, many), func(c *fixture.ThingCreate, i int) {
			b.set(c.SetName(fmt.Sprint("thing ", i)).SetKind(thing.KindBig).SetRank(i))
		}).ExecX(ann)
		fetch := func(rows int) float64 {
			return testing.AllocsPerRun(50, func() {
				if got, err := client.Thing.Query().FetchPage(ann, stmt.Page{Limit: rows}); err != nil || len(got) != rows {
					t.Fatalf("%d rows: %v", len(got), err)
				}
			})
		}
		got := (fetch(many) - fetch(few)) / (many - few)
		t.Logf("%s: %.2f allocations", b.column, got)
		if got > b.allocations {
			t.Errorf("a row with %s costs %.2f allocations, its budget is %.2f", b.column, got, b.allocations)
		}
	}
}
