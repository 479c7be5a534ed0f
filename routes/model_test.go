package routes_test

import (
	"flag"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// The run is a short one unless the command line asks for another.
var _ = flag.Set("rapid.checks", "20")

// TestTwoUsersAgainstAModel draws random sequences of operations of two users, who take turns or act at the same time. After each
// operation they see what a model of the service says.
// For a long run: go test ./routes -run TestTwoUsersAgainstAModel -rapid.checks=5000
func TestTwoUsersAgainstAModel(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		apis := map[config.Format]*api{}
		for _, format := range formats {
			apis[format] = newAPI(t, db, withFormat(format))
		}
		for name, act := range map[string]func(*rapid.T, [2]*person){"in turns": inTurns, "at once": atOnce} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(t *rapid.T) {
					format := rapid.SampledFrom(formats).Draw(t, "format")
					act(t, newPeople(t, apis[format]))
				})
			})
		}
	})
}

// inTurns lets one act after the other, and looks at what both have after each step.
func inTurns(t *rapid.T, people [2]*person) {
	t.Repeat(map[string]func(*rapid.T){
		"": func(t *rapid.T) {
			people[0].checkAll(t)
			people[1].checkAll(t)
		},
		"step": func(t *rapid.T) {
			drawStep(t, people[rapid.IntRange(0, 1).Draw(t, "who")])(t)
		},
	})
}

// atOnce lets both act at the same time, each for themselves.
func atOnce(t *rapid.T, people [2]*person) {
	var scripts [2][]step
	for i, p := range people {
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			scripts[i] = append(scripts[i], drawStep(t, p))
		}
	}
	together(t, len(people), func(t reporter, i int) {
		for _, step := range scripts[i] {
			step(t)
			people[i].checkAll(t)
		}
	})
}

// together runs the parts at the same time and reports what failed in any of them once all have ended.
func together(t reporter, parts int, run func(t reporter, part int)) {
	t.Helper()
	var all sync.WaitGroup
	failures := make([]failureList, parts)
	for part := range parts {
		all.Go(func() { run(&failures[part], part) })
	}
	all.Wait()
	for _, n := range failures {
		for _, failure := range n {
			t.Errorf("%s", failure)
		}
	}
}

// failureList collects the failures of a goroutine. Only the goroutine of the test may report them.
type failureList []string

// Helper makes a reporter of it.
func (*failureList) Helper() {}

// Errorf adds a failure.
func (n *failureList) Errorf(format string, args ...any) {
	*n = append(*n, fmt.Sprintf(format, args...))
}

// Fatalf adds a failure and ends the goroutine.
func (n *failureList) Fatalf(format string, args ...any) {
	n.Errorf(format, args...)
	runtime.Goexit()
}

// person is a user, and the model of the tasks they have. Each knows the ids and cursors of the other.
type person struct {
	client
	other   *person
	tasks   []*modelTask // in the order of their creation
	ids     shared[string]
	cursors shared[bookmark]
	seen    map[string]lastAnswer // by address
}

// lastAnswer is what was seen at an address, and its tag.
type lastAnswer struct {
	view view
	tag  string
}

// bookmark is a cursor, the list that it belongs to, and the last task of the page that it came with.
type bookmark struct {
	cursor string
	list   listing
	last   modelTask
}

var people atomic.Int64

// newPeople are two users whom the service has not seen before.
func newPeople(t reporter, a *api) [2]*person {
	t.Helper()
	n := people.Add(1)
	ann := &person{client: a.as(t, fmt.Sprint("ann", n)), seen: map[string]lastAnswer{}}
	ben := &person{client: a.as(t, fmt.Sprint("ben", n)), seen: map[string]lastAnswer{}, other: ann}
	ann.other = ben
	return [2]*person{ann, ben}
}

// shared is what one person leaves for both to pick from.
type shared[T any] struct {
	mu    sync.Mutex
	items []T
}

func (s *shared[T]) add(item T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, item)
}

func (s *shared[T]) pick(n int) (item T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.items) == 0 {
		return item, false
	}
	return s.items[n%len(s.items)], true
}

// checkAll compares everything that a person has with the model.
func (p *person) checkAll(t reporter) {
	t.Helper()
	p.list(t, listing{base: base{path: "/api/tasks"}, column: "created", descending: true, limit: wholeList}, readOptions{}, nil)
}

// step is an operation that was drawn, to be carried out.
type step func(reporter)

func drawStep(t *rapid.T, p *person) step {
	names := append(slices.Sorted(maps.Keys(stepKinds)), "create", "create", "create", "list") // most others need something to be there
	return stepKinds[rapid.SampledFrom(names).Draw(t, "step")](t, p)
}

// stepKinds draw a step each. A step does not depend on the ones before, so that all can be drawn before the first is taken.
var stepKinds = map[string]func(*rapid.T, *person) step{
	"create": func(t *rapid.T, p *person) step {
		base, body := drawBase(t, p), drawBody(t, p, true)
		return func(t reporter) { p.create(t, base, body) }
	},
	"get": func(t *rapid.T, p *person) step {
		at, how := drawAddress(t, p), drawReadOptions(t)
		return func(t reporter) { p.get(t, at, how) }
	},
	"list": func(t *rapid.T, p *person) step {
		list, how := drawListing(t, p), drawReadOptions(t)
		return func(t reporter) { p.list(t, list, how, nil) }
	},
	"read on": func(t *rapid.T, p *person) step {
		pick, how, limit := drawPick(t), drawReadOptions(t), rapid.IntRange(1, 4).Draw(t, "limit")
		return func(t reporter) { p.readOn(t, pick, how, limit) }
	},
	"read on wrongly": func(t *rapid.T, p *person) step {
		pick, wrong := drawPick(t), rapid.SampledFrom(slices.Sorted(maps.Keys(wrongCursors))).Draw(t, "wrong")
		return func(t reporter) { p.readOnWrongly(t, pick, wrong) }
	},
	"update": func(t *rapid.T, p *person) step {
		method := rapid.SampledFrom([]string{"PUT", "PATCH"}).Draw(t, "method")
		at, body := drawAddress(t, p), drawBody(t, p, false)
		return func(t reporter) { p.update(t, method, at, "", body) }
	},
	"complete": func(t *rapid.T, p *person) step {
		at, name, body := drawAddress(t, p), drawComplete(t), drawState(t, p)
		return func(t reporter) { p.update(t, "PATCH", at, name, body) }
	},
	"flip at once": func(t *rapid.T, p *person) step {
		pick, name, times := drawPick(t), drawComplete(t), rapid.IntRange(2, 5).Draw(t, "times")
		return func(t reporter) { p.flipAtOnce(t, pick, name, times) }
	},
	"delete": func(t *rapid.T, p *person) step {
		at := drawAddress(t, p)
		return func(t reporter) { p.delete(t, at) }
	},
}

func (p *person) create(t reporter, base base, body requestBody) {
	t.Helper()
	got := p.send(t, "POST", base.path+base.slash, body.text)
	if status := refusal(base, body); status != 0 {
		wantProblem(t, got, status)
		return
	}
	task := p.received(t, got, 201)
	task.priority, task.state = "medium", "pending"
	if n := len(p.tasks); n > 0 && (task.id <= p.tasks[n-1].id || task.created < p.tasks[n-1].created) {
		t.Errorf("a new task does not come after those before: %s, %s", got.body, p.tasks[n-1].id)
	}
	if task.updated != task.created {
		t.Errorf("a new task was changed already: %s", got.body)
	}
	body.apply(&task.fields)
	if task.completed() {
		task.completedAt = &task.created
	}
	p.tasks = append(p.tasks, &task)
	p.ids.add(task.id)
	p.wantTask(t, got, task)
	if location := got.header.Get("Location"); location != base.path+"/"+task.id {
		t.Errorf("Location %q of %s under %s", location, task.id, base.path)
	}
}

// refusal is the status that an operation gets whatever task it is about; 0 is none.
func refusal(base base, body requestBody) int {
	switch {
	case base.foreign:
		return 403
	case body.broken:
		return 422
	}
	return 0
}

// find is the task at an address, and the status of an operation on it.
func (p *person) find(at address, body requestBody) (path string, task *modelTask, status int) {
	path, id := at.of(p)
	i := slices.IndexFunc(p.tasks, func(task *modelTask) bool { return task.id == id })
	if refused := refusal(at.base, body); refused != 0 {
		return path, nil, refused
	}
	if i < 0 {
		return path, nil, 404
	}
	return path, p.tasks[i], 200
}

func (p *person) get(t reporter, at address, how readOptions) {
	t.Helper()
	path, task, status := p.find(at, requestBody{})
	if status != 200 {
		wantProblem(t, p.send(t, "GET", path, ""), status)
		return
	}
	got := p.read(t, how, path, view{tasks: []modelTask{*task}})
	if got.body != "" {
		p.wantTask(t, got, *task)
	}
}

func (p *person) update(t reporter, method string, at address, suffix string, body requestBody) {
	t.Helper()
	path, task, status := p.find(at, body)
	got := p.send(t, method, path+suffix+at.base.slash, body.text)
	if status != 200 {
		wantProblem(t, got, status)
		return
	}
	p.changed(t, got, task, body)
}

// changed notes in the model what a body does to a task, and the time that the service says it happened at.
func (p *person) changed(t reporter, got answer, task *modelTask, body requestBody) {
	t.Helper()
	told := p.received(t, got, 200)
	wasCompleted := task.completed()
	if body.apply(&task.fields) {
		if told.updated <= task.updated {
			t.Errorf("a change left updated_at at %s, from %s", told.updated, task.updated)
		}
		task.updated = told.updated
		switch {
		case !task.completed():
			task.completedAt = nil
		case !wasCompleted:
			task.completedAt = &told.updated
		}
	}
	p.wantTask(t, got, *task)
}

// flipAtOnce sends the same flips at the same time: each is one. The times of the change tell their order.
func (p *person) flipAtOnce(t reporter, pick int, name string, times int) {
	t.Helper()
	if len(p.tasks) == 0 {
		return
	}
	task := p.tasks[pick%len(p.tasks)]
	answers := make([]answer, times)
	together(t, times, func(t reporter, i int) {
		answers[i] = p.send(t, "PATCH", "/api/tasks/"+task.id+name, "")
	})
	slices.SortFunc(answers, func(a, b answer) int {
		return compareText(p.received(t, a, 200).updated, p.received(t, b, 200).updated)
	})
	for _, got := range answers {
		p.changed(t, got, task, requestBody{flips: true})
	}
}

func (p *person) delete(t reporter, at address) {
	t.Helper()
	path, task, status := p.find(at, requestBody{})
	got := p.send(t, "DELETE", path+at.base.slash, "")
	if status != 200 {
		wantProblem(t, got, status)
		return
	}
	p.tasks = slices.DeleteFunc(p.tasks, func(other *modelTask) bool { return other == task })
	wantBody(t, got, deletedBody(p.format))
}

// list reads a page, from the start or from a bookmark on.
func (p *person) list(t reporter, list listing, how readOptions, from *bookmark) {
	t.Helper()
	if list.base.foreign {
		wantProblem(t, p.send(t, "GET", list.path(from), ""), 403)
		return
	}
	want := list.view(p.tasks, from)
	if p.format != config.FormatWrapped {
		want.total = 0 // nobody else is told
	}
	got := p.read(t, how, list.path(from), want)
	if got.body == "" {
		return
	}
	next := nextCursor(p.format, got)
	if (next != "") != want.more {
		t.Errorf("%s: the cursor of the next page is %q: %s", list.path(from), next, got.body)
	}
	wantBody(t, got, listBody(p.format, p.user, want, next))
	if next != "" {
		p.cursors.add(bookmark{cursor: next, list: list, last: want.tasks[len(want.tasks)-1]})
	}
}

func (p *person) readOn(t reporter, pick int, how readOptions, limit int) {
	t.Helper()
	from, ok := p.cursors.pick(pick)
	if !ok {
		return
	}
	list := from.list
	list.offset, list.limit = 0, limit
	p.list(t, list, how, &from)
}

// readOnWrongly uses a cursor where it does not hold.
func (p *person) readOnWrongly(t reporter, pick int, wrong string) {
	t.Helper()
	from, ok := p.cursors.pick(pick)
	if wrong == "another's" {
		from, ok = p.other.cursors.pick(pick)
	}
	if !ok {
		return
	}
	wantProblem(t, p.send(t, "GET", from.misused(wrong), ""), 422)
}

// readOptions say how an address is read.
type readOptions struct {
	conditional bool // with the tag that it had last
	head        bool
}

// read reads an address, at which the model has want. Its ETag changes when want does, and only then.
func (p *person) read(t reporter, how readOptions, path string, want view) answer {
	t.Helper()
	method, status := "GET", 200
	if how.head {
		method = "HEAD"
	}
	known, visited := p.seen[path]
	same := visited && reflect.DeepEqual(known.view, want)
	var headers []header
	if how.conditional && visited {
		headers = append(headers, header{"If-None-Match", known.tag})
		if same {
			status = 304
		}
	}
	got := p.send(t, method, path, "", headers...)
	tag := got.header.Get("ETag")
	if got.status != status || tag == "" || visited && same != (tag == known.tag) {
		t.Fatalf("%s %s: %d, want %d; the tag is %s after %s; the same as before: %v", method, path, got.status, status, tag, known.tag, same)
	}
	if (how.head || status == 304) != (got.body == "") {
		t.Errorf("%s %s: %d with %q", method, path, got.status, got.body)
	}
	p.seen[path] = lastAnswer{view: want, tag: tag}
	return got
}
