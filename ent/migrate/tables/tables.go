// Package tables tells which tables the schema means, to the program that writes migrations and to tests.
package tables

import (
	"fmt"
	"sync"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

// Schema is the service's.
const Schema = "todo-backend/ent/schema"

// OfSchema returns the tables of all entities, those that others refer to first. It has the go command load the schema, and so
// works in this module alone.
func OfSchema() ([]*schema.Table, error) { return Of(Schema) }

// Of is OfSchema for another schema, by its import path.
func Of(path string) ([]*schema.Table, error) {
	graph, err := Graph(path)
	if err != nil {
		return nil, err
	}
	all, err := graph.Tables()
	if err != nil {
		return nil, fmt.Errorf("read the tables of %s: %w", path, err)
	}
	return all, nil
}

// loading is held while Ent loads a schema. Ent compiles it in .entc below the working folder, and removes that as a whole.
var loading sync.Mutex

// Graph returns the entities of a schema and their edges.
func Graph(path string) (*gen.Graph, error) {
	loading.Lock()
	defer loading.Unlock()
	storage, err := gen.NewStorage("sql")
	if err != nil {
		return nil, fmt.Errorf("read a schema for SQL: %w", err)
	}
	graph, err := entc.LoadGraph(path, &gen.Config{Storage: storage})
	if err != nil {
		return nil, fmt.Errorf("read the schema %s: %w", path, err)
	}
	return graph, nil
}
