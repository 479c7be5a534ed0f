package stmt

import (
	"database/sql/driver"
	"encoding/json"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
)

// Set is what a statement makes of a column: a value, or an expression that the database computes
// from the row as it was.
type Set struct{ fragment }

var (
	value = SQL("?")
	null  = SQL("NULL")
	not   = SQL("NOT {column}")
	later = Text{
		Postgres: "GREATEST(?, {column} + INTERVAL '1 microsecond')",
		SQLite:   "MAX(?, {column} + 1)",
	}
)

// Assign gives a column a value.
func Assign(column string, v any) Set {
	return Set{fragment{text: value, column: column, value: v, single: true}}
}

// Null empties a column.
func Null(column string) Set { return Set{fragment{text: null, column: column}} }

// Not turns a boolean column into its opposite, in the database: concurrent ones all count.
func Not(column string) Set { return Set{fragment{text: not, column: column}} }

// Later moves a column of times to the given time, or by a microsecond where it stands there
// already or further: the clock of another copy of the service may be ahead of ours.
func Later(column string, t time.Time) Set {
	return Set{fragment{text: later, column: column, value: t, single: true}}
}

// Expr gives a column the value of an expression, with an argument for each ? of the text.
func Expr(column string, text Text, args ...any) Set {
	return Set{fragment{text: text, column: column, args: args}}
}

// Override returns sets with others in place of those for the same columns.
func Override(sets, others []Set) []Set {
	for _, other := range others {
		same := func(s Set) bool { return s.column == other.column }
		if i := slices.IndexFunc(sets, same); i >= 0 {
			sets[i] = other
		} else {
			sets = append(sets, other)
		}
	}
	return sets
}

// Column is the column that is set.
func (s Set) Column() string { return s.column }

// Modify has Ent's builder set the column, in place of what it would set.
func (s Set) Modify(u *sql.UpdateBuilder) {
	u.Set(s.column, sql.ExprFunc(func(b *sql.Builder) {
		quoted := &sql.Builder{}
		quoted.SetDialect(b.Dialect())
		s.build(b, quoted.Ident(s.column).String())
	}))
}

// Micro is a time as both databases keep it: in UTC, without what is less than a microsecond.
func Micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// AssignJSON gives a column of JSON a value.
func AssignJSON(column string, v any) Set { return Assign(column, encoded{v}) }

// encoded is a value that a driver gets as JSON.
type encoded struct{ value any }

// Value encodes the value as text. SQLite would take bytes for a BLOB, which its functions for JSON
// do not read.
func (e encoded) Value() (driver.Value, error) {
	text, err := json.Marshal(e.value)
	if err != nil {
		return nil, err
	}
	return string(text), nil
}
