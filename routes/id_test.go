package routes_test

import (
	"strings"
	"testing"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// Alice's task has one id, of 36 characters in either case. Other spellings of a UUID, though a library may read them, are no id: a
// cache or a proxy in front would take them for another task.
func TestSpellingsOfAnID(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		id := alice.create(t, `{"title":"hers"}`)["id"].(string)
		for _, spelling := range []string{
			"urn:uuid:" + id, "URN:UUID:" + id, "urn%3Auuid%3A" + id, "{" + id + "}", "%7B" + id + "%7D", "(" + id + ")", `%22` + id + `%22`,
			strings.ReplaceAll(id, "-", ""), id[:8] + id[9:], id[:8] + "_" + id[9:], "0" + id, id + "0", "%20" + id, id + "%20", id + "%00", id[:35],
		} {
			for _, op := range operationsOn("alice", spelling) {
				if strings.Contains(op.path, spelling) {
					wantProblem(t, alice.send(t, op.method, op.path, op.body), 404)
				}
			}
		}
		for _, spelling := range []string{id, strings.ToUpper(id)} {
			if got := alice.send(t, "GET", "/api/tasks/"+spelling, "").want(t, 200); got["id"] != id || got["title"] != "hers" {
				t.Errorf("as %s the task is %v", spelling, got)
			}
		}
	})
}
