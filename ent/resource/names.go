package resource

import (
	"strings"
	"unicode"
)

// Camel is a name of snake_case in camelCase.
func Camel(snake string) string {
	if !strings.Contains(snake, "_") {
		return snake
	}
	var camel strings.Builder
	for i, part := range strings.Split(snake, "_") {
		if i > 0 {
			part = capitalize(part)
		}
		camel.WriteString(part)
	}
	return camel.String()
}

// Snake is a name of camelCase in snake_case.
func Snake(camel string) string {
	var snake strings.Builder
	for _, r := range camel {
		if unicode.IsUpper(r) {
			snake.WriteByte('_')
		}
		snake.WriteRune(unicode.ToLower(r))
	}
	return snake.String()
}

// inBothCases are the names in snake_case and, where that differs, camelCase.
func inBothCases(names ...string) []string {
	all := make([]string, 0, 2*len(names))
	for _, name := range names {
		all = append(all, name)
		if camel := Camel(name); camel != name {
			all = append(all, camel)
		}
	}
	return all
}

// wordIndex is the place of a word among others, in any case of letters; -1 where it is none.
func wordIndex(words []string, word string) int {
	for i, w := range words {
		if strings.EqualFold(w, word) {
			return i
		}
	}
	return -1
}

// OneOf lists words for a sentence: "a", "b" or "c".
func OneOf(words []string) string {
	var list strings.Builder
	for i, word := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			list.WriteString(" or ")
		default:
			list.WriteString(", ")
		}
		list.WriteString(`"` + word + `"`)
	}
	return list.String()
}
