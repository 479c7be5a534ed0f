package routes_test

import (
	"io"
	"strings"
	"testing"

	"todo-backend/ent/database/databasetest"
)

// exchange sends bytes over a connection of their own and returns all that comes back until the server closes it.
func (a *api) exchange(t *testing.T, sent string) string {
	t.Helper()
	conn, err := a.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, sent) }() // what is refused may not be read to the end
	received, _ := io.ReadAll(conn)                   // the end may be a reset
	return string(received)
}

// A request that a proxy in front could read in another way is answered once, with 400, and the connection ends: what follows
// it is not read as a request.
func TestAmbiguousRequestsAreRefused(t *testing.T) {
	t.Parallel()
	const inner = "GET /health HTTP/1.1\r\nHost: todo\r\nConnection: close\r\n\r\n"
	a := newAPI(t, databasetest.SQLite(t))
	for name, request := range map[string]string{
		"a bare LF in a chunk's extension":       "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: chunked\r\n\r\n2;a\nxx\r\n0\r\n\r\n",
		"a bare LF behind a chunk's length":      "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: chunked\r\n\r\n2\nxx\r\n0\r\n\r\n",
		"a chunk's length with a sign":           "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\nxx\r\n0\r\n\r\n",
		"a coding that is almost chunked":        "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"chunks behind another coding":           "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"chunks behind nothing":                  "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: , chunked\r\n\r\n0\r\n\r\n",
		"chunks with a parameter":                "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
		"chunks in quotes":                       "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
		"chunks on a folded line":                "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
		"a coding that goes on on a folded line": "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: chunked\r\n ,identity\r\n\r\n0\r\n\r\n",
		"chunks behind a vertical tab":           "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n",
		"the coding identity":                    "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: identity\r\n\r\n",
		"the coding identity in other letters":   "GET /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding: Identity\r\n\r\n",
		"no coding":                              "GET /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding:\r\n\r\n",
		"a space before the colon":               "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
		"a name with a space in it":              "POST /health HTTP/1.1\r\nHost: todo\r\nTransfer Encoding: chunked\r\n\r\n",
		"chunks in HTTP/1.0":                     "POST /health HTTP/1.0\r\nHost: todo\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"no Host":                                "GET /health HTTP/1.1\r\n\r\n",
		"a Host in another name only":            "GET /health HTTP/1.1\r\nX-Host: todo\r\n\r\n",
		"two Hosts":                              "GET /health HTTP/1.1\r\nHost: todo\r\nHost: todo\r\n\r\n",
		"two Hosts in other letters":             "GET /health HTTP/1.1\r\nhost: todo\r\nHOST: other\r\n\r\n",
		"a bare CR in a header":                  "GET /health HTTP/1.1\r\nHost: todo\r\nX-Note: a\rb\r\n\r\n",
		"a bare CR at the end of a header":       "GET /health HTTP/1.1\r\nHost: todo\r\nX-Note: a\r\r\n\r\n",
		"NUL in a header":                        "GET /health HTTP/1.1\r\nHost: todo\r\nX-Note: a\x00b\r\n\r\n",
		"NUL in the name of a header":            "GET /health HTTP/1.1\r\nHost: todo\r\nX-\x00Note: a\r\n\r\n",
		"a folded header":                        "GET /health HTTP/1.1\r\nHost: todo\r\nX-Note: a\r\n\tb\r\n\r\n",
		"NUL in a folded header":                 "GET /health HTTP/1.1\r\nHost: todo\r\nX-Note: a\r\n \x00b\r\n\r\n",
		"a bare CR in the address":               "GET /health\r?x HTTP/1.1\r\nHost: todo\r\n\r\n",
		"NUL in the address":                     "GET /health?\x00 HTTP/1.1\r\nHost: todo\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := a.exchange(t, request+inner)
			if answers := strings.Count(got, "HTTP/1.1 "); answers != 1 || !strings.HasPrefix(got, "HTTP/1.1 400") {
				t.Errorf("%d answers: %s", answers, got)
			}
			if !strings.Contains(got, "Connection: close\r\n") || !strings.Contains(got, `"requestId"`) {
				t.Errorf("answered with %s", got)
			}
		})
	}
}

// Words of the protocol are read in any case of letters (RFC 9110, section 5.6.2), and lists of them as lists.
func TestWordsOfTheProtocolHaveNoCase(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	authorized := "POST /api/tasks HTTP/1.1\r\nHost: todo\r\nAuthorization: Bearer " + sign(t, "ann") + "\r\n"
	const title, end = `{"title":"Buy milk"}`, "GET /health HTTP/1.1\r\nHost: todo\r\nConnection: close\r\n\r\n"
	for name, test := range map[string]struct {
		request string
		answers []string // the statuses, in order
	}{
		"chunks":                      {authorized + "Transfer-Encoding: chunked\r\n\r\n14\r\n" + title + "\r\n0\r\n\r\n" + end, []string{"201", "200"}},
		"chunks in capitals":          {authorized + "TRANSFER-ENCODING:CHUNKED \r\n\r\n14\r\n" + title + "\r\n0\r\n\r\n" + end, []string{"201", "200"}},
		"Connection: Close":           {"GET /health HTTP/1.1\r\nHost: todo\r\nConnection: Close\r\n\r\n" + end, []string{"200"}},
		"Connection: TE, close":       {"GET /health HTTP/1.1\r\nHost: todo\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n" + end, []string{"200"}},
		"Connection: CLOSE beside TE": {"GET /health HTTP/1.1\r\nHost: todo\r\nTE: trailers\r\nConnection: CLOSE,TE\r\n\r\n" + end, []string{"200"}},
		"two lines of Connection":     {"GET /health HTTP/1.1\r\nHost: todo\r\nConnection: TE\r\nConnection: Close\r\n\r\n" + end, []string{"200"}},
		"Connection: closed":          {"GET /health HTTP/1.1\r\nHost: todo\r\nConnection: closed\r\n\r\n" + end, []string{"200", "200"}},
		"Keep-Alive in HTTP/1.0":      {"GET /health HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" + end, []string{"200", "200"}},
		"Expect: 100-Continue":        {authorized + "Connection: close\r\nExpect: 100-Continue\r\nContent-Length: 20\r\n\r\n" + title, []string{"100", "201"}},
		"Content-Encoding: Identity":  {authorized + "Connection: close\r\nContent-Encoding: Identity\r\nContent-Length: 20\r\n\r\n" + title, []string{"201"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := a.exchange(t, test.request)
			var statuses []string
			for _, line := range strings.Split(got, "HTTP/1.1 ")[1:] {
				statuses = append(statuses, line[:3])
			}
			if strings.Join(statuses, " ") != strings.Join(test.answers, " ") {
				t.Errorf("answered %v, want %v: %s", statuses, test.answers, got)
			}
		})
	}
}

// Who sends a compressed body is told which coding is taken (RFC 9110, section 12.5.3).
func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	ann := newAPI(t, databasetest.SQLite(t)).as(t, "ann")
	for coding, status := range map[string]int{"gzip": 415, "br": 415, "identity, gzip": 415, "identity": 201, "IDENTITY": 201} {
		got := ann.send(t, "POST", "/api/tasks", `{"title":"Buy milk"}`, header{"Content-Encoding", coding})
		taken := map[int]string{415: "identity", 201: ""}[status]
		if got.status != status || got.header.Get("Accept-Encoding") != taken {
			t.Errorf("%s is answered %d with %v", coding, got.status, got.header)
		}
	}
}

// TestSlashesInARow has the path of a client begin with the slash that ends the address of the service, or the other way round.
func TestSlashesInARow(t *testing.T) {
	t.Parallel()
	a := newAPI(t, databasetest.SQLite(t))
	ann := a.as(t, "ann")
	ann.create(t, `{"title":"Buy milk"}`)
	slashed := a.as(t, "a//b")
	for _, test := range []struct {
		client client
		path   string
		want   int
	}{
		{ann, "//api/tasks?limit=1", 200},
		{ann, "///api/tasks", 200},
		{ann, "/api//tasks", 200},
		{ann, "//api//ann//tasks//", 200},
		{ann, "/api/tasks?search=a//b", 200},
		{ann, "//health", 200},
		{ann, "//api/bob/tasks", 403},
		{ann, "//evil.example/api/tasks", 404},
		{slashed, "//api/a%2F%2Fb/tasks", 200},
		{slashed, "//api/a//b/tasks", 404},
	} {
		got := a.raw(t, "GET "+test.path+" HTTP/1.1\r\nHost: todo\r\nAuthorization: Bearer "+test.client.token+"\r\n\r\n")
		if got.status != test.want {
			t.Errorf("%s is answered %d %s", test.path, got.status, got.body)
		}
		if link := got.header.Get("Link"); strings.Contains(link, "//") {
			t.Errorf("%s leads on to %s", test.path, link)
		}
	}
	made := a.raw(t, "POST //api/tasks HTTP/1.1\r\nHost: todo\r\nAuthorization: Bearer "+ann.token+"\r\nContent-Length: 20\r\n\r\n{\"title\":\"Buy milk\"}")
	if at := made.header.Get("Location"); made.status != 201 || !strings.HasPrefix(at, "/api/tasks/") {
		t.Errorf("what is made at //api/tasks is at %s", at)
	}
}
