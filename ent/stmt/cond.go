package stmt

import (
	"encoding/json"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
)

// Cond is a condition.
type Cond struct{ fragment }

var (
	equal = SQL("{column} = ?")
	in    = Text{
		Postgres: "{column} = ANY(?)",
		SQLite:   "{column} IN (SELECT value FROM json_each(?))",
	}
)

// Equal is the condition that a column has a value. None has the value nil; for that there is
// [Where].
func Equal(column string, value any) Cond {
	return Cond{fragment{text: equal, column: column, value: value, single: true}}
}

// Listed are the types of values that a list can have: those that look the same in a column and in
// JSON, and that pgx can send as an array without asking the server for the type.
type Listed interface {
	string | int | int8 | int16 | int32 | int64 | uuid.UUID
}

// In is the condition that a column has one of the values, which are one argument. In an empty list
// there is none.
func In[T Listed](column string, values []T) Cond {
	return Cond{fragment{text: in, column: column, value: List(values), single: true}}
}

// Where is a condition of its own, with these arguments, one for each ? of the text.
func Where(text Text, args ...any) Cond { return Cond{fragment{text: text, args: args}} }

// Append adds conditions. Most statements have two, that of the id and that of the owner.
func Append(to []Cond, conds ...Cond) []Cond {
	if to == nil {
		to = make([]Cond, 0, max(2, len(conds)))
	}
	return append(to, conds...)
}

// list is one argument that holds several values.
type list struct{ values any }

// List makes one argument of several values: an array on Postgres, JSON text on SQLite.
func List[T Listed](values []T) any {
	if values == nil {
		values = []T{} // an array, not null
	}
	return list{values}
}

// bound is an argument as a driver takes it.
func bound(name string, arg any) any {
	if rows, ok := arg.(perRow); ok {
		return rows.bound(name)
	}
	several, ok := arg.(list)
	switch {
	case !ok:
		return arg
	case name == dialect.Postgres:
		return several.values
	}
	text, err := json.Marshal(several.values)
	if err != nil {
		panic(err) // of texts, numbers and ids
	}
	return string(text)
}

// Predicate is the condition as Ent's builders take it.
func (c Cond) Predicate(s *sql.Selector) {
	column := ""
	if c.column != "" {
		column = s.C(c.column) // with its table: others may have one of that name
	}
	s.Where(sql.P(func(b *sql.Builder) { b.Wrap(func(b *sql.Builder) { c.build(b, column) }) }))
}
