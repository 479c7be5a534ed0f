package main

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"todo-backend/ent/database/pgtest"
	"todo-backend/middleware/token"
)

// placement is a request with a token somewhere in it, the right place or a wrong one. TOKEN stands for the token, GOOD for one
// that lets the request through.
type placement struct{ request, headers, body string }

const (
	bearing = "Authorization: Bearer TOKEN\n"
	letIn   = "Authorization: Bearer GOOD\n"
)

// inPlace are sent again when the database is gone.
var inPlace = []placement{
	{"GET /ready", bearing, ""},
	{"GET /api/auth/me", bearing, ""},
	{"GET /api/tasks", bearing, ""},
	{"POST /api/tasks", bearing, `{"title":"x"}`},
	{"DELETE /api/tasks/01980000-0000-7000-8000-000000000000", bearing, ""},
}

var misplaced = []placement{
	// the header, but not as it should be
	{"GET /api/tasks", "Authorization: TOKEN\n", ""},
	{"GET /api/tasks", "Authorization: Basic TOKEN\n", ""},
	{"GET /api/tasks", "Authorization: Bearer Bearer TOKEN\n", ""},
	{"GET /api/tasks", "Authorization: Bearer xTOKEN\n", ""},
	// other headers
	{"GET /api/tasks", "Cookie: token=TOKEN; better-auth.session_token=TOKEN\n", ""},
	{"GET /api/tasks", letIn + "X-Request-Id: TOKEN\nOrigin: TOKEN\nUser-Agent: TOKEN\nReferer: TOKEN\nIf-None-Match: TOKEN\nAccept: TOKEN\n", ""},
	{"OPTIONS /api/tasks", "Origin: http://localhost:3000\nAccess-Control-Request-Method: TOKEN\nAccess-Control-Request-Headers: TOKEN\n", ""},
	{"POST /api/tasks", letIn + "Content-Type: TOKEN\n", ""},
	{"POST /api/tasks", letIn + "Content-Encoding: TOKEN\n", "{}"},
	{"POST /api/tasks", letIn + "Content-Type: application/x-www-form-urlencoded\n", "token=TOKEN"},
	// the address
	{"GET /TOKEN", "", ""},
	{"GET //TOKEN/", "", ""},
	{"DELETE /docs/TOKEN", "", ""},
	{"POST /health?token=TOKEN", "", ""},
	{"GET /api/TOKEN", letIn, ""},
	{"GET /api/TOKEN/tasks", letIn, ""},
	{"GET /api/TOKEN/nothing", letIn, ""},
	{"PUT /api/auth/me?TOKEN", letIn, ""},
	{"GET /api/tasks/TOKEN", letIn, ""},
	{"PATCH /api/tasks/TOKEN/complete", letIn, ""},
	{"PATCH /api/tasks/%zzTOKEN", letIn, "{}"},
	{"GET /api/tasks?token=TOKEN&access_token=TOKEN", "", ""},
	{"GET /api/tasks?cursor=TOKEN", letIn, ""},
	{"GET /api/calendar.ics?access_token=TOKEN", "", ""},
	{"GET /api/calendar.ics?as=TOKEN&access_token=TOKEN", letIn, ""},
	{"GET /api/tasks?sort=TOKEN&order=TOKEN&status=TOKEN&limit=TOKEN&offset=TOKEN&cursor=TOKEN", letIn, ""},
	// the body
	{"POST /api/tasks", letIn, "TOKEN"},
	{"POST /api/tasks", letIn, `{"title":TOKEN}`},
	{"POST /api/tasks", letIn, `{"TOKEN":`},
	{"POST /api/tasks", letIn, `{"title":"TOKEN\u0000"}`},
	{"POST /api/tasks", letIn, `{"title":"x","status":"TOKEN","user_id":"TOKEN","completed":"TOKEN"}`},
	// what is no HTTP, or too much of it
	{"TOKEN /api/tasks", "", ""},
	{"GET /api/tasks TOKEN", "", ""},
	{"GET http://TOKEN/api/tasks", "", ""},
	{"GET /api/tasks", "Authorization TOKEN\n", ""},
	{"GET /api/tasks", "TOKEN: x\n", ""},
	{"GET /api/tasks", bearing + "Content-Length: TOKEN\n", ""},
	{"POST /api/tasks", bearing + "Transfer-Encoding: chunked\n", "?TOKEN\r\n"},
	{"GET /api/tasks", bearing + "Cookie: a=" + strings.Repeat("x", 40<<10) + "\n", ""},
	{"POST /api/tasks", bearing, "TOKEN" + strings.Repeat("x", 64<<10)},
}

// TestSecretsAreToldNowhere puts tokens of every kind wherever a client may put one, while the database is there and when it
// is gone. Neither they nor what the service alone knows stand in anything that it wrote, answered or measured, the token in
// development's banner excepted.
func TestSecretsAreToldNowhere(t *testing.T) {
	t.Parallel()
	for name, env := range map[string][]string{
		"production":  {"APP_ENV=production", "HOST=127.0.0.1", "DRAIN_DELAY=0s", "BETTER_AUTH_SECRET=hunter2-hunter2-hunter2-hunter2-"},
		"development": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database, drop, err := pgtest.Shared(t).CreateDatabase(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(drop)
			betterAuth, signEdDSA := newBetterAuth(t)
			dir, metrics := t.TempDir(), freeAddress(t)
			s := start(t, dir, append(env, "NEON_DB_URL="+database, "BETTER_AUTH_URL="+betterAuth, "METRICS_ADDR="+metrics, "LOG_LEVEL=debug", "RATE_LIMIT=0")...)
			secret := secretOf(t, dir, env)
			tokens := append(tokensOf(t, secret, betterAuth, signEdDSA), slices.DeleteFunc([]string{s.token}, func(s string) bool { return s == "" })...)
			tokens = append(tokens, s.apiToken(t, tokens[0]), string(token.NewAPIToken()))

			told := s.sendAll(t, tokens, slices.Concat(inPlace, misplaced))
			told = append(told, readAll(t, "http://"+metrics+"/metrics"))
			wantStatuses(t, told, 200, 201, 400, 401, 403, 404, 405, 413, 415, 422, 431)
			drop()
			gone := s.sendAll(t, tokens, inPlace)
			wantStatuses(t, gone, 200, 401, 503)
			told = append(append(told, gone...), readAll(t, "http://"+metrics+"/metrics"))
			s.stop(t, os.Interrupt)

			log := s.output.String()
			if lines := strings.Count(log, "\n"); lines < len(told)/2 {
				t.Errorf("%d lines tell of %d requests", lines, len(told))
			}
			if s.token != "" {
				log = strings.Replace(log, "\n"+s.token+"\n", "\n", 1)
			}
			secrets := secretsIn(t, secret, database, tokens)
			for _, text := range append(told, log) {
				wantNone(t, text, secrets)
			}
		})
	}
}

// secretOf is the secret that env gives, or that development keeps.
func secretOf(t *testing.T, dir string, env []string) string {
	t.Helper()
	for _, setting := range env {
		if value, ok := strings.CutPrefix(setting, "BETTER_AUTH_SECRET="); ok {
			return value
		}
	}
	kept, err := os.ReadFile(filepath.Join(dir, "data", "better-auth-secret"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(kept))
}

// tokensOf are tokens of every kind; the first holds.
func tokensOf(t *testing.T, secret, betterAuth string, signEdDSA func(string, jwt.MapClaims) string) []string {
	t.Helper()
	claims := func(changes jwt.MapClaims) jwt.MapClaims {
		all := jwt.MapClaims{"sub": "alice", "iss": betterAuth, "aud": betterAuth, "exp": time.Now().Add(time.Hour).Unix()}
		maps.Copy(all, changes)
		return all
	}
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		made, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	ours := func(changes jwt.MapClaims) string {
		return sign(jwt.SigningMethodHS256, []byte(secret), claims(changes))
	}
	good := ours(nil)
	return []string{
		good,
		good + "x",
		ours(jwt.MapClaims{"exp": 1}),
		ours(jwt.MapClaims{"nbf": 1e12}),
		ours(jwt.MapClaims{"sub": 7}),
		sign(jwt.SigningMethodHS512, []byte(secret), claims(nil)),
		sign(jwt.SigningMethodHS256, []byte("another secret of thirty-two bytes"), claims(nil)),
		sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil)) + "c2lnbmVkIGJ5IG5vYm9keQ",
		sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"email": "a@example.com", "userId": "alice", "exp": 1e12}),
		signEdDSA("known", claims(nil)),
		signEdDSA("known", claims(jwt.MapClaims{"iss": "eve"})),
		signEdDSA("unknown", claims(nil)),
		"hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2k=", // a session's
	}
}

// apiToken makes an API token. Only the answer to this request contains it.
func (s *service) apiToken(t *testing.T, good string) string {
	t.Helper()
	answer := s.sendRaw(t, placement{"POST /api/tokens", letIn, `{"name":"x","scope":"write"}`}.with("", good))
	made := regexp.MustCompile(`todo_[0-9A-Za-z]{43}`).FindString(answer)
	if made == "" {
		t.Fatalf("no API token: %s", answer)
	}
	return made
}

// secretsIn returns the texts that must appear nowhere: the token itself, and its parts after the header.
func secretsIn(t *testing.T, secret, database string, tokens []string) []string {
	t.Helper()
	parsed, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{secret}
	if password, ok := parsed.User.Password(); ok {
		all = append(all, password)
	}
	for _, text := range tokens {
		if token.IsAPIToken(text) {
			all = append(all, text)
		}
		all = append(all, strings.Split(text, ".")[1:]...)
	}
	return all
}

func wantNone(t *testing.T, text string, secrets []string) {
	t.Helper()
	for line := range strings.Lines(text) {
		for _, secret := range secrets {
			if strings.Contains(line, secret) {
				t.Errorf("%q is told: %s", secret, line)
				break
			}
		}
	}
}

// sendAll sends every token in every place, several at a time since some wait, and returns all answers.
func (s *service) sendAll(t *testing.T, tokens []string, places []placement) []string {
	t.Helper()
	answers := make([]string, len(tokens)*len(places))
	var sent sync.WaitGroup
	atOnce := make(chan struct{}, 50)
	for i := range answers {
		request := places[i/len(tokens)].with(tokens[i%len(tokens)], tokens[0])
		atOnce <- struct{}{}
		sent.Go(func() {
			answers[i] = s.sendRaw(t, request)
			<-atOnce
		})
	}
	sent.Wait()
	return answers
}

// with is the request as bytes.
func (p placement) with(token, good string) string {
	put := strings.NewReplacer("TOKEN", token, "GOOD", good).Replace
	body := put(p.body)
	lines := p.request + " HTTP/1.1\nHost: todo\nConnection: close\n" + p.headers
	if !strings.Contains(lines, "Content-Length") && !strings.Contains(lines, "Transfer-Encoding") {
		lines += fmt.Sprintf("Content-Length: %d\n", len(body))
	}
	return strings.ReplaceAll(put(lines)+"\n", "\n", "\r\n") + body
}

// sendRaw returns all that comes back.
func (s *service) sendRaw(t *testing.T, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Error(err)
		return ""
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(hangs))
	_, _ = io.WriteString(conn, request) // what is refused may not be read to the end
	answer, _ := io.ReadAll(conn)        // nor closed in good order
	return string(answer)
}

// wantStatuses wants each of them among the answers: what is not answered tells nothing.
func wantStatuses(t *testing.T, answers []string, statuses ...int) {
	t.Helper()
	for _, status := range statuses {
		begin := fmt.Sprintf("HTTP/1.1 %d ", status)
		if !slices.ContainsFunc(answers, func(answer string) bool { return strings.HasPrefix(answer, begin) }) {
			t.Errorf("nothing is answered with %d", status)
		}
	}
}

func readAll(t *testing.T, address string) string {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(body), "http_request_duration_seconds_count") {
		t.Errorf("%s: %v: %s", address, err, body)
	}
	return string(body)
}
