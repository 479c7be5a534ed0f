package stmt

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect"
	"github.com/google/uuid"
)

// maxInserted is how many rows one statement inserts at most: SQLite takes 32,766 arguments.
const maxInserted = 128

// Inserted returns how many of n rows the next statement inserts: a power of two, so that there are few
// texts, which a database keeps prepared.
func Inserted(n int) int {
	size := maxInserted
	for size > n {
		size /= 2
	}
	return size
}

// InsertRows writes the statement that makes several rows. Those that do not set one of the columns
// leave it empty.
func (t *Table) InsertRows(name string, columns []string, rows [][]Set) (text string, args []any) {
	w := begin(name, len(columns)*len(rows))
	w.write("INSERT INTO ", t.name, " (")
	for i, column := range columns {
		w.comma(i)
		w.write(`"`, column, `"`)
	}
	w.write(") VALUES ")
	for i, row := range rows {
		w.comma(i)
		w.row(columns, row)
	}
	return w.end()
}

// row writes the values of a row. A value of none of the columns would be lost: the code is wrong.
func (w *writer) row(columns []string, row []Set) {
	written := 0
	for i, column := range columns {
		w.write([]string{"(", ", "}[min(i, 1)])
		at := slices.IndexFunc(row, func(s Set) bool { return s.column == column })
		if at < 0 {
			w.arg(nil)
			continue
		}
		w.fragment(&row[at].fragment)
		written++
	}
	w.write(")")
	if written != len(row) {
		panic(fmt.Sprintf("stmt: a row sets %d columns, of which %d are written", len(row), written))
	}
}

// perRow are the values of a column by the id of the row, as one argument.
type perRow map[uuid.UUID]any

// bound is the argument as a driver takes it: JSON text with times as the database keeps them.
func (p perRow) bound(name string) any {
	values := make(map[uuid.UUID]any, len(p))
	for id, value := range p {
		if at, ok := value.(time.Time); ok {
			if value = Micro(at); name != dialect.Postgres {
				value = at.UnixMicro()
			}
		}
		values[id] = value
	}
	text, err := json.Marshal(values)
	if err != nil {
		panic(err) // of what columns hold
	}
	return string(text)
}

// PerRow gives a column a value of its own in each row, by the row's id; nil empties it. All rows that
// the statement changes need one.
func PerRow(column, id string, kind ColumnKind, values map[uuid.UUID]any) Set {
	own := Text{
		Postgres: `(CAST(? AS jsonb) ->> CAST("` + id + `" AS text))::` + string(kind),
		SQLite:   `json_extract(?, '$."' || "` + id + `" || '"')`,
	}
	return Expr(column, own, perRow(values))
}

// ColumnKind is the type of a column on Postgres.
type ColumnKind string

// The types that [PerRow] knows.
const (
	KindText ColumnKind = "text"
	KindTime ColumnKind = "timestamptz"
	KindJSON ColumnKind = "jsonb"
)
