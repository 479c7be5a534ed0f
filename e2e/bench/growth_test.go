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

// growthCrowd is so many tasks: of users with 99 each, and of one with 100,000, or three fifths of all where that is less. For that
// one, page 1,000 is not the last. Of 10,000,000 tasks 100,000 users have 99.
func growthCrowd(tasks int) crowd {
	most := min(100_000, tasks*3/5)
	const each = 99
	return crowd{prolific: []int{most}, users: 1 + (tasks-most)/each, each: each, active: *growthActive}
}

// growthActions are those of anybody but the user with the most tasks, unless their names say otherwise.
var growthActions = []action{
	{"list", (*loader).list},
	{"list, status=pending", func(l *loader) error { return l.listOf(l.user(), "&status=pending") }},
	{"most tasks, page 1", func(l *loader) error { return l.listOf(0, "") }},
	{"most tasks, page 1,000", (*loader).deepList},
	{"get", (*loader).get},
	{"update", (*loader).update},
	{"toggle", (*loader).toggle},
	{"create", (*loader).create},
	{"delete", (*loader).delete},
}

// deepList reads page 1,000 of the user with the most tasks.
func (l *loader) deepList() error { return l.listOf(0, l.stock.deepCursor) }

var nextCursor = regexp.MustCompile(`[?&](cursor=[^&>]+)`)

// findDeepPage walks to page 1,000 of the user with the most tasks, in longer steps, and keeps its cursor.
func (c *contestant) findDeepPage(b *testing.B) {
	b.Helper()
	l := c.loaders[0]
	for left := (deepPage - 1) * pageSize; left > 0; {
		step := min(left, 2*tasksPerUser) // a longer page would not fit the client
		if _, err := l.do(0, "GET", fmt.Sprintf("?limit=%d%s", step, l.stock.deepCursor), "", 200); err != nil {
			b.Fatal(err)
		}
		found := nextCursor.FindSubmatch(l.link)
		if found == nil {
			b.Fatalf("there is no page after the one with Link %s", l.link)
		}
		l.stock.deepCursor = "&" + string(found[1])
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
	crowds := []crowd{growthCrowd(growthBase), growthCrowd(*growthTasks)}
	var databases []string
	for _, tasks := range crowds {
		databases = append(databases, postgresSetting+loadPostgres(b, server, tasks, programTables))
	}
	contestants := make([]*contestant, len(crowds))
	for i, tasks := range slices.Backward(crowds) { // a client that waited for the many to be read would be cut off
		contestants[i] = newContestant(b, tasks, 1, exec.Command(program), databases[i])
		contestants[i].readAll(b)
		contestants[i].findDeepPage(b)
	}
	for b.Loop() {
		pairs := make([][][2]measurement, len(growthActions))
		for round := range *benchRounds {
			for i, a := range growthActions {
				pairs[i] = append(pairs[i], [2]measurement(takeTurns(b, contestants, round, a)))
			}
		}
		printGrowth(b, pairs)
	}
}

// readAll has the client read everybody's tasks, the longest page of each, so that memory holds them, so far as they fit.
func (c *contestant) readAll(b *testing.B) {
	b.Helper()
	l := c.loaders[0]
	for user := range l.stock.users {
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
		b.Name(), growthBase, *growthTasks, growthCrowd(*growthTasks).asking(), *benchRounds, *benchSlot, *growthBuffers)
	fmt.Fprintln(w, "\tp50\tp50 grown\tratio\tp99\tp99 grown\tratio\t")
	for i, a := range growthActions {
		fmt.Fprintf(w, "%s\t", a.name)
		for _, of := range aspects[1:3] { // p50 and p99
			for who := range 2 {
				fmt.Fprintf(w, "%.0f\t", medianOf(pairs[i], func(pair [2]measurement) float64 { return of.of(pair[who]) }))
			}
			fmt.Fprintf(w, "%.2f\t", medianOf(pairs[i], of.ratio))
		}
		fmt.Fprintln(w)
	}
}

// choices are sets of indexes: those that the migrations make, and what changes them. Room in every page is another way to spend
// memory: it lets updates of columns without an index leave the indexes alone.
var choices = []struct{ name, statement string }{
	{"as migrated", "SELECT 1"},
	{"without completed", "DROP INDEX task_user_id_completed_created_at_id"},
	{"and updated_at", "CREATE INDEX ON tasks (user_id, updated_at, id)"},
	{"and title", `CREATE INDEX ON tasks (user_id, title COLLATE "C", id)`},
	{"fillfactor 90", "ALTER TABLE tasks SET (fillfactor = 90)"},
}

// indexCrowd has users with 1,000, 10,000 and 100,000 tasks, the others have 100.
func indexCrowd() crowd {
	return crowd{prolific: []int{1000, 10_000, 100_000}, users: 2000, each: tasksPerUser}
}

// indexActions are what many clients do at once, and what one does alone.
func indexActions() (together, alone []action) {
	together = []action{{"create", (*loader).create}, {"update", (*loader).update}, {"toggle", (*loader).toggle}, {"delete", (*loader).delete}}
	for _, query := range []string{"status=completed", "sort=updated", "sort=title"} {
		alone = append(alone, action{query + ", 100 tasks", func(l *loader) error { return l.listOf(l.user(), "&"+query) }})
		for user, tasks := range indexCrowd().prolific {
			alone = append(alone, action{fmt.Sprintf("%s, %d tasks", query, tasks), func(l *loader) error { return l.listOf(user, "&"+query) }})
		}
	}
	return together, alone
}

// BenchmarkIndexes measures what every index costs those who write, and what it saves those who read a list that it sorts.
func BenchmarkIndexes(b *testing.B) {
	server, program := startPostgres(b), build(b)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintf(w, "\n%s: %d tasks, %d rounds of %v\n\t", b.Name(), indexCrowd().total(), *benchRounds, *benchSlot)
	many, one := make([]*contestant, len(choices)), make([]*contestant, len(choices))
	databases := clonePostgres(b, server, loadPostgres(b, server, indexCrowd(), programTables), len(choices))
	sizes := make([]float64, len(choices))
	for i, choice := range choices {
		fmt.Fprintf(w, "%s\t", choice.name)
		sizes[i] = changeIndexes(b, databases[i], choice.statement)
	}
	for i := range choices {
		many[i] = newContestant(b, indexCrowd(), connections, exec.Command(program), databases[i])
		one[i] = many[i].alone()
	}
	for b.Loop() {
		together, alone := indexActions()
		measureChoices(b, w, "requests/s", many, together, aspects[0])
		measureChoices(b, w, "p50 in µs", one, alone, aspects[1])
	}
	printChoices(w, "bytes of index a task", [][]float64{sizes})
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

// measureChoices prints a line for each action, a column for each contestant.
func measureChoices(b *testing.B, w io.Writer, unit string, contestants []*contestant, measured []action, of aspect) {
	b.Helper()
	rounds := make([][][]float64, len(measured))
	for round := range *benchRounds {
		for i, a := range measured {
			var numbers []float64
			for _, m := range takeTurns(b, contestants, round, a) {
				numbers = append(numbers, of.of(m))
			}
			rounds[i] = append(rounds[i], numbers)
		}
	}
	for i, a := range measured {
		printChoices(w, a.name+", "+unit, rounds[i])
	}
}

// printChoices prints the median of the rounds for each choice, and that of its ratios to the first.
func printChoices(w io.Writer, name string, rounds [][]float64) {
	fmt.Fprintf(w, "\n%s\t", name)
	for i := range choices {
		var numbers, ratios []float64
		for _, round := range rounds {
			numbers, ratios = append(numbers, round[i]), append(ratios, round[i]/round[0])
		}
		fmt.Fprintf(w, "%.0f (%.2f)\t", median(numbers), median(ratios))
	}
}
