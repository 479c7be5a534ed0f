package stmt

import (
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
)

// Text is a fragment of SQL as each database writes it; the package's documentation says what may
// stand in it.
type Text struct{ Postgres, SQLite string }

// SQL is a fragment that both databases write alike.
func SQL(text string) Text { return Text{text, text} }

// Column is the name of a column, quoted.
func Column(name string) Text { return SQL(`"` + name + `"`) }

func (t Text) in(name string) string {
	if name == dialect.Postgres {
		return t.Postgres
	}
	return t.SQLite
}

// OrderBy is the fragment as an order that Ent's queries take.
func (t Text) OrderBy(s *sql.Selector) { s.OrderExpr(sql.Raw(t.in(s.Dialect()))) }

// fragment is a text with the column and the arguments that it is about.
type fragment struct {
	text   Text
	column string
	value  any // the argument, if it is the only one: that saves a slice
	single bool
	args   []any // else
}

// argument returns the next argument, of which used were there before, and whether there is one.
func (f *fragment) argument(used int) (any, bool) {
	switch {
	case f.single:
		return f.value, used == 0
	case used < len(f.args):
		return f.args[used], true
	}
	return nil, false
}

// placeholder is what stands in a text for something else.
type placeholder string

const (
	noPlaceholder     placeholder = ""
	columnPlaceholder placeholder = "{column}"
	argPlaceholder    placeholder = "?"
)

// cut cuts a text at its first placeholder.
func cut(text string) (before string, p placeholder, after string) {
	for i := range len(text) {
		switch text[i] {
		case '?':
			return text[:i], argPlaceholder, text[i+len(argPlaceholder):]
		case '{':
			if strings.HasPrefix(text[i:], string(columnPlaceholder)) {
				return text[:i], columnPlaceholder, text[i+len(columnPlaceholder):]
			}
		}
	}
	return text, noPlaceholder, ""
}

// in is the text for a database. It panics where there is none: a condition that is not written
// narrows nothing.
func (f *fragment) in(name string) string {
	text := f.text.in(name)
	if text == "" {
		panic(fmt.Sprintf("stmt: %q has no text for %s", f.text, name))
	}
	return text
}

// name is the column's. It panics where none is named.
func (f *fragment) name() string {
	if f.column == "" {
		panic(fmt.Sprintf("stmt: %q is about no column", f.text.SQLite))
	}
	return f.column
}

// check panics where a text has more or fewer places than there are arguments: the code is wrong, and
// what would be sent is another statement than was meant.
func (f *fragment) check(used int) {
	arguments := len(f.args)
	if f.single {
		arguments = 1
	}
	if used != arguments {
		panic(fmt.Sprintf("stmt: %q is given %d arguments", f.text.SQLite, arguments))
	}
}

// build writes the fragment with Ent's builder.
func (f *fragment) build(b *sql.Builder, column string) {
	used := 0
	for text := f.in(b.Dialect()); text != ""; {
		before, p, after := cut(text)
		b.WriteString(before)
		switch p {
		case columnPlaceholder:
			b.WriteString(column)
		case argPlaceholder:
			if arg, ok := f.argument(used); ok {
				b.Arg(bound(b.Dialect(), arg))
			}
			used++
		}
		text = after
	}
	f.check(used)
}
