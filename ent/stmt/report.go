package stmt

// Report is what is read of many rows at once, such as counts.
type Report struct {
	Columns Text // what is selected
	From    Text // behind the table, beginning with a comma; may be empty
	Tail    Text // behind the conditions: GROUP BY and the like; may be empty
	// Args are the arguments of Columns and Tail, in the order of the text. From has none.
	ColumnArgs, TailArgs []any
}

// Report writes the statement that reads a report of the rows that satisfy the conditions.
func (t *Table) Report(name string, filter []Cond, r Report) (text string, args []any) {
	w := begin(name, len(filter)+len(r.ColumnArgs)+len(r.TailArgs))
	w.write("SELECT ")
	w.fragment(&fragment{text: r.Columns, args: r.ColumnArgs})
	w.write(" FROM ", t.name)
	if r.From != (Text{}) {
		w.fragment(&fragment{text: r.From})
	}
	w.where(filter, nil)
	if r.Tail != (Text{}) {
		w.write(" ")
		w.fragment(&fragment{text: r.Tail, args: r.TailArgs})
	}
	return w.end()
}
