package bench

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware/token"
)

var (
	benchRounds = flag.Int("bench.rounds", 5, "how often BenchmarkLimit measures every operation")
	benchSlot   = flag.Duration("bench.slot", 2*time.Second, "how long it does so in each round")
	benchUsers  = flag.Int("bench.users", 200, "how many users there are, with 100 tasks each")
)

const (
	connections  = 64  // clients at once
	tasksPerUser = 100 // in the database
	pageSize     = 50

	secret = "a secret of thirty-two bytes or more"
	origin = "http://localhost:3000" // the browser's
)

// BenchmarkLimit measures the program against the limit, both as processes under 64 connections, in turns. It prints a table of
// ratios: the program's number by the limit's in the same round, and of all rounds the median.
//
// Both get GOGC=400 unless the environment says something else, and what else the environment says, LOG_LEVEL for one.
func BenchmarkLimit(b *testing.B) {
	program := build(b)
	eachDatabase(b, func(b *testing.B, newDatabase func(tables) string) {
		b.Helper()
		gc := "GOGC=" + cmp.Or(os.Getenv("GOGC"), "400")
		servers := [2]*benchServer{
			startServer(b, benchDataset(), connections, exec.Command(os.Args[0], "-test.run=^TestServeLimit$"), newDatabase(limitTables), gc, asLimit+"=1"),
			startServer(b, benchDataset(), connections, exec.Command(program), newDatabase(programTables), gc),
		}
		for b.Loop() {
			t := compareServers(b, servers)
			t.print(b.Name())
			t.report(b)
		}
	})
}

// BenchmarkMemory measures the resident memory of the program with its own settings, under a mixed load and without.
func BenchmarkMemory(b *testing.B) {
	program := build(b)
	eachDatabase(b, func(b *testing.B, newDatabase func(tables) string) {
		b.Helper()
		c := startServer(b, benchDataset(), connections, exec.Command(program), newDatabase(programTables))
		for b.Loop() {
			c.measure(b, mix, 5**benchSlot)
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(c.idle, "idle-MB")
		b.ReportMetric(c.memory(b, "VmHWM"), "peak-MB")
		b.ReportMetric(c.memory(b, "VmRSS"), "after-MB")
	})
}

// BenchmarkStart measures the time from the start of the process to the first 200 of /ready, on a database that is up to date.
func BenchmarkStart(b *testing.B) {
	program := build(b)
	eachDatabase(b, func(b *testing.B, newDatabase func(tables) string) {
		b.Helper()
		file := newDatabase(programTables)
		var times []time.Duration
		for b.Loop() {
			p := start(b, exec.Command(program), file)
			p.await(b)
			times = append(times, time.Since(p.started))
			b.StopTimer()
			p.stop(b)
			b.StartTimer()
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(median(times).Microseconds())/1000, "median-ms")
	})
}

// compareServers measures every operation in every round, with both servers, who take turns in going first.
func compareServers(b *testing.B, servers [2]*benchServer) *table {
	b.Helper()
	for _, c := range servers {
		c.measure(b, mix, *benchSlot) // warms up
	}
	t := &table{}
	for round := range *benchRounds {
		for i, a := range actions {
			t.pairs[i] = append(t.pairs[i], [2]measurement(takeTurns(b, servers[:], round, a)))
		}
	}
	for i, c := range servers {
		t.idle[i], t.peak[i] = c.idle, c.memory(b, "VmHWM")
	}
	return t
}

// takeTurns measures an operation with each server, in short turns, since the speed of a machine that others use too changes
// from second to second. Who goes first changes from round to round and from turn to turn.
func takeTurns(b *testing.B, servers []*benchServer, round int, a action) []measurement {
	b.Helper()
	const turns = 4
	samples := make([]sample, len(servers))
	for turn := range turns {
		for i := range servers {
			who := (round + turn + i) % len(servers)
			samples[who].add(servers[who].measure(b, a, *benchSlot/turns))
		}
	}
	all := make([]measurement, len(samples))
	for who, s := range samples {
		all[who] = s.summary()
	}
	return all
}

// sample is what was seen of one operation.
type sample struct {
	times   []time.Duration // of each request
	elapsed time.Duration
	busy    time.Duration // the server's processor time
}

func (s *sample) add(other sample) {
	s.times = append(s.times, other.times...)
	s.elapsed += other.elapsed
	s.busy += other.busy
}

func (s *sample) summary() measurement {
	slices.Sort(s.times)
	count := len(s.times)
	return measurement{
		rate: float64(count) / s.elapsed.Seconds(),
		p50:  float64(s.times[count/2].Microseconds()),
		p99:  float64(s.times[count*99/100].Microseconds()),
		cpu:  float64(s.busy.Microseconds()) / float64(count),
	}
}

// measurement is what a sample comes to.
type measurement struct {
	rate     float64 // requests a second
	p50, p99 float64 // microseconds
	cpu      float64 // microseconds of the server's processor time a request
}

// table holds the measurements of each operation, the limit's and the program's side by side.
type table struct {
	pairs      [len(actions)][][2]measurement
	idle, peak [2]float64 // MB
}

// metrics are the numbers of a measurement that are compared.
var metrics = []metric{
	{"requests/s", func(m measurement) float64 { return m.rate }},
	{"p50", func(m measurement) float64 { return m.p50 }},
	{"p99", func(m measurement) float64 { return m.p99 }},
	{"processor time", func(m measurement) float64 { return m.cpu }},
}

func (t *table) print(name string) {
	out := newTable("%s: %s tasks, %d connections, %d rounds of %v; MB resident, idle and at most: limit %.0f and %.0f, ours %.0f and %.0f",
		name, thousands(float64(*benchUsers*tasksPerUser)), connections, *benchRounds, *benchSlot, t.idle[0], t.peak[0], t.idle[1], t.peak[1])
	header := []string{strings.TrimPrefix(name, "BenchmarkLimit/")}
	for _, a := range actions {
		header = append(header, a.name)
	}
	out.row(header...)
	line := func(name string, format func(float64) string, of func([2]measurement) float64) {
		cells := []string{name}
		for _, pairs := range t.pairs {
			cells = append(cells, format(medianOf(pairs, of)))
		}
		out.row(cells...)
	}
	line("the limit, requests/s", thousands, func(pair [2]measurement) float64 { return pair[0].rate })
	line("its p99, µs", thousands, func(pair [2]measurement) float64 { return pair[0].p99 })
	line("its processor time, µs a request", thousands, func(pair [2]measurement) float64 { return pair[0].cpu })
	for _, a := range metrics {
		line("todo-backend / the limit, "+a.name, asRatio, a.ratio)
	}
	out.print()
}

func asRatio(n float64) string { return fmt.Sprintf("%.2f", n) }

type metric struct {
	name string
	of   func(measurement) float64
}

func (a metric) ratio(pair [2]measurement) float64 { return a.of(pair[1]) / a.of(pair[0]) }

// report hands the ratios of throughput on, for tools that compare benchmarks.
func (t *table) report(b *testing.B) {
	b.Helper()
	b.ReportMetric(0, "ns/op")
	for i, pairs := range t.pairs {
		b.ReportMetric(medianOf(pairs, metrics[0].ratio), actions[i].name+"-ratio")
	}
}

// benchServer is a server under load.
type benchServer struct {
	*process
	clients []*loadClient
	idle    float64 // MB resident before the load
}

// startServer starts a server whose database holds the tasks of the dataset, and connects so many clients.
func startServer(b *testing.B, tasks dataset, clients int, cmd *exec.Cmd, env ...string) *benchServer {
	b.Helper()
	c := &benchServer{process: start(b, cmd, env...)}
	c.await(b)
	time.Sleep(*benchSlot)
	c.idle = c.memory(b, "VmRSS")
	s := &sharedData{dataset: tasks, tokens: make([]string, tasks.users)}
	for user := range s.tokens {
		s.tokens[user] = sign(b, userName(user))
	}
	for i := range clients {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		l := &loadClient{Conn: conn, in: bufio.NewReaderSize(conn, 64<<10), random: rand.New(rand.NewPCG(1, uint64(i))), data: s}
		c.clients = append(c.clients, l)
	}
	return c
}

// withOneClient is the same server with one of its clients.
func (c *benchServer) withOneClient() *benchServer {
	return &benchServer{process: c.process, clients: c.clients[:1]}
}

// measure has all clients send the operation, again and again, for the length of the slot. An answer that is no success, a locked
// database for one, ends the benchmark.
func (c *benchServer) measure(b *testing.B, a action, slot time.Duration) sample {
	b.Helper()
	begin, busy := time.Now(), c.processorTime(b)
	errs := make([]error, len(c.clients))
	var all sync.WaitGroup
	for i, l := range c.clients {
		all.Go(func() { errs[i] = l.repeat(a, begin.Add(slot)) })
	}
	all.Wait()
	s := sample{elapsed: time.Since(begin), busy: c.processorTime(b) - busy}
	if err := errors.Join(errs...); err != nil {
		b.Fatalf("%s: %s: %v", c.Path, a.name, err)
	}
	for _, l := range c.clients {
		s.times = append(s.times, l.times...)
	}
	return s
}

func TestMain(m *testing.M) { databasetest.Main(m) }

func sign(tb testing.TB, user string) string {
	tb.Helper()
	signed, err := token.ForDevelopment(secret, user, time.Hour)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

func medianOf(pairs [][2]measurement, of func([2]measurement) float64) float64 {
	numbers := make([]float64, len(pairs))
	for i, pair := range pairs {
		numbers[i] = of(pair)
	}
	return median(numbers)
}

func median[T cmp.Ordered](numbers []T) T {
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}
