package routes_test

import (
	"bufio"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"todo-backend/ent/database/databasetest"
)

// pageToken is what an application of tests makes as development token.
const pageToken = "the.development.token"

func withDevelopmentToken(s *setup) {
	s.developmentToken = func() (string, error) { return pageToken, nil }
}

// fromPeer has a request handled as if it came from an address.
func fromPeer(t *testing.T, app *fiber.App, peer net.Addr, request string) *fasthttp.Response {
	t.Helper()
	var req fasthttp.Request
	if err := req.Read(bufio.NewReader(strings.NewReader(request))); err != nil {
		t.Fatal(err)
	}
	var ctx fasthttp.RequestCtx
	ctx.Init(&req, peer, nil)
	app.Handler()(&ctx)
	return &ctx.Response
}

func tcp(address string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(address), Port: 50_000} }

// browse is what a browser sends for the development page, with another Host and further headers.
func browse(host string, headers ...string) string {
	return "GET / HTTP/1.1\r\nHost: " + host + "\r\n" + strings.Join(append(headers, "\r\n"), "\r\n")
}

// visit is a request and the address that it comes from.
type visit struct {
	peer    net.Addr
	request string
}

// alsoOfDocs adds to visits of the development page the requests by which the documentation asks for its token.
func alsoOfDocs(visits []visit) []visit {
	ask := strings.NewReplacer("GET / HTTP", "GET /docs/token HTTP", ".com/ HTTP", ".com/docs/token HTTP", "localhost/ HTTP", "localhost/docs/token HTTP")
	all := slices.Clone(visits)
	for _, v := range visits {
		all = append(all, visit{v.peer, ask.Replace(v.request)})
	}
	return all
}

// TestWhoIsGivenTheDevelopmentToken has requests from here and elsewhere ask for the development page, and for the token of
// the documentation. All are answered, but the token is in the answer only for who sits at this machine and is led here by no page of another origin.
func TestWhoIsGivenTheDevelopmentToken(t *testing.T) {
	t.Parallel()
	here := tcp("127.0.0.1")
	var given, refused []visit
	give := func(peer net.Addr, request string) { given = append(given, visit{peer, request}) }
	refuse := func(peer net.Addr, request string) { refused = append(refused, visit{peer, request}) }
	for _, host := range []string{
		"localhost", "localhost:8000", "LocalHost:1", "127.0.0.1", "127.0.0.1:8000", "127.8.9.10:8000", "[::1]", "[::1]:8000",
		"[0:0:0:0:0:0:0:1]:8000", "[::ffff:127.0.0.1]:8000",
	} {
		give(here, browse(host))
	}
	for _, peer := range []string{"127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"} {
		give(tcp(peer), browse("localhost:8000"))
	}
	for _, headers := range [][]string{
		{"Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"},
		{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Referer: https://example.com/"},
		{"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"},
	} {
		give(here, browse("localhost:8000", headers...))
	}

	for _, host := range []string{ // names that may lead here, and what is no loopback address
		"rebind.example.com", "rebind.example.com:8000", "localhost.example.com", "127.0.0.1.nip.io:8000", "localhost.", "a.localhost",
		"localhost.localdomain", "127.0.0.1.", "127.1", "2130706433", "0x7f.0.0.1", "127.0.0.01", "0.0.0.0:8000", "[::]:8000", "10.0.0.1", "169.254.1.1",
		"[::ffff:10.0.0.1]", "[127.0.0.1]", "::1", "[::1", "localhost:", "localhost:x", "localhost:8000:1", "localhost:800000", "evil@localhost",
		"localhost@evil", "localhost, evil", "localhost/evil", "локалхост", "ⓛocalhost",
	} {
		refuse(here, browse(host))
	}
	for _, peer := range []net.Addr{
		tcp("10.0.0.1"), tcp("172.17.0.1"), tcp("192.168.1.2"), tcp("8.8.8.8"), tcp("0.0.0.0"), tcp("::"), tcp("fe80::1"), tcp("2001:db8::1"),
		tcp("::ffff:10.0.0.1"), &net.UnixAddr{Name: "/tmp/todo.sock", Net: "unix"}, nil,
	} {
		refuse(peer, browse("localhost:8000"))
		refuse(peer, browse("localhost:8000", "X-Forwarded-For: 127.0.0.1"))
	}
	for _, headers := range [][]string{
		{"Forwarded: for=127.0.0.1"},
		{"X-Forwarded-For: 127.0.0.1"},
		{"X-Forwarded-For:"},
		{"x-forwarded-host: localhost"},
		{"X-Forwarded-Proto: https"},
		{"X-Forwarded-Prefix: /todo"},
		{"x-forwarded-ssl: on"},
		{"X-Envoy-External-Address: 127.0.0.1"},
		{"CDN-Loop: edge"},
		{"X-Real-IP: 127.0.0.1"},
		{"Via: 1.1 proxy"},
		{"CF-Connecting-IP: 127.0.0.1"},
		{"Origin: https://example.com"},
		{"Origin: null"},
		{"Origin: http://localhost:3000"},
		{"Origin: http://localhost:8000"},
		{"Origin:"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"},
		{"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"},
		{"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"},
	} {
		refuse(here, browse("localhost:8000", headers...))
	}
	refuse(here, strings.Replace(browse("localhost"), "HTTP/1.1", "HTTP/1.0", 1))
	refuse(here, strings.Replace(browse("localhost"), "GET /", "GET http://example.com/", 1))
	refuse(here, strings.Replace(browse("example.com"), "GET /", "GET http://localhost/", 1))

	app, _ := newApp(t, databasetest.SQLite(t), withDevelopmentToken)
	for want, requests := range map[bool][]visit{true: alsoOfDocs(given), false: alsoOfDocs(refused)} {
		for _, r := range requests {
			got := fromPeer(t, app, r.peer, r.request)
			if held := strings.Contains(got.String(), pageToken); held != want {
				t.Errorf("the token is given: %t, want %t, to %v:\n%s", held, want, r.peer, r.request)
			}
			if string(got.Header.Peek("Cache-Control")) != "no-store" {
				t.Errorf("a %d may be stored, to %v:\n%s", got.StatusCode(), r.peer, r.request)
			}
			for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} {
				if got.StatusCode() == 200 && got.Header.Peek(name) != nil {
					t.Errorf("%s opens the page to\n%s", name, r.request)
				}
			}
		}
	}
}

// TestWhoHasNoDevelopmentToken: in production there is no page, and behind a proxy that strips a path, with a secret that was
// given, and where none can be made the page holds no token.
func TestWhoHasNoDevelopmentToken(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	for name, test := range map[string]struct {
		status int
		change func(*setup)
	}{
		"production":             {404, func(s *setup) { s.Production = true }},
		"behind a proxy":         {200, func(s *setup) { s.BasePath = "/todo" }},
		"a secret that is given": {200, func(s *setup) { s.developmentToken = nil }},
		"no token can be made":   {200, func(s *setup) { s.developmentToken = func() (string, error) { return pageToken, errors.New("no") } }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app, _ := newApp(t, db, withDevelopmentToken, test.change)
			got := fromPeer(t, app, tcp("127.0.0.1"), browse("localhost:8000"))
			if got.StatusCode() != test.status || strings.Contains(got.String(), pageToken) {
				t.Errorf("%s", got)
			}
			got = fromPeer(t, app, tcp("127.0.0.1"), "GET /docs/token HTTP/1.1\r\nHost: localhost:8000\r\n\r\n")
			if got.StatusCode() != 200 || string(got.Body()) != `{"token":null}` {
				t.Errorf("%s", got)
			}
		})
	}
}
