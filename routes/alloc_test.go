//go:build !race

package routes_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/task"
	"todo-backend/middleware/token"
	"todo-backend/routes"
)

// budgets are how many allocations a request may cost from the router to the encoded answer, the database left out: what was
// measured, and a tenth.
var budgets = []struct {
	name, method, path, body string
	rows                     int // of the database's answer
	allocations              float64
}{
	{"get", "GET", "/api/tasks/01a20581-d9cb-7e4e-b294-8ffd5c98818f", "", 1, 48},
	{"list of 50", "GET", "/api/tasks?limit=50", "", 51, 345},
	{"create", "POST", "/api/tasks", `{"title":"Buy milk","description":"Two litres"}`, 0, 92},
	{"delete", "DELETE", "/api/tasks/01a20581-d9cb-7e4e-b294-8ffd5c98818f", "", 0, 33},
	{"update", "PATCH", "/api/tasks/01a20581-d9cb-7e4e-b294-8ffd5c98818f", `{"title":"Buy oat milk"}`, 1, 86},
}

// TestAllocations counts, since allocations do not depend on how busy the machine is.
func TestAllocations(t *testing.T) { //nolint:paralleltest // others' allocations would be counted
	for _, r := range budgets {
		serve := handlerOn(t, r.rows)
		ctx := newRequest(sign(t, "ann"), r.method, r.path, r.body)
		got := testing.AllocsPerRun(200, func() {
			serveAgain(serve, ctx)
		})
		if status := ctx.Response.StatusCode(); status >= 300 {
			t.Fatalf("%s is answered with %d %s", r.name, status, ctx.Response.Body())
		}
		t.Logf("%s: %.0f allocations", r.name, got)
		if got > r.allocations {
			t.Errorf("%s costs %.0f allocations, its budget is %.0f", r.name, got, r.allocations)
		}
	}
}

// BenchmarkHandler is the same work for a profiler: go test -bench Handler -cpuprofile cpu.out.
func BenchmarkHandler(b *testing.B) {
	for _, r := range budgets {
		b.Run(strings.ReplaceAll(r.name, " ", "-"), func(b *testing.B) {
			serve := handlerOn(b, r.rows)
			ctx := newRequest(sign(b, "ann"), r.method, r.path, r.body)
			b.ReportAllocs()
			for b.Loop() {
				serveAgain(serve, ctx)
			}
		})
	}
}

// TestTokenAllocations compares the verification of a token with what golang-jwt takes for it by itself.
func TestTokenAllocations(t *testing.T) { //nolint:paralleltest // others' allocations would be counted
	verifier := token.NewVerifier(t.Context(), token.Rules{Secret: secret})
	text := sign(t, "ann")
	ours := testing.AllocsPerRun(200, func() {
		if _, err := verifier.Verify(text); err != nil {
			t.Fatal(err)
		}
	})
	key := func(*jwt.Token) (any, error) { return []byte(secret), nil }
	alone := testing.AllocsPerRun(200, func() {
		if _, err := jwt.ParseWithClaims(text, jwt.MapClaims{}, key); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%.0f allocations, golang-jwt alone %.0f", ours, alone)
	if ours > alone*1.1 {
		t.Errorf("verifying a token costs %.0f allocations, golang-jwt alone %.0f", ours, alone)
	}
}

func BenchmarkToken(b *testing.B) {
	text := sign(b, "ann")
	b.Run("ours", func(b *testing.B) {
		verifier := token.NewVerifier(b.Context(), token.Rules{Secret: secret})
		b.ReportAllocs()
		for b.Loop() {
			_, _ = verifier.Verify(text)
		}
	})
	b.Run("alone", func(b *testing.B) {
		key := func(*jwt.Token) (any, error) { return []byte(secret), nil }
		b.ReportAllocs()
		for b.Loop() {
			_, _ = jwt.ParseWithClaims(text, jwt.MapClaims{}, key)
		}
	})
}

// handlerOn is the application over a database whose every answer is the same rows.
func handlerOn(tb testing.TB, rows int) fasthttp.RequestHandler {
	tb.Helper()
	pool := sql.OpenDB(constantDriver(rows))
	tb.Cleanup(func() { pool.Close() })
	return handlerFor(tb, ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, pool))))
}

// handlerFor is the application on a client.
func handlerFor(tb testing.TB, client *ent.Client) fasthttp.RequestHandler {
	tb.Helper()
	logger := slog.New(slog.NewJSONHandler(io.Discard, nil)) //nolint:sloglint // a line is written as in production, only not to anywhere
	app, err := routes.New(routes.Dependencies{
		Client:   client,
		Verifier: token.NewVerifier(tb.Context(), token.Rules{Secret: secret}),
		Logger:   logger,
	}, config.Config{Format: config.FormatPlain, RequestTimeout: 10 * time.Second, CORSOrigins: []string{origin}})
	if err != nil {
		tb.Fatal(err)
	}
	return app.Handler()
}

// constantDriver is a database driver that answers each statement with so many rows, or with one row changed. It allocates as little
// as it can, since its allocations are counted with those of the application.
type constantDriver int

func (n constantDriver) Connect(context.Context) (driver.Conn, error) { return n, nil }

func (n constantDriver) Driver() driver.Driver { return nil }

func (n constantDriver) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }

func (n constantDriver) Begin() (driver.Tx, error) { return nil, driver.ErrSkip }

func (n constantDriver) Close() error { return nil }

// CheckNamedValue leaves the arguments as they are, as pgx does.
func (n constantDriver) CheckNamedValue(*driver.NamedValue) error { return nil }

func (n constantDriver) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}

func (n constantDriver) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return &sameRows{left: int(n)}, nil
}

// sameRows are tasks that are all the same.
type sameRows struct{ left int }

// readColumns are those that a read asks for.
var readColumns = slices.DeleteFunc(slices.Clone(task.Columns), func(column string) bool {
	return strings.HasPrefix(column, "folded_") || column == task.FieldDueEnd
})

// sameRow is a task as the database returns it.
var sameRow = map[string]driver.Value{
	task.FieldID: uuid.NewString(), task.FieldUserID: strings.Repeat("u", 32), task.FieldCreatedAt: time.UnixMicro(1), task.FieldUpdatedAt: time.UnixMicro(1),
	task.FieldTitle: "Task 1 of many that are to be done", task.FieldDescription: "It has to be done by the end of the week",
	task.FieldCompleted: true, task.FieldStarted: false, task.FieldPriority: int64(2), task.FieldRepeatFrom: int64(0), task.FieldTags: []byte(`[]`),
	task.FieldDerivedAt: time.UnixMicro(1), task.FieldCompletedAt: time.UnixMicro(1),
}

func (r *sameRows) Columns() []string { return readColumns }

func (r *sameRows) Close() error { return nil }

func (r *sameRows) Next(into []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	for i, column := range readColumns {
		into[i] = sameRow[column]
	}
	return nil
}
