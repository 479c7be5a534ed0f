package bench

import (
	"flag"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"testing"
)

var (
	growthTasks   = flag.Int("growth.tasks", 1_000_000, "how many tasks BenchmarkGrowth compares with 100,000")
	growthActive  = flag.Int("growth.active", 4000, "how many users ask in BenchmarkGrowth; 0 is all")
	growthBuffers = flag.String("growth.buffers", "128MB", "the shared_buffers of Postgres in BenchmarkGrowth; its own default is 128MB")
)

const (
	growthBase = 100_000 // tasks before the growth
	deepPage   = 1000
)

// growthDataset is so many tasks: of users with 99 each, and of one with 100,000, or three fifths of all where that is less. For that
// one, page 1,000 is not the last. Of 10,000,000 tasks 100,000 users have 99.
func growthDataset(tasks int) dataset {
	most := min(100_000, tasks*3/5)
	const each = 99
	return dataset{large: []int{most}, users: 1 + (tasks-most)/each, each: each, active: *growthActive}
}

// growthActions are those of anybody but the user with the most tasks, unless their names say otherwise.
var growthActions = []action{
	{"list", (*loadClient).list},
	{"list, status=pending", func(l *loadClient) error { return l.listOf(l.user(), "&status=pending") }},
	{"most tasks, page 1", func(l *loadClient) error { return l.listOf(0, "") }},
	{"most tasks, page 1,000", (*loadClient).deepList},
	{"get", (*loadClient).get},
	{"update", (*loadClient).update},
	{"toggle", (*loadClient).toggle},
	{"create", (*loadClient).create},
	{"delete", (*loadClient).delete},
}

// deepList reads page 1,000 of the user with the most tasks.
func (l *loadClient) deepList() error { return l.listOf(0, l.data.deepCursor) }

var nextCursor = regexp.MustCompile(`[?&](cursor=[^&>]+)`)

// findDeepPage walks to page 1,000 of the user with the most tasks, in longer steps, and keeps its cursor.
func (c *benchServer) findDeepPage(b *testing.B) {
	b.Helper()
	l := c.clients[0]
	for left := (deepPage - 1) * pageSize; left > 0; {
		step := min(left, 2*tasksPerUser) // a longer page would not fit the client
		if _, err := l.do(0, "GET", fmt.Sprintf("?limit=%d%s", step, l.data.deepCursor), "", 200); err != nil {
			b.Fatal(err)
		}
		found := nextCursor.FindSubmatch(l.link)
		if found == nil {
			b.Fatalf("there is no page after the one with Link %s", l.link)
		}
		l.data.deepCursor = "&" + string(found[1])
		left -= step
	}
}

// BenchmarkGrowth measures how long one client waits for an answer where there are many tasks, and where there are 100,000. Both
// databases stand on the same server, and the measurements take turns.
//
// Of many users some are active at a time: so many that their tasks lie in most pages of the table, and so few that their tokens are
// remembered in both.
func BenchmarkGrowth(b *testing.B) {
	if *growthTasks < growthBase {
		b.Fatalf("-growth.tasks: %d tasks at least", growthBase)
	}
	server := startPostgres(b, "-c", "shared_buffers="+*growthBuffers)
	program := build(b)
	datasets := []dataset{growthDataset(growthBase), growthDataset(*growthTasks)}
	var databases []string
	for _, tasks := range datasets {
		databases = append(databases, postgresSetting+loadPostgres(b, server, tasks, programTables))
	}
	servers := make([]*benchServer, len(datasets))
	for i, tasks := range slices.Backward(datasets) { // a client that waited for the many to be read would be cut off
		servers[i] = startServer(b, tasks, 1, exec.Command(program), databases[i])
		servers[i].readAll(b)
		servers[i].findDeepPage(b)
	}
	for b.Loop() {
		pairs := make([][][2]measurement, len(growthActions))
		for round := range *benchRounds {
			for i, a := range growthActions {
				pairs[i] = append(pairs[i], [2]measurement(takeTurns(b, servers, round, a)))
			}
		}
		printGrowth(b, pairs)
	}
}

// readAll has the client read everybody's tasks, the longest page of each, so that memory holds them, so far as they fit.
func (c *benchServer) readAll(b *testing.B) {
	b.Helper()
	l := c.clients[0]
	for user := range l.data.users {
		if _, err := l.do(user, "GET", "?limit=100", "", 200); err != nil {
			b.Fatal(err)
		}
	}
}

func printGrowth(b *testing.B, pairs [][][2]measurement) {
	b.Helper()
	grown := thousands(float64(*growthTasks))
	t := newTable("%s: one client for %d users, %d rounds of %v, shared_buffers %s; times in µs",
		b.Name(), growthDataset(*growthTasks).activeUsers(), *benchRounds, *benchSlot, *growthBuffers)
	t.row("", "p50, 100,000 tasks", "p50, "+grown, "ratio", "p99, 100,000 tasks", "p99, "+grown, "ratio")
	for i, a := range growthActions {
		cells := []string{a.name}
		for _, of := range metrics[1:3] { // p50 and p99
			for who := range 2 {
				cells = append(cells, thousands(medianOf(pairs[i], func(pair [2]measurement) float64 { return of.of(pair[who]) })))
			}
			cells = append(cells, asRatio(medianOf(pairs[i], of.ratio)))
		}
		t.row(cells...)
	}
	t.print()
}
