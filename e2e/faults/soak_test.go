//go:build faults

package faults

import (
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"todo-backend/middleware/token"
)

// figure is something that a long run must leave as it is.
type figure struct {
	name    string
	ask     func() float64
	slack   float64 // how much more the last third of the run may have than the first: this part of it,
	plus    float64 // and so much
	samples []float64
}

// TestSoak runs a mixed load and looks whether anything grows: the last third of the time is held against the first.
func TestSoak(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, source string) {
		metrics := "127.0.0.1:" + steadyPort(t)
		s := newService(t, source, "METRICS_ADDR="+metrics, "RATE_LIMIT=1000000")
		if *soakRace {
			s.program = racingProgram(t)
		}
		s.start(t)
		l := newLoad(t, s.url(), 16, 4)
		l.pause = 40 * time.Millisecond
		l.run()
		go misbehave(t, s)
		l.mark("warm up")
		visit(t, s, newcomers)
		time.Sleep(*soak / 10)
		l.mark("measure")
		figures := figuresOf(t, s, source, metrics)
		sample(figures, *soak)
		l.mark("end")
		l.stop()
		if rows := l.check(t); rows > len(l.workers)*tasksOfWorker {
			t.Errorf("the load itself grew to %d tasks", rows)
		}
		for _, f := range figures {
			f.judge(t)
		}
		if n := l.sum()["200"]; n == 0 {
			t.Error("no request was served")
		}
		s.terminate(t)
		if strings.Contains(s.output.String(), "DATA RACE") {
			t.Errorf("a race:\n%s", s.output.beside())
		}
	})
}

// newcomers are more than the service remembers tokens, so that its memory of them is full.
const newcomers = 5000

// visit has so many users, each with a token of their own, come once.
func visit(t *testing.T, s *service, users int) {
	t.Helper()
	for i := range users {
		signed, err := token.ForDevelopment(secret, fmt.Sprintf("newcomer-%d", i), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.url()+"/api/auth/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+signed)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("a newcomer is told %s", res.Status)
		}
	}
}

// sample takes thirty samples of each figure.
func sample(figures []*figure, duration time.Duration) {
	const samples = 30
	for range samples {
		time.Sleep(duration / samples)
		for _, f := range figures {
			f.samples = append(f.samples, f.ask())
		}
	}
}

func (f *figure) judge(t *testing.T) {
	t.Helper()
	third := len(f.samples) / 3
	first, last := mean(f.samples[:third]), mean(f.samples[len(f.samples)-third:])
	t.Logf("%-14s first third %8.1f, last third %8.1f: %.0f", f.name, first, last, f.samples)
	if last > first*(1+f.slack)+f.plus {
		t.Errorf("%s grew from %.1f to %.1f", f.name, first, last)
	}
}

func mean(values []float64) (sum float64) {
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return sum
}

func figuresOf(t *testing.T, s *service, source, metrics string) []*figure {
	t.Helper()
	process := fmt.Sprintf("/proc/%d", s.cmd.Process.Pid)
	const (
		mebibyte = 1 << 20
		readers  = 8 // SQLite's connections, of three files each, are opened when so many are first needed at once
	)
	memory := &figure{name: "RSS in MiB", ask: func() float64 { return resident(t, process) }, slack: 0.1, plus: 16}
	if *soakRace {
		// The race detector keeps eight bytes of every defer until its goroutine ends, and those of connections stay.
		memory.slack = math.Inf(1)
	}
	figures := []*figure{
		memory,
		{name: "heap in MiB", ask: func() float64 { return metric(t, metrics, "go_memstats_heap_inuse_bytes") / mebibyte }, slack: 0.1, plus: 16},
		{name: "goroutines", ask: func() float64 { return metric(t, metrics, "go_goroutines") }, slack: 0.1, plus: 10},
		{name: "descriptors", ask: func() float64 { return float64(len(glob(t, process+"/fd/*"))) }, plus: 3 * readers},
	}
	if path, ok := strings.CutPrefix(source, sqliteSetting); ok {
		return append(figures,
			&figure{name: "connections", ask: func() float64 {
				const readers = `db_client_connections{pool="sqlite_reader",state=`
				return metric(t, metrics, readers+`"idle"}`) + metric(t, metrics, readers+`"used"}`)
			}, plus: readers},
			&figure{name: "files in KiB", ask: func() float64 { return size(t, path+"*") / (1 << 10) }, slack: 0.25, plus: 4 << 10})
	}
	pool := openPool(t, "pgx", strings.TrimPrefix(source, postgresSetting))
	const clients = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
	return append(figures, &figure{name: "connections", ask: func() float64 { return float64(ask[int](t, pool, clients)) }, plus: 2})
}

// metric is the value of one of the service's metrics.
func metric(t *testing.T, address, name string) float64 {
	t.Helper()
	res, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return field(t, string(text), name+" ")
}

// resident is the memory of a process that is in use, in MiB.
func resident(t *testing.T, process string) float64 {
	t.Helper()
	text, err := os.ReadFile(process + "/status")
	if err != nil {
		t.Fatal(err)
	}
	return field(t, string(text), "VmRSS:") / (1 << 10)
}

// field is the number that follows a name at the beginning of a line.
func field(t *testing.T, text, name string) float64 {
	t.Helper()
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok {
			continue
		}
		value, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	t.Fatalf("there is no %s", name)
	return 0
}

func size(t *testing.T, pattern string) (bytes float64) {
	t.Helper()
	for _, file := range glob(t, pattern) {
		if info, err := os.Stat(file); err == nil {
			bytes += float64(info.Size())
		}
	}
	return bytes
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// misbehave makes requests that are refused, breaks some off, and has a new user each time.
func misbehave(t *testing.T, s *service) {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for visitor := 0; t.Context().Err() == nil; visitor++ {
		signed, _ := token.ForDevelopment(secret, fmt.Sprintf("visitor-%d", visitor), time.Hour)
		for _, request := range []struct{ token, method, path, body string }{
			{signed, "GET", "/api/tasks", ""},
			{signed, "POST", "/api/tasks", "{"},
			{"nonsense", "GET", "/api/tasks", ""},
			{"", "POST", "/api/tasks", strings.Repeat("x", 100<<10)},
			{"", "DELETE", "/docs", ""},
			{"", "GET", "/ready", ""},
		} {
			req, err := http.NewRequestWithContext(t.Context(), request.method, s.url()+request.path, strings.NewReader(request.body))
			if err != nil {
				continue
			}
			req.Header.Set("Authorization", "Bearer "+request.token)
			if res, err := client.Do(req); err == nil {
				res.Body.Close()
			}
		}
		if conn, err := net.Dial("tcp", s.address); err == nil {
			fmt.Fprint(conn, "POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
			time.Sleep(10 * time.Millisecond)
			conn.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
}
