package postgres_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/stmt"
)

// Types as columns have them, and as an enumeration or a rank may.
type (
	word   string
	small  int8
	medium int16
)

// decoded are values, and targets to read them into.
var decoded = []struct {
	sql    string
	target func() any
}{
	{"'größer 📝'::text", func() any { return new(string) }},
	{"''::varchar", func() any { return new(string) }},
	{"'a'::text", func() any { return new(*string) }},
	{"'a'::varchar", func() any { return new(word) }},
	{"'a'::varchar", func() any { return new(*word) }},
	{"gen_random_uuid()", func() any { return new(uuid.UUID) }},
	{"gen_random_uuid()", func() any { return new(*uuid.UUID) }},
	{"true", func() any { return new(bool) }},
	{"true", func() any { return new(*bool) }},
	{"'2026-01-05 09:30:00.000001+01'::timestamptz", func() any { return new(time.Time) }},
	{"'1815-12-10 00:00:00.999999+01'::timestamptz", func() any { return new(*time.Time) }},
	{"'infinity'::timestamptz", func() any { return new(time.Time) }},
	{"'-infinity'::timestamptz", func() any { return new(*time.Time) }},
	{"'2026-01-05'::date", func() any { return new(time.Time) }},
	{"(-2)::int2", func() any { return new(int) }},
	{"2147483647::int4", func() any { return new(int) }},
	{"(-9223372036854775808)::int8", func() any { return new(int) }},
	{"(-9223372036854775808)::int8", func() any { return new(*int) }},
	{"7::int8", func() any { return new(int64) }},
	{"7::int8", func() any { return new(*int64) }},
	{"7::int2", func() any { return new(int8) }},
	{"300::int2", func() any { return new(int8) }},
	{"7::int2", func() any { return new(small) }},
	{"70000::int8", func() any { return new(medium) }},
	{"7::int8", func() any { return new(uint32) }},
	{"(-7)::int8", func() any { return new(uint32) }},
	{"0.5::float8", func() any { return new(float64) }},
	{"'NaN'::float8", func() any { return new(*float64) }},
	{"0.5::numeric", func() any { return new(float64) }},
	{"'\\x00ff'::bytea", func() any { return new([]byte) }},
	{"ARRAY['a', 'b']", func() any { return new([]string) }},
	{"7::int8", func() any { return new(string) }},
	{"'a'::text", func() any { return new(int) }},
}

// TestDecodingIsPgxs reads each value, and null, as pgx does by itself, in rows of both formats.
func TestDecodingIsPgxs(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "exec"} {
		driver, err := postgres.Open(databasetest.PostgresURL(t)+"&default_query_exec_mode="+mode, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { driver.Close() })
		for _, d := range decoded {
			for _, sql := range []string{d.sql, "CASE WHEN false THEN " + d.sql + " END"} {
				id := uuid.NewString() // a random one would differ
				sql := "SELECT " + sql + ", '" + id + "'::text"
				want, got := d.target(), d.target()
				var wantID, gotID string
				wantErr := driver.Pool().QueryRow(t.Context(), sql).Scan(want, &wantID)
				gotErr := scan(t, driver, sql, got, &gotID)
				if (wantErr == nil) != (gotErr == nil) {
					t.Errorf("%s: %s into %T: %v, pgx says %v", mode, sql, got, gotErr, wantErr)
				}
				if wantErr != nil {
					continue
				}
				if isRandom := d.sql == "gen_random_uuid()"; !isRandom && fmt.Sprint(deref(want)) != fmt.Sprint(deref(got)) || gotID != id {
					t.Errorf("%s: %s into %T is %v, pgx reads %v", mode, sql, got, deref(got), deref(want))
				}
			}
		}
	}
}

// deref is what a target holds.
func deref(target any) any {
	v := reflect.ValueOf(target).Elem()
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if at, ok := reflect.TypeAssert[time.Time](v); ok {
		return at.UTC()
	}
	return v.Interface()
}

// scan reads the one row of a statement.
func scan(t *testing.T, driver *postgres.Driver, sql string, targets ...any) error {
	t.Helper()
	rows := &entsql.Rows{}
	if err := driver.Query(t.Context(), sql, []any{}, rows); err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		t.Fatal("there is no row")
	}
	return rows.Scan(targets...)
}

// TestTargetsOfStatements reads into the targets of package stmt, in rows of both formats, and into
// targets of other types for every other row.
func TestTargetsOfStatements(t *testing.T) {
	t.Parallel()
	const sql = `SELECT * FROM (VALUES
		(1, '["a", "b"]'::jsonb, '{"x": 1}'::json, 'a note', 7),
		(2, NULL, NULL, NULL, NULL),
		(3, '[]'::jsonb, 'null'::json, '', 0)) AS v (id, tags, settings, note, weight) ORDER BY id`
	want := []string{`1 [a b] map[x:1] "a note" 7`, `2 [] map[] "" 0`, `3 [] map[] "" 0`}
	for _, mode := range []string{"cache_statement", "exec", "simple_protocol"} {
		driver, err := postgres.Open(databasetest.PostgresURL(t)+"&default_query_exec_mode="+mode, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { driver.Close() })
		rows := &entsql.Rows{}
		if err := driver.Query(t.Context(), sql, []any{}, rows); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { rows.Close() })
		for i := 0; rows.Next(); i++ {
			var tags []string
			settings, note, weight := map[string]int{"before": 1}, "before", 9
			id := []any{new(int64), new(int)}[i%2]
			err := rows.Scan(id, stmt.ScanJSON(&tags), stmt.ScanJSON(&settings), stmt.ScanOptional(&note), stmt.ScanOptional(&weight))
			if got := fmt.Sprintf("%v %v %v %q %d", deref(id), tags, settings, note, weight); err != nil || got != want[i] {
				t.Errorf("%s: %s, want %s: %v", mode, got, want[i], err)
			}
		}
	}
}
