package routes_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/task"
	"todo-backend/middleware/token"
)

// diverse are tasks on which one change depends in ways of their own: with and without zones, dates,
// rules, further members and states.
var diverse = []string{
	`{"title":"plain"}`,
	`{"title":"Größe","description":"two litres","tags":["home","Büro"],"priority":"low"}`,
	`{"title":"dated","due_date":"2026-01-05","category":"a"}`,
	`{"title":"timed","due_date":"2026-01-05T09:30","timezone":"Europe/Berlin","category":"b","effort":1}`,
	`{"title":"instant","due_date":"2026-01-05T09:30:00+05:30","timezone":"Asia/Tokyo","effort":2}`,
	`{"title":"daily","due_date":"2026-01-05","recurrence":"daily"}`,
	`{"title":"weekly","due_date":"2026-01-06T08:00","timezone":"America/New_York","recurrence_rule":"FREQ=WEEKLY;BYDAY=TU","remind_at":"2026-01-06T07:30"}`,
	`{"title":"undated","recurrence":"monthly","category":{"deep":[1,null]}}`,
	`{"title":"done","completed":true,"due_date":"2026-01-05"}`,
	`{"title":"doing","status":"in_progress","effort":null}`,
}

// bulkChanges are changes that mean something else for each task.
var bulkChanges = []string{
	`{"title":" all alike "}`,
	`{"due_date":"2026-03-01"}`,
	`{"due_date":"2026-03-29T02:30"}`,
	`{"due_date":null}`,
	`{"timezone":"Pacific/Apia"}`,
	`{"due_date":"2026-03-01T10:00","timezone":"Europe/Berlin"}`,
	`{"completed":true}`,
	`{"completed":false}`,
	`{"status":"in_progress","completed":false}`,
	`{"status":"pending","completed":true}`, // a whole task with one name turned, for some of them
	`{"recurrence":"weekly"}`,
	`{"recurrence_interval":3}`,
	`{"recurrence":null,"tags":["x","y"],"priority":"high","description":null}`,
	`{"category":"c"}`,
	`{"category":null,"effort":{"a":"b"}}`,
	`{"repeat_from":"completion"}`,
	`{}`,
}

// withFields has a deployment keep two further members, and tell the time of a clock.
func withFields(s *setup) {
	s.Fields = []string{"category", "effort"}
	s.now = func() time.Time { return time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC) }
}

// moving are the columns that differ between two tasks that were made and changed alike.
var moving = []string{"id", "created_at", "updated_at", "completed_at", "derived_at", "previous_task_id", "parent_task_id", "user_id"}

// storedRows are a user's rows, without what is moving, and whether they are in step.
func storedRows(t *testing.T, raw *databasetest.Raw, user string) [][]string {
	t.Helper()
	columns := []string{
		"completed_at IS NULL", "completed_at > created_at", "derived_at = updated_at", "updated_at > created_at",
		"previous_task_id IS NULL", "parent_task_id IS NULL",
	}
	for _, c := range task.Columns {
		if !slices.Contains(moving, c) {
			columns = append(columns, c)
		}
	}
	return raw.Strings(t, "SELECT "+strings.Join(columns, ", ")+" FROM tasks WHERE user_id = '"+user+"' ORDER BY id")
}

// A bulk change of tasks that have little in common stores, answers and makes what a change of each by
// itself does, and it says what is wrong where one of them would.
func TestBulkIsEachByItself(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		a := newAPI(t, db, withFields)
		for i, change := range bulkChanges {
			for _, behind := range []bool{false, true} {
				together, apart := a.as(t, fmt.Sprint("together", i, behind)), a.as(t, fmt.Sprint("apart", i, behind))
				bulk, broken := "", false
				for _, who := range []client{together, apart} {
					made := who.send(t, "POST", "/api/tasks/bulk", `{"tasks":[`+strings.Join(diverse, ",")+`]}`).want(t, 200)
					var ids []string
					for _, made := range objects(made["tasks"]) {
						ids = append(ids, made["id"].(string))
					}
					if behind {
						for _, id := range ids[:4] {
							asEarlierRelease(t, raw, "title = 'Of Before', description = 'THAT'", id)
						}
					}
					if who == together {
						bulk = `{"task_ids":["` + strings.Join(ids, `","`) + `"],"changes":` + change + `}`
						continue
					}
					for _, id := range ids {
						broken = who.send(t, "PATCH", "/api/tasks/"+id, change).status != http.StatusOK || broken
					}
				}
				got := together.send(t, "POST", "/api/tasks/bulk", bulk)
				if broken {
					if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `"field":"changes.`) {
						t.Errorf("%s: each by itself is refused: %d %s", change, got.status, got.body)
					}
					continue
				}
				got.want(t, 200)
				want, has := storedRows(t, raw, fmt.Sprint("apart", i, behind)), storedRows(t, raw, fmt.Sprint("together", i, behind))
				if diff := gocmp.Diff(sortedRows(want), sortedRows(has)); diff != "" && (change != `{}` || !behind) {
					t.Errorf("%s, behind: %t: each by itself - and together +:\n%s", change, behind, diff)
				}
			}
		}
	})
}

// sortedRows are rows in an order of their own: next tasks are made in another.
func sortedRows(rows [][]string) [][]string {
	slices.SortFunc(rows, slices.Compare)
	return rows
}

// Two hundred tasks that have little in common are created, changed, completed and deleted in some twenty
// statements at most.
func TestBulkSendsFewStatements(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		observed := *db
		observed.Client = raw.Client
		ann := newAPI(t, &observed, withFields).as(t, "ann")
		send := func(body string) object {
			t.Helper()
			var o object
			sent := raw.Sent(func() { o = ann.send(t, "POST", "/api/tasks/bulk", body).want(t, 200) })
			if len(sent) > 20 {
				t.Errorf("%.100s… sends %d statements", body, len(sent))
			}
			return o
		}
		var all []string
		for i := range 200 {
			all = append(all, strings.Replace(diverse[i%len(diverse)], `{"title":"`, fmt.Sprintf(`{"title":"%d `, i), 1))
		}
		var ids []string
		for _, made := range objects(send(`{"tasks":[` + strings.Join(all, ",") + `]}`)["tasks"]) {
			ids = append(ids, made["id"].(string))
			if want := fmt.Sprint(len(ids)-1, " "); !strings.HasPrefix(made["title"].(string), want) {
				t.Errorf("task %s is %v", want, made["title"])
			}
		}
		for _, id := range ids[:50] {
			asEarlierRelease(t, raw, "title = 'Of before "+id+"'", id)
		}
		named := `"task_ids":["` + strings.Join(ids, `","`) + `"]`
		for _, change := range []string{`{"due_date":"2026-03-01T10:00"}`, `{"category":"c"}`, `{"timezone":"Pacific/Apia"}`, `{"recurrence":"daily"}`} {
			send(`{` + named + `,"changes":` + change + `}`)
		}
		if created := objects(send(`{` + named + `,"changes":{"completed":true}}`)["created"]); len(created) != 180 {
			t.Errorf("%d tasks have a next one, want 180: 20 were completed before", len(created))
		}
		if got := send(`{` + named + `,"delete":true}`); got["count"] != 200.0 || len(got["deleted"].([]any)) != 200 {
			t.Errorf("deleted are %v", got["count"])
		}
	})
}

// Everybody who completes the same recurring tasks at once, forwards and backwards, one by one too, is
// answered, and each task has one next.
func TestBulkAtTheSameTime(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		ann := newAPI(t, db).as(t, "ann")
		task := `{"title":"x","recurrence":"daily","due_date":"2026-01-05"}`
		made := ann.send(t, "POST", "/api/tasks/bulk", `{"tasks":[`+strings.Join(slices.Repeat([]string{task}, 20), ",")+`]}`).want(t, 200)
		var ids []string
		for _, made := range objects(made["tasks"]) {
			ids = append(ids, made["id"].(string))
		}
		var sent errgroup.Group
		for range 6 {
			slices.Reverse(ids)
			body := `{"task_ids":["` + strings.Join(ids, `","`) + `"],"changes":{"completed":true}}`
			one := ids[0]
			sent.Go(func() error {
				ann.send(t, "POST", "/api/tasks/bulk", body).want(t, 200)
				return nil
			})
			sent.Go(func() error {
				ann.send(t, "PATCH", "/api/tasks/"+one, `{"completed":true}`).want(t, 200)
				return nil
			})
		}
		_ = sent.Wait() // which reports to t
		if got := ann.titles(t, "/api/tasks?status=pending"); len(got) != len(ids) {
			t.Errorf("%d tasks have %d next ones", len(ids), len(got))
		}
	})
}

// What no task of Alice's has as its id is named by the answer, and nothing changes.
func TestBulkNamesWhatIsUnknown(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		ann := a.as(t, "ann")
		hers := ann.create(t, `{"title":"hers"}`)["id"].(string)
		his := a.as(t, "bob").create(t, `{"title":"his"}`)["id"].(string)
		for id, shown := range map[string]string{
			his: his, uuid.NewString(): "", "": "Task  not found", "x_y": "Task x_y not found", hers + "0": hers + "0",
			strings.Repeat("ä", 100): strings.Repeat("ä", 64) + "… not found", strings.ReplaceAll(hers, "-", ""): "",
			string(token.NewAPIToken()): `"Task not found"`, strings.Repeat("x", 30) + strings.ToUpper(string(token.NewAPIToken())): `"Task not found"`,
		} {
			if shown == "" {
				shown = id
			}
			for _, form := range []string{`"changes":{"title":"stolen"}`, `"delete":true`} {
				tell(t, ann, []exchange{
					{"POST /api/ann/tasks/bulk", `{"taskIds":["` + hers + `","` + id + `"],` + form + `}`, 404, shown},
					{"GET /api/tasks", "", 200, `"hers"`},
				})
			}
		}
		tell(t, ann, []exchange{
			{"POST /api/tasks/bulk", `{"task_ids":["` + hers + `","` + strings.ToUpper(hers) + `"],"changes":{"title":"once"}}`, 200, `"count":1`},
			{"POST /api/tasks/bulk", `{"task_ids":["` + hers + `"],"changes":{"title":"","priority":"odd"}}`, 422, `"field":"changes.title"`},
			{"POST /api/tasks/bulk", `{"task_ids":[],"delete":true}`, 200, `"deleted":[],"count":0`},
			{"POST /api/tasks/bulk", `{"tasks":[]}`, 200, `{"tasks":[],"created":[],"deleted":[],"count":0}`},
			{"POST /api/tasks/bulk", `{"tasks":[{"title":"a"},{"title":"b","dueDate":"soon"}]}`, 422, `"field":"tasks[1].dueDate"`},
			{"POST /api/tasks/bulk", `{"tasks":[` + strings.Join(slices.Repeat([]string{`{"title":"x"}`}, 201), ",") + `]}`, 422, `must be at most 200`},
			{"GET /api/tasks", "", 200, `"once"`},
		})
	})
}

// Alice makes the last tags that she may many times at once, and each of them twice.
func TestMadeTagsAreCounted(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		const room = 5
		ctx := asViewer(t.Context(), "alice")
		for i := range 1000 - room {
			db.Client.Tag.Create().SetName(fmt.Sprint(i)).SaveX(ctx)
		}
		alice := newAPI(t, db).as(t, "alice")
		alice.create(t, `{"title":"x","tags":["of a task"]}`)
		var sent errgroup.Group
		statuses := make(chan int, 40)
		for i := range 40 {
			sent.Go(func() error {
				statuses <- alice.send(t, "POST", "/api/tags", fmt.Sprintf(`{"name":"more %d"}`, i/2)).status
				return nil
			})
		}
		_ = sent.Wait() // which reports to t
		close(statuses)
		counts := map[int]int{}
		for status := range statuses {
			counts[status]++
		}
		if want := map[int]int{201: room, 200: room, 422: 40 - 2*room}; !maps.Equal(counts, want) {
			t.Errorf("answered were %v, want %v", counts, want)
		}
		if got := raw.Strings(t, "SELECT COUNT(*) FROM tags"); fmt.Sprint(got) != "[['1000']]" {
			t.Errorf("there are %v tags", got)
		}
		tell(t, alice, []exchange{
			{"PATCH /api/tags/of%20a%20task", `{"color":"red"}`, 422, `"code":"limit"`},
			{"PATCH /api/tags/of%20a%20task", `{"name":"renamed"}`, 200, `"renamed"`},
			{"POST /api/tags", `{"name":"7","color":"red"}`, 200, `"red"`},
			{"DELETE /api/tags/7", ``, 200, ``},
			{"POST /api/tags", `{"name":"one more"}`, 201, ``},
		})
	})
}
