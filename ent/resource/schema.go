package resource

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Members is a JSON object that keeps its order, for documents.
type Members []Member

// Member is one of its members.
type Member struct {
	Name  string
	Value any
}

// JSON returns an object of names, each before its value.
func JSON(namesAndValues ...any) Members {
	m := make(Members, 0, len(namesAndValues)/2)
	for pair := range slices.Chunk(namesAndValues, 2) {
		m = append(m, Member{pair[0].(string), pair[1]})
	}
	return m
}

// Get returns the value of a member, or nil.
func (m Members) Get(name string) any {
	for _, member := range m {
		if member.Name == name {
			return member.Value
		}
	}
	return nil
}

// With returns m with a member set, in its place or at the end.
func (m Members) With(name string, value any) Members {
	m = slices.Clone(m)
	for i := range m {
		if m[i].Name == name {
			m[i].Value = value
			return m
		}
	}
	return append(m, Member{name, value})
}

// Without returns m without a member.
func (m Members) Without(name string) Members {
	return slices.DeleteFunc(slices.Clone(m), func(member Member) bool { return member.Name == name })
}

// MarshalJSON writes the members in order.
func (m Members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, member := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(AppendString(nil, member.Name))
		b.WriteByte(':')
		if err := encoder.Encode(member.Value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// JSONSchema returns a schema of OpenAPI 3.0 as one of JSON Schema 2020-12: null is a type there, and
// examples are several.
func (m Members) JSONSchema() Members {
	schema := make(Members, 0, len(m))
	nullable := m.Get("nullable") == true
	for _, member := range m {
		name, value := member.Name, member.Value
		switch name {
		case "nullable":
			continue
		case "example":
			name, value = "examples", []any{value}
		case "type":
			if nullable {
				value = []any{value, "null"}
			}
		case "enum":
			if words, ok := value.([]string); ok && nullable {
				value = append(anySlice(words), nil)
			}
		case "properties":
			value = value.(Members).eachJSONSchema()
		case "items", "additionalProperties":
			if inner, ok := value.(Members); ok {
				value = inner.JSONSchema()
			}
		}
		schema = append(schema, Member{name, value})
	}
	return schema
}

// eachJSONSchema returns JSONSchema of every member.
func (m Members) eachJSONSchema() Members {
	all := make(Members, len(m))
	for i, member := range m {
		all[i] = Member{member.Name, member.Value.(Members).JSONSchema()}
	}
	return all
}

func anySlice[T any](items []T) []any {
	all := make([]any, len(items))
	for i, item := range items {
		all[i] = item
	}
	return all
}

// Properties are the JSON Schemas of what answers have, in order: of version 3.0 of OpenAPI, where
// null is the keyword nullable.
func (t *Table[E, M]) Properties() Members {
	all := make(Members, len(t.members))
	for i, member := range t.members {
		f := t.Field(member.field)
		s := f.schema(f.Description)
		if member.name != t.nameOf(f) {
			s = f.schema("The same as `" + t.nameOf(f) + "`")
		}
		all[i] = Member{member.name, s}
	}
	return all
}

// BodyProperties are the JSON Schemas of what bodies may have, under its first name, and the names of
// those that a new entity needs.
func (t *Table[E, M]) BodyProperties() (all Members, required []string) {
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Read == nil || f.Hidden || f.OnlyAliased || f.Into != "" && f.Append == nil { // a name of another field
			continue
		}
		name := t.nameOf(f)
		s := f.schema(f.bodyDescription(t.otherNames(i)))
		all = append(all, Member{name, s})
		if f.Required {
			required = append(required, name)
		}
	}
	return all, required
}

// BodyExample is a body that makes a new entity, or changes one: what each field itself gives as an
// example, under its first name.
func (t *Table[E, M]) BodyExample() Members {
	example := Members{}
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Read == nil || f.Hidden || f.OnlyAliased || f.Into != "" { // Into: another field says it
			continue
		}
		if value := f.schema("").Get("example"); value != nil {
			example = append(example, Member{t.nameOf(f), value})
		}
	}
	return example
}

// otherNames are the further names that bodies may use for a field, in the case of answers.
func (t *Table[E, M]) otherNames(field int) []string {
	var names []string
	if t.oneName {
		return nil
	}
	for name, at := range t.inputs {
		isOther := at.reader == field || at.target == field && t.Fields[at.reader].Append == nil
		if isOther && name != t.Fields[field].Name && name != Camel(t.Fields[field].Name) && t.Case(Snake(name)) == name {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return t.inputs[a].rank - t.inputs[b].rank })
	return names
}

// bodyDescription adds to the description what bodies may write.
func (f *Field[E, M]) bodyDescription(names []string) string {
	said := []string{f.Description}
	if f.Trim {
		said = append(said, "White space at both ends is removed")
	}
	switch {
	case f.Kind == KindWord && f.Null != "" && f.Null != NullAbsent:
		said = append(said, "In any case of letters; null means `"+f.Null+"`")
	case f.Kind == KindWord:
		said = append(said, "In any case of letters")
	case f.Nullable && f.Null == "":
		said = append(said, "Null removes it")
	}
	if len(names) > 0 {
		said = append(said, "Also called `"+strings.Join(names, "`, `")+"`")
	}
	return sentences(said...)
}

// sentences joins sentences, with a full stop after each where there are several. Empty ones are left out.
func sentences(all ...string) string {
	all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	var b strings.Builder
	for i, s := range all {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.TrimSuffix(s, ".") + ".")
	}
	return b.String()
}

// schema is the JSON Schema of the field's values.
func (f *Field[E, M]) schema(description string) Members {
	var s Members
	add := func(name string, value any) { s = append(s, Member{name, value}) }
	if description != "" {
		add("description", description)
	}
	if f.Schema != nil {
		return append(s, f.Schema...)
	}
	s = append(s, f.kindSchema()...)
	if f.Nullable {
		add("nullable", true)
	}
	if f.Example != "" {
		add("example", f.example())
	}
	return s
}

// kindSchema is what follows from the kind.
func (f *Field[E, M]) kindSchema() Members {
	switch f.Kind {
	case KindBool:
		return JSON("type", "boolean")
	case KindInteger:
		return JSON("type", "integer")
	case KindWord:
		return JSON("type", "string", "enum", f.Words)
	case KindInstant:
		return JSON("type", "string", "format", "date-time")
	case KindID:
		return JSON("type", "string", "format", "uuid")
	case KindTexts:
		return JSON("type", "array", "items", JSON("type", "string"))
	}
	s := JSON("type", "string")
	if f.Min > 0 {
		s = s.With("minLength", f.Min)
	}
	if f.Max > 0 {
		s = s.With("maxLength", f.Max)
	}
	return s
}

// example is the text of the annotation as a value of the kind.
func (f *Field[E, M]) example() any {
	switch f.Kind {
	case KindBool, KindInteger, KindTexts:
		return json.RawMessage(f.Example)
	}
	return f.Example
}

// Parameters are the parameters of a list, as OpenAPI 3.0 has them, without their descriptions of
// what every list has.
func (t *Table[E, M]) Parameters() []Members {
	var all []Members
	add := func(name, description string, schema Members) {
		all = append(all, JSON("name", name, "in", "query", "description", description, "schema", schema))
	}
	for i, p := range t.list {
		if i < ownParams {
			continue
		}
		schema := p.filter.Schema
		if schema == nil {
			schema = JSON("type", "string")
		}
		add(p.names[0], t.withOtherNames(p.filter.Description, p.names), schema)
	}
	add("timezone", "The IANA zone of today, and of dates and local times in these parameters. Without it that of the service.",
		JSON("type", "string", "example", "Europe/Berlin"))
	add("sort", t.withOtherNames("What the list is sorted by; ties are sorted by id. Without it "+t.initial.Words[0]+
		". A direction may be part of it, as in `-title` or `title_desc`.", listParams[paramSort]),
		JSON("type", "string", "enum", t.sortWords))
	add("order", t.withOtherNames("The direction. Without it "+t.directions()+".", listParams[paramOrder]),
		JSON("type", "string", "enum", []string{"asc", "desc"}))
	add("limit", t.withOtherNames("How many rows a page has at most.", listParams[paramLimit]),
		JSON("type", "integer", "minimum", 1, "maximum", maxLimit, "default", t.limit))
	add("cursor", "Where the page begins. A cursor holds for the user, sort, order and filters that it was made for, and excludes offset and page.",
		JSON("type", "string"))
	add("offset", t.withOtherNames("How many rows to skip.", listParams[paramOffset]),
		JSON("type", "integer", "minimum", 0, "maximum", maxOffset))
	add("page", "Which page, of `limit` rows each, counted from 1.", JSON("type", "integer", "minimum", 1))
	return all
}

// directions says which orders are descending by themselves.
func (t *Table[E, M]) directions() string {
	var descending []string
	for _, word := range t.sortWords {
		if t.sorts[strings.ToLower(word)].Descending {
			descending = append(descending, "`"+word+"`")
		}
	}
	return "`desc` for " + oneOf(descending) + ", `asc` for the others"
}

func (t *Table[E, M]) withOtherNames(description string, names []string) string {
	if len(names) < 2 || t.oneName {
		return description
	}
	if description != "" && !strings.HasSuffix(description, ".") {
		description += "."
	}
	return sentences(description, "Also called `"+strings.Join(names[1:], "`, `")+"`")
}
