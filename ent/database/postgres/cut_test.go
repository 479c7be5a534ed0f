package postgres_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/viewer"
)

// TestWritesAreNotRepeatedOnceTheyMayBeKept cuts a connection when the server has done what it was
// asked and before its answer arrives. A read is repeated, a write is not: it is kept once, and the
// caller gets to know that nobody knows.
func TestWritesAreNotRepeatedOnceTheyMayBeKept(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		run       func(ctx context.Context, db *database.Database, id uuid.UUID) error
		tag       string // of the answer that is cut
		isRead    bool
		tasks     int  // that there are afterwards
		completed bool // whether the first is completed then
	}{
		"a read": {func(ctx context.Context, db *database.Database, id uuid.UUID) error {
			return second(db.Client.Task.Query().FetchID(ctx, id))
		}, "SELECT", true, 2, false},
		"a list": {func(ctx context.Context, db *database.Database, _ uuid.UUID) error {
			return second(db.Client.Task.Query().Fetch(ctx))
		}, "SELECT", true, 2, false},
		"a create": {func(ctx context.Context, db *database.Database, _ uuid.UUID) error {
			return second(db.Client.Task.Create().SetTitle("Buy bread").Insert(ctx))
		}, "INSERT", false, 3, false},
		"a flip": {func(ctx context.Context, db *database.Database, id uuid.UUID) error {
			return second(db.Client.Task.UpdateOneID(id).FlipCompleted().SaveReturning(ctx))
		}, "UPDATE", false, 2, true},
		"a transaction": {func(ctx context.Context, db *database.Database, id uuid.UUID) error {
			return db.InTx(ctx, func(client *ent.Client) error {
				_, err := client.Task.UpdateOneID(id).FlipCompleted().SaveReturning(ctx)
				return err
			})
		}, "COMMIT", false, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			straight := databasetest.PostgresURL(t)
			way := newWay(t, straight)
			db := databasetest.Open(t, database.Source{PostgresURL: way.url(t, straight)})
			ann := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
			first := db.Client.Task.Create().SetTitle("Buy milk").SaveX(ann)
			db.Client.Task.Create().SetTitle("Buy oats").SaveX(ann)

			way.cutsAfter.Store(&test.tag)
			err := test.run(ann, db, first.ID)
			if way.cutsAfter.Load() != nil {
				t.Fatal("no answer was cut")
			}
			if test.isRead != (err == nil) || err != nil && !database.IsUnavailable(err) {
				t.Errorf("it returns %v", err)
			}
			tasks := db.Client.Task.Query().CountX(ann)
			completed := db.Client.Task.GetX(ann, first.ID).Completed
			if tasks != test.tasks || completed != test.completed {
				t.Errorf("there are %d tasks, the first of them completed: %v", tasks, completed)
			}
		})
	}
}

// TestNoWayOfExecutionRepeatsWrites does the same below Ent, with and without arguments and in
// every way of execution that the URL may name.
func TestNoWayOfExecutionRepeatsWrites(t *testing.T) {
	t.Parallel()
	for _, mode := range executionModes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			straight := databasetest.PostgresURL(t)
			way := newWay(t, straight)
			driver, err := postgres.Open(way.url(t, straight)+"&default_query_exec_mode="+mode, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer driver.Close()
			execute(t, driver.DB(), "CREATE TABLE numbers (n text)")
			kept := 0
			for statement, args := range map[string][]any{
				"INSERT INTO numbers VALUES ('1')": {},
				"INSERT INTO numbers VALUES ($1)":  {"2"},
			} {
				for name, run := range map[string]func() error{
					"Exec": func() error { return driver.Exec(t.Context(), statement, slices.Clone(args), nil) },
					"Query": func() error {
						rows := &entsql.Rows{}
						if err := driver.Query(t.Context(), statement+" RETURNING n", slices.Clone(args), rows); err != nil {
							return err
						}
						return rows.Close()
					},
				} {
					if err := run(); err != nil { // what is prepared is prepared now
						t.Fatal(err)
					}
					tag := "INSERT"
					way.cutsAfter.Store(&tag)
					if err := run(); !database.IsUnavailable(err) || way.cutsAfter.Load() != nil {
						t.Errorf("%s %q returns %v", name, statement, err)
					}
					kept += 2
					if n := ask[int](t, driver.DB(), "SELECT count(*) FROM numbers"); n != kept {
						t.Fatalf("after %s %q there are %d rows, want %d", name, statement, n, kept)
					}
				}
			}
		})
	}
}

// way is a way to a server on which an answer can get lost.
type way struct {
	listener  net.Listener
	target    string
	cutsAfter atomic.Pointer[string] // the tag of the command whose answer is cut; nil: of none
}

func newWay(t *testing.T, target string) *way {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	w := &way{listener: listener, target: u.Host}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go w.serve(client)
		}
	}()
	return w
}

// url returns the target's URL by this way.
func (w *way) url(t *testing.T, target string) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = w.listener.Addr().String()
	return u.String()
}

func (w *way) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		defer server.Close()
		io.Copy(server, client)
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if w.isCut(buffer[:n]) || err != nil {
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// readyForQuery is what the server says when it has done something outside of a transaction
// (PostgreSQL documentation, section 55.7).
const readyForQuery = "Z\x00\x00\x00\x05I"

// isCut reports whether the connection is cut instead of passing on the end of an answer, which
// says that the command is done.
func (w *way) isCut(answer []byte) bool {
	tag := w.cutsAfter.Load()
	return tag != nil && bytes.HasSuffix(answer, []byte(readyForQuery)) && bytes.Contains(answer, []byte(*tag)) &&
		w.cutsAfter.CompareAndSwap(tag, nil)
}
