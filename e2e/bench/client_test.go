package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"
)

// actions are measured one after the other; delete removes what create made, so that the data stay what they were.
var actions = [...]action{
	{"list", (*loadClient).list},
	{"get", (*loadClient).get},
	{"create", (*loadClient).create},
	{"update", (*loadClient).update},
	{"toggle", (*loadClient).toggle},
	{"delete", (*loadClient).delete},
	{"mixed", (*loadClient).mixed},
}

var mix = actions[len(actions)-1]

// action is one request of a client.
type action struct {
	name string
	send func(*loadClient) error
}

// sharedData is what the clients of one server share.
type sharedData struct {
	dataset
	tokens []string // by user
	// deepCursor leads to page 1,000 of the first user, as part of a query.
	deepCursor string
	mu         sync.Mutex
	made       []createdTask // tasks that create made and delete has not taken
}

// createdTask is a task that a client made.
type createdTask struct {
	user int
	id   string
}

func (s *sharedData) put(m createdTask) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, m)
}

func (s *sharedData) take() (m createdTask, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.made) == 0 {
		return createdTask{}, false
	}
	last := len(s.made) - 1
	m, s.made = s.made[last], s.made[:last]
	return m, true
}

// loadClient is a client with one connection that is kept. It does as little as it can: it shares the processors with the servers.
type loadClient struct {
	net.Conn
	in     *bufio.Reader
	out    []byte
	link   []byte // of the last answer
	random *rand.Rand
	data   *sharedData
	step   int // in the mix
	times  []time.Duration
}

// errNothingLeft ends a slot of deletions early.
var errNothingLeft = errors.New("there is no task left to delete")

func (l *loadClient) repeat(a action, end time.Time) error {
	l.step, l.times = 0, l.times[:0]
	for begin := time.Now(); begin.Before(end); {
		if err := a.send(l); errors.Is(err, errNothingLeft) {
			return nil
		} else if err != nil {
			return err
		}
		now := time.Now()
		l.times = append(l.times, now.Sub(begin))
		begin = now
	}
	return nil
}

func (l *loadClient) list() error { return l.listOf(l.user(), "") }

// listOf reads a page of a user's tasks.
func (l *loadClient) listOf(user int, query string) error {
	_, err := l.do(user, "GET", "?limit="+strconv.Itoa(pageSize)+query, "", 200)
	return err
}

func (l *loadClient) get() error { return l.one("GET", "", "") }

// createBody is a new task as clients send it that know all fields.
const createBody = `{"title":"Buy milk and a loaf of bread","description":"Two litres, from the farm shop","priority":"high",` +
	`"due_date":"2026-01-09","tags":["home","errands"]}`

func (l *loadClient) create() error {
	user := l.user()
	body, err := l.do(user, "POST", "", createBody, 201)
	if err == nil {
		l.data.put(createdTask{user, string(body[len(`{"id":"`):][:36])})
	}
	return err
}

func (l *loadClient) update() error {
	return l.one("PATCH", "", `{"title":"Buy oat milk and a loaf of rye bread"}`)
}

func (l *loadClient) toggle() error { return l.one("PATCH", "/complete", "") }

func (l *loadClient) delete() error {
	m, ok := l.data.take()
	if !ok {
		return errNothingLeft
	}
	_, err := l.do(m.user, "DELETE", "/"+m.id, "", 200)
	return err
}

// mixed is what a frontend does, in twenty steps: mostly it reads, and as many tasks go as come.
func (l *loadClient) mixed() error {
	const steps = "lgulclgtlglrlgulcltr"
	l.step++
	switch steps[l.step%len(steps)] {
	case 'l':
		return l.list()
	case 'c':
		return l.create()
	case 'u':
		return l.update()
	case 't':
		return l.toggle()
	case 'r':
		return l.delete()
	}
	return l.get()
}

// one sends a request about one task of the data, whose user has it.
func (l *loadClient) one(method, suffix, body string) error {
	user := l.user()
	n := l.random.IntN(l.data.tasks(user))
	_, err := l.do(user, method, "/"+l.data.id(user, n).String()+suffix, body, 200)
	return err
}

// user is one of those who ask and have not more tasks than others.
func (l *loadClient) user() int {
	first := len(l.data.large)
	return first + l.random.IntN(l.data.activeUsers()-first)
}

// do sends a request and returns the body of its answer, which lives until the next one.
func (l *loadClient) do(user int, method, suffix, body string, want int) ([]byte, error) {
	l.out = fmt.Appendf(l.out[:0], "%s /api/tasks%s HTTP/1.1\r\nHost: todo\r\nOrigin: %s\r\nAuthorization: Bearer %s\r\n",
		method, suffix, origin, l.data.tokens[user])
	if body != "" {
		l.out = fmt.Appendf(l.out, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	l.out = append(append(l.out, "\r\n"...), body...)
	if _, err := l.Write(l.out); err != nil {
		return nil, err
	}
	status, answer, err := receive(l.in, &l.link)
	if err == nil && status != want {
		err = fmt.Errorf("%s %s is answered with %d %s", method, suffix, status, answer)
	}
	return answer, err
}

// receive reads an answer that tells its length, and keeps its Link.
func receive(in *bufio.Reader, link *[]byte) (status int, body []byte, err error) {
	length := 0
	*link = (*link)[:0]
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		if len(line) <= len("\r\n") {
			break
		}
		if status == 0 {
			status, err = strconv.Atoi(string(line[len("HTTP/1.1 "):][:3]))
		} else if number, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, err = strconv.Atoi(string(bytes.TrimSpace(number)))
		} else if value, ok := bytes.CutPrefix(line, []byte("Link: ")); ok {
			*link = append(*link, value...)
		}
		if err != nil {
			return 0, nil, err
		}
	}
	if body, err = in.Peek(length); err != nil {
		return 0, nil, err
	}
	_, err = in.Discard(length)
	return status, body, err
}
