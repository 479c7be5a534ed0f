package routes_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"todo-backend/ent/database/databasetest"
)

// A list of 16 tasks comes in the coding that the client likes best, one of 15 as it is. A tag names one of these.
func TestCodings(t *testing.T) {
	t.Parallel()
	for _, s := range shapes {
		alice := newAPI(t, databasetest.SQLite(t), withFormat(s.format)).as(t, "alice")
		for i := range 16 {
			alice.send(t, "POST", "/api/tasks", fmt.Sprintf(`{"title":"Task %d <é>"}`, i))
		}
		plain := alice.send(t, "GET", "/api/tasks", "")
		tags := map[string]string{}
		for _, test := range []struct{ accepted, coding string }{
			{"", ""},
			{"gzip, deflate, br, zstd", "gzip"},
			{"br", "br"},
			{"*", "gzip"},
			{"gzip;q=0.5, br", "br"},
			{"br;q=0, gzip;q=0.1", "gzip"},
			{"gzip;q=0", ""},
			{"gzip;q=0,*", "br"},
			{"*, gzip;q=0, br;q=0", ""},
			{"identity, gzip;q=0.5", ""},
			{"GZIP ; Q=0.8, identity;q=0.5", "gzip"},
			{"gzip;q=NaN", ""},
			{"gzip;q=-1", ""},
			{"zstd", ""},
			{"identity", ""},
		} {
			accepts := header{"Accept-Encoding", test.accepted}
			got := alice.send(t, "GET", "/api/tasks", "", accepts)
			if coding := got.header.Get("Content-Encoding"); coding != test.coding || got.body != plain.body {
				t.Errorf("%s, Accept-Encoding %q: %s of %d bytes", s.format, test.accepted, coding, len(got.body))
			}
			if vary := got.header.Get("Vary"); !strings.Contains(vary, "Accept-Encoding") {
				t.Errorf("%s, Accept-Encoding %q: Vary: %s", s.format, test.accepted, vary)
			}
			tag := got.header.Get("ETag")
			if known, ok := tags[test.coding]; ok && known != tag {
				t.Errorf("%s, Accept-Encoding %q: the tag is %s, and was %s", s.format, test.accepted, tag, known)
			}
			tags[test.coding] = tag
			again := alice.send(t, "GET", "/api/tasks", "", accepts, header{"If-None-Match", tag})
			if again.status != 304 || again.body != "" || !strings.Contains(again.header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s, Accept-Encoding %q: again it is answered %d %v", s.format, test.accepted, again.status, again.header)
			}
			if head := alice.send(t, "HEAD", "/api/tasks", "", accepts); head.header.Get("Content-Encoding") != test.coding || head.header.Get("ETag") != tag {
				t.Errorf("%s, Accept-Encoding %q: HEAD: %v", s.format, test.accepted, head.header)
			}
		}
		if len(tags) != 3 || tags["gzip"] == tags["br"] || tags["gzip"] == tags[""] || tags["br"] == tags[""] {
			t.Errorf("%s: the tags are %v", s.format, tags)
		}
		short := alice.send(t, "GET", "/api/tasks?limit=15", "", header{"Accept-Encoding", "gzip"})
		if short.header.Get("Content-Encoding") != "" || !strings.Contains(short.header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: a list of 15: %v", s.format, short.header)
		}
	}
}

// unpack reads a body in a content coding.
func unpack(coding string, body io.Reader) ([]byte, error) {
	switch coding {
	case "gzip":
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unzipped
	case "br":
		body = brotli.NewReader(body)
	}
	return io.ReadAll(body)
}

// BenchmarkCodings measures a list in each coding, from the router to the last byte, of tasks with words of their own.
func BenchmarkCodings(b *testing.B) {
	words := strings.Fields("buy milk call dentist about invoice pay rent write report review plan trip Berlin fix bike clean kitchen book hotel")
	sentence := func(n int) string {
		var text bytes.Buffer
		for range n {
			text.WriteString(words[rand.N(len(words))] + " ")
		}
		return text.String()
	}
	serve := newAPI(b, databasetest.SQLite(b)).app.Handler()
	token := sign(b, "ann")
	for range 1000 {
		serve(newRequest(token, "POST", "/api/tasks", fmt.Sprintf(`{"title":%q,"description":%q}`, sentence(5), sentence(8))))
	}
	for _, size := range []int{16, 50, 1000} {
		for _, coding := range []string{"identity", "gzip", "br"} {
			b.Run(fmt.Sprintf("%d/%s", size, coding), func(b *testing.B) {
				request := newRequest(token, "GET", fmt.Sprintf("/api/tasks?limit=%d", size), "")
				request.Request.Header.Set("Accept-Encoding", coding)
				for b.Loop() {
					serveAgain(serve, request)
				}
				b.ReportMetric(float64(len(request.Response.Body())), "bytes")
			})
		}
	}
}
