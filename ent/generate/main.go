// Command generate makes the client of a database from a schema and templates:
//
//	go run ./generate SCHEMA TEMPLATE...
//
// It runs in ent, by go generate, and writes beside the folder of the schema.
//
// It is Ent's own command but for two things: the client can't change the schema of a database, which
// migrations do (what it would need for that is a tenth of the program), and a template can ask for the
// columns that the API shows.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: go run ./generate SCHEMA TEMPLATE...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(schema string, names []string) error {
	storage, err := gen.NewStorage("sql")
	if err != nil {
		return fmt.Errorf("generate for SQL: %w", err)
	}
	storage.SchemaMode &^= gen.Migrate
	var files []string
	for _, name := range names {
		files = append(files, filepath.Join("template", name+".tmpl"))
	}
	templates, err := gen.NewTemplate("templates").Funcs(template.FuncMap{
		"columns": columns, "exported": exported, "isRead": isRead,
	}).ParseFiles(files...)
	if err != nil {
		return fmt.Errorf("read the templates: %w", err)
	}
	config := &gen.Config{Storage: storage, Templates: []*gen.Template{templates}}
	if err := entc.Generate(schema, config, entc.FeatureNames("privacy")); err != nil {
		return fmt.Errorf("generate from %s: %w", schema, err)
	}
	return nil
}
