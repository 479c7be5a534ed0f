package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"

	"todo-backend/ent/resource"
)

// column is a column as the table of an entity's fields has it.
type column struct {
	*gen.Field

	Spec resource.Spec
	Kind resource.Kind
}

// columns are the columns that the API shows, in the order of its answers: the id, those of the
// entity, and those whose annotations say that they come last.
func columns(node *gen.Type) ([]column, error) {
	all, err := allColumns(node)
	if err != nil {
		return nil, err
	}
	var first, last []column
	for _, c := range all {
		switch {
		case c.Spec.Hidden:
		case c.Kind == "" || c.Kind == resource.KindValues:
			return nil, fmt.Errorf("%s.%s: the API shows no columns of type %s: make it Hidden", node.Name, c.Name, c.Type)
		case c.Spec.Last:
			last = append(last, c)
		default:
			first = append(first, c)
		}
	}
	return append(first, last...), nil
}

// exported are the hidden columns that an export of a user's data has.
func exported(node *gen.Type) ([]column, error) {
	all, err := allColumns(node)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Spec.Exported && c.Kind == "" {
			return nil, fmt.Errorf("%s.%s: there are no exports of columns of type %s", node.Name, c.Name, c.Type)
		}
	}
	return slices.DeleteFunc(all, func(c column) bool { return !c.Spec.Exported }), nil
}

// allColumns are the columns, the id first.
func allColumns(node *gen.Type) ([]column, error) {
	var all []column
	for _, f := range append([]*gen.Field{node.ID}, node.Fields...) {
		spec, err := specOf(f)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", node.Name, f.Name, err)
		}
		c := column{Field: f, Spec: spec, Kind: kindOf(f, spec)}
		if err := spec.Check(c.Kind); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", node.Name, f.Name, err)
		}
		all = append(all, c)
	}
	return all, nil
}

// specOf is the annotation of a column; one without is shown as it is.
func specOf(f *gen.Field) (resource.Spec, error) {
	var spec resource.Spec
	text, err := json.Marshal(f.Annotations[spec.Name()])
	if err != nil {
		return spec, err
	}
	err = json.Unmarshal(text, &spec)
	return spec, err
}

// isRead reports whether reads have a column.
func isRead(f *gen.Field) (bool, error) {
	spec, err := specOf(f)
	return !spec.Unread, err
}

// kindOf is the kind of values that a column has; empty for a type that the API does not show.
func kindOf(f *gen.Field, spec resource.Spec) resource.Kind {
	switch {
	case f.IsString() && !f.IsEnum():
		return resource.KindText
	case f.IsBool():
		return resource.KindBool
	case f.Type.Type == field.TypeInt8 && len(spec.Words) > 0:
		return resource.KindWord
	case f.IsTime():
		return resource.KindInstant
	case f.IsUUID():
		return resource.KindID
	case f.Type.String() == "[]string":
		return resource.KindTexts
	case f.Type.String() == "map[string]string":
		return resource.KindValues
	}
	return ""
}

// Constructor is the function of package resource that makes the field.
func (c column) Constructor() string {
	name := map[resource.Kind]string{
		resource.KindText: "Text", resource.KindBool: "Bool", resource.KindWord: "Word",
		resource.KindInstant: "Instant", resource.KindID: "ID", resource.KindTexts: "Texts",
		resource.KindValues: "Values",
	}[c.Kind]
	if c.Nillable {
		return "Optional" + name
	}
	return name
}

// IsWritable reports whether bodies have the field.
func (c column) IsWritable() bool { return !c.Spec.ReadOnly && !c.Spec.Hidden && !c.Immutable }

// TakesSetter reports whether fields of the kind can be written at all.
func (c column) TakesSetter() bool {
	return c.Kind != resource.KindInstant && c.Kind != resource.KindID && c.Kind != resource.KindValues
}

// IsRequired reports whether a new entity needs the field.
func (c column) IsRequired() bool { return c.IsWritable() && !c.Optional && !c.Default }

// Literal is the annotation as Go writes it.
func (c column) Literal() string { return literal(reflect.ValueOf(c.Spec)) }

// literal writes a struct of package resource, without what is zero.
func literal(v reflect.Value) string {
	var set []string
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			set = append(set, fmt.Sprintf("%s: %#v", v.Type().Field(i).Name, f.Interface()))
		}
	}
	return v.Type().String() + "{" + strings.Join(set, ", ") + "}"
}
