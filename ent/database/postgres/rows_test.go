package postgres_test

import (
	"strings"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
	"todo-backend/ent/viewer"
)

// executionModes are the ways of execution that the URL may name.
var executionModes = []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"}

// TestEveryWayOfExecutionReadsTheSame reads what pgx gets in binary, and as text behind poolers.
func TestEveryWayOfExecutionReadsTheSame(t *testing.T) {
	t.Parallel()
	url := databasetest.PostgresURL(t)
	ctx := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	if err := databasetest.Open(t, database.Source{PostgresURL: url}).Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for _, mode := range executionModes {
		db := databasetest.Open(t, database.Source{PostgresURL: url + "&default_query_exec_mode=" + mode})
		made, err := db.Client.Task.Create().SetTitle("größer 📝").SetCompleted(true).Save(ctx)
		if err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		read, err := db.Client.Task.Query().FetchOne(ctx)
		if err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		if read.ID != made.ID || read.Title != made.Title || read.Description != nil || !read.Completed || !read.CreatedAt.Equal(made.CreatedAt) {
			t.Errorf("%s: %v is read as %v", mode, made, read)
		}
		if err := db.Client.Task.DeleteOneID(made.ID).Exec(ctx); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
	}
}

// TestEveryWayOfExecutionTakesLists asks for one value of several, in a list of each type that there is.
func TestEveryWayOfExecutionTakesLists(t *testing.T) {
	t.Parallel()
	url := databasetest.PostgresURL(t)
	ids := []uuid.UUID{uuid.New(), uuid.New()}
	lists := map[string]any{
		"SELECT 'b' = ANY($1)":                              []string{"a", "b"},
		"SELECT 2::int2 = ANY($1)":                          []int{1, 2},
		"SELECT 3::int2 = ANY($1)":                          []int8{1, 3},
		"SELECT 4::int8 = ANY($1)":                          []int16{1, 4},
		"SELECT 5::int4 = ANY($1)":                          []int32{1, 5},
		"SELECT 6::int4 = ANY($1)":                          []int64{1, 6},
		"SELECT '" + ids[1].String() + "'::uuid = ANY($1)":  ids,
		"SELECT '" + ids[1].String() + "'::uuid != ALL($1)": []uuid.UUID{},
	}
	for _, mode := range executionModes {
		driver, err := postgres.Open(url+"&default_query_exec_mode="+mode, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { driver.Close() })
		for query, list := range lists {
			rows := &entsql.Rows{}
			if err := driver.Query(t.Context(), query, []any{list}, rows); err != nil {
				t.Errorf("%s: %s: %v", mode, query, err)
				continue
			}
			if is, err := entsql.ScanBool(rows); err != nil || !is {
				t.Errorf("%s: %s is %v: %v", mode, query, is, err)
			}
			rows.Close()
		}
	}
}

// TestTextsAreTheirRows reads texts of all lengths, which share their memory.
func TestTextsAreTheirRows(t *testing.T) {
	t.Parallel()
	db := databasetest.Postgres(t)
	ctx := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	for i := range 100 {
		text := strings.Repeat(string(rune('a'+i%26)), 10*i+1)
		db.Client.Task.Create().SetTitle(text[:min(len(text), 255)]).SetDescription(text).SaveX(ctx)
	}
	read, err := db.Client.Task.Query().Sort(stmt.KeysetByID(task.FieldID).Order(false)).Fetch(ctx)
	if err != nil || len(read) != 100 {
		t.Fatalf("%d are read: %v", len(read), err)
	}
	for i, found := range read {
		text := strings.Repeat(string(rune('a'+i%26)), 10*i+1)
		if *found.Description != text || found.Title != text[:min(len(text), 255)] || found.UserID != "ann" {
			t.Errorf("%s's %q is %q", found.UserID, text, *found.Description)
		}
	}
}

// TestWhatIsNoTimeIsAnError stores what Postgres can and Go can't.
func TestWhatIsNoTimeIsAnError(t *testing.T) {
	t.Parallel()
	db := databasetest.Postgres(t)
	ctx := viewer.NewContext(t.Context(), viewer.Viewer{ID: "ann"})
	made := db.Client.Task.Create().SetTitle("Buy milk").SaveX(ctx)
	for _, value := range []string{"infinity", "-infinity", "294276-12-31 23:59:59+00", "4713-01-01 00:00:00+00 BC"} {
		if _, err := db.Pool.ExecContext(ctx, "UPDATE tasks SET updated_at = $1::text::timestamptz", value); err != nil {
			t.Fatal(err)
		}
		read, err := db.Client.Task.Query().FetchOne(ctx)
		if isTime := value[len(value)-len("infinity"):] != "infinity"; isTime != (err == nil) {
			t.Errorf("%s: %v, %v", value, read, err)
		}
	}
	if _, err := db.Pool.ExecContext(ctx, "UPDATE tasks SET updated_at = $1", time.UnixMicro(1)); err != nil {
		t.Fatal(err)
	}
	if read := db.Client.Task.Query().OnlyX(ctx); read.ID != made.ID || read.UpdatedAt.UnixMicro() != 1 {
		t.Errorf("%v is read as %v", made, read)
	}
}
