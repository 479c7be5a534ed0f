// Command diff writes the migrations that lead from those that exist to the schema, one for each database:
//
//	go run ./ent/migrate/diff NAME
//
// It needs PostgreSQL, installed or at TEST_DATABASE_URL, to replay the migrations on. With nothing changed it writes
// nothing. Read what it wrote before you commit it.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/template"
	"time"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"todo-backend/ent/database/pgtest"
	"todo-backend/ent/migrate/tables"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./ent/migrate/diff NAME")
		os.Exit(2)
	}
	before := written()
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	after := written()
	if len(after) == len(before) {
		fmt.Println("The migrations lead to the schema as it is: nothing is written.")
	}
	for _, file := range after {
		if !slices.Contains(before, file) {
			fmt.Println(file)
		}
	}
}

// written are the migrations that there are, for both databases.
func written() []string { return must(filepath.Glob(filepath.Join("ent", "migrate", "*", "*.sql"))) }

func run(ctx context.Context, name string) (err error) {
	server, err := pgtest.Start(ctx)
	if err != nil {
		return fmt.Errorf("start Postgres: %w", err)
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	url, drop, err := server.CreateDatabase(ctx, "")
	if err != nil {
		return fmt.Errorf("make a database to replay on: %w", err)
	}
	defer drop()
	if err := writePostgres(ctx, filepath.Join("ent", "migrate", "postgres"), url, name); err != nil {
		return err
	}
	return writeSQLite(ctx, filepath.Join("ent", "migrate", "sqlite"), name)
}

// writePostgres writes the next migration of folder, if there is a difference. The database at url is emptied.
func writePostgres(ctx context.Context, folder, url, name string) error {
	return write(ctx, folder, name, dialect.Postgres, "pgx", url)
}

// writeSQLite writes the next migration of folder, if there is a difference.
func writeSQLite(ctx context.Context, folder, name string) error {
	return write(ctx, folder, name, dialect.SQLite, "sqlite", "file:replay?mode=memory&cache=shared&_pragma=foreign_keys(1)")
}

func write(ctx context.Context, folder, name, dialect, driver, source string) error {
	dir, err := sqltool.NewGooseDir(folder)
	if err != nil {
		return fmt.Errorf("open %s: %w", folder, err)
	}
	replay, err := sql.Open(driver, source)
	if err != nil {
		return fmt.Errorf("open a database to replay on: %w", err)
	}
	defer replay.Close()
	comparison, err := schema.NewMigrate(entsql.OpenDB(dialect, replay),
		schema.WithDir(dir),
		schema.WithFormatter(forwardOnly),
		schema.WithMigrationMode(schema.ModeReplay),
		schema.WithDropColumn(true),
		schema.WithDropIndex(true),
	)
	if err != nil {
		return fmt.Errorf("compare %s with the schema: %w", folder, err)
	}
	all, err := tables.OfSchema()
	if err != nil {
		return err
	}
	if err := comparison.NamedDiff(ctx, name, all...); err != nil {
		return fmt.Errorf("compare %s with the schema: %w", folder, err)
	}
	return nil
}

// forwardOnly writes goose files without a Down part: going back loses what users wrote since.
var forwardOnly = must(atlas.NewTemplateFormatter(
	parse(`{{ with .Version }}{{ . }}{{ else }}{{ now }}{{ end }}{{ with .Name }}_{{ . }}{{ end }}.sql`),
	parse(`-- +goose Up
{{ range .Changes }}{{ with .Comment }}-- {{ . }}
{{ end }}{{ .Cmd }};
{{ end }}`),
))

func parse(text string) *template.Template {
	now := func() string { return time.Now().UTC().Format("20060102150405") }
	return template.Must(template.New("").Funcs(template.FuncMap{"now": now}).Parse(text))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
