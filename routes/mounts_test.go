package routes_test

import (
	"slices"
	"testing"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// A deployment mounts the tasks where its frontend looks for them: the addresses mean the same, and
// what stood at an address before stays where the mount does not take it.
func TestMounts(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db, func(s *setup) {
			s.Mounts = []config.Mount{
				{Path: "/api/v1/tasks"},
				{Path: "/api/todos"},
				{Path: "/api/v1/labels"},
				{Path: "/api/users/{user_id}/tasks"},
				{Path: "/api/tasks/high-ones", Query: "priority=high%2Curgent"},
			}
		})
		alice, bob := a.as(t, "alice"), a.as(t, "bob")
		high := alice.create(t, `{"title":"high","priority":"high"}`)["id"].(string)
		low := alice.create(t, `{"title":"low","priority":"low"}`)["id"].(string)
		for _, test := range []struct {
			who    client
			path   string
			status int
			ids    []string
		}{
			{alice, "/api/v1/tasks", 200, []string{low, high}},
			{alice, "/api/v1/tasks/", 200, []string{low, high}},
			{alice, "/api/todos?sort=title", 200, []string{high, low}},
			{alice, "/api/users/alice/tasks", 200, []string{low, high}},
			{alice, "/api/tasks/high-ones", 200, []string{high}},
			{alice, "/api/tasks/high-ones?sort=title", 200, []string{high}},
			{alice, "/api/tasks/search?q=lo", 200, []string{low}},
			{alice, "/api/search?q=hi", 200, []string{high}},
			{alice, "/api/alice/search?query=hi", 200, []string{high}},
			{alice, "/api/v1/search?q=hi", 200, []string{high}},
			{alice, "/api/alice/tasks/search?q=all", 200, nil},
			{bob, "/api/v1/tasks", 200, nil},
			{bob, "/api/users/alice/tasks", 403, nil},
			{bob, "/api/alice/search", 403, nil},
			{alice, "/api/v2/tasks", 403, nil},
		} {
			got := test.who.send(t, "GET", test.path, "")
			if got.status != test.status {
				t.Errorf("%s: %d %s", test.path, got.status, got.body)
				continue
			}
			if got.status != 200 {
				continue
			}
			var tasks []object
			got.decode(t, 200, &tasks)
			var ids []string
			for _, task := range tasks {
				ids = append(ids, task["id"].(string))
			}
			if !slices.Equal(ids, test.ids) {
				t.Errorf("%s: %v, want %v", test.path, ids, test.ids)
			}
		}
		tell(t, alice, []exchange{
			{"POST /api/v1/tags", `{"name":"work"}`, 201, `"work"`},
			{"GET /api/users/alice/tags/work", "", 200, `"work"`},
			{"GET /api/users/bob/tags/work", "", 403, ""},
			{"GET /api/tasks/tags", "", 200, `"work"`}, // beside /api/tasks/high-ones
			{"GET /api/v1/labels", "", 200, `"low"`},
			{"GET /api/v1/tasks/stats", "", 200, `"total":2`},
			{"POST /api/v1/tasks/bulk", `{"tasks":[]}`, 200, `"count":0`},
		})
		alice.send(t, "GET", "/api/todos/"+low, "").want(t, 200)
		alice.send(t, "GET", "/api/tasks/"+low, "").want(t, 200)
	})
}
