package resource

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Object is a JSON object whose values are not decoded yet. There is no white space around them.
type Object map[string]json.RawMessage

// DecodeObject reads a body. Of a name that it has twice the last counts.
func DecodeObject(body []byte) (Object, error) {
	if !isText(body) {
		return nil, Invalid{{Code: "text", Detail: "The body must be valid UTF-8 and contain no unpaired surrogate"}}
	}
	var object Object
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, Invalid{{Code: "json", Detail: "The body must be a JSON object"}}
	}
	return object, nil
}

// Inner returns the object in the only member of o where it has one of the names, and else o.
func (o Object) Inner(names ...string) Object {
	if len(o) != 1 {
		return o
	}
	for _, name := range names {
		raw, ok := o[name]
		if !ok || raw[0] != '{' {
			continue
		}
		var inner Object
		if json.Unmarshal(raw, &inner) == nil {
			return inner
		}
	}
	return o
}

// IsNull reports whether a value is null.
func IsNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

// ReadText decodes a string of a body that [DecodeObject] took.
func ReadText(raw json.RawMessage) (string, *Refusal) {
	text, ok := parseString(raw)
	if !ok {
		return "", Refuse("type", "must be a string")
	}
	if strings.ContainsRune(text, 0) {
		return "", Refuse("text", "must not contain a NUL character")
	}
	return text, nil
}

// parseString decodes a value if it is a string. Most have no escapes: they are what stands between
// the quotes.
func parseString(raw json.RawMessage) (text string, ok bool) {
	if raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true
	}
	var unescaped string
	err := json.Unmarshal(raw, &unescaped)
	return unescaped, err == nil
}

// ReadBool decodes true or false.
func ReadBool(raw json.RawMessage) (bool, *Refusal) {
	switch string(raw) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, Refuse("type", "must be true or false")
}

// isText reports whether body is UTF-8 whose \u escapes are Unicode too: encoding/json would silently
// write U+FFFD for what is not.
func isText(body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	escape := bytes.IndexByte(body, '\\')
	if escape < 0 {
		return true
	}
	for i := escape; i+1 < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++ // past the character escaped
		if body[i] != 'u' {
			continue
		}
		first := escapedUnit(body[i-1:])
		if !utf16.IsSurrogate(first) {
			continue
		}
		if utf16.DecodeRune(first, escapedUnit(body[min(i+5, len(body)):])) == utf8.RuneError {
			return false
		}
		i += 10 // past the second one
	}
	return true
}

// escapedUnit is the code unit that s starts with as \uXXXX; -1 where it does not.
func escapedUnit(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	var unit rune
	for _, digit := range s[2:6] {
		value := strings.IndexByte("0123456789abcdef", digit|0x20)
		if value < 0 {
			return -1
		}
		unit = unit<<4 | rune(value) //nolint:gosec // one digit
	}
	return unit
}
