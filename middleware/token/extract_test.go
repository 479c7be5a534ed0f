package token

import "testing"

func TestExtract(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl_-"
	for _, text := range []string{
		token,
		"  " + token + "\r\n",
		"Bearer " + token,
		"bearer " + token,
		"BEARER   " + token,
		"Bearer\t" + token,
		"Bearer Bearer " + token,
		"Bearer" + token,
		`"` + token + `"`,
		"'Bearer " + token + "'",
		`Bearer "` + token + `"`,
		"`" + token + "`",
		"“" + token + "”",
		"Authorization: Bearer " + token,
		"authorization:bearer " + token + "\n",
		"Authorization: " + token,
		"Authorization Bearer " + token,
		`"Authorization": "Bearer ` + token + `",`,
		"authorization=Bearer " + token + ";",
		"-H 'Authorization: Bearer " + token + "' \\",
		`-H "authorization: bearer ` + token + `"`,
	} {
		if got := Extract(text); got != token {
			t.Errorf("of %q: %q", text, got)
		}
	}
	for text, want := range map[string]string{"": "", " ": "", "Bearer": "", "Authorization:": "", "abc": "abc", "a b": "a b"} {
		if got := Extract(text); got != want {
			t.Errorf("of %q: %q, want %q", text, got, want)
		}
	}
}
