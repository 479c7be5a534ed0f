package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/migrate"
	atlasschema "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect/sql/schema"
	"github.com/pressly/goose/v3"
)

// keeper has a comparison keep what the migrations make and the schema does not mean: it was written
// by hand, or belongs to a field that the copies of an earlier release still read.
type keeper struct {
	drop    []string            // what goes nonetheless, as table.name
	kept    []string            // what was kept
	inTable map[string][]string // of that, what is part of a table's own definition
	objects []object            // what a table takes along when it is dropped
}

// object is an index or a trigger of SQLite.
type object struct{ kind, name, table, text string }

// hook takes what would go out of the changes.
func (k *keeper) hook(next schema.Differ) schema.Differ {
	return schema.DiffFunc(func(current, desired *atlasschema.Schema) ([]atlasschema.Change, error) {
		changes, err := next.Diff(current, desired)
		if err != nil {
			return nil, err
		}
		if err := k.checkNames(changes); err != nil {
			return nil, err
		}
		return slices.DeleteFunc(changes, func(change atlasschema.Change) bool {
			table, ok := change.(*atlasschema.ModifyTable)
			if !ok {
				return false
			}
			table.Changes = slices.DeleteFunc(table.Changes, func(c atlasschema.Change) bool { return k.keeps(table.T.Name, c) })
			return len(table.Changes) == 0
		}), nil
	})
}

// checkNames refuses a name of what does not go: it may be misspelt.
func (k *keeper) checkNames(changes []atlasschema.Change) error {
	named := map[string]bool{}
	for _, change := range changes {
		table, ok := change.(*atlasschema.ModifyTable)
		if !ok {
			continue
		}
		for _, c := range table.Changes {
			_, name := dropped(c)
			named[table.T.Name+"."+name] = true
		}
	}
	for _, name := range k.drop {
		if !named[name] {
			return fmt.Errorf("there is no %s that the schema does not mean", name)
		}
	}
	return nil
}

// keeps reports whether a change is not to be made, and notes what is kept by that.
func (k *keeper) keeps(table string, change atlasschema.Change) bool {
	kind, name := dropped(change)
	if kind == "" || slices.Contains(k.drop, table+"."+name) {
		return false
	}
	what := kind + " " + table + "." + name
	k.kept = append(k.kept, what)
	if kind != "index" {
		if k.inTable == nil {
			k.inTable = map[string][]string{}
		}
		k.inTable[table] = append(k.inTable[table], what)
	}
	return true
}

// dropped is what a change drops of a table.
func dropped(change atlasschema.Change) (kind, name string) {
	switch change := change.(type) {
	case *atlasschema.DropColumn:
		return "column", change.C.Name
	case *atlasschema.DropIndex:
		return "index", change.I.Name
	case *atlasschema.DropForeignKey:
		return "foreign key", change.F.Symbol
	case *atlasschema.DropCheck:
		return "check", cmp.Or(change.C.Name, change.C.Expr)
	}
	return "", ""
}

// formatter has plans keep what tables take along. SQLite changes most of a table by making a new one.
func (k *keeper) formatter(next atlas.Formatter) atlas.Formatter {
	return formatFunc(func(plan *atlas.Plan) ([]atlas.File, error) {
		for _, table := range remade(plan) {
			if lost := k.inTable[table.T.Name]; len(lost) > 0 {
				return nil, fmt.Errorf("the table %s has to be made anew, and has what the schema does not mean (%s): "+
					"write this migration by hand, or drop that", table.T.Name, strings.Join(lost, ", "))
			}
			for _, o := range k.objects {
				if o.table == table.T.Name && !k.goes(o, table.T) {
					plan.Changes = append(plan.Changes, &atlas.Change{Cmd: o.text, Comment: fmt.Sprintf("keep %s %q", o.kind, o.name)})
				}
			}
		}
		return next.Format(plan)
	})
}

// goes reports whether an object of a table that is made anew is dropped, or made with the table.
func (k *keeper) goes(o object, table *atlasschema.Table) bool {
	_, made := table.Index(o.name)
	return made && o.kind == "index" || slices.Contains(k.drop, o.table+"."+o.name)
}

// remade are the tables that a plan makes anew.
func remade(plan *atlas.Plan) (tables []*atlasschema.ModifyTable) {
	for _, change := range plan.Changes {
		if table, ok := change.Source.(*atlasschema.ModifyTable); ok && strings.HasPrefix(change.Cmd, "DROP TABLE") {
			tables = append(tables, table)
		}
	}
	return tables
}

type formatFunc func(*atlas.Plan) ([]atlas.File, error)

func (f formatFunc) Format(plan *atlas.Plan) ([]atlas.File, error) { return f(plan) }

// sqliteObjects are the indexes and triggers that the migrations in a folder make on SQLite.
func sqliteObjects(ctx context.Context, folder fs.FS) (objects []object, err error) {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1) // each has a database of its own
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, folder)
	switch {
	case errors.Is(err, goose.ErrNoMigrations):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if _, err := provider.Up(ctx); err != nil {
		return nil, err
	}
	rows, err := pool.QueryContext(ctx,
		"SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.kind, &o.name, &o.table, &o.text); err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, rows.Err()
}
