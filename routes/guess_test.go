package routes_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// Whoever tries ids learns nothing: another's task, none and what is no id at all are answered with the same bytes.
func TestForeignIDsAreUnknownIDs(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		alice, bob := a.as(t, "alice"), a.as(t, "bob")
		id := alice.create(t, `{"title":"hers","description":"hers alone"}`)["id"].(string)
		ids := []string{id, strings.ToUpper(id), "0" + id[1:], "1", id[:35], "{" + id + "}", strings.ReplaceAll(id, "-", ""), "%00", "ü"}
		form := header{"Content-Type", "application/x-www-form-urlencoded"}
		for _, c := range callsOf(t, openAPI(t, a)) {
			if !strings.Contains(c.path, "{id}") {
				continue
			}
			for _, try := range []struct {
				body string
				with []header
			}{
				{c.body, nil},
				{c.body, []header{{"If-None-Match", alice.tag(t, "/api/tasks/"+id)}}},
				{c.body, []header{{"If-None-Match", "*"}}},
				{c.body, []header{{"Accept", "application/problem+json"}}},
				{`{}`, nil},
				{`{"description":null,"completed":true}`, nil},
				{`{`, nil},
				{`{"title":"","user_id":"alice"}`, nil},
				{`title=changed`, []header{form}},
			} {
				for _, named := range []string{"alice", "bob"} {
					unknown := bob.comparableError(t, c.method, c.at(named, unknownID), try.body, try.with)
					for _, id := range ids {
						if got := bob.comparableError(t, c.method, c.at(named, id), try.body, try.with); got != unknown {
							t.Errorf("%s %s, %v:\n%s\nan unknown one:\n%s", c.method, c.at(named, id), try, got, unknown)
						}
					}
				}
			}
		}
	})
}

// comparableError is an error answer as text, without what differs between any two requests.
func (c client) comparableError(t *testing.T, method, path, body string, with []header) string {
	t.Helper()
	got := c.send(t, method, path, body, append(slices.Clip(with), header{"X-Request-Id", "same"})...)
	if got.status < 400 {
		t.Errorf("%s %s is answered with %d", method, path, got.status)
	}
	got.header.Del("Date")
	return fmt.Sprint(got.status, got.header, got.body)
}

// TestCursorsLeadToOwnRows alters and forges cursors: none leads to another user's rows. Who reads how cursors are made can forge one
// for themselves, with a position that is another's row.
func TestCursorsLeadToOwnRows(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db, withFormat(config.FormatWrapped))
		alice, bob := a.as(t, "alice"), a.as(t, "bob")
		for i := range 3 {
			alice.create(t, encode(t, object{"title": fmt.Sprint("hers ", i)}))
			bob.create(t, encode(t, object{"title": fmt.Sprint("his ", i)}))
		}
		for sort, column := range map[string]string{"created": "id", "updated": "updated_at", "title": "title", "due_date": "due_date", "priority": "priority", "status": "status", "completed_at": "completed_at"} {
			for _, order := range []string{"asc", "desc"} {
				list := "/api/tasks?sort=" + sort + "&order=" + order
				cursor := alice.send(t, "GET", list+"&limit=1", "").want(t, 200)["next_cursor"].(string)
				raw, err := base64.RawURLEncoding.DecodeString(cursor)
				if err != nil {
					t.Fatal(err)
				}
				list += "&cursor="
				if bob.wantOwnTasks(t, list+cursor) {
					t.Errorf("%s: bob is let in with alice's cursor", list)
				}
				for _, altered := range alterEachByte(raw) {
					alice.wantOwnTasks(t, list+altered)
					bob.wantOwnTasks(t, list+altered)
				}
				if !bob.wantOwnTasks(t, list+forgeCursor("bob", column, order == "desc", raw[9:])) {
					t.Errorf("%s: the forged cursor is none, so that nothing is known of those", list)
				}
				for _, place := range [][]byte{make([]byte, 25), slices.Repeat([]byte{0xff}, 25), []byte(strings.Repeat("'", 24)), raw[9:25]} {
					bob.wantOwnTasks(t, list+forgeCursor("bob", column, order == "desc", place))
				}
			}
		}
	})
}

// alterEachByte returns copies of a cursor, each with one byte changed, by one bit or by all.
func alterEachByte(raw []byte) []string {
	var all []string
	for i := range raw {
		for _, mask := range []byte{0x01, 0xff} {
			altered := slices.Clone(raw)
			altered[i] ^= mask
			all = append(all, base64.RawURLEncoding.EncodeToString(altered))
		}
	}
	return all
}

// forgeCursor makes a cursor as the service does.
func forgeCursor(user, column string, descending bool, place []byte) string {
	direction := "\x00"
	if descending {
		direction = "\x01"
	}
	var hashed []byte
	for _, part := range []string{user, column, direction, string(place)} {
		hashed = append(binary.BigEndian.AppendUint32(hashed, uint32(len(part))), part...)
	}
	sum := sha256.Sum256(hashed)
	return base64.RawURLEncoding.EncodeToString(slices.Concat([]byte{2}, sum[:8], place))
}

// wantOwnTasks checks that a list has only the caller's tasks or is refused. It reports whether it was answered.
func (c client) wantOwnTasks(t *testing.T, list string) (accepted bool) {
	t.Helper()
	got := c.send(t, "GET", list, "")
	if got.status == 422 {
		wantProblem(t, got, 422)
		return false
	}
	page := got.want(t, 200)
	tasks := objects(page["tasks"])
	for _, task := range tasks {
		if task["user_id"] != c.user {
			t.Errorf("%s of %s lists %v", list, c.user, task)
		}
	}
	if page["total"] != 3.0 {
		t.Errorf("%s of %s counts %v", list, c.user, page["total"])
	}
	return true
}

// A foreign id takes no longer than an unknown one. What this finds is a row that is read or looked for once more before it is
// refused: half a statement more, on either database, is far beyond what is allowed here. It compares medians of requests
// that take turns, so that whatever else the machine does falls on both, and fails only if they differ in the same
// direction time and again.
func TestTimeTellsNoForeignID(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		id := a.as(t, "alice").create(t, `{"title":"hers","description":"`+strings.Repeat("x", 1000)+`"}`)["id"].(string)
		serve, bob := a.app.Handler(), a.as(t, "bob").token
		for _, c := range callsOf(t, openAPI(t, a)) {
			if !strings.Contains(c.path, "{id}") || strings.Contains(c.path, "{user_id}") {
				continue
			}
			foreign, unknown := newRequest(bob, c.method, c.at("", id), c.body), newRequest(bob, c.method, c.at("", unknownID), c.body)
			if ratios := compare(serve, foreign, unknown); slices.Min(ratios) > 1.2 || slices.Max(ratios) < 1/1.2 {
				t.Errorf("%s %s: a foreign id takes %.2f times as long as an unknown one", c.method, c.path, ratios)
			}
			if foreign.Response.StatusCode() != 404 || unknown.Response.StatusCode() != 404 {
				t.Errorf("%s %s: %s %s", c.method, c.path, &foreign.Response, &unknown.Response)
			}
		}
	})
}

// compare measures two requests in rounds until one finds no difference, and returns how many times as long the first took
// in each.
func compare(serve fasthttp.RequestHandler, a, b *fasthttp.RequestCtx) []float64 {
	const rounds, samples, small = 6, 100, 0.1
	var ratios []float64
	for range rounds {
		taken := map[*fasthttp.RequestCtx][]time.Duration{}
		for i := range samples {
			pair := []*fasthttp.RequestCtx{a, b}
			if i%2 == 1 {
				slices.Reverse(pair)
			}
			for _, ctx := range pair {
				begin := time.Now()
				serveAgain(serve, ctx)
				taken[ctx] = append(taken[ctx], time.Since(begin))
			}
		}
		ratio := float64(median(taken[a])) / float64(median(taken[b]))
		ratios = append(ratios, ratio)
		if ratio > 1-small && ratio < 1+small {
			break
		}
	}
	return ratios
}
