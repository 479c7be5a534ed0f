//go:build faults

package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"todo-backend/middleware/token"
)

// tasksOfWorker is how many tasks each worker has at most. From then on it deletes as many as it creates.
const tasksOfWorker = 20

// load is clients that write through the service, all at once, and keep a ledger of it.
type load struct {
	t       *testing.T
	url     string
	client  *http.Client
	workers []*worker
	pause   time.Duration // of each worker after a request
	stop    func()        // waits for the requests under way

	began  time.Time
	mu     sync.Mutex
	phases []*phase
}

// phase is the time from one step of the schedule to the next.
type phase struct {
	step     string
	began    time.Time
	outcomes map[string]int // requests by status, or by what went wrong
	slowest  time.Duration
	back     time.Time // when the first write that was sent in this phase succeeded
}

// newLoad returns a load of so many workers for so many users on the service at url. It rests until it is run.
func newLoad(t *testing.T, url string, workers, users int) *load {
	t.Helper()
	l := &load{t: t, url: url, began: time.Now()}
	l.client = &http.Client{
		Timeout:   15 * time.Second, // longer than the service takes to give up
		Transport: &http.Transport{MaxIdleConnsPerHost: workers},
	}
	l.mark("begin")
	for i := range workers {
		user := fmt.Sprintf("user-%d", i%users)
		signed, err := token.ForDevelopment(secret, user, 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		l.workers = append(l.workers, &worker{load: l, user: user, token: signed, name: fmt.Sprintf("Worker %d", i)})
	}
	t.Cleanup(l.report)
	return l
}

// run has the workers write until stop is called.
func (l *load) run() {
	end := make(chan struct{})
	var wg sync.WaitGroup
	for _, w := range l.workers {
		wg.Go(func() { w.work(end) })
	}
	l.stop = sync.OnceFunc(func() {
		close(end)
		wg.Wait()
	})
	l.t.Cleanup(l.stop)
}

// mark begins a phase with a step of the schedule, and prints it.
func (l *load) mark(format string, args ...any) {
	l.t.Helper()
	step := fmt.Sprintf(format, args...)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.t.Logf("%s  %s", l.offset(), step)
	l.phases = append(l.phases, &phase{step: step, began: time.Now(), outcomes: map[string]int{}})
}

func (l *load) offset() string { return fmt.Sprintf("%8.3f s", time.Since(l.began).Seconds()) }

func (l *load) phase() *phase { return l.phases[len(l.phases)-1] }

// awaitBack returns how long after the last step a write that was sent after it succeeded. It fails the test if that takes
// longer than patience.
func (l *load) awaitBack(patience time.Duration) time.Duration {
	l.t.Helper()
	for ; ; time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		p := *l.phase()
		l.mu.Unlock()
		switch {
		case !p.back.IsZero():
			outage := p.back.Sub(p.began)
			l.t.Logf("%s  served again %v after: %s", l.offset(), outage.Round(time.Millisecond), p.step)
			return outage
		case time.Since(p.began) > patience:
			l.t.Fatalf("%s  %v after %s no write succeeds: %v", l.offset(), patience, p.step, l.sum())
		}
	}
}

// awaitOutcome waits until a request of the last phase has this outcome.
func (l *load) awaitOutcome(outcome string) {
	l.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		seen := l.phase().outcomes[outcome]
		l.mu.Unlock()
		if seen > 0 {
			return
		}
	}
	l.t.Fatalf("%s  no request ends with %s: %v", l.offset(), outcome, l.sum())
}

// sum counts the requests of all phases by outcome.
func (l *load) sum() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := map[string]int{}
	for _, p := range l.phases {
		for outcome, n := range p.outcomes {
			all[outcome] += n
		}
	}
	return all
}

// report prints what happened in each phase.
func (l *load) report() {
	l.mu.Lock()
	defer l.mu.Unlock()
	var text strings.Builder
	for _, p := range l.phases {
		fmt.Fprintf(&text, "\n%8.3f s  %-40s", p.began.Sub(l.began).Seconds(), p.step)
		if !p.back.IsZero() {
			fmt.Fprintf(&text, " served after %5.3f s, slowest %5.3f s:", p.back.Sub(p.began).Seconds(), p.slowest.Seconds())
		}
		for _, outcome := range slices.Sorted(maps.Keys(p.outcomes)) {
			fmt.Fprintf(&text, " %d × %s", p.outcomes[outcome], outcome)
		}
	}
	l.t.Log(text.String())
}

// record counts the outcome of a request.
func (l *load) record(sent time.Time, outcome string, isWritten bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.phase()
	p.outcomes[outcome]++
	p.slowest = max(p.slowest, time.Since(sent))
	if isWritten && p.back.IsZero() && sent.After(p.began) {
		p.back = time.Now()
	}
}

// worker makes one request after the other, about tasks of its own.
type worker struct {
	*load
	user, token, name string
	entries           []*entry // of all tasks that it made or may have made
	current           []*entry // of those that are certainly there
	acknowledged      int      // writes
}

func (w *worker) work(end <-chan struct{}) {
	for {
		select {
		case <-end:
			return
		default:
		}
		if !w.step() {
			time.Sleep(20 * time.Millisecond) // rather than turn in circles
		}
		time.Sleep(w.pause)
	}
}

// step makes a request and reports whether it succeeded.
func (w *worker) step() bool {
	if n := len(w.current); n < tasksOfWorker/4 || n < tasksOfWorker && rand.IntN(4) == 0 {
		return w.create()
	}
	e := w.current[rand.IntN(len(w.current))]
	switch rand.IntN(7) {
	case 0, 1:
		return w.remove(e)
	case 2:
		return w.flip(e)
	case 3:
		return w.read(e)
	case 4:
		return w.page()
	default:
		return w.change(e)
	}
}

func (w *worker) create() bool {
	e := &entry{name: fmt.Sprintf("%s's task %d", w.name, len(w.entries)), possible: []*state{nil}}
	w.entries = append(w.entries, e)
	next := e.next()
	made, ok := w.write(e, next, http.MethodPost, "/api/tasks", content(next))
	if ok {
		e.id = made.ID
		w.current = append(w.current, e)
	}
	return ok
}

func content(s *state) map[string]any {
	return map[string]any{"title": s.title, "description": s.description, "completed": s.completed}
}

func (w *worker) change(e *entry) bool {
	next := e.next()
	_, ok := w.write(e, next, http.MethodPatch, "/api/tasks/"+e.id, content(next))
	return ok
}

func (w *worker) flip(e *entry) bool {
	next := *e.possible[0]
	next.completed = !next.completed
	_, ok := w.write(e, &next, http.MethodPatch, "/api/tasks/"+e.id+"/complete", nil)
	return ok
}

func (w *worker) remove(e *entry) bool {
	_, ok := w.write(e, nil, http.MethodDelete, "/api/tasks/"+e.id, nil)
	w.forget(e)
	return ok
}

func (w *worker) forget(e *entry) {
	w.current = slices.DeleteFunc(w.current, func(other *entry) bool { return other == e })
}

// write makes a request that brings the task of an entry into the next state.
func (w *worker) write(e *entry, next *state, method, path string, body any) (answer task, ok bool) {
	e.possible = append(e.possible, next)
	if answer, ok = w.send(method, path, body); !ok {
		w.forget(e)
		return answer, false
	}
	e.possible = []*state{next}
	w.acknowledged++
	if next != nil && !e.allows(answer.state()) {
		w.t.Errorf("%s  %s %s acknowledged %v: %v", w.offset(), method, path, answer.state(), e)
	}
	return answer, true
}

// read reads a task, which must be as it was acknowledged.
func (w *worker) read(e *entry) bool {
	found, ok := w.send(http.MethodGet, "/api/tasks/"+e.id, nil)
	if ok && !e.allows(found.state()) {
		w.t.Errorf("%s  read: %v, is %v", w.offset(), e, found.state())
	}
	return ok
}

// page reads the first page of the user's tasks.
func (w *worker) page() bool {
	var tasks []task
	return w.try(http.MethodGet, "/api/tasks?limit=20", nil, &tasks)
}

// send makes a request about a task.
func (w *worker) send(method, path string, body any) (answer task, ok bool) {
	ok = w.try(method, path, body, &answer)
	return answer, ok
}

// try makes a request and records its outcome. Any outcome but success, 503 and a broken connection fails the test.
func (w *worker) try(method, path string, body, answer any) (ok bool) {
	sent := time.Now()
	status, err := w.exchange(method, path, body, answer)
	ok = err == nil && status < http.StatusMultipleChoices
	outcome := fmt.Sprint(status)
	if err != nil {
		outcome = describe(err)
	}
	w.record(sent, outcome, ok && method != http.MethodGet)
	if !ok && err == nil && status != http.StatusServiceUnavailable {
		w.t.Errorf("%s  %s %s: %s", w.offset(), method, path, outcome)
	}
	return ok
}

// exchange makes a request and reads the answer to it. An answer that does not arrive whole is an error.
func (w *worker) exchange(method, path string, body, answer any) (status int, err error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		content = bytes.NewReader(encoded)
	}
	req, err := http.NewRequest(method, w.url+path, content)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+w.token)
	res, err := w.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= http.StatusMultipleChoices {
		return res.StatusCode, err
	}
	return res.StatusCode, json.Unmarshal(text, answer)
}

// describe says in few words what became of a request that was not answered.
func describe(err error) string {
	for is, words := range map[error]string{
		syscall.ECONNREFUSED: "refused", syscall.ECONNRESET: "reset", syscall.EPIPE: "reset",
		io.EOF: "cut", io.ErrUnexpectedEOF: "cut in the middle of the answer",
	} {
		if errors.Is(err, is) {
			return words
		}
	}
	if os.IsTimeout(err) {
		return "no answer in time"
	}
	return err.Error()
}
