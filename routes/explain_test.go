package routes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	entdialect "entgo.io/ent/dialect"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/resource"
	"todo-backend/ent/viewer"
)

// explained is a list that clients ask for, and what its plan must be like.
type explained struct {
	query    string
	equal    []string // the columns by whose values the index is entered
	sorted   bool     // by the index: a page is read from it in order, and nothing but the page
	filtered bool     // by what no index has: of the user's rows some are thrown away
}

// everyList is each order with each filter. Indexes sort the default one; in another they find the user's rows.
func everyList() (lists []explained) {
	for _, sort := range []string{"created", "updated", "title", "due_date", "priority", "status", "completed_at"} {
		for _, order := range []string{"asc", "desc"} {
			for _, status := range []string{"all", "pending", "completed"} {
				list := explained{fmt.Sprintf("limit=50&sort=%s&order=%s&status=%s", sort, order, status), []string{"user_id"}, sort == "created", false}
				list.filtered = status != "all"
				lists = append(lists, list)
			}
		}
	}
	for _, filter := range []string{
		"status=in_progress", "status=overdue", "status=completed,overdue", "priority=high", "priority=high,low", "search=a", "search=a+b", "tags=work", "tags=work,home", "no_tags=true",
		"due_from=2026-01-01", "due_to=2027-01-01", "due_from=2026-01-01T00:00&due_to=2027-01-01T00:00Z", "overdue=true", "overdue=false", "has_due_date=true", "has_due_date=false",
		"is_recurring=true", "is_recurring=false", "due_date=2026-01-05", "due=overdue&priority=medium&search=a&tags=work",
	} {
		lists = append(lists, explained{"limit=20&" + filter, []string{"user_id"}, true, true}, explained{"limit=20&sort=due_date&" + filter, []string{"user_id"}, false, true})
	}
	return lists
}

// TestListPlans asks the databases how they answer the very statements that the handler sends, for the first page of a list,
// for the one after it and for one by its offset. Ann owns most of what there is: to read all of it and throw others' away is
// tempting.
func TestListPlans(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, _ *database.Database, raw *databasetest.Raw) {
		populate(t, raw)
		for _, list := range append(everyList(), explained{"", []string{"user_id"}, true, false}) {
			for _, counted := range []bool{false, true} {
				list.checkPages(t, raw, counted)
			}
		}
	})
}

func (e explained) checkPages(t *testing.T, raw *databasetest.Raw, counted bool) {
	t.Helper()
	first, next := sendList(t, raw, e.query, counted)
	e.check(t, explain(t, raw, first), counted)
	skipping, _ := sendList(t, raw, e.query+"&offset=100", counted)
	e.check(t, explain(t, raw, skipping), counted)
	second, _ := sendList(t, raw, e.query+"&cursor="+next, counted)
	plan := explain(t, raw, second)
	e.check(t, plan, counted)
	if e.sorted && !slices.ContainsFunc(plan.entries, isEnteredAtCursor) {
		t.Errorf("%q: the second page begins at the start of the index: %+v", e.query, plan)
	}
}

// check allows a list that is counted to sort its page, which it does after it has read it.
func (e explained) check(t *testing.T, p plan, counted bool) {
	t.Helper()
	for _, entry := range p.entries {
		if !enteredBy(entry, e.equal) {
			t.Errorf("%q, counted %v: the index is not entered by %v, but by %s", e.query, counted, e.equal, entry)
		}
	}
	if len(p.entries) == 0 || p.scans {
		t.Errorf("%q, counted %v: not every row is found by an index: %+v", e.query, counted, p)
	}
	if e.sorted && (p.discards && !e.filtered || p.sorts && !counted) {
		t.Errorf("%q, counted %v: rows are sorted or thrown away: %+v", e.query, counted, p)
	}
}

// populate makes tasks of many users, three quarters of them Ann's, one in ten completed, two in three due.
func populate(t *testing.T, raw *databasetest.Raw) {
	t.Helper()
	const (
		owner   = `CASE WHEN i % 4 > 0 THEN 'ann' ELSE 'user ' || (i % 50) END`
		columns = `INSERT INTO tasks (id, user_id, title, completed, started, priority, due_date, recurrence_rule, folded_title, ` +
			`tags, folded_tags, created_at, updated_at, due_begin, due_end) `
		same = owner + `, 'title ' || i, i % 10 = 0, i % 7 = 0, i % 6, CASE WHEN i % 3 < 2 THEN '2026-01-05' END, ` +
			`CASE WHEN i % 2 = 0 THEN 'FREQ=DAILY' END, 'title a b ' || i, `
		tags = `CASE WHEN i % 2 = 0 THEN '[]' ELSE '["work","home"]' END`
	)
	if raw.Dialect == entdialect.Postgres {
		raw.Must(t, columns+`SELECT gen_random_uuid(), `+same+`(`+tags+`)::jsonb, '[]', now() - i * interval '1 minute', now() - i * interval '1 second',
			CASE WHEN i % 3 < 2 THEN timestamptz '2026-01-05Z' END, CASE WHEN i % 3 < 2 THEN timestamptz '2026-01-06Z' END
			FROM generate_series(1, 6000) i`)
		raw.Must(t, "VACUUM ANALYZE tasks")
		// All tasks fit in a few pages: reading and sorting them is cheap here. What matters is what the indexes can do. What is
		// off and used nonetheless counts as so expensive that it would be compiled.
		raw.Must(t, "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; SET jit = off")
		return
	}
	raw.Must(t, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) `+columns+
		`SELECT hex(randomblob(16)), `+same+tags+`, '[]', 1800000000000000 - i * 60000000, 1800000000000000 - i * 1000000,
		CASE WHEN i % 3 < 2 THEN 1767571200000000 END, CASE WHEN i % 3 < 2 THEN 1767657600000000 END FROM n`)
}

// sendList lets the list's own code send its statement for Ann, and returns that and the cursor of the next page.
func sendList(t *testing.T, raw *databasetest.Raw, query string, counted bool) (statement databasetest.Statement, next string) {
	t.Helper()
	format := config.FormatPlain
	if counted {
		format = config.FormatWrapped
	}
	h, err := newTasks(raw.Client, settings{Config: config.Config{Format: format}})
	if err != nil {
		t.Fatal(err)
	}
	var args fasthttp.Args
	args.Parse(query)
	list, err := h.table.ParseList("ann", args.All())
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	ctx := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	var p resource.Page[ent.Task]
	sent := raw.Sent(func() {
		rows, total, failed := h.store.List(ctx, list.Query(counted))
		p, err = h.table.Page(list, rows, total), failed
	})
	if err != nil || len(sent) != 1 || len(p.Items) != list.Limit || p.Next == "" {
		t.Fatalf("%s: %d statements, %d tasks: %v", query, len(sent), len(p.Items), err)
	}
	return sent[0], p.Next
}

// plan is how a database answers a statement.
type plan struct {
	entries  []string // the conditions under which an index of tasks is entered
	scans    bool     // tasks are read otherwise
	sorts    bool     // rows are sorted
	discards bool     // rows are read and thrown away
	text     string
}

// bare leaves of a condition what both databases write alike.
var bare = strings.NewReplacer(" ", "", "(", "", ")", "", "::text", "")

func enteredBy(entry string, columns []string) bool {
	return !slices.ContainsFunc(columns, func(column string) bool {
		return !strings.Contains(bare.Replace(entry), column+"=")
	})
}

func isEnteredAtCursor(entry string) bool {
	entry = bare.Replace(entry)
	return strings.Contains(entry, "id<") || strings.Contains(entry, "id>")
}

func explain(t *testing.T, raw *databasetest.Raw, s databasetest.Statement) plan {
	t.Helper()
	if raw.Dialect == entdialect.Postgres {
		return explainPostgres(t, raw, s)
	}
	return explainSQLite(t, raw, s)
}

func explainSQLite(t *testing.T, raw *databasetest.Raw, s databasetest.Statement) (p plan) {
	t.Helper()
	for _, row := range raw.Strings(t, "EXPLAIN QUERY PLAN "+s.Query, s.Args...) {
		step := row[len(row)-1]
		p.text += step + "\n"
		_, entry, uses := strings.Cut(step, "SEARCH tasks USING ")
		switch {
		case uses:
			p.entries = append(p.entries, entry)
		case strings.Contains(step, "SCAN tasks"):
			p.scans = true
		case strings.Contains(step, "TEMP B-TREE"):
			p.sorts = true
		}
	}
	return p
}

// explainPostgres also runs the statement, to see what it discards. It is planned without its values,
// as a statement is that has been prepared for long: limits and places in the list are among them.
func explainPostgres(t *testing.T, raw *databasetest.Raw, s databasetest.Statement) (p plan) {
	t.Helper()
	raw.Must(t, "SET plan_cache_mode = force_generic_plan")
	raw.Must(t, "PREPARE explained AS "+s.Query)
	defer raw.Must(t, "DEALLOCATE explained")
	values := make([]string, len(s.Args))
	for i, arg := range s.Args {
		values[i] = literal(t, arg)
	}
	var steps []struct{ Plan node }
	execute := "EXECUTE explained (" + strings.Join(values, ", ") + ")"
	text := raw.Strings(t, "EXPLAIN (ANALYZE, FORMAT JSON) "+execute)[0][0]
	if err := json.Unmarshal([]byte(strings.Trim(text, "'")), &steps); err != nil {
		t.Fatal(err)
	}
	p.text = text
	p.add(steps[0].Plan)
	return p
}

// literal is an argument as it stands in a statement.
func literal(t *testing.T, arg any) string {
	t.Helper()
	switch arg := arg.(type) {
	case time.Time:
		return "'" + arg.Format(time.RFC3339Nano) + "'"
	case []int:
		return "'{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(arg), " ", ","), "[]") + "}'"
	case string, int, int64, bool, uuid.UUID:
		return "'" + strings.ReplaceAll(fmt.Sprint(arg), "'", "''") + "'"
	}
	t.Fatalf("an argument is %T", arg)
	return ""
}

// node is a step of a plan of Postgres.
type node struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Entry    string  `json:"Index Cond"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Steps    []node  `json:"Plans"`
}

func (p *plan) add(n node) {
	switch {
	case n.Entry != "":
		p.entries = append(p.entries, n.Entry)
	case n.Relation == "tasks" && n.Type != "Bitmap Heap Scan":
		p.scans = true
	}
	p.sorts = p.sorts || strings.HasSuffix(n.Type, "Sort")
	p.discards = p.discards || n.Filtered > 0
	for _, step := range n.Steps {
		p.add(step)
	}
}
