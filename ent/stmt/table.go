package stmt

import (
	"strings"

	"entgo.io/ent/dialect"
)

// Table writes the statements about a table.
type Table struct {
	name    string // quoted
	columns string // all of them, quoted
}

// NewTable returns the table with these columns.
func NewTable(name string, columns []string) *Table {
	return &Table{name: `"` + name + `"`, columns: `"` + strings.Join(columns, `", "`) + `"`}
}

// Select writes the statement that reads the columns of a page of the rows that satisfy the
// conditions. order may be empty.
func (t *Table) Select(name string, filter []Cond, order []Text, page Page) (text string, args []any) {
	w := begin(name, len(filter)+len(page.After)+3)
	w.selectPage(t, filter, order, page)
	return w.end()
}

// SelectCounted is Select with one column in front, the number of all rows that satisfy the
// conditions in filter. If the page is empty it returns one row: that number, and nulls.
func (t *Table) SelectCounted(name string, filter []Cond, order []Text, page Page) (text string, args []any) {
	w := begin(name, 2*len(filter)+len(page.After)+3)
	w.write("SELECT ", countColumn, ", ", t.columns, " FROM (")
	w.selectPage(t, filter, order, page)
	w.write(`) AS "page" RIGHT JOIN (SELECT COUNT(*) AS `, countColumn, " FROM ", t.name)
	w.where(filter, nil)
	w.write(`) AS "counted" ON TRUE`)
	w.orderBy(order) // that of a subquery does not bind the statement
	return w.end()
}

// countColumn is no name that a column of ours has.
const countColumn = `"counted_rows"`

// Insert writes the statement that makes a row.
func (t *Table) Insert(name string, set []Set) (text string, args []any) {
	w := begin(name, len(set))
	w.write("INSERT INTO ", t.name, " (")
	for i := range set {
		w.comma(i)
		w.write(`"`, set[i].column, `"`)
	}
	w.write(") VALUES (")
	for i := range set {
		w.comma(i)
		w.fragment(&set[i].fragment)
	}
	w.write(")")
	return w.end()
}

// Update writes the statement that changes the rows that satisfy the conditions, and returns their
// columns as they are then.
func (t *Table) Update(name string, set []Set, filter []Cond) (text string, args []any) {
	w := begin(name, len(set)+len(filter)+2)
	w.write("UPDATE ", t.name, " SET ")
	for i := range set {
		w.comma(i)
		w.write(`"`, set[i].column, `" = `)
		w.fragment(&set[i].fragment)
	}
	w.where(filter, nil)
	w.write(" RETURNING ", t.columns)
	return w.end()
}

// Delete writes the statement that removes the rows that satisfy the conditions.
func (t *Table) Delete(name string, filter []Cond) (text string, args []any) {
	w := begin(name, len(filter))
	w.write("DELETE FROM ", t.name)
	w.where(filter, nil)
	return w.end()
}

func (w *writer) selectPage(t *Table, filter []Cond, order []Text, page Page) {
	w.write("SELECT ", t.columns, " FROM ", t.name)
	w.where(filter, page.After)
	w.orderBy(order)
	switch {
	case page.Limit > 0:
		w.write(" LIMIT ")
		w.arg(int64(page.Limit))
	case page.Offset > 0 && w.dialect == dialect.SQLite:
		w.write(" LIMIT -1") // it has no OFFSET without
	}
	if page.Offset > 0 {
		w.write(" OFFSET ")
		w.arg(int64(page.Offset))
	}
	if page.Lock && w.dialect == dialect.Postgres {
		w.write(" FOR UPDATE")
	}
}

func (w *writer) where(filter, more []Cond) {
	word := " WHERE "
	for _, conds := range [][]Cond{filter, more} {
		for i := range conds {
			w.write(word)
			word = " AND "
			w.cond(&conds[i])
		}
	}
}

// cond writes a condition. A free one may have an OR in it.
func (w *writer) cond(c *Cond) {
	if c.column != "" {
		w.fragment(&c.fragment)
		return
	}
	w.write("(")
	w.fragment(&c.fragment)
	w.write(")")
}

func (w *writer) orderBy(order []Text) {
	for i, by := range order {
		if i == 0 {
			w.write(" ORDER BY ")
		}
		w.comma(i)
		w.write(by.in(w.dialect))
	}
}
