package stmt_test

import (
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"todo-backend/ent/stmt"
)

var (
	table = stmt.NewTable("things", []string{"id", "name", "done"})
	byAge = stmt.NewKeyset(stmt.Column("age"), true, "id")
	byRaw = stmt.NewKeyset(stmt.Text{Postgres: `"name" COLLATE "C"`, SQLite: `"name"`}, false, "id")
	byID  = stmt.KeysetByID("id")
	at    = time.Date(2026, 1, 5, 9, 30, 0, 0, time.UTC)
)

// written are statements, and what is written of them for each database.
var written = []struct {
	name             string
	write            func(dialect string) (string, []any)
	postgres, sqlite string
	args             []any
}{
	{
		"all rows",
		func(d string) (string, []any) { return table.Select(d, nil, nil, stmt.Page{}) },
		`SELECT "id", "name", "done" FROM "things"`,
		`SELECT "id", "name", "done" FROM "things"`,
		nil,
	},
	{
		"a page of a list",
		func(d string) (string, []any) {
			return table.Select(d,
				[]stmt.Cond{stmt.Equal("done", true), stmt.Where(stmt.SQL(`"name" = ? OR "age" > ?`), "x", 7)},
				[]stmt.Text{byRaw.Order(true)},
				stmt.Page{After: []stmt.Cond{byRaw.After(true, "m", 5)}, Limit: 51, Offset: 100},
			)
		},
		`SELECT "id", "name", "done" FROM "things" WHERE "done" = $1 AND ("name" = $2 OR "age" > $3) ` +
			`AND (("name" COLLATE "C", "id") < ($4, $5)) ORDER BY "name" COLLATE "C" DESC, "id" DESC LIMIT $6 OFFSET $7`,
		`SELECT "id", "name", "done" FROM "things" WHERE "done" = ? AND ("name" = ? OR "age" > ?) ` +
			`AND (("name", "id") < (?, ?)) ORDER BY "name" DESC, "id" DESC LIMIT ? OFFSET ?`,
		[]any{true, "x", 7, "m", 5, int64(51), int64(100)},
	},
	{
		"rows that nobody else changes meanwhile",
		func(d string) (string, []any) {
			return table.Select(d, []stmt.Cond{stmt.Equal("done", true)}, []stmt.Text{byID.Order(false)}, stmt.Page{Limit: 1, Lock: true})
		},
		`SELECT "id", "name", "done" FROM "things" WHERE "done" = $1 ORDER BY "id" LIMIT $2 FOR UPDATE`,
		`SELECT "id", "name", "done" FROM "things" WHERE "done" = ? ORDER BY "id" LIMIT ?`,
		[]any{true, int64(1)},
	},
	{
		"several rows, of which one lacks a column",
		func(d string) (string, []any) {
			return table.InsertRows(d, []string{"id", "name", "done"}, [][]stmt.Set{
				{stmt.Assign("done", true), stmt.Assign("id", 1), stmt.Assign("name", "x")}, {stmt.Assign("id", 2), stmt.Assign("done", false)},
			})
		},
		`INSERT INTO "things" ("id", "name", "done") VALUES ($1, $2, $3), ($4, $5, $6)`,
		`INSERT INTO "things" ("id", "name", "done") VALUES (?, ?, ?), (?, ?, ?)`,
		[]any{1, "x", true, 2, nil, false},
	},
	{
		"a value of its own for each row",
		func(d string) (string, []any) {
			return table.Update(d, []stmt.Set{
				stmt.PerRow("name", "id", stmt.KindText, map[uuid.UUID]any{{1}: "x", {2}: nil}),
			}, []stmt.Cond{stmt.Equal("done", true)})
		},
		`UPDATE "things" SET "name" = (CAST($1 AS jsonb) ->> CAST("id" AS text))::text WHERE "done" = $2 RETURNING "id", "name", "done"`,
		`UPDATE "things" SET "name" = json_extract(?, '$."' || "id" || '"') WHERE "done" = ? RETURNING "id", "name", "done"`,
		[]any{`{"01000000-0000-0000-0000-000000000000":"x","02000000-0000-0000-0000-000000000000":null}`, true},
	},
	{
		"an offset without a limit",
		func(d string) (string, []any) {
			return table.Select(d, nil, []stmt.Text{byID.Order(false)}, stmt.Page{Offset: 3})
		},
		`SELECT "id", "name", "done" FROM "things" ORDER BY "id" OFFSET $1`,
		`SELECT "id", "name", "done" FROM "things" ORDER BY "id" LIMIT -1 OFFSET ?`,
		[]any{int64(3)},
	},
	{
		"a counted page",
		func(d string) (string, []any) {
			return table.SelectCounted(d,
				[]stmt.Cond{stmt.Equal("owner", "ann")},
				[]stmt.Text{byAge.Order(false)},
				stmt.Page{After: []stmt.Cond{byAge.After(false, 40, 5)}, Limit: 2},
			)
		},
		`SELECT "counted_rows", "id", "name", "done" FROM (SELECT "id", "name", "done" FROM "things" WHERE "owner" = $1 ` +
			`AND (("age", "id") > ($2, $3) OR "age" IS NULL) ORDER BY "age" NULLS LAST, "id" LIMIT $4) AS "page" ` +
			`RIGHT JOIN (SELECT COUNT(*) AS "counted_rows" FROM "things" WHERE "owner" = $5) AS "counted" ON TRUE ` +
			`ORDER BY "age" NULLS LAST, "id"`,
		`SELECT "counted_rows", "id", "name", "done" FROM (SELECT "id", "name", "done" FROM "things" WHERE "owner" = ? ` +
			`AND (("age", "id") > (?, ?) OR "age" IS NULL) ORDER BY "age" NULLS LAST, "id" LIMIT ?) AS "page" ` +
			`RIGHT JOIN (SELECT COUNT(*) AS "counted_rows" FROM "things" WHERE "owner" = ?) AS "counted" ON TRUE ` +
			`ORDER BY "age" NULLS LAST, "id"`,
		[]any{"ann", 40, 5, int64(2), "ann"},
	},
	{
		"after a row without a key, and by the id alone",
		func(d string) (string, []any) {
			after := []stmt.Cond{byAge.After(true, nil, 5), byID.After(true, "ignored", 6)}
			return table.Select(d, nil, []stmt.Text{byAge.Order(true), byID.Order(true)}, stmt.Page{After: after})
		},
		`SELECT "id", "name", "done" FROM "things" WHERE ("age" IS NULL AND "id" < $1) AND ("id" < $2) ` +
			`ORDER BY "age" DESC NULLS LAST, "id" DESC, "id" DESC`,
		`SELECT "id", "name", "done" FROM "things" WHERE ("age" IS NULL AND "id" < ?) AND ("id" < ?) ` +
			`ORDER BY "age" DESC NULLS LAST, "id" DESC, "id" DESC`,
		[]any{5, 6},
	},
	{
		"an insert",
		func(d string) (string, []any) {
			return table.Insert(d, []stmt.Set{stmt.Assign("id", 1), stmt.Assign("name", "x"), stmt.Null("done")})
		},
		`INSERT INTO "things" ("id", "name", "done") VALUES ($1, $2, NULL)`,
		`INSERT INTO "things" ("id", "name", "done") VALUES (?, ?, NULL)`,
		[]any{1, "x"},
	},
	{
		"an update",
		func(d string) (string, []any) {
			sets := stmt.Override([]stmt.Set{stmt.Assign("name", "x"), stmt.Assign("done", true)}, []stmt.Set{
				stmt.Not("done"),
				stmt.Later("at", at),
				stmt.Expr("first", stmt.SQL(`CASE WHEN {column} IS NULL THEN ? ELSE {column} END`), at),
			})
			return table.Update(d, sets, []stmt.Cond{stmt.Equal("owner", "ann"), stmt.Equal("id", 1)})
		},
		`UPDATE "things" SET "name" = $1, "done" = NOT "done", "at" = GREATEST($2, "at" + INTERVAL '1 microsecond'), ` +
			`"first" = CASE WHEN "first" IS NULL THEN $3 ELSE "first" END ` +
			`WHERE "owner" = $4 AND "id" = $5 RETURNING "id", "name", "done"`,
		`UPDATE "things" SET "name" = ?, "done" = NOT "done", "at" = MAX(?, "at" + 1), ` +
			`"first" = CASE WHEN "first" IS NULL THEN ? ELSE "first" END ` +
			`WHERE "owner" = ? AND "id" = ? RETURNING "id", "name", "done"`,
		[]any{"x", at, at, "ann", 1},
	},
	{
		"a delete",
		func(d string) (string, []any) { return table.Delete(d, []stmt.Cond{stmt.Equal("id", 1)}) },
		`DELETE FROM "things" WHERE "id" = $1`,
		`DELETE FROM "things" WHERE "id" = ?`,
		[]any{1},
	},
}

func TestStatements(t *testing.T) {
	t.Parallel()
	for _, w := range written {
		for name, want := range map[string]string{dialect.Postgres: w.postgres, dialect.SQLite: w.sqlite} {
			text, args := w.write(name)
			if text != want {
				t.Errorf("%s: %s: written is\n%s\nwant\n%s", w.name, name, text, want)
			}
			if diff := cmp.Diff(w.args, append([]any(nil), args...)); diff != "" {
				t.Errorf("%s: %s: arguments:\n%s", w.name, name, diff)
			}
		}
	}
}

// TestListsAreOneArgument: however many values a list has, its text is the same.
func TestListsAreOneArgument(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("017F22E2-79B0-77A1-98C4-DC0C0C07398F")
	for _, list := range []struct {
		cond     stmt.Cond
		postgres any
		sqlite   string
	}{
		{stmt.In("x", []string{"a", `"b"`}), []string{"a", `"b"`}, `["a","\"b\""]`},
		{stmt.In("x", []int{1, -2}), []int{1, -2}, `[1,-2]`},
		{stmt.In("x", []uuid.UUID{id}), []uuid.UUID{id}, `["017f22e2-79b0-77a1-98c4-dc0c0c07398f"]`},
		{stmt.In("x", []string{}), []string{}, `[]`},
		{stmt.In[string]("x", nil), []string{}, `[]`},
	} {
		for name, want := range map[string]struct {
			text string
			arg  any
		}{
			dialect.Postgres: {`DELETE FROM "things" WHERE "x" = ANY($1)`, list.postgres},
			dialect.SQLite:   {`DELETE FROM "things" WHERE "x" IN (SELECT value FROM json_each(?))`, list.sqlite},
		} {
			text, args := table.Delete(name, []stmt.Cond{list.cond})
			if diff := cmp.Diff([]any{want.arg}, args); text != want.text || diff != "" {
				t.Errorf("%s: %s:\n%s", name, text, diff)
			}
		}
	}
}

// TestWrongTextsPanic: a statement that lacks an argument, or has one too many, is never sent.
func TestWrongTextsPanic(t *testing.T) {
	t.Parallel()
	for name, cond := range map[string]stmt.Cond{
		"no argument":        stmt.Where(stmt.SQL(`"id" = ?`)),
		"one too few":        stmt.Where(stmt.SQL(`"id" = ? OR "id" = ?`), 1),
		"one too many":       stmt.Where(stmt.SQL(`"id" = ?`), 1, 2),
		"an unused argument": stmt.Where(stmt.SQL(`"id" IS NULL`), 1),
		"no column":          stmt.Where(stmt.SQL(`{column} = ?`), 1),
		"no text":            {},
		"one database only":  stmt.Where(stmt.Text{Postgres: `"id" = 1`}),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is written", name)
				}
			}()
			table.Delete(dialect.SQLite, []stmt.Cond{cond})
		}()
	}
}

// A row that sets a column which is not written would lose it.
func TestRowsLoseNothing(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a column of a row is left out")
		}
	}()
	table.InsertRows(dialect.SQLite, []string{"id"}, [][]stmt.Set{{stmt.Assign("id", 1), stmt.Assign("name", "x")}})
}

// Any number of rows is inserted in few statements, of few sizes.
func TestInserted(t *testing.T) {
	t.Parallel()
	sizes := map[int]bool{}
	for rows := range 300 {
		statements := 0
		for left := rows; left > 0; statements++ {
			n := stmt.Inserted(left)
			if n < 1 || n > left {
				t.Fatalf("of %d rows %d are inserted", left, n)
			}
			sizes[n] = true
			left -= n
		}
		if statements > 9 {
			t.Errorf("%d rows take %d statements", rows, statements)
		}
	}
	if len(sizes) > 8 {
		t.Errorf("there are statements of %d sizes", len(sizes))
	}
}
