package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const sendTimeout = 10 * time.Second // how long the service waits for a request to arrive

// flood is a request that is sent again and again, and how it is answered, at once.
type flood struct {
	name, request string
	status        int
}

// floods are what a client may send in one go. TOKEN stands for a valid one.
func floods() []flood {
	post := func(body string) string {
		return fmt.Sprintf("POST /api/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	get := func(headers string) string { return "GET /health HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" }
	return []flood{
		{"deeply nested arrays", post(`{"title":` + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + `}`), 422},
		{"deeply nested objects", post(strings.Repeat(`{"title":`, 6_000) + "1" + strings.Repeat("}", 6_000)), 422},
		{"deep and unfinished", post(strings.Repeat("[", 65_000)), 422},
		{"duplicate keys", post("{" + strings.Repeat(`"title":1,`, 6_000) + `"title":1}`), 422},
		{"different keys", post(manyKeys(4_000)), 422},
		{"a huge number", post(`{"title":1` + strings.Repeat("0", 60_000) + `}`), 422},
		{"a huge exponent", post(`{"title":1e999999999}`), 422},
		{"a lone surrogate", post(`{"title":"\ud83d"}`), 422},
		{"a body of escapes", post(`{"title":"` + strings.Repeat(`\u0041`, 10_000) + `"}`), 422},
		{"a cookie of 4 KiB", get("Cookie: a=" + strings.Repeat("x", 4096) + "\r\n"), 200},
		{"a cookie of 40 KiB", get("Cookie: a=" + strings.Repeat("x", 40<<10) + "\r\n"), 431},
		{"10,000 headers", get(strings.Repeat("A: b\r\n", 10_000)), 431},
		{"no HTTP", "GARBAGE\r\n\r\n", 400},
		{"a body of 1 GB", "POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n{", 413},
		{"a length beyond all numbers", "POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n{", 400},
		{"chunks without an end", "POST /api/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat(" ", 4096)+"\r\n", 64), 413},
		{"a chunk of 1 GB", "POST /api/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n{", 413},
	}
}

func manyKeys(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf(`"key%d":0`, i)
	}
	return "{" + strings.Join(keys, ",") + "}"
}

// slowSenders send the first part, and then the second again and again, once a second.
var slowSenders = map[string][2]string{
	"the request line":     {"GET /hea", "l"},
	"headers":              {"GET /health HTTP/1.1\r\nHost: x\r\n", "A: b\r\n"},
	"one header":           {"GET /health HTTP/1.1\r\nHost: x\r\nA: ", "b"},
	"a body":               {"POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", "{"},
	"chunks":               {"POST /api/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n{\r\n"},
	"a chunk":              {"POST /api/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n", "{"},
	"what it was asked to": {"POST /api/tasks HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 60000\r\n\r\n", "{"},
}

// Hostile clients, thousands of them, get their answer or are sent away in bounded time, in bounded memory, and a client beside
// them that behaves well is served as ever.
func TestHostileClients(t *testing.T) {
	t.Parallel()
	metrics := freeAddress(t)
	s := start(t, t.TempDir(), "RATE_LIMIT=0", "LOG_LEVEL=error", "METRICS_ADDR="+metrics)
	before := readFootprint(t, metrics)
	idle := s.openIdle(t, 5000)
	var attacks sync.WaitGroup
	for _, f := range floods() {
		attacks.Go(func() { s.flood(t, f) })
	}
	for name, parts := range slowSenders {
		for range 10 {
			attacks.Go(func() { s.sendSlowly(t, name, parts) })
		}
	}
	over := make(chan struct{})
	go func() {
		attacks.Wait()
		close(over)
	}()
	s.requestBeside(t, start(t, t.TempDir(), "RATE_LIMIT=0", "LOG_LEVEL=error"), over)
	during := readFootprint(t, metrics)
	for _, conn := range idle {
		conn.Close()
	}
	t.Logf("%d idle connections: %s before, %s after", len(idle), before, during)
	if perConnection := (during.memory - before.memory) / float64(len(idle)); perConnection > 128<<10 {
		t.Errorf("each connection took %.0f KiB", perConnection/1024)
	}
	awaitQuiet(t, metrics, before)
}

// openIdle opens connections that stay idle, every second one after a first request.
func (s *service) openIdle(t *testing.T, n int) []net.Conn {
	t.Helper()
	n = affordable(t, n)
	conns := make([]net.Conn, n)
	var opening sync.WaitGroup
	for part := range 50 {
		opening.Go(func() {
			for i := part; i < n; i += 50 {
				conns[i] = s.dial(t)
				if i%2 == 0 {
					if got := ask(conns[i], "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"); got.status != http.StatusOK {
						t.Errorf("connection %d is answered %v", i, got)
					}
				}
			}
		})
	}
	opening.Wait()
	return conns
}

// affordable returns n, or fewer if this process may not open as many connections.
func affordable(t *testing.T, n int) int {
	t.Helper()
	const others = 1000
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil { // Go has raised it as far as it may
		t.Fatal(err)
	}
	if limit.Cur >= uint64(n+others) {
		return n
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("a process may have %d files open, too few for %d connections", limit.Cur, n)
	}
	t.Logf("a process may have %d files open: fewer connections than %d", limit.Cur, n)
	return max(int(limit.Cur)-others, 100)
}

func (s *service) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Error(err)
		return new(net.TCPConn)
	}
	return conn
}

// reply is what came back over a connection, if anything did.
type reply struct {
	status int
	body   string
	err    error
}

// isProblem reports whether the reply is an error as every one is written.
func (r reply) isProblem() bool {
	var problem struct {
		Success   *bool
		Status    int
		Detail    string
		RequestID string
	}
	err := json.Unmarshal([]byte(r.body), &problem)
	return err == nil && problem.Success != nil && !*problem.Success && problem.Status == r.status && problem.Detail != "" && problem.RequestID != ""
}

// ask sends a request and reads the answer. What is refused may not be read to the end.
func ask(conn net.Conn, request string) reply {
	if err := conn.SetDeadline(time.Now().Add(hangs)); err != nil {
		return reply{err: err}
	}
	go func() { _, _ = io.WriteString(conn, request) }()
	return receive(bufio.NewReader(conn))
}

func receive(in *bufio.Reader) reply {
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, string(body), err}
}

// flood sends a request many times, each over a connection of its own.
func (s *service) flood(t *testing.T, f flood) {
	t.Helper()
	request := strings.ReplaceAll(f.request, "TOKEN", s.token)
	for range 10 {
		conn := s.dial(t)
		if got := ask(conn, request); got.status != f.status || (f.status >= 400) != got.isProblem() {
			t.Errorf("%s: %v, want %d", f.name, got, f.status)
		}
		conn.Close()
	}
}

// sendSlowly sends until the service has had enough.
func (s *service) sendSlowly(t *testing.T, name string, parts [2]string) {
	t.Helper()
	conn := s.dial(t)
	defer conn.Close()
	begin := time.Now()
	if _, err := io.WriteString(conn, parts[0]); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	ended := make(chan reply, 1)
	go func() {
		in := bufio.NewReader(conn)
		got := receive(in)
		if got.status == http.StatusContinue {
			got = receive(in)
		}
		ended <- got
	}()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case got := <-ended:
			if took := time.Since(begin); got.status != http.StatusRequestTimeout || !got.isProblem() || took < sendTimeout/2 {
				t.Errorf("%s, slowly: %v after %s", name, got, took)
			}
			return
		case <-tick.C:
			_, _ = io.WriteString(conn, parts[1])
		case <-time.After(hangs - time.Since(begin)):
			t.Errorf("%s, slowly: no answer after %s", name, time.Since(begin))
			return
		}
	}
}

// slowdown is how many times as long as a copy that nobody attacks an attacked one may take for a request, by the median.
const slowdown = 20

// requestBeside makes requests as a frontend does until the attack is over. The attacked service and a copy that nobody attacks take
// turns, so that whatever else the machine does slows both down.
func (s *service) requestBeside(t *testing.T, alone *service, over <-chan struct{}) {
	t.Helper()
	var attacked, quiet []time.Duration
	for {
		select {
		case <-over:
			slices.Sort(attacked)
			slices.Sort(quiet)
			half := len(attacked) / 2
			t.Logf("beside them %d requests were served, in %s (median), at worst in %s; a copy alone serves in %s",
				len(attacked), attacked[half], attacked[len(attacked)-1], quiet[half])
			if attacked[half] > slowdown*quiet[half] {
				t.Errorf("beside them a request took %s, of a service alone %s", attacked[half], quiet[half])
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
		attacked = append(attacked, s.serveOne(t)...)
		quiet = append(quiet, alone.serveOne(t)...)
	}
}

// serveOne makes a task and lists some, and returns how long each took.
func (s *service) serveOne(t *testing.T) (took []time.Duration) {
	t.Helper()
	for _, call := range []struct {
		method, body string
		status       int
	}{{"POST", `{"title":"beside"}`, 201}, {"GET", "", 200}} {
		begin := time.Now()
		res := s.do(t, call.method, "/api/tasks?limit=10", s.token, call.body)
		if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != call.status {
			t.Errorf("%s is answered %s, %v", call.method, res.Status, err)
		}
		took = append(took, time.Since(begin))
	}
	return took
}

// footprint is what a process takes.
type footprint struct {
	memory   float64 // bytes, the most so far that Go took from the system; a race detector's own is not in it
	resident float64 // bytes
	files    float64 // open, connections among them
}

func (f footprint) String() string {
	const mib = 1 << 20
	return fmt.Sprintf("%.0f MiB (resident %.0f MiB), %.0f files open", f.memory/mib, f.resident/mib, f.files)
}

var gauge = regexp.MustCompile(`(?m)^(go_memstats_sys_bytes|process_resident_memory_bytes|process_open_fds) (\S+)$`)

func readFootprint(t *testing.T, metrics string) footprint {
	t.Helper()
	body, err := io.ReadAll((&service{url: "http://" + metrics, output: &buffer{}}).get(t, "/metrics", "").Body)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, found := range gauge.FindAllStringSubmatch(string(body), -1) {
		if values[found[1]], err = strconv.ParseFloat(found[2], 64); err != nil {
			t.Fatal(err)
		}
	}
	return footprint{values["go_memstats_sys_bytes"], values["process_resident_memory_bytes"], values["process_open_fds"]}
}

// awaitQuiet waits until nothing is left of the connections.
func awaitQuiet(t *testing.T, metrics string, before footprint) {
	t.Helper()
	eventually(t, fmt.Sprintf("the service has as few files open as before the attack: %s", before), func() bool {
		return readFootprint(t, metrics).files < before.files+100
	})
}

// The memory of a long list is freed although the connection that carried it stays open.
func TestLongListsAreNotKept(t *testing.T) {
	t.Parallel()
	metrics := freeAddress(t)
	s := start(t, t.TempDir(), "RATE_LIMIT=0", "LOG_LEVEL=error", "METRICS_ADDR="+metrics)
	task := fmt.Sprintf(`{"title":"x","description":%q}`, strings.Repeat("😀", 1000))
	for range 100 {
		_, _ = io.Copy(io.Discard, s.do(t, "POST", "/api/tasks", s.token, task).Body)
	}
	request := "GET /api/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + s.token + "\r\n\r\n"
	list := func() {
		conn := s.dial(t)
		t.Cleanup(func() { conn.Close() })
		if got := ask(conn, request); got.status != http.StatusOK {
			t.Fatal(got)
		}
	}
	list()
	before := readFootprint(t, metrics)
	const lists = 100 // of more than 400 KB
	for range lists {
		list()
	}
	after := readFootprint(t, metrics)
	t.Logf("%d long lists: %s before, %s after", lists, before, after)
	if kept := (after.memory - before.memory) / lists; kept > 256<<10 { // a connection takes 50 KiB, and garbage is not always collected
		t.Errorf("each of %d long lists left %.1f MB", lists, kept/1e6)
	}
}
