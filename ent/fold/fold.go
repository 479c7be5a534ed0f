// Package fold prepares text for search without regard to case. The same function folds the columns that are searched and
// the words of a search, so that both databases find the same tasks by a plain comparison of bytes.
//
//	folded := fold.Fold(task.Title)  // stored beside the text, and written again with each change of it
//	words, err := fold.Words(search) // err.Error() is a sentence for the user
//	for each word: instr(folded, word) > 0
//
// A word is found anywhere in a text, also inside other words. Texts and searches must be valid UTF-8 without NUL: the code that
// reads requests refuses anything else.
package fold

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The limits of a search.
const (
	MaxWords      = 10
	MaxCharacters = 200 // of all words, in code points
)

// ErrTooLong is the error of [Words], a sentence without its subject.
var ErrTooLong = errors.New("must have at most 10 words and 200 characters")

// separator stands between the texts of a column. No word has it, since searches are split there.
const separator = "\n"

// letterI makes the four letters i one. A dot above belongs to the capital of Turkish, whose lower case in other languages is an i
// and that dot.
var letterI = strings.NewReplacer("i\u0307", "i", "ı\u0307", "i", "İ", "i", "I", "i", "ı", "i")

// Fold returns the text in the form in which it is compared: Unicode's compatibility composition (NFKC) and full case folding.
// Accents count: é is not e. The letters i, I, ı and İ are alike, whatever the language.
func Fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	text = letterI.Replace(norm.NFKC.String(text))
	return norm.NFKC.String(cases.Fold().String(strings.Map(lowerCherokee, text)))
}

// isASCII reports whether lower case is all that folding does.
func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lowerCherokee lowers Cherokee letters before [cases.Fold], which swaps the two cases of this script.
func lowerCherokee(r rune) rune {
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToLower(r)
	}
	return r
}

// Column returns what is searched of several texts.
func Column(texts ...string) string {
	folded := make([]string, len(texts))
	for i, text := range texts {
		folded[i] = Fold(text)
	}
	return strings.Join(folded, separator)
}

// Words splits a search at white space and returns the folded words, possibly none. It returns ErrTooLong for more than MaxWords
// words or MaxCharacters characters.
func Words(search string) ([]string, error) {
	words := strings.Fields(search)
	if len(words) > MaxWords {
		return nil, ErrTooLong
	}
	characters := 0
	for i, word := range words {
		characters += utf8.RuneCountInString(word)
		words[i] = Fold(word)
	}
	if characters > MaxCharacters {
		return nil, ErrTooLong
	}
	return words, nil
}

var escape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Pattern returns the operand of LIKE that finds a word anywhere, where \ is the escape character.
func Pattern(word string) string { return "%" + escape.Replace(word) + "%" }
