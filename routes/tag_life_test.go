package routes_test

import (
	"fmt"
	"strings"
	"testing"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// exchange is a request of a story, and what it is answered.
type exchange struct {
	call, body string
	status     int
	want       string // the body, or a part of it; empty: any
}

// tell makes the requests of a story one after another.
func tell(t *testing.T, c client, story []exchange) {
	t.Helper()
	for _, s := range story {
		method, path, _ := strings.Cut(s.call, " ")
		got := c.send(t, method, path, s.body)
		if got.status != s.status || !strings.Contains(got.body, s.want) {
			t.Errorf("%s %s: %d %s, want %d with %s", s.call, s.body, got.status, got.body, s.status, s.want)
		}
	}
}

// tagged is a new task with tags.
func tagged(title, tags string) exchange {
	return exchange{"POST /api/tasks", fmt.Sprintf(`{"title":%q,"tags":%s}`, title, tags), 201, ""}
}

// TestTagsLife is the life of tags: made, used, renamed, joined, deleted.
func TestTagsLife(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		tell(t, a.as(t, "bob"), []exchange{tagged("his", `["work","home"]`), {"POST /api/tags", `{"name":"work","color":"black"}`, 200, ""}})
		tell(t, a.as(t, "ann"), []exchange{
			{"GET /api/tags", "", 200, `[]`},
			{"POST /api/tags", `{"name":" urgent ","color":"red"}`, 201, `{"id":"urgent","name":"urgent","color":"red","count":0}`},
			{"POST /api/tags", `{"name":"urgent"}`, 200, `{"id":"urgent","name":"urgent","color":"red","count":0}`},
			{"POST /api/tags", `{"name":"urgent","color":null}`, 200, `"color":null`},
			{"POST /api/tags/", `{"tag":{"name":"later"}}`, 201, `"later"`},
			{"POST /api/tags", `{"name":"a,b"}`, 422, `"field":"name","code":"comma"`},
			{"POST /api/tags", `{"name":" "}`, 422, `must have 1 to 50 characters`},
			{"POST /api/tags", `{}`, 422, `Name is required`},
			{"POST /api/tags", `{"name":"x","color":"` + strings.Repeat("x", 33) + `"}`, 422, `at most 32 characters`},
			tagged("one", `["work","Work","ÜBER/50% +"]`),
			tagged("two", `["home","work","office"]`),
			tagged("three", `["office","home"]`),
			{"GET /api/tags", "", 200, `[{"id":"Work","name":"Work","color":null,"count":1},{"id":"home","name":"home","color":null,"count":2},` +
				`{"id":"later","name":"later","color":null,"count":0},{"id":"office","name":"office","color":null,"count":2},` +
				`{"id":"urgent","name":"urgent","color":null,"count":0},{"id":"work","name":"work","color":null,"count":2},` +
				`{"id":"ÜBER/50% +","name":"ÜBER/50% +","color":null,"count":1}]`},
			{"GET /api/ann/tags/%C3%9CBER%2F50%25%20+", "", 200, `"count":1`},
			{"GET /api/tags/%25zz", "", 404, `Tag not found`},
			{"GET /api/tags/nope", "", 404, `Tag not found`},
			{"GET /api/bob/tags", "", 403, ``},
			{"PATCH /api/tags/nope", `{"name":"x"}`, 404, `Tag not found`},
			{"PATCH /api/tags/nope", `{"color":"x"}`, 404, `Tag not found`},
			{"PATCH /api/tags/nope", `{}`, 404, `Tag not found`},
			{"DELETE /api/tags/nope", ``, 404, `Tag not found`},
			{"PATCH /api/tags/work", `{"name":"a,b"}`, 422, `comma`},

			// A tag that only tasks carry is renamed, joined with another, and found by a search.
			{"PUT /api/tags/work", `{"name":"office"}`, 200, `{"id":"office","name":"office","color":null,"count":3}`},
			{"GET /api/tasks?search=two", "", 200, `"tags":["home","office"]`},
			{"GET /api/tasks?search=one", "", 200, `"tags":["office","Work","ÜBER/50% +"]`},
			{"PATCH /api/tags/%C3%9CBER%2F50%25%20+", `{"name":"straße"}`, 200, `"count":1`},
			{"GET /api/tasks?search=STRASSE", "", 200, `"tags":["office","Work","straße"]`},
			{"GET /api/tasks?search=%C3%BCber", "", 200, `[]`},
			{"GET /api/tasks?search=OFFICE&tags=home", "", 200, `"office"`},
			{"GET /api/tasks?search=work&tags=Work", "", 200, `"one"`},
			{"GET /api/tags/work", ``, 404, ``},

			// Made tags keep their row.
			{"PATCH /api/tags/office", `{"color":"blue"}`, 200, `{"id":"office","name":"office","color":"blue","count":3}`},
			{"PATCH /api/tags/urgent", `{"color":"red"}`, 200, `"color":"red","count":0`},
			{"PATCH /api/tags/urgent", `{"name":"office"}`, 200, `{"id":"office","name":"office","color":"blue","count":3}`},
			{"PATCH /api/tags/office", `{"name":"home","color":"green"}`, 200, `{"id":"home","name":"home","color":"green","count":3}`},
			{"GET /api/tasks?search=two", "", 200, `"tags":["home"]`},
			{"PATCH /api/tags/home", `{"name":"home"}`, 200, `"color":"green"`},
			{"PATCH /api/tags/home", `{}`, 200, `"color":"green"`},
			{"DELETE /api/tags/home", ``, 200, `{"message":"Tag deleted successfully"}`},
			{"GET /api/tasks?search=two", "", 200, `"tags":[]`},
			{"GET /api/tasks?search=home", "", 200, `[]`},
			{"GET /api/tasks?no_tags=true&search=three", "", 200, `"three"`},
			{"DELETE /api/tags/later", ``, 200, ``},
			{"GET /api/tags", "", 200, `[{"id":"Work","name":"Work","color":null,"count":1},{"id":"straße","name":"straße","color":null,"count":1}]`},
		})
		tell(t, a.as(t, "bob"), []exchange{
			{"GET /api/tags", "", 200, `[{"id":"home","name":"home","color":null,"count":1},{"id":"work","name":"work","color":"black","count":1}]`},
		})
	})
}

// TestTagsInFormats is how each format writes tags.
func TestTagsInFormats(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	const work = `"id":"work","name":"work","color":null,"count":1`
	for format, want := range map[config.Format][3]string{
		config.FormatPlain:   {`[{` + work + `}]`, `{` + work + `}`, `{"message":"Tag deleted successfully"}`},
		config.FormatWrapped: {`{"tags":[{` + work + `}]}`, `{` + work + `}`, `{"message":"Tag deleted successfully"}`},
		config.FormatEnvelope: {
			`{"success":true,"data":{"tags":[{` + work + `}]},"tags":[{` + work + `}]}`,
			`{"success":true,"data":{` + work + `},` + work + `}`,
			`{"success":true,"data":{"message":"Tag deleted successfully"},"message":"Tag deleted successfully"}`,
		},
	} {
		tell(t, newAPI(t, db, withFormat(format)).as(t, string(format)), []exchange{
			tagged("one", `["work"]`),
			{"GET /api/tags", "", 200, want[0] + "\n"},
			{"GET /api/tags/work", "", 200, want[1] + "\n"},
			{"PATCH /api/tags/work", `{"color":null}`, 200, want[1] + "\n"},
			{"DELETE /api/tags/work", "", 200, want[2] + "\n"},
		})
	}
}

// TestColorsShowAtOnceEverywhere gives a tag a colour: no answer of before is current any more.
func TestColorsShowAtOnceEverywhere(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		ann := newAPI(t, db, func(s *setup) { s.Tags = config.TagObjects }).as(t, "ann")
		made := ann.send(t, "POST", "/api/tasks", `{"title":"one","tags":["work","home"]}`)
		addresses := []string{made.header.Get("Location"), "/api/tasks"}
		tags := map[string]string{}
		for _, color := range []string{`null`, `"red"`, `"blue"`} {
			tell(t, ann, []exchange{{"PATCH /api/tags/home", `{"color":` + color + `}`, 200, ""}})
			for _, address := range addresses {
				got := ann.send(t, "GET", address, "", header{"If-None-Match", tags[address]})
				if got.status != 200 || !strings.Contains(got.body, `"name":"home","color":`+color) {
					t.Errorf("%s in %s: %d %s", address, color, got.status, got.body)
				}
				tags[address] = got.header.Get("ETag")
				if again := ann.send(t, "GET", address, "", header{"If-None-Match", tags[address]}); again.status != 304 {
					t.Errorf("%s, unchanged: %d", address, again.status)
				}
			}
		}
		tell(t, ann, []exchange{
			{"PATCH " + addresses[0], `{"title":"two"}`, 200, `{"id":"home","name":"home","color":"blue"}`},
			{"PATCH " + addresses[0] + "/complete", ``, 200, `{"id":"home","name":"home","color":"blue"}`},
			{"POST /api/tasks", `{"title":"three","tags":"home"}`, 201, `[{"id":"home","name":"home","color":"blue"}]`},
		})
	})
}
