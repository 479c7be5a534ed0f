package token

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoTheUserIs(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, claims, want string }{
		{"sub", `"sub":"alice","user_id":"bob","id":"carol"`, "user alice"},
		{"user_id without sub", `"user_id":"bob","id":"carol"`, "user bob"},
		{"id without either", `"id":"carol"`, "user carol"},
		{"sub beside others of no use", `"sub":"alice","user_id":7,"id":null`, "user alice"},
		{"a UUID", `"sub":"0197b6a2-7d1c-7000-8000-000000000001"`, "user 0197b6a2-7d1c-7000-8000-000000000001"},
		{"a serial number as text", `"sub":"1","id":1`, "user 1"},
		{"escapes", `"sub":"al\u0069ce \ud83d\ude00"`, "user alice 😀"},
		{"255 characters", `"sub":"` + strings.Repeat("é", 255) + `"`, "user " + strings.Repeat("é", 255)},

		{"256 characters", `"sub":"` + strings.Repeat("é", 256) + `","id":"carol"`, "subject"},
		{"sub empty", `"sub":"","user_id":"bob"`, "subject"},
		{"sub null", `"sub":null,"user_id":"bob"`, "subject"},
		{"sub a number", `"sub":7,"user_id":"bob"`, "subject"},
		{"sub an array", `"sub":["alice"],"id":"carol"`, "subject"},
		{"sub an object", `"sub":{"id":"alice"},"id":"carol"`, "subject"},
		{"user_id null", `"user_id":null,"id":"carol"`, "subject"},
		{"user_id a number", `"user_id":7,"id":"carol"`, "subject"},
		{"id a number", `"id":7`, "subject"},
		{"NUL", `"sub":"al\u0000ice"`, "subject"},
		{"invalid UTF-8", "\"sub\":\"al\xffice\"", "subject"},
		{"a lone surrogate", `"sub":"al\ud800ice"`, "subject"},
		{"nobody", `"iat":1795373851`, "subject"},
		{"other claims, of the same names but for case", `"SUB":"bob","Sub":"bob","\u017fub":"bob","User_ID":"bob","ID":"bob","Id":"bob"`, "subject"},
		{"sub before another SUB", `"sub":"alice","SUB":"bob","Sub":"bob"`, "user alice"},
		{"sub after another SUB", `"SUB":7,"Sub":"bob","sub":"alice"`, "user alice"},
		{"userId and email alone", `"userId":"alice","email":"alice@example.com"`, "subject"},
		{"userId beside id", `"userId":"alice","id":"carol"`, "user carol"},
		{"e-mail verification", `"email":"alice@example.com","userId":"alice","iat":1795373851`, "subject"},
		{"session cookie", `"session":{"token":"x","userId":"alice"},"user":{"id":"alice"},"iat":1795373851`, "subject"},
	}
	verifier := secretVerifier(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			token := literal(fmt.Sprintf(`{%s,"exp":%d}`, test.claims, time.Now().Unix()+60))
			if got := verified(verifier, token); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWhenATokenHolds(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, claims, want string }{
		{"an hour more", `"exp":NOW+3600`, "user alice"},
		{"half a second more", `"exp":NOW+0.5`, "user alice"},
		{"within the leeway", `"exp":NOW-4`, "user alice"},
		{"just within the leeway", `"exp":NOW-4.9`, "user alice"},
		{"just beyond the leeway", `"exp":NOW-5`, "expired"},
		{"long expired", `"exp":1`, "expired"},
		{"at zero", `"exp":0`, "expired"},
		{"below zero", `"exp":-1`, "expired"},
		{"far below zero", `"exp":-1e300`, "expired"},
		{"below every integer", `"exp":-9223372036854775809`, "expired"},
		{"for ever and a day", `"exp":1e300`, "far_expiry"},
		{"above every integer", `"exp":9223372036854775808`, "far_expiry"},
		{"ten years", `"exp":1262304000`, "user alice"},
		{"ten years, by a clock that is ahead", `"exp":1262304005`, "user alice"},
		{"longer than ten years", `"exp":1262304006`, "far_expiry"},
		{"in milliseconds", `"exp":946688400000`, "far_expiry"},
		{"above every float", `"exp":1e999`, "malformed"},
		{"no exp", `"iat":1`, "no_expiry"},
		{"exp null", `"exp":null`, "no_expiry"},
		{"EXP", `"EXP":NOW+3600,"Exp":NOW+3600`, "no_expiry"},
		{"exp and EXP", `"exp":1,"EXP":NOW+3600,"Exp":NOW+3600`, "expired"},
		{"exp and NBF", `"exp":NOW+3600,"NBF":NOW+3600`, "user alice"},
		{"exp a text", `"exp":"NOW+3600"`, "malformed"},
		{"exp an object", `"exp":{}`, "malformed"},

		{"nbf past", `"exp":NOW+3600,"nbf":NOW-1`, "user alice"},
		{"nbf within the leeway", `"exp":NOW+3600,"nbf":NOW+5`, "user alice"},
		{"nbf just beyond the leeway", `"exp":NOW+3600,"nbf":NOW+5.1`, "not_yet_valid"},
		{"nbf far away", `"exp":NOW+3600,"nbf":1e300`, "not_yet_valid"},
		{"nbf long ago", `"exp":NOW+3600,"nbf":-1e300`, "user alice"},
		{"nbf a text", `"exp":NOW+3600,"nbf":"soon"`, "malformed"},
		{"issued in the future", `"exp":NOW+3600,"iat":NOW+1800`, "user alice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				token := literal(`{"sub":"alice",` + atNow(test.claims) + `}`)
				if got := verified(secretVerifier(t), token); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

// atNow works out sums such as NOW+0.5.
func atNow(claims string) string {
	before, after, found := strings.Cut(claims, "NOW")
	if !found {
		return claims
	}
	end := strings.IndexAny(after+",", `,"`)
	var delta float64
	if _, err := fmt.Sscan(after[:end], &delta); err != nil {
		panic(err)
	}
	return fmt.Sprintf("%s%.3f%s", before, float64(time.Now().Unix())+delta, atNow(after[end:]))
}

func TestEmailAndName(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, claims, email, called string }{
		{"both", `"email":"alice@example.com","name":"Alice"`, "alice@example.com", "Alice"},
		{"neither", `"iat":1`, "none", "none"},
		{"null", `"email":null,"name":null`, "none", "none"},
		{"empty", `"email":"","name":""`, "", ""},
		{"no texts", `"email":7,"name":{"first":"Alice"}`, "none", "none"},
		{"in capitals", `"Email":"bob@example.com","NAME":"Bob"`, "none", "none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			claims, err := secretVerifier(t).Verify(literal(fmt.Sprintf(`{"sub":"alice","exp":%d,%s}`, time.Now().Unix()+60, test.claims)))
			if err != nil {
				t.Fatal(err)
			}
			if email, name := orNone(claims.Email), orNone(claims.Name); email != test.email || name != test.called {
				t.Errorf("got %q and %q, want %q and %q", email, name, test.email, test.called)
			}
		})
	}
}

func orNone(s *string) string {
	if s == nil {
		return "none"
	}
	return *s
}

func TestPayloadsThatAreNoClaims(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, payload, want string }{
		{"null", `null`, "no_expiry"},
		{"an array", `[]`, "malformed"},
		{"a text", `"alice"`, "malformed"},
		{"nothing", ``, "malformed"},
		{"cut short", `{"sub":"alice"`, "malformed"},
		{"two objects", `{"sub":"alice","exp":4e9}{}`, "malformed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := verified(secretVerifier(t), literal(test.payload)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
