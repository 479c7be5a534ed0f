package ent

import (
	"bytes"
	"fmt"
	"testing"

	"entgo.io/ent/dialect/sql"
)

// Statements that differ in more than values are told apart, however their parts are called.
func TestShapesAreToldApart(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for i, s := range []*shape{
		newShape("d", "SELECT", "tasks"),
		newShape("d", "SELECTtasks", ""),
		newShape("d", "SELECT", "tasks").where(condition{clause: '?', name: "user_id", value: 1}),
		newShape("d", "SELECT", "tasks").where(condition{clause: '*', name: "user_id", args: []any{1}}),
		newShape("d", "SELECT", "tasks").where(condition{clause: '*', name: "x", args: []any{1}}, condition{clause: '?', name: "user_id", value: 1}),
		newShape("d", "SELECT", "tasks").where(condition{clause: '*', name: "x?user_id", args: []any{1, 1}}),
	} {
		if other, ok := seen[string(s.name)]; ok {
			t.Errorf("%d is taken for %d", i, other)
		}
		seen[string(s.name)] = i
	}
	one, other := newShape("d", "UPDATE", "tasks"), newShape("d", "UPDATE", "tasks")
	one.set("line", 1)
	one.setNull("note")
	other.set("line~note", 1)
	if bytes.Equal(one.name, other.name) {
		t.Error("two columns are taken for one")
	}
}

// Ent writes a text once, and again where its arguments are others than the shape's; it is forgotten when there are too many.
func TestTextsAreKept(t *testing.T) { //nolint:paralleltest // others' texts would be counted
	written := 0
	statement := func(table string, shaped, arg any) *shape {
		s := newShape("d", "SELECT", table).where(condition{clause: '?', name: "id", value: shaped})
		s.build = func() sql.Querier {
			written++
			return sql.Select("*").From(sql.Table(table)).Where(sql.EQ("id", arg))
		}
		return s
	}
	first, _ := statement("once", 1, 1).Query()
	again, args := statement("once", 2, 2).Query()
	if written != 1 || again != first || len(args) != 1 || args[0] != 2 {
		t.Errorf("written %d times: %q, then %q with %v", written, first, again, args)
	}
	for range 2 {
		if _, args := statement("other", 1, 2).Query(); args[0] != 2 {
			t.Errorf("the arguments are %v, not the builder's", args)
		}
	}
	if written != 3 {
		t.Errorf("a text with other arguments is kept: written %d times", written)
	}
	for i := range 2 * maxTexts {
		statement(fmt.Sprint("table", i), 1, 1).Query()
	}
	if len(texts.byShape) > maxTexts {
		t.Errorf("%d texts are kept", len(texts.byShape))
	}
}
