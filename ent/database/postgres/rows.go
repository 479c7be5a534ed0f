package postgres

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// nativeRows are pgx's rows as Ent reads them, the first of them already there.
type nativeRows struct {
	pgx.Rows

	conn    conn
	ahead   bool
	targets *any     // the first of those that there is a plan for
	plan    []column // what is read here: pgx's way, which knows all types, takes thrice as long
	memory  memory

	columns [24]column // what the plan begins in: a task has as many
}

// Next goes to the next row and reports whether there is one.
func (r *nativeRows) Next() bool {
	if r.ahead {
		r.ahead = false
		return true
	}
	return r.Rows.Next()
}

// Scan reads the row into targets. How they are read is planned for the first row: the next ones come
// with the same targets.
func (r *nativeRows) Scan(targets ...any) error {
	fields, values := r.FieldDescriptions(), r.RawValues()
	if len(targets) == 0 || len(targets) != len(fields) {
		return r.Rows.Scan(targets...)
	}
	if r.targets != &targets[0] {
		r.prepare(targets, fields)
	}
	var others []any // what is left to pgx
	for i := range r.plan {
		if r.plan[i].read(&r.memory, values[i]) {
			continue
		}
		if others == nil {
			others = make([]any, len(targets))
		}
		others[i] = scannable(targets[i])
	}
	if others == nil {
		return nil
	}
	return r.Rows.Scan(others...)
}

// scannable returns what pgx can scan into. Ent reads ids of rows that it is about to change as values
// of database/sql, which pgx does not know.
func scannable(target any) any {
	if value, ok := target.(*driver.Value); ok {
		return anyValue{value}
	}
	return target
}

// anyValue takes a value as database/sql has it.
type anyValue struct{ target *driver.Value }

// Scan implements [sql.Scanner].
func (v anyValue) Scan(value any) error {
	if bytes, ok := value.([]byte); ok {
		value = slices.Clone(bytes)
	}
	*v.target = value
	return nil
}

// prepare makes the plan.
func (r *nativeRows) prepare(targets []any, fields []pgconn.FieldDescription) {
	r.targets, r.plan = &targets[0], r.columns[:0]
	for i, target := range targets {
		r.plan = append(r.plan, planColumn(target, &fields[i]))
	}
}

// Columns are the names of the columns.
func (r *nativeRows) Columns() ([]string, error) {
	fields := r.FieldDescriptions()
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	return names, nil
}

// ColumnTypes are not told.
func (r *nativeRows) ColumnTypes() ([]*sql.ColumnType, error) {
	return nil, errors.New("the types of columns are not known")
}

// NextResultSet reports that there is no other: pgx runs one statement at a time.
func (r *nativeRows) NextResultSet() bool { return false }

// Close ends the reading and gives the connection back. Err tells what went wrong.
func (r *nativeRows) Close() error {
	r.Rows.Close()
	r.conn.Release()
	r.conn = conn{} // Close may be called again
	return nil
}
