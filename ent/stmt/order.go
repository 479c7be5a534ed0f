package stmt

// Keyset is an order that a list is paged by: by a key and, among rows with the same key, by the
// id, both in one direction. Rows without a key come last in both. It is made once for each key,
// since it writes its texts then.
type Keyset struct {
	byID      bool
	asc, desc direction
}

// direction are the texts of an order.
type direction struct {
	order     Text
	after     Text // the key and the id of a row
	afterNull Text // the id of a row without a key
}

// NewKeyset makes an order by a key, an expression over columns without arguments. Only where it is
// nullable may rows be without one.
func NewKeyset(key Text, nullable bool, id string) Keyset {
	return Keyset{
		asc:  newDirection(key, nullable, `"`+id+`"`, "", ">"),
		desc: newDirection(key, nullable, `"`+id+`"`, " DESC", "<"),
	}
}

func newDirection(key Text, nullable bool, id, suffix, operator string) direction {
	each := func(write func(key string) string) Text { return Text{write(key.Postgres), write(key.SQLite)} }
	last, orNull := suffix, ""
	if nullable {
		last += " NULLS LAST"
	}
	return direction{
		order: each(func(key string) string { return key + last + ", " + id + suffix }),
		after: each(func(key string) string {
			if nullable {
				orNull = " OR " + key + " IS NULL"
			}
			return "(" + key + ", " + id + ") " + operator + " (?, ?)" + orNull
		}),
		afterNull: each(func(key string) string { return key + " IS NULL AND " + id + " " + operator + " ?" }),
	}
}

// KeysetByID makes an order by the id alone.
func KeysetByID(id string) Keyset {
	quoted := `"` + id + `"`
	return Keyset{
		byID: true,
		asc:  direction{order: SQL(quoted), after: SQL(quoted + " > ?")},
		desc: direction{order: SQL(quoted + " DESC"), after: SQL(quoted + " < ?")},
	}
}

func (k Keyset) in(descending bool) *direction {
	if descending {
		return &k.desc
	}
	return &k.asc
}

// Order is the order in a direction.
func (k Keyset) Order(descending bool) Text { return k.in(descending).order }

// After is the condition that a row comes after the one with this key and id, in the order of that
// direction. The key nil is that of a row without one. An order by the id alone ignores it.
func (k Keyset) After(descending bool, key, id any) Cond {
	d := k.in(descending)
	switch {
	case k.byID:
		return Where(d.after, id)
	case key == nil:
		return Where(d.afterNull, id)
	}
	return Where(d.after, key, id)
}

// Page is the part of a list that is read.
type Page struct {
	// After are conditions that narrow the page, but not what is counted.
	After []Cond
	// Limit is how many rows the page has at most; 0 is all of them.
	Limit int
	// Offset is how many rows before it are skipped.
	Offset int
	// Lock keeps the rows as they are until the transaction ends. On SQLite nobody else writes meanwhile.
	Lock bool
}
