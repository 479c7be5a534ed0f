package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"todo-backend/ent/resource"
)

// members is a JSON object in its order, array a JSON array.
type (
	members = resource.Members
	array   = []any
)

// decode reads JSON and keeps the order of objects: they are members, arrays are array.
func decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decodeValue(decoder)
}

func decodeValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		object := members{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			value, err := decodeValue(decoder)
			if err != nil {
				return nil, err
			}
			object = append(object, resource.Member{Name: name.(string), Value: value})
		}
		_, err := decoder.Token()
		return object, err
	case json.Delim('['):
		list := array{}
		for decoder.More() {
			value, err := decodeValue(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := decoder.Token()
		return list, err
	}
	return token, nil
}

// encode is a document as JSON for people: indented, and with a line's end at the end.
func encode(document members) ([]byte, error) {
	content, err := document.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode a document: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, content, "", "  "); err != nil {
		return nil, fmt.Errorf("indent a document: %w", err)
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}

// replaced returns a value in which every name and text has the replacements made.
func replaced(value any, replace *strings.Replacer) any {
	switch value := value.(type) {
	case members:
		made := make(members, len(value))
		for i, m := range value {
			made[i] = resource.Member{Name: replace.Replace(m.Name), Value: replaced(m.Value, replace)}
		}
		return made
	case array:
		made := make(array, len(value))
		for i, item := range value {
			made[i] = replaced(item, replace)
		}
		return made
	case string:
		return replace.Replace(value)
	}
	return value
}

// mapped returns an object with other values under the same names.
func mapped(m members, value func(resource.Member) any) members {
	made := make(members, len(m))
	for i, member := range m {
		made[i] = resource.Member{Name: member.Name, Value: value(member)}
	}
	return made
}

// object is a member that is an object; empty where there is none.
func object(m members, name string) members {
	value, _ := m.Get(name).(members)
	return value
}

// parameters are those of an operation.
func parameters(operation members) array {
	value, _ := operation.Get("parameters").(array)
	return value
}

// text is a member that is a string; empty where there is none.
func text(m members, name string) string {
	value, _ := m.Get(name).(string)
	return value
}
