package routes_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"todo-backend/ent/database/databasetest"
)

// The server quotes a request that it can't read in its error. Neither the log nor the answer repeats it.
func TestUnreadableRequestsAreNotRepeated(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]string{
		"a length that is no number":  "Content-Length: abc",
		"a length below zero":         "Content-Length: -1",
		"two lengths":                 "Content-Length: 5, 5",
		"a space before the colon":    "X-Note : x",
		"chunks that are none":        "Transfer-Encoding: chunked",
		"a line without a name":       ": x",
		"a header that never ends":    "X-Note: " + strings.Repeat("x", 20_000),
		"a body longer than the most": "Content-Length: 70000",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			a := newAPI(t, databasetest.SQLite(t), func(s *setup) { s.log = &log })
			answer := a.raw(t, "POST /api/tasks?q=hidden-query HTTP/1.1\r\nHost: todo\r\nAuthorization: Bearer hidden-token\r\n"+
				"Cookie: session=hidden-cookie\r\n"+broken+"\r\n\r\nhidden body\r\n").body
			if err := a.app.Shutdown(); err != nil { // then the log is complete
				t.Fatal(err)
			}
			if !strings.Contains(answer, `"requestId"`) || !strings.Contains(log.String(), `"status":4`) {
				t.Errorf("the answer is %s, the log %s", answer, log.String())
			}
			if strings.Contains(answer+log.String(), "hidden") {
				t.Errorf("the request is repeated in the answer %s or the log %s", answer, log.String())
			}
		})
	}
}

// A request that says twice how long it is gets one answer, a refusal, and what follows is not read as another request.
func TestNothingIsSmuggled(t *testing.T) {
	t.Parallel()
	const inner = "GET /health HTTP/1.1\r\nHost: todo\r\n\r\n"
	whole := fmt.Sprint("Content-Length: ", len(inner))
	for name, lengths := range map[string]string{
		"two lengths, the last of none": whole + "\r\nContent-Length: 0",
		"two lengths, the first of it":  "Content-Length: 0\r\ncontent-length:" + whole[len("Content-Length:"):],
		"the same length twice":         whole + "\r\n" + whole,
		"a length before chunks":        whole + "\r\nTransfer-Encoding: chunked",
		"a length behind chunks":        "Transfer-Encoding: chunked\r\n" + whole,
		"chunks twice":                  "Transfer-Encoding: chunked\r\nTRANSFER-ENCODING: chunked",
		"chunks that are not":           "Transfer-Encoding: identity\r\n" + whole,
	} {
		for _, method := range []string{"GET", "POST"} {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				a := newAPI(t, databasetest.SQLite(t))
				conn, err := a.dial()
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				request := method + " /health HTTP/1.1\r\nHost: todo\r\n" + lengths + "\r\n\r\n0\r\n\r\n" + inner
				go func() { _, _ = io.WriteString(conn, request) }()
				all, _ := io.ReadAll(conn) // the end may be a reset
				if answers := strings.Count(string(all), "HTTP/1.1 "); answers != 1 || !strings.HasPrefix(string(all), "HTTP/1.1 400") {
					t.Errorf("%d answers: %s", answers, all)
				}
			})
		}
	}
}

// A header that only looks like a length is none.
func TestOneLengthIsEnough(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	got := a.raw(t, "POST /api/tasks HTTP/1.1\r\nHost: todo\r\nAuthorization: Bearer "+sign(t, "ann")+
		"\r\nContent-Length: 16\r\nContent-Length-Of: 3\r\nX-Note: Content-Length: 4\r\n\r\n{\"title\": \"Buy\"}")
	if got.status != 201 {
		t.Errorf("answered %d %s", got.status, got.body)
	}
}

// A shutdown waits for requests in flight, but not for good for one that breaks off.
func TestShutdownWithARequestThatBreaksOff(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	conn, err := a.dial()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET /health HTTP/1.1\r\nHo"); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(200*time.Millisecond, func() { conn.Close() })
	if err := a.app.ShutdownWithTimeout(hangs); err != nil {
		t.Errorf("shut down: %v", err)
	}
}
