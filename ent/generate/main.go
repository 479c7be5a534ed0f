// Command generate makes the client of the database from the schema and the templates. It runs in ent, by go generate.
//
// It is Ent's own command but for one thing: the client can't change the schema of a database, which migrations do. What it
// would need for that is a tenth of the program.
package main

import (
	"fmt"
	"os"
	"text/template"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	storage, err := gen.NewStorage("sql")
	if err != nil {
		return fmt.Errorf("generate for SQL: %w", err)
	}
	storage.SchemaMode &^= gen.Migrate
	templates, err := gen.NewTemplate("templates").Funcs(template.FuncMap{"columns": columns}).ParseDir("./template")
	if err != nil {
		return fmt.Errorf("read the templates: %w", err)
	}
	config := &gen.Config{Storage: storage, Templates: []*gen.Template{templates}}
	return entc.Generate("./schema", config, entc.FeatureNames("privacy"))
}
