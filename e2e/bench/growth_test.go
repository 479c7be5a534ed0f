package bench

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"
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
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintf(w, "\n%s: %d and %d tasks, one client for %d users, %d rounds of %v, shared_buffers %s; times in µs\n",
		b.Name(), growthBase, *growthTasks, growthDataset(*growthTasks).activeUsers(), *benchRounds, *benchSlot, *growthBuffers)
	fmt.Fprintln(w, "\tp50\tp50 grown\tratio\tp99\tp99 grown\tratio\t")
	for i, a := range growthActions {
		fmt.Fprintf(w, "%s\t", a.name)
		for _, of := range metrics[1:3] { // p50 and p99
			for who := range 2 {
				fmt.Fprintf(w, "%.0f\t", medianOf(pairs[i], func(pair [2]measurement) float64 { return of.of(pair[who]) }))
			}
			fmt.Fprintf(w, "%.2f\t", medianOf(pairs[i], of.ratio))
		}
		fmt.Fprintln(w)
	}
}

// indexSets are sets of indexes: those that the migrations make, and what changes them. Room in every page is another way to spend
// memory: it lets updates of columns without an index leave the indexes alone.
var indexSets = []struct{ name, statement string }{
	{"as migrated", "SELECT 1"},
	{"without completed", "DROP INDEX task_user_id_completed_created_at_id"},
	{"and updated_at", "CREATE INDEX ON tasks (user_id, updated_at, id)"},
	{"and title", `CREATE INDEX ON tasks (user_id, title COLLATE "C", id)`},
	{"fillfactor 90", "ALTER TABLE tasks SET (fillfactor = 90)"},
}

// indexDataset has users with 1,000, 10,000 and 100,000 tasks, the others have 100.
func indexDataset() dataset {
	return dataset{large: []int{1000, 10_000, 100_000}, users: 2000, each: tasksPerUser}
}

// indexActions are what many clients do at once, and what one does alone.
func indexActions() (together, alone []action) {
	together = []action{{"create", (*loadClient).create}, {"update", (*loadClient).update}, {"toggle", (*loadClient).toggle}, {"delete", (*loadClient).delete}}
	for _, query := range []string{"status=completed", "sort=updated", "sort=title"} {
		alone = append(alone, action{query + ", 100 tasks", func(l *loadClient) error { return l.listOf(l.user(), "&"+query) }})
		for user, tasks := range indexDataset().large {
			alone = append(alone, action{fmt.Sprintf("%s, %d tasks", query, tasks), func(l *loadClient) error { return l.listOf(user, "&"+query) }})
		}
	}
	return together, alone
}

// BenchmarkIndexes measures what every index costs those who write, and what it saves those who read a list that it sorts.
func BenchmarkIndexes(b *testing.B) {
	server, program := startPostgres(b), build(b)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintf(w, "\n%s: %d tasks, %d rounds of %v\n\t", b.Name(), indexDataset().total(), *benchRounds, *benchSlot)
	many, one := make([]*benchServer, len(indexSets)), make([]*benchServer, len(indexSets))
	databases := clonePostgres(b, server, loadPostgres(b, server, indexDataset(), programTables), len(indexSets))
	sizes := make([]float64, len(indexSets))
	for i, indexSet := range indexSets {
		fmt.Fprintf(w, "%s\t", indexSet.name)
		sizes[i] = changeIndexes(b, databases[i], indexSet.statement)
	}
	for i := range indexSets {
		many[i] = startServer(b, indexDataset(), connections, exec.Command(program), databases[i])
		one[i] = many[i].withOneClient()
	}
	for b.Loop() {
		together, alone := indexActions()
		measureIndexSets(b, w, "requests/s", many, together, metrics[0])
		measureIndexSets(b, w, "p50 in µs", one, alone, metrics[1])
	}
	printIndexSets(w, "bytes of index a task", [][]float64{sizes})
	fmt.Fprintln(w)
}

// changeIndexes returns how many bytes of index there are afterwards for every task.
func changeIndexes(b *testing.B, setting, statement string) (bytes float64) {
	b.Helper()
	ctx := b.Context()
	conn, err := pgx.Connect(ctx, strings.TrimPrefix(setting, postgresSetting))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := execAll(ctx, conn, statement, "VACUUM FULL tasks", "VACUUM ANALYZE tasks", "CHECKPOINT"); err != nil {
		b.Fatal(err)
	}
	const size = "SELECT pg_indexes_size('tasks')::float8 / count(*) FROM tasks"
	if err := conn.QueryRow(ctx, size).Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	return bytes
}

// measureIndexSets prints a line for each action, a column for each benchServer.
func measureIndexSets(b *testing.B, w io.Writer, unit string, servers []*benchServer, measured []action, of metric) {
	b.Helper()
	rounds := make([][][]float64, len(measured))
	for round := range *benchRounds {
		for i, a := range measured {
			var numbers []float64
			for _, m := range takeTurns(b, servers, round, a) {
				numbers = append(numbers, of.of(m))
			}
			rounds[i] = append(rounds[i], numbers)
		}
	}
	for i, a := range measured {
		printIndexSets(w, a.name+", "+unit, rounds[i])
	}
}

// printIndexSets prints the median of the rounds for each indexSet, and that of its ratios to the first.
func printIndexSets(w io.Writer, name string, rounds [][]float64) {
	fmt.Fprintf(w, "\n%s\t", name)
	for i := range indexSets {
		var numbers, ratios []float64
		for _, round := range rounds {
			numbers, ratios = append(numbers, round[i]), append(ratios, round[i]/round[0])
		}
		fmt.Fprintf(w, "%.0f (%.2f)\t", median(numbers), median(ratios))
	}
}
