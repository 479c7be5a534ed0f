//go:build faults

package faults

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// state is what a client wrote. All of it differs from one version of a task to the next, so that a write half done shows.
type state struct {
	title, description string
	completed          bool
}

// entry is what the ledger knows of a task. Of the states that it may be in, nil is its absence. There is one, unless a write was
// not acknowledged: then the task may be as it was before or as it should be after, and is not written again.
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

// check holds what the service returns against the ledger, while the load rests: no acknowledged write is missing, none is half
// done, no task is there twice, and none that nobody made. It returns how many tasks are there.
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
		uncertain += compare(t, entries, found)
	}
	t.Logf("%s  checked: %d acknowledged writes, %d unacknowledged ones, %d tasks", l.offset(), acknowledged, uncertain, rows)
	return rows
}

// compare compares the entries of a user with the tasks that were found, and returns how many entries are uncertain.
func compare(t *testing.T, entries []*entry, found []task) (uncertain int) {
	t.Helper()
	byID, unanswered := map[string]*entry{}, map[string]*entry{}
	for _, e := range entries {
		if !e.isCertain() {
			uncertain++
		}
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
			t.Errorf("nobody made %+v", row)
		case seen[e]:
			t.Errorf("there twice: %+v", row)
		case !e.allows(row.state()):
			t.Errorf("%v, is %v", e, row.state())
		}
		seen[e] = true
	}
	for _, e := range entries {
		if !seen[e] && !e.allows(nil) {
			t.Errorf("missing: %v", e)
		}
	}
	return uncertain
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
