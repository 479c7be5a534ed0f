package routes_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/routes"
)

// exported are the lines of a user's export, by what they are.
func exported(t *testing.T, db *database.Database, user string) map[string][]object {
	t.Helper()
	var out bytes.Buffer
	counts, err := routes.ExportUser(t.Context(), db.Client, user, &out)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]object{}
	for line := range strings.Lines(out.String()) {
		var o object
		if err := json.Unmarshal([]byte(line), &o); err != nil || !strings.HasSuffix(line, "}\n") {
			t.Fatalf("%q is no line of JSON: %v", line, err)
		}
		entity := o["entity"].(string)
		delete(o, "entity")
		all[entity] = append(all[entity], o)
	}
	for _, count := range counts {
		if len(all[count.Name]) != count.Rows {
			t.Errorf("%d %s are said to be exported, %d are", count.Rows, count.Plural, len(all[count.Name]))
		}
	}
	return all
}

// TestExportUser exports what alice made through the API, whose settings differ from the plain ones: a line is what
// the plain API answers, and what it does not show. Nothing of bob's is there, and no secret.
func TestExportUser(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		plain := newAPI(t, db)
		odd := newAPI(t, db, func(s *setup) { s.Case, s.Tags, s.Fields = "camel", "csv", []string{"Kanban"} })
		alice, bob := odd.as(t, "alice"), plain.as(t, "bob")
		secret := alice.send(t, "POST", "/api/tokens", `{"name":"laptop","scope":"read"}`).want(t, 201)["token"].(string)
		alice.send(t, "POST", "/api/tags", `{"name":"work","color":"red"}`).want(t, 201)
		first := alice.create(t, `{"title":"Water <plants>\nand\u2028trees","dueDate":"2030-01-05","recurrence_rule":"daily","tags":["work","home"],
			"Kanban":{"column" : [1,
			"two\nlines"]}}`)
		alice.create(t, `{"title":"Paint","status":"in_progress","priority":"high","remind_at":"2026-01-05T09:00"}`)
		alice.send(t, "PATCH", "/api/tasks/"+first["id"].(string)+"/complete", "").want(t, 200)
		bob.create(t, `{"title":"bob's own"}`)
		bob.send(t, "POST", "/api/tags", `{"name":"bob's own"}`).want(t, 201)

		got := exported(t, db, "alice")
		if kinds := slices.Sorted(maps.Keys(got)); !slices.Equal(kinds, []string{"api_token", "tag", "task"}) {
			t.Errorf("there are %q", kinds)
		}
		var listed []object
		plain.as(t, "alice").send(t, "GET", "/api/tasks?sort=created&order=asc", "").decode(t, 200, &listed)
		further := checkTasks(t, got["task"], listed)
		wantExtra := object{"Kanban": object{"column": []any{1.0, "two\nlines"}}}
		if !reflect.DeepEqual(further[0]["extra"], wantExtra) || further[0]["series_start"] != "2030-01-05" {
			t.Errorf("the first task has %v", further[0])
		}
		if next := further[2]; next["previous_task_id"] != first["id"] || next["series_day"] != "2030-01-06" || !reflect.DeepEqual(next["extra"], wantExtra) {
			t.Errorf("the task that follows has %v", next)
		}
		if tag := got["tag"][0]; tag["name"] != "work" || tag["color"] != "red" {
			t.Errorf("the tag is %v", tag)
		}
		token := got["api_token"][0]
		if text := encode(t, got); token["scope"] != "read" || strings.Contains(text, secret) || strings.Contains(text, "bob") || token["hash"] != nil {
			t.Errorf("the export has what it must not have, or lacks what it must: %s", text)
		}
		if none := exported(t, db, "nobody"); len(none) != 0 {
			t.Errorf("of somebody unknown there is %v", none)
		}
	})
}

// checkTasks returns what exported tasks have beside the members of those that the plain API lists, in the same
// order. Those must be the same.
func checkTasks(t *testing.T, tasks, listed []object) []object {
	t.Helper()
	if len(tasks) != len(listed) || len(tasks) != 3 {
		t.Fatalf("%d tasks are exported, the API lists %d", len(tasks), len(listed))
	}
	var further []object
	for i, task := range tasks {
		beside := maps.Clone(task)
		for name, value := range listed[i] {
			if !reflect.DeepEqual(task[name], value) {
				t.Errorf("%s is exported as %v, listed as %v", name, task[name], value)
			}
			delete(beside, name)
		}
		if names, want := slices.Sorted(maps.Keys(beside)), []string{"extra", "previous_task_id", "series_day", "series_start"}; !slices.Equal(names, want) {
			t.Errorf("beside what is listed an export has %q, want %q", names, want)
		}
		further = append(further, beside)
	}
	return further
}

// pages notes what an export writes at a time, and fails at last.
type pages struct {
	lines []int
	fails int // the number of the write that fails; 0: none
}

var errWrite = errors.New("nobody reads")

func (p *pages) Write(b []byte) (int, error) {
	p.lines = append(p.lines, bytes.Count(b, []byte("\n")))
	if len(p.lines) == p.fails {
		return 0, errWrite
	}
	return len(b), nil
}

// TestManyTasksOfAUser exports more tasks than a page has, of which one page is in memory, and deletes more than
// a batch has. A task in between is bob's.
func TestManyTasksOfAUser(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		const many = 2_100
		alice, bob := asViewer(t.Context(), "alice"), asViewer(t.Context(), "bob")
		for made := 0; made < many; made += 100 {
			creates := make([]*ent.TaskCreate, 100)
			for i := range creates {
				creates[i] = db.Client.Task.Create().SetTitle(fmt.Sprint("Task ", made+i))
			}
			if _, err := db.Client.Task.CreateBulk(creates...).Insert(alice); err != nil {
				t.Fatal(err)
			}
			db.Client.Task.Create().SetTitle("bob's own").SaveX(bob)
		}
		var ids []string
		for i, task := range exported(t, db, "alice")["task"] {
			if task["title"] != fmt.Sprint("Task ", i) {
				t.Fatalf("line %d is %v", i, task)
			}
			ids = append(ids, task["id"].(string))
		}
		if !slices.IsSorted(ids) || len(slices.Compact(ids)) != many {
			t.Errorf("%d tasks are exported, in their order: %v", len(ids), slices.IsSorted(ids))
		}
		written := &pages{}
		if _, err := routes.ExportUser(t.Context(), db.Client, "alice", written); err != nil || slices.Max(written.lines) > 500 {
			t.Errorf("it writes %v lines at a time: %v", written.lines, err)
		}
		broken := &pages{fails: 4} // none of tokens, none of tags, one page of tasks
		counts, err := routes.ExportUser(t.Context(), db.Client, "alice", broken)
		if !errors.Is(err, errWrite) || counts.String() != "0 api_tokens, 0 tags, 500 tasks" {
			t.Errorf("where nobody reads on it exports %v: %v", counts, err)
		}
		counts, err = routes.DeleteUser(t.Context(), db.Client, "alice")
		if err != nil || counts.String() != fmt.Sprintf("0 api_tokens, 0 tags, %d tasks", many) {
			t.Errorf("%v are deleted: %v", counts, err)
		}
		if n := db.Client.Task.Query().CountX(alice); n != 0 {
			t.Errorf("%d of alice's tasks are left", n)
		}
		if n := db.Client.Task.Query().CountX(bob); n != many/100 {
			t.Errorf("%d of bob's tasks are left", n)
		}
	})
}

// TestDeleteUser deletes what alice has. Her tokens open nothing then, her tasks are as unknown as any, bob has
// what he had, and there is nothing to delete a second time.
func TestDeleteUser(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		alice, bob := a.as(t, "alice"), a.as(t, "bob")
		var secrets [2]string
		var tasks [2]object
		for i, c := range []client{alice, bob} {
			secrets[i] = c.send(t, "POST", "/api/tokens", `{"name":"laptop","scope":"write"}`).want(t, 201)["token"].(string)
			c.send(t, "POST", "/api/tags", `{"name":"work"}`).want(t, 201)
			tasks[i] = c.create(t, `{"title":"Buy milk","tags":["work"]}`)
		}
		before := exported(t, db, "bob")
		counts, err := routes.DeleteUser(t.Context(), db.Client, "alice")
		if err != nil || counts.String() != "1 api_token, 1 tag, 1 task" || counts[0].Name != "api_token" {
			t.Errorf("%v are deleted: %v", counts, err)
		}
		if after := exported(t, db, "bob"); !reflect.DeepEqual(after, before) {
			t.Errorf("bob had %v and has %v", before, after)
		}
		alice.send(t, "GET", "/api/tasks/"+tasks[0]["id"].(string), "").want(t, 404)
		client{api: a, token: secrets[0], user: "alice"}.send(t, "GET", "/api/tasks", "").want(t, 401)
		var listed []object
		client{api: a, token: secrets[1], user: "bob"}.send(t, "GET", "/api/tasks", "").decode(t, 200, &listed)
		if len(listed) != 1 || listed[0]["id"] != tasks[1]["id"] {
			t.Errorf("bob's token lists %v", listed)
		}
		for _, user := range []string{"alice", uuid.NewString()} {
			if counts, err := routes.DeleteUser(t.Context(), db.Client, user); err != nil || counts.String() != "0 api_tokens, 0 tags, 0 tasks" {
				t.Errorf("%v of %s are deleted: %v", counts, user, err)
			}
		}
	})
}

// TestParseUserCommand takes every ID that a token can name, and refuses others by name.
func TestParseUserCommand(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("ü", 255)
	for _, test := range []struct {
		args    []string
		want    routes.UserCommand
		refused string
	}{
		{[]string{"export", "alice"}, routes.UserCommand{User: "alice"}, ""},
		{[]string{"delete", "al ice/%2F"}, routes.UserCommand{User: "al ice/%2F", Deletes: true}, ""},
		{[]string{"delete", longest}, routes.UserCommand{User: longest, Deletes: true}, ""},
		{[]string{"delete", "--", "-h"}, routes.UserCommand{User: "-h", Deletes: true}, ""},
		{[]string{"delete", "--", "--"}, routes.UserCommand{User: "--", Deletes: true}, ""},
		{nil, routes.UserCommand{}, "export ID, or delete ID"},
		{[]string{"alice"}, routes.UserCommand{}, "export ID, or delete ID"},
		{[]string{"remove", "alice"}, routes.UserCommand{}, "export ID, or delete ID"},
		{[]string{"export"}, routes.UserCommand{}, "export ID, or delete ID"},
		{[]string{"delete", "--"}, routes.UserCommand{}, "export ID, or delete ID"},
		{[]string{"export", "alice", "bob"}, routes.UserCommand{}, "export ID, or delete ID"},
		{[]string{"delete", "-yes", "alice"}, routes.UserCommand{}, `no option "-yes"`},
		{[]string{"delete", ""}, routes.UserCommand{}, "is empty"},
		{[]string{"delete", longest + "u"}, routes.UserCommand{}, "more than 255 characters"},
		{[]string{"export", "a\xff"}, routes.UserCommand{}, "UTF-8"},
		{[]string{"export", "a\uFFFD"}, routes.UserCommand{}, "U+FFFD"},
		{[]string{"export", "a\x00"}, routes.UserCommand{}, "NUL"},
	} {
		got, err := routes.ParseUserCommand(test.args)
		if got != test.want || (err == nil) != (test.refused == "") || err != nil && !strings.Contains(err.Error(), test.refused) {
			t.Errorf("%q is %v, %v", test.args, got, err)
		}
	}
}
