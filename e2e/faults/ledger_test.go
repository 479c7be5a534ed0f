//go:build faults

package faults

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// state is what a client wrote. All of it differs from one version of a task to the next, so that a write half done shows.
type state struct {
	title, description string
	completed          bool
}

// entry is what the ledger knows of a task: the states that it may be in, where nil means that it does not exist. There is one state,
// unless a write was not acknowledged: then the old and the new state are possible, and the task is not written again.
type entry struct {
	name     string
	id       string // empty where the task's making was not acknowledged
	possible []*state
	version  int
}

// next is the state of the task when it is written once more.
func (e *entry) next() *state {
	e.version++
	title := fmt.Sprintf("%s, version %d", e.name, e.version)
	return &state{title, "what is to be done for " + title, e.version%2 == 0}
}

func (e *entry) isCertain() bool { return len(e.possible) == 1 }

func (e *entry) allows(s *state) bool {
	return slices.ContainsFunc(e.possible, func(possible *state) bool {
		return possible == s || possible != nil && s != nil && *possible == *s
	})
}

func (e *entry) String() string {
	text := e.name + " should be"
	for _, s := range e.possible {
		text += " " + s.String()
	}
	return text
}

// String is the state for people to read.
func (s *state) String() string {
	if s == nil {
		return "absent"
	}
	return fmt.Sprintf("%+v", *s)
}

// check compares what the service returns with the ledger while the load rests: no acknowledged write is missing or half done, no task
// exists twice, and none that no client made. It returns how many tasks there are.
func (l *load) check(t *testing.T) (rows int) {
	t.Helper()
	byUser := map[string][]*worker{}
	for _, w := range l.workers {
		byUser[w.user] = append(byUser[w.user], w)
	}
	acknowledged, uncertain := 0, 0
	for _, workers := range byUser {
		var entries []*entry
		for _, w := range workers {
			entries = append(entries, w.entries...)
			acknowledged += w.acknowledged
		}
		found := workers[0].list(t)
		rows += len(found)
		uncertain += len(slices.DeleteFunc(slices.Clone(entries), (*entry).isCertain))
		for _, wrong := range compare(entries, found) {
			t.Error(wrong)
		}
	}
	t.Logf("%s  checked: %d acknowledged writes, %d unacknowledged ones, %d tasks", l.offset(), acknowledged, uncertain, rows)
	return rows
}

// compare compares the tasks that were found with the entries of their user, and returns the differences.
func compare(entries []*entry, found []task) (wrong []string) {
	byID, unanswered := map[string]*entry{}, map[string]*entry{}
	for _, e := range entries {
		if e.id != "" {
			byID[e.id] = e
		} else {
			unanswered[e.possible[1].title] = e
		}
	}
	seen := map[*entry]bool{}
	for _, row := range found {
		e := byID[row.ID]
		if e == nil {
			e = unanswered[row.Title]
		}
		switch {
		case e == nil:
			wrong = append(wrong, fmt.Sprintf("nobody made %v", row.state()))
			continue
		case seen[e]:
			wrong = append(wrong, fmt.Sprintf("there twice: %v", row.state()))
		case !e.allows(row.state()):
			wrong = append(wrong, fmt.Sprintf("%v: it is %v", e, row.state()))
		}
		seen[e] = true
	}
	for _, e := range entries {
		if !seen[e] && !e.allows(nil) {
			wrong = append(wrong, fmt.Sprintf("%v: it is missing", e))
		}
	}
	return wrong
}

// TestLedger shows that compare finds each kind of fault.
func TestLedger(t *testing.T) {
	t.Parallel()
	old, changed := &state{"old", "old words", false}, &state{"new", "new words", true}
	row := func(id string, s *state) task { return task{id, s.title, &s.description, s.completed} }
	half := row("1", &state{"new", "old words", true})
	tests := []struct {
		name  string
		entry entry
		found []task
		wrong string
	}{
		{"as acknowledged", entry{id: "1", possible: []*state{old}}, []task{row("1", old)}, ""},
		{"lost", entry{id: "1", possible: []*state{old}}, nil, "it is missing"},
		{"an acknowledged change lost", entry{id: "1", possible: []*state{changed}}, []task{row("1", old)}, "it is {title:old"},
		{"an acknowledged deletion lost", entry{id: "1", possible: []*state{nil}}, []task{row("1", old)}, "it is {title:old"},
		{"an uncertain change, not done", entry{id: "1", possible: []*state{old, changed}}, []task{row("1", old)}, ""},
		{"an uncertain change, done", entry{id: "1", possible: []*state{old, changed}}, []task{row("1", changed)}, ""},
		{"an uncertain change, half done", entry{id: "1", possible: []*state{old, changed}}, []task{half}, "it is {title:new description:old words"},
		{"an uncertain change, lost", entry{id: "1", possible: []*state{old, changed}}, nil, "it is missing"},
		{"an uncertain deletion, done", entry{id: "1", possible: []*state{old, nil}}, nil, ""},
		{"an uncertain creation, not done", entry{possible: []*state{nil, old}}, nil, ""},
		{"an uncertain creation, done", entry{possible: []*state{nil, old}}, []task{row("7", old)}, ""},
		{"an uncertain creation, done twice", entry{possible: []*state{nil, old}}, []task{row("7", old), row("8", old)}, "there twice"},
		{"an acknowledged creation, done twice", entry{id: "1", possible: []*state{old}}, []task{row("1", old), row("2", old)}, "nobody made"},
	}
	for _, test := range tests {
		wrong := strings.Join(compare([]*entry{&test.entry}, test.found), "; ")
		if !strings.Contains(wrong, test.wrong) || test.wrong == "" && wrong != "" {
			t.Errorf("%s: %q, want %q", test.name, wrong, test.wrong)
		}
	}
}

// task is what the service tells of a task.
type task struct {
	ID          string  `json:"id"`
	Title       string  `json:"title"`
	Description *string `json:"description"`
	Completed   bool    `json:"completed"`
}

func (t task) state() *state {
	s := &state{title: t.Title, description: "none", completed: t.Completed}
	if t.Description != nil {
		s.description = *t.Description
	}
	return s
}

// list returns all tasks of the worker's user.
func (w *worker) list(t *testing.T) (all []task) {
	t.Helper()
	const limit = 1000
	for {
		var page []task
		path := fmt.Sprintf("/api/tasks?sort=created&order=asc&limit=%d&offset=%d", limit, len(all))
		if status, err := w.exchange(http.MethodGet, path, nil, &page); err != nil || status != http.StatusOK {
			t.Fatalf("list the tasks: %d, %v", status, err)
		}
		all = append(all, page...)
		if len(page) < limit {
			return all
		}
	}
}
