// Package tables tells which tables the schema means, to the program that writes migrations and to tests.
package tables

import (
	"fmt"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

// OfSchema returns the tables of all entities, those that others refer to first. It has the go command load the schema, and so
// works in this module alone.
func OfSchema() ([]*schema.Table, error) {
	storage, err := gen.NewStorage("sql")
	if err != nil {
		return nil, fmt.Errorf("read the schema for SQL: %w", err)
	}
	graph, err := entc.LoadGraph("todo-backend/ent/schema", &gen.Config{Storage: storage})
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	all, err := graph.Tables()
	if err != nil {
		return nil, fmt.Errorf("read the tables of the schema: %w", err)
	}
	return all, nil
}
