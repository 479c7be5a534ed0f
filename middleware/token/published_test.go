package token

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFetchPublished(t *testing.T) {
	t.Parallel()
	answering := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	tests := map[string]struct {
		status int
		body   string
		want   Published
		fails  string // what the error says
	}{
		"no key yet":          {200, `{"keys":[]}`, Published{}, ""},
		"a key, and no use":   {200, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"wPyC"},null,{"use":"enc"}]}`, Published{Keys: 1, Useless: 2}, ""},
		"no JWKS":             {200, `{"message":"hello"}`, Published{}, "it is no JWKS"},
		"a page":              {200, `<html>`, Published{}, "it is no JWKS"},
		"not there":           {404, ``, Published{}, "answers 404 Not Found"},
		"a redirect to login": {302, ``, Published{}, "answers 302 Found"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := publish(t)
			answer := answering(tt.status, tt.body)
			p.answer.Store(&answer)
			got, err := FetchPublished(t.Context(), p.url)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) || !strings.Contains(err.Error(), p.url) {
					t.Errorf("got %+v, %v; want an error about %q", got, err, tt.fails)
				}
				return
			}
			tt.want.Date = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
	if _, err := FetchPublished(t.Context(), "http://127.0.0.1:1/jwks"); err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("of nobody: %v", err)
	}
}
