package routes_test

import (
	"fmt"
	"testing"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// TestClientsMakeNoStatements asks for lists with many limits, offsets, cursors and values: to how many
// statements they come depends on the code alone. Each would else be prepared and kept, on every
// connection.
func TestClientsMakeNoStatements(t *testing.T) {
	t.Parallel()
	const different = 40
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		observed := *db
		observed.Client = raw.Client
		for _, format := range []config.Format{config.FormatPlain, config.FormatWrapped} {
			ann := newAPI(t, &observed, withFormat(format)).as(t, "ann")
			for i := range different {
				ann.create(t, fmt.Sprintf(`{"title":"Task %d"}`, i))
			}
			get := func(format string, args ...any) {
				if got := ann.send(t, "GET", fmt.Sprintf("/api/tasks"+format, args...), ""); got.status != 200 {
					t.Errorf("%d: %s", got.status, got.body)
				}
			}
			texts := map[string]bool{}
			for _, statement := range raw.Sent(func() {
				for i := 1; i < different; i++ {
					get("?limit=%d", i)
					get("?limit=%d&offset=%d", i, i)
					get("?limit=%d&page=2", i)
				}
			}) {
				texts[statement.Query] = true
			}
			if len(texts) != 2 { // with and without an offset
				t.Errorf("%s: clients made %d statements: %v", format, len(texts), texts)
			}
		}
	})
}
