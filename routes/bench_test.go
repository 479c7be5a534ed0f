package routes_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-backend/ent/database"
	"todo-backend/ent/database/pgtest"
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
	origin       = "http://localhost:3000" // the browser's

	postgresSetting = "NEON_DB_URL="
)

// actions are measured one after the other; delete removes what create made, so that the data stay what they were.
var actions = [...]action{
	{"list", (*loader).list},
	{"get", (*loader).get},
	{"create", (*loader).create},
	{"update", (*loader).update},
	{"toggle", (*loader).toggle},
	{"delete", (*loader).delete},
	{"mixed", (*loader).mixed},
}

var mix = actions[len(actions)-1]

// action is one request of a client.
type action struct {
	name string
	send func(*loader) error
}

// BenchmarkLimit measures the program against the limit, both as processes under 64 connections, in turns. It prints a table of
// ratios: the program's number by the limit's in the same round, and of all rounds the median.
//
// Both get GOGC=400 unless the environment says something else, and what else the environment says, LOG_LEVEL for one.
func BenchmarkLimit(b *testing.B) {
	program := build(b)
	eachDatabase(b, func(b *testing.B, databases func(n int) []string) {
		b.Helper()
		gc := "GOGC=" + cmp.Or(os.Getenv("GOGC"), "400")
		files := databases(2)
		contestants := [2]*contestant{
			newContestant(b, benchCrowd(), connections, exec.Command(os.Args[0], "-test.run=^TestServeLimit$"), files[0], gc, asLimit+"=1"),
			newContestant(b, benchCrowd(), connections, exec.Command(program), files[1], gc),
		}
		for b.Loop() {
			t := race(b, contestants)
			t.print(b.Name())
			t.report(b)
		}
	})
}

// BenchmarkMemory measures the resident memory of the program with its own settings, under a mixed load and without.
func BenchmarkMemory(b *testing.B) {
	program := build(b)
	eachDatabase(b, func(b *testing.B, databases func(n int) []string) {
		b.Helper()
		c := newContestant(b, benchCrowd(), connections, exec.Command(program), databases(1)[0])
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
	eachDatabase(b, func(b *testing.B, databases func(n int) []string) {
		b.Helper()
		file := databases(1)[0]
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

// race measures every operation in every round, with both contestants, who take turns in going first.
func race(b *testing.B, contestants [2]*contestant) *table {
	b.Helper()
	for _, c := range contestants {
		c.measure(b, mix, *benchSlot) // warms up
	}
	t := &table{}
	for round := range *benchRounds {
		for i, a := range actions {
			t.pairs[i] = append(t.pairs[i], [2]measurement(takeTurns(b, contestants[:], round, a)))
		}
	}
	for i, c := range contestants {
		t.idle[i], t.peak[i] = c.idle, c.memory(b, "VmHWM")
	}
	return t
}

// takeTurns measures an operation with each contestant, in short turns, since the speed of a machine that others use too changes
// from second to second. Who goes first changes from round to round and from turn to turn.
func takeTurns(b *testing.B, contestants []*contestant, round int, a action) []measurement {
	b.Helper()
	const turns = 4
	samples := make([]sample, len(contestants))
	for turn := range turns {
		for i := range contestants {
			who := (round + turn + i) % len(contestants)
			samples[who].add(contestants[who].measure(b, a, *benchSlot/turns))
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

// aspects are the numbers of a measurement that are compared.
var aspects = []aspect{
	{"requests/s", func(m measurement) float64 { return m.rate }},
	{"p50", func(m measurement) float64 { return m.p50 }},
	{"p99", func(m measurement) float64 { return m.p99 }},
	{"CPU", func(m measurement) float64 { return m.cpu }},
}

func (t *table) print(name string) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintf(w, "\n%s: %d tasks, %d connections, %d rounds of %v\n\t", name, *benchUsers*tasksPerUser, connections, *benchRounds, *benchSlot)
	for _, a := range actions {
		fmt.Fprintf(w, "%s\t", a.name)
	}
	t.line(w, "limit, requests/s", "%.0f", func(pair [2]measurement) float64 { return pair[0].rate })
	t.line(w, "limit, p99 in ms", "%.1f", func(pair [2]measurement) float64 { return pair[0].p99 / 1000 })
	t.line(w, "limit, CPU in µs", "%.0f", func(pair [2]measurement) float64 { return pair[0].cpu })
	for _, a := range aspects {
		t.line(w, "ours/limit, "+a.name, "%.2f", a.ratio)
	}
	fmt.Fprintf(w, "\nMB resident, idle and at most: limit %.0f and %.0f, ours %.0f and %.0f\n", t.idle[0], t.peak[0], t.idle[1], t.peak[1])
}

func (t *table) line(w io.Writer, name, format string, of func([2]measurement) float64) {
	fmt.Fprintf(w, "\n%s\t", name)
	for _, pairs := range t.pairs {
		fmt.Fprintf(w, format+"\t", medianOf(pairs, of))
	}
}

type aspect struct {
	name string
	of   func(measurement) float64
}

func (a aspect) ratio(pair [2]measurement) float64 { return a.of(pair[1]) / a.of(pair[0]) }

// report hands the ratios of throughput on, for tools that compare benchmarks.
func (t *table) report(b *testing.B) {
	b.Helper()
	b.ReportMetric(0, "ns/op")
	for i, pairs := range t.pairs {
		b.ReportMetric(medianOf(pairs, aspects[0].ratio), actions[i].name+"-ratio")
	}
}

// contestant is a server under load.
type contestant struct {
	*process
	loaders []*loader
	idle    float64 // MB resident before the load
}

// newContestant starts a server whose database holds the tasks of the crowd, and connects so many clients.
func newContestant(b *testing.B, tasks crowd, clients int, cmd *exec.Cmd, env ...string) *contestant {
	b.Helper()
	c := &contestant{process: start(b, cmd, env...)}
	c.await(b)
	time.Sleep(*benchSlot)
	c.idle = c.memory(b, "VmRSS")
	s := &stock{crowd: tasks, tokens: make([]string, tasks.users)}
	for user := range s.tokens {
		s.tokens[user] = sign(b, userName(user))
	}
	for i := range clients {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		l := &loader{Conn: conn, in: bufio.NewReaderSize(conn, 64<<10), random: rand.New(rand.NewPCG(1, uint64(i))), stock: s}
		c.loaders = append(c.loaders, l)
	}
	return c
}

// alone is the same server with one of its clients.
func (c *contestant) alone() *contestant {
	return &contestant{process: c.process, loaders: c.loaders[:1]}
}

// measure has all clients send the operation, again and again, for the length of the slot. An answer that is no success, a locked
// database for one, ends the benchmark.
func (c *contestant) measure(b *testing.B, a action, slot time.Duration) sample {
	b.Helper()
	begin, busy := time.Now(), c.processorTime(b)
	errs := make([]error, len(c.loaders))
	var all sync.WaitGroup
	for i, l := range c.loaders {
		all.Go(func() { errs[i] = l.repeat(a, begin.Add(slot)) })
	}
	all.Wait()
	s := sample{elapsed: time.Since(begin), busy: c.processorTime(b) - busy}
	if err := errors.Join(errs...); err != nil {
		b.Fatalf("%s: %s: %v", c.Path, a.name, err)
	}
	for _, l := range c.loaders {
		s.times = append(s.times, l.times...)
	}
	return s
}

// stock is what the clients of one server share.
type stock struct {
	crowd
	tokens []string // by user
	mu     sync.Mutex
	made   []made // tasks that create made and delete has not taken
}

// made is a task that a client made.
type made struct {
	user int
	id   string
}

func (s *stock) put(m made) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, m)
}

func (s *stock) take() (m made, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.made) == 0 {
		return made{}, false
	}
	last := len(s.made) - 1
	m, s.made = s.made[last], s.made[:last]
	return m, true
}

// loader is a client with one connection that is kept. It does as little as it can: it shares the processors with the servers.
type loader struct {
	net.Conn
	in     *bufio.Reader
	out    []byte
	random *rand.Rand
	stock  *stock
	step   int // in the mix
	times  []time.Duration
}

// errNothingLeft ends a slot of deletions early.
var errNothingLeft = errors.New("there is no task left to delete")

func (l *loader) repeat(a action, end time.Time) error {
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

func (l *loader) list() error { return l.listOf(l.user(), "") }

// listOf reads a page of a user's tasks.
func (l *loader) listOf(user int, query string) error {
	_, err := l.do(user, "GET", "?limit="+strconv.Itoa(pageSize)+query, "", 200)
	return err
}

func (l *loader) get() error { return l.one("GET", "", "") }

func (l *loader) create() error {
	user := l.user()
	body, err := l.do(user, "POST", "", `{"title":"Buy milk and a loaf of bread","description":"Two litres, from the farm shop"}`, 201)
	if err == nil {
		l.stock.put(made{user, string(body[len(`{"id":"`):][:36])})
	}
	return err
}

func (l *loader) update() error {
	return l.one("PATCH", "", `{"title":"Buy oat milk and a loaf of rye bread"}`)
}

func (l *loader) toggle() error { return l.one("PATCH", "/complete", "") }

func (l *loader) delete() error {
	m, ok := l.stock.take()
	if !ok {
		return errNothingLeft
	}
	_, err := l.do(m.user, "DELETE", "/"+m.id, "", 200)
	return err
}

// mixed is what a frontend does, in twenty steps: mostly it reads, and as many tasks go as come.
func (l *loader) mixed() error {
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
func (l *loader) one(method, suffix, body string) error {
	user := l.user()
	n := l.random.IntN(l.stock.tasks(user))
	_, err := l.do(user, method, "/"+l.stock.id(user, n).String()+suffix, body, 200)
	return err
}

// user is one of those who ask and have not more tasks than others.
func (l *loader) user() int {
	first := len(l.stock.prolific)
	return first + l.random.IntN(l.stock.asking()-first)
}

// do sends a request and returns the body of its answer, which lives until the next one.
func (l *loader) do(user int, method, suffix, body string, want int) ([]byte, error) {
	l.out = fmt.Appendf(l.out[:0], "%s /api/tasks%s HTTP/1.1\r\nHost: todo\r\nOrigin: %s\r\nAuthorization: Bearer %s\r\n",
		method, suffix, origin, l.stock.tokens[user])
	if body != "" {
		l.out = fmt.Appendf(l.out, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	l.out = append(append(l.out, "\r\n"...), body...)
	if _, err := l.Write(l.out); err != nil {
		return nil, err
	}
	status, answer, err := receive(l.in)
	if err == nil && status != want {
		err = fmt.Errorf("%s %s is answered with %d %s", method, suffix, status, answer)
	}
	return answer, err
}

// receive reads an answer that tells its length.
func receive(in *bufio.Reader) (status int, body []byte, err error) {
	length := 0
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

// process is a server that listens on a port of its own.
type process struct {
	*exec.Cmd
	address string
	started time.Time
}

// build makes the program that is measured, as docs/operating.md has it made.
func build(b *testing.B) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "todo-backend")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "todo-backend")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build the program: %v\n%s", err, out)
	}
	return file
}

// start runs a server as in production, but without a limit for each user, which the load would be over.
func start(b *testing.B, cmd *exec.Cmd, env ...string) *process {
	b.Helper()
	port := freePort(b)
	cmd = exec.Command(cmd.Path, cmd.Args[1:]...)
	cmd.Dir = b.TempDir()
	cmd.Env = append(os.Environ(), "APP_ENV=production", "HOST=127.0.0.1", "PORT="+port, postgresSetting, "SQLITE_PATH=",
		"BETTER_AUTH_SECRET="+secret, "CORS_ORIGINS="+origin, "RATE_LIMIT=0", "DRAIN_DELAY=0s")
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = os.Stderr
	p := &process{Cmd: cmd, address: net.JoinHostPort("127.0.0.1", port), started: time.Now()}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return p
}

func freePort(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// await returns once the server is ready.
func (p *process) await(b *testing.B) {
	b.Helper()
	for !p.isReady() {
		if time.Since(p.started) > time.Minute {
			b.Fatalf("%s is not ready after a minute", p.Path)
		}
		time.Sleep(time.Millisecond)
	}
}

func (p *process) isReady() bool {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		return false
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /ready HTTP/1.1\r\nHost: todo\r\n\r\n"); err != nil {
		return false
	}
	status, _, err := receive(bufio.NewReader(conn))
	return err == nil && status == 200
}

// stop ends the server in good order.
func (p *process) stop(b *testing.B) {
	b.Helper()
	if err := errors.Join(p.Process.Signal(syscall.SIGTERM), p.Wait()); err != nil {
		b.Fatalf("stop %s: %v", p.Path, err)
	}
}

// memory is a number of MB that the system keeps about the process: VmRSS, what is resident, or VmHWM, the most that ever was.
func (p *process) memory(b *testing.B, name string) float64 {
	b.Helper()
	_, rest, _ := strings.Cut(p.read(b, "status"), "\n"+name+":")
	kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes / 1024
}

// processorTime is what the process has used so far, in steps of a hundredth of a second: of a single turn that is a few of them.
func (p *process) processorTime(b *testing.B) time.Duration {
	b.Helper()
	text := p.read(b, "stat")
	fields := strings.Fields(text[strings.LastIndex(text, ")")+1:])
	var sum time.Duration
	for _, ticks := range fields[11:13] { // proc(5): utime and stime, the 14th and 15th of all fields
		n, err := strconv.Atoi(ticks)
		if err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(n) * time.Second / 100
	}
	return sum
}

func (p *process) read(b *testing.B, file string) string {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.Process.Pid, file))
	if err != nil {
		b.Skip("only Linux tells what a process uses: ", err)
	}
	return string(text)
}

// eachDatabase runs a benchmark on Postgres, at its default durability, and on SQLite. databases returns the settings of
// databases with the same tasks.
func eachDatabase(b *testing.B, run func(b *testing.B, databases func(n int) []string)) {
	b.Helper()
	b.Run("postgres", func(b *testing.B) {
		server := startPostgres(b)
		run(b, func(n int) []string { return clonePostgres(b, server, loadPostgres(b, server, benchCrowd()), n) })
	})
	b.Run("sqlite", func(b *testing.B) {
		run(b, func(n int) []string { return fillSQLite(b, n) })
	})
}

// startPostgres starts a server at its default durability.
func startPostgres(b *testing.B, settings ...string) *pgtest.Server {
	b.Helper()
	server, err := pgtest.StartDurable(b.Context(), settings...)
	if errors.Is(err, pgtest.ErrNotFound) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { server.Stop() })
	return server
}

// loadPostgres makes a database with the tasks of the crowd and returns its URL.
func loadPostgres(b *testing.B, server *pgtest.Server, tasks crowd) string {
	b.Helper()
	ctx := b.Context()
	url, drop, err := server.CreateDatabase(ctx, "")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(drop)
	migrate(b, database.Source{PostgresURL: url})
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(tasks.copyTo(ctx, conn), conn.Close(ctx)); err != nil {
		b.Fatal(err)
	}
	return url
}

// clonePostgres returns the settings of copies of a database.
func clonePostgres(b *testing.B, server *pgtest.Server, template string, n int) []string {
	b.Helper()
	settings := make([]string, n)
	for i := range settings {
		url, drop, err := server.CreateDatabase(b.Context(), pgtest.Name(template))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(drop)
		settings[i] = postgresSetting + url
	}
	return settings
}

func fillSQLite(b *testing.B, n int) []string {
	b.Helper()
	settings := make([]string, n)
	for i := range settings {
		path := filepath.Join(b.TempDir(), "todo.db")
		migrate(b, database.Source{SQLitePath: path})
		if err := insertTasks(b.Context(), path); err != nil {
			b.Fatal(err)
		}
		settings[i] = "SQLITE_PATH=" + path
	}
	return settings
}

func insertTasks(ctx context.Context, path string) error {
	pool, err := openSQLite(path, 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	tasks := benchCrowd()
	for _, t := range tasks.inOrder() {
		if _, err := tx.ExecContext(ctx, "INSERT INTO tasks ("+limitColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)", tasks.row(t, sqliteStore{})...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

func migrate(b *testing.B, source database.Source) {
	b.Helper()
	db, err := database.Open(source)
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(db.Migrate(b.Context()), db.Close()); err != nil {
		b.Fatal(err)
	}
}

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
