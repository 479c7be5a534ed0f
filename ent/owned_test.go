package ent_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/migrate/tables"
	"todo-backend/ent/resource"
	"todo-backend/ent/rule"
)

// TestEverythingOwned exports and deletes what ann has of every entity. No table that names an owner is left
// out, and nothing of bob's is met.
func TestEverythingOwned(t *testing.T) {
	t.Parallel()
	unexported := unexportedColumns(t)
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		for _, name := range entityNames() {
			for _, owner := range []string{"ann", "bob"} {
				if _, err := entities[name].create(as(t, owner), db.Client, owner); err != nil {
					t.Fatal(err)
				}
			}
		}
		all := ent.AllEntities().Owned(db.Client)
		var owned []string
		for _, o := range all {
			owned = append(owned, o.Plural)
		}
		slices.Sort(owned)
		if got := tablesWithOwner(t, raw); !slices.Equal(got, owned) {
			t.Errorf("the tables %q name an owner; %q are exported and deleted", got, owned)
		}
		for _, o := range all {
			bobs := raw.Strings(t, `SELECT * FROM `+o.Plural+` WHERE user_id = 'bob'`)
			checkExport(t, o, unexported)
			if n, err := o.Delete(as(t, "ann")); n != 1 || err != nil {
				t.Errorf("%d %s of ann's are deleted: %v", n, o.Plural, err)
			}
			if left := raw.Strings(t, `SELECT * FROM `+o.Plural); len(left) != 1 || !slices.Equal(left[0], bobs[0]) {
				t.Errorf("of %s there are left %q, bob's was %q", o.Plural, left, bobs)
			}
			if n, err := o.Delete(t.Context()); n != 0 || err == nil {
				t.Errorf("nobody deletes %d %s", n, o.Plural)
			}
		}
	})
}

// checkExport looks at the export of the one row that ann has of an entity: it has each column, but for those
// whose annotation says why not.
func checkExport(t *testing.T, o resource.Owned, unexported map[string][]string) {
	t.Helper()
	var lines bytes.Buffer
	if n, err := o.Export(as(t, "ann"), &lines); n != 1 || err != nil || bytes.Count(lines.Bytes(), []byte("\n")) != 1 {
		t.Fatalf("%d %s of ann's are exported: %v\n%s", n, o.Plural, err, &lines)
	}
	if n, err := o.Export(t.Context(), &lines); n != 0 || err == nil {
		t.Errorf("nobody exports %d %s", n, o.Plural)
	}
	var line map[string]any
	if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["entity"] != o.Name || line[rule.OwnerField] != "ann" {
		t.Errorf("a line of %s is %s", o.Plural, &lines)
	}
	for _, table := range ent.Tables() {
		if table.Name != o.Plural {
			continue
		}
		for _, column := range table.Columns {
			_, exported := line[column]
			if exported == slices.Contains(unexported[o.Plural], column) {
				t.Errorf("%s.%s is exported: %v; all are but %q", o.Plural, column, exported, unexported[o.Plural])
			}
		}
	}
}

// unexportedColumns are the columns that exports leave out, by the table.
func unexportedColumns(t *testing.T) map[string][]string {
	t.Helper()
	graph, err := tables.Graph(tables.Schema)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, node := range graph.Nodes {
		for _, field := range node.Fields {
			text, err := json.Marshal(field.Annotations[resource.Spec{}.Name()])
			if err != nil {
				t.Fatal(err)
			}
			var spec resource.Spec
			if err := json.Unmarshal(text, &spec); err != nil {
				t.Fatal(err)
			}
			if spec.Unexported != "" {
				all[node.Table()] = append(all[node.Table()], field.Name)
			}
		}
	}
	if !slices.Contains(all["api_tokens"], "hash") {
		t.Errorf("unexported are %v, without the hashes of tokens", all)
	}
	return all
}

// tablesWithOwner are the tables of a database that have the column of owners, whatever made them.
func tablesWithOwner(t *testing.T, raw *databasetest.Raw) []string {
	t.Helper()
	query := `SELECT table_name FROM information_schema.columns WHERE column_name = '` + rule.OwnerField + `' AND table_schema = 'public'`
	if raw.Dialect == dialect.SQLite {
		query = `SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = '` + rule.OwnerField + `'`
	}
	names := map[string]bool{}
	for _, row := range raw.Strings(t, query) {
		names[strings.Trim(row[0], "'")] = true
	}
	return slices.Sorted(maps.Keys(names))
}
