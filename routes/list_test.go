package routes_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

func TestOrdersAndFilters(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		var ids []string
		for _, title := range []string{"b", "B", "é", "a", "😀", "\ufb01"} { // U+FB01 sorts before the emoji by code point, not by UTF-16
			ids = append(ids, alice.create(t, encode(t, object{"title": title}))["id"].(string))
		}
		alice.send(t, "PATCH", "/api/tasks/"+ids[1]+"/complete", "").want(t, 200) // B is now the last changed
		for query, want := range map[string]string{
			"":                               "\ufb01 😀 a é B b",
			"sort=created":                   "\ufb01 😀 a é B b",
			"sort=date&order=asc":            "b B é a 😀 \ufb01",
			"sort_by=created_at":             "\ufb01 😀 a é B b",
			"sortBy=createdAt&sortOrder=asc": "b B é a 😀 \ufb01",
			"sort=updated":                   "B \ufb01 😀 a é b",
			"sort=updated_at&order=asc":      "b é a 😀 \ufb01 B",
			"sort=updatedAt&sort_order=desc": "B \ufb01 😀 a é b",
			"sort=title":                     "B a b é \ufb01 😀",
			"sort=title&order=desc":          "😀 \ufb01 é b a B",
			"status=all":                     "\ufb01 😀 a é B b",
			"status=completed":               "B",
			"status=pending&sort=title":      "a b é \ufb01 😀",
			"status=active&order=asc":        "b é a 😀 \ufb01",
			"limit=2":                        "\ufb01 😀",
			"limit=2&offset=1":               "😀 a",
			"skip=4":                         "B b",
			"skip=6":                         "",
		} {
			if got := strings.Join(alice.titles(t, "/api/tasks?"+query), " "); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
	})
}

// nextLink finds the address of the next page.
var nextLink = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

// walk follows the pages from path on, calls between after each, and returns the ids in their order.
func (c client) walk(t *testing.T, path string, between func()) []string {
	t.Helper()
	var ids []string
	for path != "" {
		got := c.send(t, "GET", path, "")
		var tasks []object
		got.decode(t, 200, &tasks)
		for _, task := range tasks {
			ids = append(ids, task["id"].(string))
		}
		path = ""
		if link := got.header.Get("Link"); link != "" {
			path = nextLink.FindStringSubmatch(link)[1]
		}
		between()
	}
	return ids
}

// A row that stays appears exactly once in a walk, whatever others write meanwhile.
func TestWalkWhileOthersWrite(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		for _, query := range []string{"sort=created", "sort=created&order=asc", "sort=title", "sort=title&order=desc", "sort=updated", "status=pending", "status=pending&order=asc"} {
			var staying []string
			for i := range 20 {
				title := fmt.Sprint("task ", i%7) // many ties
				staying = append(staying, alice.create(t, encode(t, object{"title": title}))["id"].(string))
			}
			got := alice.walk(t, "/api/alice/tasks?limit=3&"+query, func() {
				for range 2 {
					alice.create(t, encode(t, object{"title": fmt.Sprint("task ", rand.IntN(9))}))
				}
				alice.send(t, "DELETE", "/api/tasks/"+alice.create(t, `{"title":"task 3"}`)["id"].(string), "").want(t, 200)
			})
			seen := map[string]int{}
			for _, id := range got {
				seen[id]++
			}
			for i, id := range staying {
				if seen[id] != 1 {
					t.Errorf("%s: task %d appears %d times", query, i, seen[id])
				}
			}
			for _, id := range staying {
				alice.send(t, "DELETE", "/api/tasks/"+id, "").want(t, 200)
			}
		}
	})
}

// With the order of creation even rows that change all the time appear exactly once.
func TestWalkWhileRowsChange(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		var want []string
		for i := range 25 {
			want = append(want, alice.create(t, encode(t, object{"title": fmt.Sprint(i)}))["id"].(string))
		}
		slices.Reverse(want)
		got := alice.walk(t, "/api/tasks?limit=4", func() {
			for range 5 {
				alice.send(t, "PATCH", "/api/tasks/"+want[rand.IntN(len(want))], `{"title":"changed"}`).want(t, 200)
			}
		})
		if !slices.Equal(got, want) {
			t.Errorf("walked %v, want %v", got, want)
		}
	})
}

// The address of the next page has the parameters that count, each once, and no others, however many were sent.
func TestLinkHasTheParametersThatCount(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		for range 3 {
			alice.create(t, `{"title":"x","priority":"high"}`)
		}
		query := "utm_source=" + strings.Repeat("x", 2000) + "&limit=1&limit=1&statusFilter=pending&priority=high&_=7&order=" +
			strings.Repeat("&priority=high", 100) + "&priority=low&sort_by=title&search=&Limit=1&page=1&offset"
		path := "/api/alice/tasks?" + query
		for range 2 {
			got := alice.send(t, "GET", path, "")
			link := nextLink.FindStringSubmatch(got.header.Get("Link"))
			if len(link) != 2 {
				t.Fatalf("%d, Link %q: %s", got.status, got.header.Get("Link"), got.body)
			}
			path = link[1]
			address, cursor, _ := strings.Cut(path, "&cursor=")
			if want := "/api/alice/tasks?limit=1&statusFilter=pending&priority=high&priority=low&sort_by=title"; address != want || cursor == "" {
				t.Errorf("Link leads to %s, want %s and a cursor", path, want)
			}
		}
	})
}

// The two dialects that have a place for it tell the next page in the body.
func TestPagesInEveryDialect(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		plain := newAPI(t, db).as(t, "alice")
		for i := range 5 {
			plain.create(t, encode(t, object{"title": fmt.Sprint(i), "completed": i == 0}))
		}
		page := plain.send(t, "GET", "/api/tasks?limit=2&offset=1&status=all", "")
		link := nextLink.FindStringSubmatch(page.header.Get("Link"))
		if len(link) != 2 || !strings.HasPrefix(link[1], "/api/tasks?") || strings.Contains(link[1], "offset") {
			t.Errorf("Link %q", page.header.Get("Link"))
		}
		if got := plain.titles(t, link[1]); !slices.Equal(got, []string{"1", "0"}) {
			t.Errorf("the next page has %v", got)
		}
		wrapped := newAPI(t, db, withFormat(config.FormatWrapped)).as(t, "alice")
		envelope := newAPI(t, db, withFormat(config.FormatEnvelope)).as(t, "alice")
		for path, total := range map[string]float64{"status=pending&limit=2": 4, "limit=2&sort=title": 5, "limit=4&offset=0": 5} {
			var titles []string
			cursor := ""
			for range 3 {
				list := wrapped.send(t, "GET", "/api/tasks?"+path+cursor, "").want(t, 200)
				if list["total"] != total {
					t.Errorf("%s%s: total %v, want %v", path, cursor, list["total"], total)
				}
				for _, task := range objects(list["tasks"]) {
					titles = append(titles, task["title"].(string))
				}
				if list["next_cursor"] == nil {
					break
				}
				cursor = "&cursor=" + list["next_cursor"].(string)
				path = strings.Replace(path, "&offset=0", "", 1)
			}
			if len(titles) != int(total) {
				t.Errorf("%s: walked %v", path, titles)
			}
		}
		if list := wrapped.send(t, "GET", "/api/tasks?offset=9", "").want(t, 200); list["total"] != 5.0 || len(objects(list["tasks"])) != 0 {
			t.Errorf("beyond the end: %v", list)
		}
		next := envelope.send(t, "GET", "/api/tasks?limit=3", "").want(t, 200)["data"].(object)["nextCursor"].(string)
		list := envelope.send(t, "GET", "/api/tasks?limit=3&cursor="+next, "").want(t, 200)
		if data := list["data"].(object); len(objects(data["tasks"])) != 2 || data["nextCursor"] != nil {
			t.Errorf("the last page is %v", list)
		}
	})
}

// A cursor holds for the list it was made for and nothing else.
func TestCursors(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db, withFormat(config.FormatWrapped))
		alice, bob := a.as(t, "alice"), a.as(t, "bob")
		for i := range 3 {
			alice.create(t, encode(t, object{"title": fmt.Sprint("hers ", i)}))
			bob.create(t, encode(t, object{"title": fmt.Sprint("his ", i)}))
		}
		cursor := alice.send(t, "GET", "/api/tasks?limit=1", "").want(t, 200)["next_cursor"].(string)
		byTitle := alice.send(t, "GET", "/api/tasks?limit=1&sort=title", "").want(t, 200)["next_cursor"].(string)
		alice.send(t, "GET", "/api/tasks?limit=2&sort=createdAt&order=desc&status=all&cursor="+cursor, "").want(t, 200)
		for name, query := range map[string]string{
			"another order":   "order=asc&cursor=" + cursor,
			"another sort":    "sort=updated&cursor=" + cursor,
			"another column":  "sort=title&cursor=" + cursor,
			"not its column":  "cursor=" + byTitle,
			"a filter":        "status=pending&cursor=" + cursor,
			"with an offset":  "offset=1&cursor=" + cursor,
			"with a skip":     "skip=0&cursor=" + cursor,
			"a line break":    "cursor=" + cursor + "%0A",
			"padding":         "cursor=" + cursor + "=",
			"only the start":  "cursor=" + cursor[:10],
			"something after": "cursor=" + cursor + "AAAA",
		} {
			if got := alice.send(t, "GET", "/api/tasks?"+query, ""); got.status != 422 {
				t.Errorf("%s: %d", name, got.status)
			}
		}
		for i := range cursor {
			for _, c := range "Aa0_" {
				altered := cursor[:i] + string(c) + cursor[i+1:]
				if altered != cursor {
					wantProblem(t, alice.send(t, "GET", "/api/tasks?cursor="+url.QueryEscape(altered), ""), 422)
				}
			}
		}
		wantProblem(t, bob.send(t, "GET", "/api/tasks?cursor="+cursor, ""), 422)
	})
}

// An unpaged list keeps what it has up to the longest page.
func TestLongList(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		tasks := make([]*ent.TaskCreate, 1003)
		for i := range tasks {
			tasks[i] = db.Client.Task.Create().SetTitle(fmt.Sprint(i))
		}
		db.Client.Task.CreateBulk(tasks...).SaveX(asViewer(t.Context(), "alice"))
		got := alice.send(t, "GET", "/api/tasks", "")
		var page []object
		got.decode(t, 200, &page)
		if len(page) != 1000 || got.header.Get("Link") == "" {
			t.Errorf("%d tasks, Link %q", len(page), got.header.Get("Link"))
		}
		if ids := alice.walk(t, "/api/tasks", func() {}); len(ids) != 1003 {
			t.Errorf("walked %d tasks", len(ids))
		}
	})
}

// Two flips at once are two flips.
func TestConcurrentFlips(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		at := "/api/tasks/" + alice.create(t, `{"title":"x"}`)["id"].(string)
		answers := make(chan answer)
		for range 51 {
			go func() { answers <- alice.send(t, "PATCH", at+"/toggle", "") }()
		}
		completed := 0
		for range 51 {
			if (<-answers).want(t, 200)["completed"] == true {
				completed++
			}
		}
		if completed != 26 {
			t.Errorf("%d of 51 flips completed the task, want 26", completed)
		}
		if got := alice.send(t, "GET", at, "").want(t, 200); got["completed"] != true {
			t.Errorf("an odd number of flips left %v", got)
		}
	})
}
