package token

import "strings"

// Extract returns the token in a text that somebody copied: the token alone or behind Bearer, in quotes,
// or in a whole line of headers or of a command.
func Extract(text string) string {
	for {
		rest := strings.Trim(text, " \t\r\n\"'`,;\\“”")
		for _, before := range []string{"-H", "Authorization", ":", "=", "Bearer"} {
			rest = cutPrefixFold(rest, before)
		}
		if rest == text {
			return text
		}
		text = rest
	}
}

// cutPrefixFold is strings.CutPrefix in any case of letters.
func cutPrefixFold(text, prefix string) string {
	if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
		return text[len(prefix):]
	}
	return text
}
