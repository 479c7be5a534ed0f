package resource

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Input is what a body says of an entity.
type Input[E, M any] struct {
	table *Table[E, M]
	given []given // by field, each under one or several names
}

// given is a value that a body gives a field.
type given struct {
	name  string // as it was sent
	at    bodyName
	value any
	says  bool // beside another value; see [Field.isNothing]
}

// Decode reads what an object says of an entity of the user's. Fields that the server makes and
// unknown ones are ignored, since clients send back the whole item that they read; but not another
// user's id. A new entity needs the required fields. It returns every broken rule as [Invalid].
func (t *Table[E, M]) Decode(object Object, user string, isNew bool) (*Input[E, M], error) {
	var broken Invalid
	in := &Input[E, M]{table: t}
	for name, raw := range object {
		at, ok := t.inputs[name]
		if !ok {
			continue
		}
		f := &t.Fields[at.reader]
		value, refusal := f.Read(raw)
		if refusal != nil {
			broken.Refuse(name, refusal)
			continue
		}
		if value != Absent {
			in.given = append(in.given, given{name: name, at: at, value: value, says: !f.isNothing(raw)})
		}
	}
	for i := range t.Fields {
		if f := &t.Fields[i]; isNew && f.Required && !t.names(object, i) {
			broken.Add(f.Name, "required", "is required")
		}
	}
	checkOwner(object, user, &broken)
	t.sortByField(broken)
	slices.SortFunc(in.given, func(a, b given) int {
		return cmp.Or(cmp.Compare(a.at.target, b.at.target), cmp.Compare(a.at.rank, b.at.rank))
	})
	if len(broken) > 0 {
		return nil, broken
	}
	if isNew {
		err := in.settle(nil)
		return in, err
	}
	return in, nil
}

// isNothing reports whether a value says nothing beside another one: null, "" and, among words, none.
func (f *Field[E, M]) isNothing(raw json.RawMessage) bool {
	return IsNull(raw) || string(raw) == `""` || f.Kind == KindWord && strings.EqualFold(string(raw), `"none"`)
}

// names reports whether an object has a field under any of its names.
func (t *Table[E, M]) names(object Object, field int) bool {
	for name := range object {
		if at, ok := t.inputs[name]; ok && at.target == field {
			return true
		}
	}
	return false
}

// sortByField orders errors as the fields are, since an object has no order.
func (t *Table[E, M]) sortByField(broken Invalid) {
	place := func(e FieldError) int {
		name, _, _ := strings.Cut(e.Field, "[")
		if at, ok := t.inputs[name]; ok {
			return at.rank
		}
		return len(t.inputs)
	}
	slices.SortStableFunc(broken, func(a, b FieldError) int { return cmp.Compare(place(a), place(b)) })
}

// CheckOwner refuses an object that names another user than the one who sends it, as [Invalid].
func CheckOwner(object Object, user string) error {
	var broken Invalid
	checkOwner(object, user, &broken)
	return broken.OrNil()
}

// checkOwner refuses a body that names another user: the user comes from the token alone.
func checkOwner(object Object, user string, broken *Invalid) {
	for _, name := range []string{"user_id", "userId"} {
		raw, ok := object[name]
		if !ok || IsNull(raw) {
			continue
		}
		if owner, ok := parseString(raw); !ok || owner != "" && owner != user {
			broken.Add(name, "owner", "must be the user of the token, or absent")
		}
	}
}

// IsEmpty reports whether the body names no field that can be set.
func (in *Input[E, M]) IsEmpty() bool { return len(in.given) == 0 }

// Contradicts reports whether a field has several values: which of them counts follows from what is
// stored. See [Input.Settle].
func (in *Input[E, M]) Contradicts() bool {
	var together given // what the values of one field say so far
	for i, next := range in.given {
		if i == 0 || together.at.target != next.at.target || in.table.Fields[next.at.target].Weigh != nil {
			together = next
			continue
		}
		merged, ok := in.table.merge(together, next)
		if !ok {
			return true
		}
		together.value = merged
	}
	return false
}

// Clone returns a copy that can be settled by itself.
func (in *Input[E, M]) Clone() *Input[E, M] { return &Input[E, M]{in.table, slices.Clone(in.given)} }

// Names reports whether the body names a field, by its name in snake_case.
func (in *Input[E, M]) Names(field string) bool {
	_, ok := in.Value(field)
	return ok
}

// Settle decides which value of a field counts where it has several: clients send back a whole item
// with one of its names turned, so that a value which is stored already says nothing beside one that
// differs. Two that differ are [Invalid].
func (in *Input[E, M]) Settle(stored *E) error { return in.settle(stored) }

// settle leaves one value of each field. Without a stored item, null and the like say nothing beside
// another value.
func (in *Input[E, M]) settle(stored *E) error {
	var broken Invalid
	kept := in.given[:0]
	for begin := 0; begin < len(in.given); {
		end := begin + 1
		for end < len(in.given) && in.given[end].at.target == in.given[begin].at.target {
			end++
		}
		kept = append(kept, in.choose(in.given[begin:end], stored, &broken))
		begin = end
	}
	in.given = kept
	return broken.OrNil()
}

// choose returns the value that counts of those which a field has.
func (in *Input[E, M]) choose(all []given, stored *E, broken *Invalid) given {
	if weigh := in.table.Fields[all[0].at.target].Weigh; weigh != nil {
		values := make([]Given, len(all))
		for i, g := range all {
			values[i] = Given{Field: g.at.name, As: g.name, Value: g.value}
		}
		value, refused := weigh(values, stored)
		*broken = append(*broken, refused...)
		return given{name: all[0].name, at: all[0].at, value: value}
	}
	chosen, decided := all[0], in.decides(all[0], stored)
	for _, next := range all[1:] {
		merged, agree := in.table.merge(chosen, next)
		switch decides := in.decides(next, stored); {
		case agree:
			chosen.value, decided = merged, decided || decides
		case !decides:
		case !decided:
			chosen, decided = next, true
		default:
			broken.Add(next.name, "conflict", "contradicts another field of the body")
		}
	}
	return chosen
}

// merge is what two values of one field say together, if they agree.
func (t *Table[E, M]) merge(a, b given) (any, bool) {
	if merge := t.Fields[a.at.target].Merge; merge != nil {
		return merge(a.value, b.value)
	}
	return a.value, equal(a.value, b.value)
}

// decides reports whether a value says something beside others.
func (in *Input[E, M]) decides(g given, stored *E) bool {
	if stored == nil {
		return g.says
	}
	return !in.table.isStored(g, stored)
}

// isStored reports whether a value says what is stored.
func (t *Table[E, M]) isStored(g given, stored *E) bool {
	target := &t.Fields[g.at.target]
	if target.Same != nil {
		return target.Same(stored, g.value)
	}
	return equal(target.Value(stored), g.value)
}

// Apply sets the columns that the body names.
func (in *Input[E, M]) Apply(m M) {
	for _, g := range in.given {
		in.table.Fields[g.at.target].Set(m, g.value)
	}
}

// Value returns the value of a field, by its name in snake_case, and whether the body names it.
func (in *Input[E, M]) Value(field string) (value any, ok bool) {
	for _, g := range in.given {
		if in.table.Fields[g.at.target].Name == field {
			return g.value, true
		}
	}
	return nil, false
}

// NameOf returns the name that the body uses for a field, or without one its own.
func (in *Input[E, M]) NameOf(field string) string {
	for _, g := range in.given {
		if in.table.Fields[g.at.target].Name == field {
			return g.name
		}
	}
	return field
}

// Only leaves what the body says of one field.
func (in *Input[E, M]) Only(field string) {
	in.given = slices.DeleteFunc(in.given, func(g given) bool { return in.table.Fields[g.at.target].Name != field })
}

// equal compares two values as [Field.Read] returns them.
func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// NewInput returns what a body says that says nothing.
func (t *Table[E, M]) NewInput() *Input[E, M] { return &Input[E, M]{table: t} }

// Add has the body name a field beside what it says itself.
func (in *Input[E, M]) Add(field string, value any) {
	at := in.table.indexOf(field)
	in.given = append(in.given, given{name: field, at: bodyName{target: at, reader: at, name: field}, value: value, says: true})
}
