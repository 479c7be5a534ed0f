package bench

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-backend/ent/database/pgtest"
)

// indexSet is the indexes that the migrations make, and one beside them.
type indexSet struct {
	name             string   // of the column
	postgres, sqlite string   // the columns of the index; empty where the database has none that would serve
	queries          []string // the lists that it might serve
}

// indexSets begins with the indexes as they are.
var indexSets = []indexSet{
	{name: "as it is"},
	{"completed", "(user_id, completed, id)", "(user_id, completed, id)", []string{"status=completed"}},
	{"updated_at", "(user_id, updated_at, id)", "(user_id, updated_at, id)", []string{"sort=updated"}},
	{"title", `(user_id, title COLLATE "C", id)`, "(user_id, title, id)", []string{"sort=title"}},
	{"priority", "(user_id, priority, id)", "(user_id, priority, id)", []string{"sort=priority", "priority=critical"}},
	{"due_begin", "(user_id, due_begin, id)", "(user_id, due_begin, id)", []string{"sort=due_date", "due_from=2026-02-10&due_to=2026-02-11"}},
	{"tags", "USING gin (tags jsonb_path_ops)", "", []string{"tags=Garden"}},
}

// indexDataset has users with 10,000 and 100,000 tasks, the others have 100.
func indexDataset() dataset {
	return dataset{large: []int{10_000, 100_000}, users: 2000, each: tasksPerUser}
}

// indexWrites are what many clients do at once.
var indexWrites = []action{
	{"create", (*loadClient).create},
	{"edit", (*loadClient).edit},
	{"update", (*loadClient).update},
	{"toggle", (*loadClient).toggle},
	{"delete", (*loadClient).delete},
}

// edit is what a dialog sends that shows all of a task: each field gets another value.
func (l *loadClient) edit() error {
	body := fmt.Sprintf(`{"title":"Task %d, as it is now","priority":%q,"due_date":"2026-02-%02d","timezone":null,"tags":[%q]}`,
		l.random.IntN(1000), priorities[l.random.IntN(len(priorities))], 1+l.random.IntN(28), datasetTagNames[l.random.IntN(len(datasetTagNames))])
	return l.one("PATCH", "", body)
}

// indexBench measures databases that differ by their indexes.
type indexBench struct {
	sets  []indexSet
	sizes []float64      // bytes of index a task
	many  []*benchServer // with many clients
	one   []*benchServer // the same with one
}

// BenchmarkIndexes measures what every index costs those who write, and what it saves those who read a list that it might serve.
func BenchmarkIndexes(b *testing.B) {
	program := build(b)
	b.Run("postgres", func(b *testing.B) {
		server := startPostgres(b)
		bench := &indexBench{sets: indexSets}
		databases := clonePostgres(b, server, loadWithRoom(b, server), len(bench.sets))
		for i, database := range databases {
			bench.sizes = append(bench.sizes, addPostgresIndex(b, database, bench.sets[i].postgres))
		}
		bench.start(b, program, databases)
		for b.Loop() {
			bench.run(b)
			bench.measureWAL(b, server, databases)
		}
	})
	b.Run("sqlite", func(b *testing.B) {
		bench := &indexBench{}
		filled := fillSQLite(b, indexDataset(), programTables)
		var databases []string
		for _, set := range indexSets {
			if set.name != indexSets[0].name && set.sqlite == "" {
				continue
			}
			path := copyFile(b, filled)
			bench.sets = append(bench.sets, set)
			bench.sizes = append(bench.sizes, addSQLiteIndex(b, path, set.sqlite))
			databases = append(databases, sqliteSetting+path)
		}
		bench.start(b, program, databases)
		for b.Loop() {
			bench.run(b)
		}
	})
}

// loadWithRoom loads the dataset with a tenth of every page left free, as in a table whose rows have come and gone. Where a page is full
// no update can leave the indexes alone (https://www.postgresql.org/docs/15/storage-hot.html).
func loadWithRoom(b *testing.B, server *pgtest.Server) (url string) {
	b.Helper()
	url = loadPostgres(b, server, indexDataset(), programTables)
	onPostgres(b, url, "ALTER TABLE tasks SET (fillfactor = 90)", "VACUUM FULL tasks", "ALTER TABLE tasks RESET (fillfactor)", "VACUUM ANALYZE tasks")
	return url
}

// onPostgres runs statements.
func onPostgres(b *testing.B, url string, statements ...string) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context())
	if err := execAll(b.Context(), conn, statements...); err != nil {
		b.Fatal(err)
	}
}

// queryPostgres returns the one row of a query.
func queryPostgres(b *testing.B, url, query string, targets ...any) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context())
	if err := conn.QueryRow(b.Context(), query).Scan(targets...); err != nil {
		b.Fatal(err)
	}
}

// addPostgresIndex returns how many bytes of index there are for every task.
func addPostgresIndex(b *testing.B, setting, columns string) (bytes float64) {
	b.Helper()
	url := strings.TrimPrefix(setting, postgresSetting)
	if columns != "" {
		onPostgres(b, url, "CREATE INDEX ON tasks "+columns)
	}
	onPostgres(b, url, "VACUUM ANALYZE tasks", "CHECKPOINT")
	queryPostgres(b, url, "SELECT pg_indexes_size('tasks')::float8 / count(*) FROM tasks", &bytes)
	return bytes
}

// addSQLiteIndex returns how many bytes of index there are for every task.
func addSQLiteIndex(b *testing.B, path, columns string) (bytes float64) {
	b.Helper()
	pool, err := openSQLite(path, 1)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	if columns != "" {
		if _, err := pool.ExecContext(b.Context(), "CREATE INDEX candidate ON tasks "+columns); err != nil {
			b.Fatal(err)
		}
	}
	const size = `SELECT (SELECT SUM(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'tasks')) * 1.0
		/ (SELECT COUNT(*) FROM tasks)`
	if err := pool.QueryRowContext(b.Context(), size).Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	return bytes
}

func copyFile(b *testing.B, path string) string {
	b.Helper()
	from, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(filepath.Join(b.TempDir(), "copy.db"))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		b.Fatal(err)
	}
	if err := to.Close(); err != nil {
		b.Fatal(err)
	}
	return to.Name()
}

func (x *indexBench) start(b *testing.B, program string, databases []string) {
	b.Helper()
	for _, database := range databases {
		server := startServer(b, indexDataset(), connections, exec.Command(program), database)
		x.many, x.one = append(x.many, server), append(x.one, server.withOneClient())
	}
}

func (x *indexBench) run(b *testing.B) {
	b.Helper()
	for _, server := range x.many {
		server.measure(b, mix, *benchSlot) // warms up
	}
	x.measureReads(b)
	x.measureWrites(b)
}

// measureReads prints the median time of a list without an index of its own and with it.
func (x *indexBench) measureReads(b *testing.B) {
	b.Helper()
	t := newTable("%s: p50 in µs of a page of %d, one client, without the index and with it", b.Name(), pageSize)
	t.row("", "index by", "100 tasks", "10,000 tasks", "100,000 tasks")
	for i, set := range x.sets {
		for _, query := range set.queries {
			cells := []string{"`" + query + "`", "`" + set.name + "`"}
			lists := []action{{query, func(l *loadClient) error { return l.listOf(l.user(), "&"+query) }}}
			for user := range indexDataset().large {
				lists = append(lists, action{query, func(l *loadClient) error { return l.listOf(user, "&"+query) }})
			}
			for _, list := range lists {
				times := x.medians(b, []*benchServer{x.one[0], x.one[i]}, list, metrics[1])
				cells = append(cells, thousands(times[0])+" → "+thousands(times[1]))
			}
			t.row(cells...)
		}
	}
	t.print()
}

// medians measures an action with each server in turns, and returns the median of the rounds.
func (x *indexBench) medians(b *testing.B, servers []*benchServer, a action, of metric) []float64 {
	b.Helper()
	rounds := make([][]float64, len(servers))
	for round := range *benchRounds {
		for i, m := range takeTurns(b, servers, round, a) {
			rounds[i] = append(rounds[i], of.of(m))
		}
	}
	all := make([]float64, len(servers))
	for i, numbers := range rounds {
		all[i] = median(numbers)
	}
	return all
}

// measureWrites prints the requests a second of many clients as they are, and with each index as part of that.
func (x *indexBench) measureWrites(b *testing.B) {
	b.Helper()
	t := newTable("%s: %s tasks, requests/s of %d clients, %d rounds of %v", b.Name(), thousands(float64(indexDataset().total())), connections, *benchRounds, *benchSlot)
	x.header(t)
	cells := []string{"bytes of index a task"}
	for _, size := range x.sizes {
		cells = append(cells, thousands(size))
	}
	t.row(cells...)
	for _, a := range indexWrites {
		rates := x.medians(b, x.many, a, metrics[0])
		cells := []string{a.name + ", requests/s", thousands(rates[0])}
		for _, rate := range rates[1:] {
			cells = append(cells, asRatio(rate/rates[0]))
		}
		t.row(cells...)
	}
	t.print()
}

func (x *indexBench) header(t *textTable) {
	cells := []string{""}
	for i, set := range x.sets {
		name := set.name
		if i > 0 {
			name = "and `" + name + "`"
		}
		cells = append(cells, name)
	}
	t.row(cells...)
}

// measureWAL prints how much of the write-ahead log an operation writes, without the images of whole pages that follow a checkpoint, and
// how many of the updates leave the indexes alone.
func (x *indexBench) measureWAL(b *testing.B, server *pgtest.Server, databases []string) {
	b.Helper()
	onPostgres(b, server.URL("postgres"), "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
	defer onPostgres(b, server.URL("postgres"), "ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()")
	t := newTable("%s: bytes of WAL an operation (%% of updates that are HOT)", b.Name())
	x.header(t)
	for _, a := range indexWrites {
		cells := []string{a.name}
		begin := x.updates(b, databases)
		var written []float64
		for i, s := range x.many {
			url := strings.TrimPrefix(databases[i], postgresSetting)
			var before, after float64
			const position = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8"
			queryPostgres(b, url, position, &before)
			count := len(s.measure(b, a, *benchSlot).times)
			queryPostgres(b, url, position, &after)
			written = append(written, (after-before)/float64(count))
		}
		end := x.updates(b, databases)
		for i, bytes := range written {
			cell := thousands(bytes)
			if all := end[i].all - begin[i].all; all > 0 {
				cell += fmt.Sprintf(" (%.0f)", 100*(end[i].hot-begin[i].hot)/all)
			}
			cells = append(cells, cell)
		}
		t.row(cells...)
	}
	t.print()
}

// updateCount is how many rows were updated, and how many of these without a write to any index.
type updateCount struct{ all, hot float64 }

// updates are counted by the server. A connection tells its counts with a statement, at least a second after it did so before.
func (x *indexBench) updates(b *testing.B, databases []string) []updateCount {
	b.Helper()
	time.Sleep(1100 * time.Millisecond)
	counts := make([]updateCount, len(databases))
	for i, s := range x.many {
		s.measure(b, action{"get", (*loadClient).get}, 50*time.Millisecond)
		queryPostgres(b, strings.TrimPrefix(databases[i], postgresSetting),
			"SELECT n_tup_upd::float8, n_tup_hot_upd::float8 FROM pg_stat_user_tables WHERE relname = 'tasks'", &counts[i].all, &counts[i].hot)
	}
	return counts
}
