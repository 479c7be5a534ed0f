// Command diff writes the migrations that lead from those that exist to the schema, one for each database:
//
//	go run ./ent/migrate/diff [-drop TABLE.NAME]... NAME
//
// It needs PostgreSQL, installed or at TEST_DATABASE_URL, to replay the migrations on. With nothing changed it writes
// nothing. Read what it wrote before you commit it.
//
// What the migrations make and the schema does not mean is kept, unless -drop names it: columns, indexes, constraints and
// triggers may be written by hand, and a column whose field has gone is still read by the copies of the release before. Where
// it can't be kept, since SQLite makes a table anew to change it, the program says so and writes nothing.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	var drop []string
	flag.Func("drop", "a column, an index or a constraint that is to go, as `TABLE.NAME`", func(name string) error {
		drop = append(drop, name)
		return nil
	})
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: go run ./ent/migrate/diff [-drop TABLE.NAME]... NAME")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	before := written()
	if err := run(context.Background(), flag.Arg(0), drop); err != nil {
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

func run(ctx context.Context, name string, drop []string) (err error) {
	server, err := pgtest.Start(ctx)
	if err != nil {
		return fmt.Errorf("start Postgres: %w", err)
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	url, remove, err := server.CreateDatabase(ctx, "")
	if err != nil {
		return fmt.Errorf("make a database to replay on: %w", err)
	}
	defer remove()
	kept, err := writePostgres(ctx, filepath.Join("ent", "migrate", "postgres"), url, name, drop)
	if err != nil {
		return err
	}
	report("postgres", kept)
	kept, err = writeSQLite(ctx, filepath.Join("ent", "migrate", "sqlite"), name, drop)
	if err != nil {
		return err
	}
	report("sqlite", kept)
	return nil
}

func report(database string, kept []string) {
	for _, what := range kept {
		_, name, _ := strings.Cut(what, " ")
		fmt.Printf("%s: kept, though the schema does not mean it: the %s (to drop it: -drop %s)\n", database, what, name)
	}
}

// writePostgres writes the next migration of folder, if there is a difference, and returns what it kept. The database at url is
// emptied.
func writePostgres(ctx context.Context, folder, url, name string, drop []string) (kept []string, err error) {
	return write(ctx, folder, name, dialect.Postgres, "pgx", url, &keeper{drop: drop})
}

// writeSQLite writes the next migration of folder, if there is a difference, and returns what it kept.
func writeSQLite(ctx context.Context, folder, name string, drop []string) (kept []string, err error) {
	objects, err := sqliteObjects(ctx, os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("read the indexes and triggers of %s: %w", folder, err)
	}
	const source = "file:replay?mode=memory&cache=shared&_pragma=foreign_keys(1)"
	return write(ctx, folder, name, dialect.SQLite, "sqlite", source, &keeper{drop: drop, objects: objects})
}

func write(ctx context.Context, folder, name, dialect, driver, source string, k *keeper) (kept []string, err error) {
	dir, err := sqltool.NewGooseDir(folder)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", folder, err)
	}
	replay, err := sql.Open(driver, source)
	if err != nil {
		return nil, fmt.Errorf("open a database to replay on: %w", err)
	}
	defer replay.Close()
	comparison, err := schema.NewMigrate(entsql.OpenDB(dialect, replay),
		schema.WithDir(dir),
		schema.WithFormatter(k.formatter(forwardOnly)),
		schema.WithMigrationMode(schema.ModeReplay),
		schema.WithDropColumn(true), // for the keeper to see
		schema.WithDropIndex(true),
		schema.WithDiffHook(k.hook),
	)
	if err != nil {
		return nil, fmt.Errorf("compare %s with the schema: %w", folder, err)
	}
	all, err := tables.OfSchema()
	if err != nil {
		return nil, err
	}
	if err := comparison.NamedDiff(ctx, name, all...); err != nil {
		return nil, fmt.Errorf("compare %s with the schema: %w", folder, err)
	}
	return k.kept, nil
}

// forwardOnly writes goose files without a Down part: going back loses what users wrote since. goose takes a semicolon for the
// end of a statement, but within a marked one.
var forwardOnly = must(atlas.NewTemplateFormatter(
	parse(`{{ with .Version }}{{ . }}{{ else }}{{ now }}{{ end }}{{ with .Name }}_{{ . }}{{ end }}.sql`),
	parse(`-- +goose Up
{{ range .Changes }}{{ with .Comment }}-- {{ . }}
{{ end }}{{ if contains .Cmd ";" }}-- +goose StatementBegin
{{ .Cmd }};
-- +goose StatementEnd
{{ else }}{{ .Cmd }};
{{ end }}{{ end }}`),
))

func parse(text string) *template.Template {
	now := func() string { return time.Now().UTC().Format("20060102150405") }
	return template.Must(template.New("").Funcs(template.FuncMap{"now": now, "contains": strings.Contains}).Parse(text))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
