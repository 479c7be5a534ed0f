package routes_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// kept are tasks by title, as they are on 10 March 2026 at noon, UTC.
var kept = []object{
	{"title": "a", "priority": "high", "due_date": "2026-03-09", "tags": []string{"work"}},
	{"title": "b", "priority": "low", "due_date": "2026-03-10", "tags": []string{"work", "home"}, "status": "in_progress"},
	{"title": "c", "priority": "critical", "due_date": "2026-03-01", "status": "completed", "tags": []string{"all"}},
	{"title": "d", "priority": "none", "recurrence_rule": "FREQ=DAILY"},
	{"title": "e", "due_date": "2026-03-16T09:00", "timezone": "Europe/Berlin", "tags": []string{"Work"}, "description": "all of it"},
	{"title": "f", "priority": "urgent", "due_date": "2026-03-17"},
	{"title": "g", "status": "in_progress", "due_date": "2026-03-10T11:59:00Z", "tags": []string{"work", "home"}},
}

const everyTask = "abcdefg"

// All parameters of a list, under all of their names, find what they say.
func TestFilters(t *testing.T) {
	t.Parallel()
	type question struct{ query, want string }
	questions := []question{
		{"", everyTask},
		{"utm_source=x&_=7&Status=completed", everyTask},
		{"status=&priority=&tags=&due=&search=&overdue=&completed=&timezone=&limit=&page=&cursor=&sort=", everyTask},
		{"status=all&priority=ALL&tags=All&due=all&overdue=all&completed=all&due_date=all&due_from=all&has_due_date=all&is_recurring=all&no_tags=all", everyTask},
		{"status=all&filter=completed", "c"},
		{"status=completed,pending,in_progress", everyTask},
		{"status=pending,in-progress", "abdefg"},
		{"status=completed&status=completed&filter=completed", "c"},
		{"priority=high&priority=low", "ab"},
		{"priority=high&priority_filter=low,none", "abd"},
		{"tags=work&tag=home", "bg"},
		{"no_tags=true", "df"},
		{"no_tags=false", everyTask},
		{"noTags=1", "df"},
		{"tags=work&no_tags=true", ""},
		{"status=overdue&priority=high", "a"},
		{"status=overdue,completed", "acg"},
		{"status=pending,overdue", "adefg"},
		{"status=in_progress,overdue", "abg"},
		{"status=active,overdue", "abdefg"},
		{"status=pending,completed,overdue", "acdefg"},
		{"status=pending&has_due_date=true&sort=title", "aef"},
		{"limit=3&page=2", "def"},
		{"page_size=3&page=3", "g"},
		{"per_page=3&page=9", ""},
		{"perPage=3&page=1", "abc"},
		{"limit=3&offset=1", "bcd"},
		{"skip=6", "g"},
		{"page=1", everyTask},
		{"page=2", ""},
		{"limit=2&pageSize=2", "ab"},
	}
	add := func(names string, values map[string]string) {
		for name := range strings.SplitSeq(names, " ") {
			for value, want := range values {
				questions = append(questions, question{name + "=" + url.QueryEscape(value), want})
			}
		}
	}
	open := "abdefg"
	add("status status_filter statusFilter filter", map[string]string{
		"pending": "adef", "PENDING": "adef", "todo": "adef", "Not Started": "adef", "open": "adef", "in_progress": "bg", "In-Progress": "bg", "doing": "bg",
		"completed": "c", "done": "c", "active": open, "Incomplete": open, "overdue": "ag", "true": "c", "false": open, "1": "c", "0": open, "": everyTask, "all": everyTask,
	})
	add("completed is_completed isCompleted", map[string]string{"true": "c", "1": "c", "TRUE": "c", "false": open, "0": open})
	add("priority priority_filter priorityFilter", map[string]string{"high": "a", "High": "a", "critical,urgent": "cf", "medium": "eg", "none": "d", "low,,high, low": "ab"})
	add("tags tag tags_filter tagsFilter tag_ids tagIds", map[string]string{"work": "abg", "Work": "e", "work,home": "bg", "home , work": "bg", "nothing": "", "work,nothing": ""})
	add("due_date dueDate due_on dueOn", map[string]string{
		"2026-03-10": "bg", "2026-03-16": "e", "2026-03-10T23:00": "bg", "2026-03-10T23:00:00-02:00": "", "2026-03-11": "",
	})
	add("due_from dueFrom due_date_from dueDateFrom due_after dueAfter", map[string]string{
		"2026-03-10": "befg", "2026-03-10T12:00": "bef", "2026-03-10T11:59:00Z": "befg", "2026-03-16T08:00:00Z": "ef", "2026-03-16T08:00:01Z": "f",
	})
	add("due_to dueTo due_date_to dueDateTo due_before dueBefore", map[string]string{
		"2026-03-10": "abcg", "2026-03-10T11:58": "abc", "2026-03-10T11:59": "abcg", "2026-03-16T07:59:59Z": "abcg", "2026-03-16T08:00Z": "abceg", "2026-03-01": "c",
	})
	add("due", map[string]string{"today": "bg", "Week": "beg", "overdue": "ag"})
	add("overdue", map[string]string{"true": "ag", "false": "bcdef", "1": "ag"})
	add("has_due_date hasDueDate", map[string]string{"true": "abcefg", "false": "d"})
	add("is_recurring isRecurring", map[string]string{"true": "d", "false": "abcefg"})
	add("search q query search_query searchQuery", map[string]string{"all": "ce", "of ALL": "e", "work": "abeg", "home": "bg", "  ": everyTask})

	refused := map[string]string{
		"status=sideways": "status", "filter=x": "filter", "status=pending&filter=completed": "filter", "completed=yes": "completed", "completed=true&is_completed=false": "is_completed",
		"priority=highest": "priority", "priority=high,x": "priority", "due=soon": "due", "due=today&due=week": "due", "overdue=maybe": "overdue", "has_due_date=2": "has_due_date",
		"is_recurring=x": "is_recurring", "no_tags=x": "no_tags", "due_date=2026-02-30": "due_date", "dueOn=tomorrow": "dueOn", "due_from=x": "due_from", "due_before=x": "due_before",
		"due_from=2026-01-01&due_after=2026-01-02": "due_after", "timezone=Mars/Olympus": "timezone", "timezone=Local": "timezone", "sort=colour": "sort", "order=up": "order",
		"limit=0": "limit", "limit=1001": "limit", "limit=x": "limit", "page_size=2&limit=3": "limit", "page=0": "page", "page=x": "page", "page=1&offset=0": "page",
		"page=12": "page", "limit=100&page=102": "page", "offset=10001": "offset", "offset=-1": "offset", "cursor=x": "cursor", "search=a&q=b": "q",
		"search=" + strings.Repeat("a+", 11): "search", "q=" + strings.Repeat("x", 201): "q", "tags=" + manyTags(21): "tags", "search=%FF": "search", "tags=%00": "tags",
	}
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		var clock setClock
		clock.set(t, "2026-03-10T12:00:00Z")
		plain := newAPI(t, db, func(s *setup) { s.now = clock.now }).as(t, "alice")
		wrapped := newAPI(t, db, func(s *setup) { s.now, s.Format = clock.now, config.FormatWrapped }).as(t, "alice")
		bob := plain.as(t, "bob")
		for _, task := range kept {
			plain.create(t, encode(t, task))
			bob.create(t, encode(t, task))
		}
		for _, q := range questions {
			if got := strings.Join(plain.titles(t, "/api/tasks?order=asc&"+q.query), ""); got != q.want {
				t.Errorf("%s: %s, want %s", q.query, got, q.want)
			}
			if strings.Contains(q.query, "page") || strings.Contains(q.query, "Page") || strings.Contains(q.query, "skip") || strings.Contains(q.query, "offset") {
				continue
			}
			list := wrapped.send(t, "GET", "/api/alice/tasks?limit=1&"+strings.ReplaceAll(q.query, "limit=&", ""), "").want(t, 200)
			if total := float64(len(q.want)); list["total"] != total {
				t.Errorf("%s: total %v, want %v", q.query, list["total"], total)
			}
		}
		for query, field := range refused {
			wantRefused(t, plain.send(t, "GET", "/api/tasks?"+query, ""), field)
		}
	})
}

func manyTags(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("tag", i)
	}
	return strings.Join(names, ",")
}

// What has no value comes last in both directions; a walk over the pages sees each task once, in the order
// of the whole list.
func TestSorts(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		var clock setClock
		clock.set(t, "2026-03-10T12:00:00Z")
		plain := newAPI(t, db, func(s *setup) { s.now = clock.now }).as(t, "alice")
		var ids []string
		for _, task := range kept {
			ids = append(ids, plain.create(t, encode(t, task))["id"].(string))
		}
		plain.send(t, "PATCH", "/api/tasks/"+ids[0], `{"completed":true}`).want(t, 200) // a is completed after c
		sorts := map[string]string{
			"due_date": "cabgefd", "due_date asc": "cabgefd", "due_date desc": "fegbacd",
			"priority": "cfaegbd", "priority asc": "cfaegbd", "priority desc": "dbgeafc",
			"status": "defbgac", "status desc": "cagbfed",
			"completed_at": "ac" + "gfedb", "completed_at asc": "ca" + "bdefg",
			"title": everyTask, "title desc": "gfedcba", "created": "gfedcba", "created asc": everyTask, "updated": "agfedcb", "updated asc": "bcdefga",
		}
		words := map[string][]string{
			"due_date": {"due_date", "dueDate", "due_at", "dueAt", "due", "DUE"}, "priority": {"priority", "Priority"}, "status": {"status"},
			"completed_at": {"completed_at", "completedAt"}, "title": {"title"}, "created": {"created", "created_at", "createdAt", "date"}, "updated": {"updated", "updated_at", "updatedAt"},
		}
		for name, want := range sorts {
			column, direction, _ := strings.Cut(name, " ")
			for _, word := range words[column] {
				queries := []string{"sort=" + word + "&order=" + direction, "sort_by=" + word + "&sortOrder=" + strings.ToUpper(direction)}
				if direction != "" {
					queries = append(queries, "sort="+word+"_"+direction, "sortBy="+word+":"+direction, "sort="+word+strings.ToUpper(direction[:1])+direction[1:])
					opposite := map[string]string{"asc": "desc", "desc": "asc"}[direction]
					queries = append(queries, "order="+direction+"&sort="+word+"_"+opposite)
				}
				if direction == "desc" {
					queries = append(queries, "sort=-"+word)
				}
				for _, query := range queries {
					if got := strings.Join(plain.titles(t, "/api/tasks?"+query), ""); got != want {
						t.Errorf("%s: %s, want %s", query, got, want)
					}
				}
			}
			for _, filter := range []string{"", "&status=active", "&tags=work", "&timezone=Asia/Tokyo&overdue=false", "&search=a&has_due_date=true"} {
				query := "/api/tasks?sort=" + column + "&order=" + direction + filter
				whole := plain.walk(t, query, func() {})
				for _, limit := range []int{1, 2, 3} {
					if got := plain.walk(t, fmt.Sprint(query, "&limit=", limit), func() {}); !slices.Equal(got, whole) {
						t.Errorf("%s by %d: %v, want %v", query, limit, got, whole)
					}
				}
			}
		}
	})
}

// Both databases find the same words.
func TestSearch(t *testing.T) {
	t.Parallel()
	texts := []object{
		{"title": "École"},
		{"title": "Ecole"},
		{"title": "e\u0301cole"},
		{"title": "МОЛОКО и ёж"},
		{"title": "ΣΊΣΥΦΟΣ"},
		{"title": "İstanbul"},
		{"title": "ISTANBUL"},
		{"title": "ıstanbul"},
		{"title": "東京で会う"},
		{"title": "ﬁnance ＡＢＣ"},
		{"title": "Straße"},
		{"title": "50% off_now"},
		{"title": `back\slash`},
		{"title": "quote ' \" and ;--"},
		{"title": "plain", "description": "Milk at the CORNER"},
		{"title": "tagged", "tags": []string{"Ürgent", "corner shop"}},
		{"title": "Ⅷ ½", "description": nil},
		{"title": "off", "description": "now"},
	}
	title := func(indices ...int) string {
		found := make([]string, len(indices))
		for i, index := range indices {
			found[i] = texts[index]["title"].(string)
		}
		return strings.Join(found, "|")
	}
	searches := []struct {
		search string
		want   []int
	}{
		{"école", []int{0, 2}},
		{"ÉCOLE", []int{0, 2}},
		{"e\u0301COLE", []int{0, 2}},
		{"ecole", []int{1}},
		{"молоко", []int{3}},
		{"ЁЖ молок", []int{3}},
		{"еж", nil},
		{"σίσυφος", []int{4}},
		{"ΣΊΣΥΦΟΣ", []int{4}},
		{"σισυφοσ", nil},
		{"istanbul", []int{5, 6, 7}},
		{"ISTANBUL", []int{5, 6, 7}},
		{"İSTANBUL", []int{5, 6, 7}},
		{"ıstanbul", []int{5, 6, 7}},
		{"東京", []int{8}},
		{"会", []int{8}},
		{"京東", nil},
		{"finance", []int{9}},
		{"abc", []int{9}},
		{"ａｂｃ", []int{9}},
		{"STRASSE", []int{10}},
		{"strasse", []int{10}},
		{"straße", []int{10}},
		{"50%", []int{11}},
		{"%", []int{11}},
		{"_", []int{11}},
		{"f_n", []int{11}},
		{"fxn", nil},
		{`\`, []int{12}},
		{`k\s`, []int{12}},
		{`'`, []int{13}},
		{`"`, []int{13}},
		{`;--`, []int{13}},
		{"corner", []int{14, 15}},
		{"corner milk", []int{14}},
		{"Milk CORNER plain", []int{14}},
		{"ürgent", []int{15}},
		{"urgent", nil},
		{"shop tagged", []int{15}},
		{"tcorner", nil},
		{"viii", []int{16}},
		{"off now", []int{11, 17}},
		{"offnow", nil},
		{"off\nnow", []int{11, 17}},
		{" off\u00a0\u3000now\t", []int{11, 17}},
		{"all", nil},
	}
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		alice, bob := a.as(t, "alice"), a.as(t, "bob")
		for _, task := range texts {
			alice.create(t, encode(t, task))
			bob.create(t, encode(t, task))
		}
		for _, s := range searches {
			for _, address := range []string{"/api/tasks", "/api/tasks/search", "/api/search", "/api/alice/search"} {
				got := strings.Join(alice.titles(t, address+"?order=asc&q="+url.QueryEscape(s.search)), "|")
				if want := title(s.want...); got != want {
					t.Errorf("%s?q=%s: %s, want %s", address, s.search, got, want)
				}
			}
		}
		// What changes is found as it is now.
		task := alice.create(t, `{"title":"before","description":"old","tags":["x-ray"]}`)
		at := "/api/tasks/" + task["id"].(string)
		for _, change := range []struct{ body, finds, loses string }{
			{`{"title":"after"}`, "after old x-ray", "before"},
			{`{"description":"new"}`, "after new x-ray", "old"},
			{`{"tags":["yoga"]}`, "after new yoga", "x-ray"},
			{`{"description":null,"tags":null}`, "after", "new"},
		} {
			alice.send(t, "PATCH", at, change.body).want(t, 200)
			for word := range strings.FieldsSeq(change.finds) {
				if got := alice.titles(t, "/api/tasks?search="+word); !slices.Contains(got, "after") {
					t.Errorf("%s: %s finds %v", change.body, word, got)
				}
			}
			for word := range strings.FieldsSeq(change.loses) {
				if got := alice.titles(t, "/api/tasks?search="+word); slices.Contains(got, "after") {
					t.Errorf("%s: %s still finds it", change.body, word)
				}
			}
		}
	})
}

// What is overdue, today and in the week goes by the wall clock of the task's zone, also where clocks change.
func TestDueByTheWallClock(t *testing.T) {
	t.Parallel()
	type moment struct{ now, query, want string }
	for name, test := range map[string]struct {
		zone    string // of the deployment
		tasks   []object
		moments []moment
	}{
		"clocks go forward in Berlin": {tasks: []object{
			{"title": "skipped", "due_date": "2026-03-29T02:30", "timezone": "Europe/Berlin"}, // 01:30Z
			{"title": "day", "due_date": "2026-03-29", "timezone": "Europe/Berlin"},           // 28T23:00Z to 29T22:00Z
			{"title": "after", "due_date": "2026-03-29T03:30", "timezone": "Europe/Berlin"},   // 01:30Z
			{"title": "instant", "due_date": "2026-03-29T02:30:00+01:00"},
		}, moments: []moment{
			{"2026-03-29T01:29:59Z", "overdue=true", ""},
			{"2026-03-29T01:30:00Z", "overdue=true", ""},
			{"2026-03-29T01:30:01Z", "overdue=true", "skipped after instant"},
			{"2026-03-29T21:59:59Z", "overdue=true", "skipped after instant"},
			{"2026-03-29T22:00:01Z", "overdue=true", "skipped day after instant"},
			{"2026-03-29T22:00:01Z", "due=today&timezone=Europe/Berlin", ""},
			{"2026-03-29T21:59:59Z", "due=today&timezone=Europe/Berlin", "skipped day after instant"},
			{"2026-03-28T22:59:59Z", "due=today&timezone=Europe/Berlin", ""},
			{"2026-03-28T23:00:00Z", "due=today&timezone=Europe/Berlin", "skipped day after instant"},
			{"2026-03-22T22:59:00Z", "due=week&timezone=Europe/Berlin", ""},
			{"2026-03-22T23:00:00Z", "due=week&timezone=Europe/Berlin", "skipped day after instant"},
		}},
		"clocks go back in New York": {tasks: []object{
			{"title": "twice", "due_date": "2026-11-01T01:30", "timezone": "America/New_York"}, // the first: 05:30Z
			{"title": "second", "due_date": "2026-11-01T01:30:00-05:00"},                       // 06:30Z
			{"title": "day", "due_date": "2026-11-01", "timezone": "America/New_York"},         // 04:00Z to the next day's 05:00Z
		}, moments: []moment{
			{"2026-11-01T05:30:00Z", "overdue=true", ""},
			{"2026-11-01T05:30:01Z", "overdue=true", "twice"},
			{"2026-11-01T06:30:01Z", "overdue=true", "twice second"},
			{"2026-11-02T04:59:59Z", "overdue=true", "twice second"},
			{"2026-11-02T05:00:01Z", "overdue=true", "twice second day"},
			{"2026-11-02T04:59:59Z", "due=today&timezone=America/New_York", "twice second day"},
			{"2026-11-02T05:00:00Z", "due=today&timezone=America/New_York", ""},
			{"2026-11-01T03:59:59Z", "due=today&timezone=America/New_York", ""},
			{"2026-11-01T04:00:00Z", "due=today&timezone=America/New_York", "twice second day"},
		}},
		"a bare date is a day wherever it is asked for": {tasks: []object{{"title": "day", "due_date": "2026-03-10"}, {"title": "local", "due_date": "2026-03-10T12:00"}}, moments: []moment{
			{"2026-03-10T09:59:59Z", "due=today&timezone=Pacific/Kiritimati", "day"}, // 23:59:59 there; noon UTC is on the 11th
			{"2026-03-09T10:00:00Z", "due=today&timezone=Pacific/Kiritimati", "day"},
			{"2026-03-10T10:00:00Z", "overdue=true&timezone=Pacific/Kiritimati", "day"},
			{"2026-03-10T10:00:00Z", "overdue=true", ""},
			{"2026-03-11T00:00:00Z", "overdue=true", "day local"},
			{"2026-03-11T10:59:59Z", "overdue=true&timezone=Pacific/Pago_Pago", "local"},
			{"2026-03-11T11:00:00Z", "overdue=true&timezone=Pacific/Pago_Pago", "day local"},
		}},
		"the deployment's zone": {zone: "Asia/Tokyo", tasks: []object{{"title": "day", "due_date": "2026-03-10"}, {"title": "local", "due_date": "2026-03-10T09:00"}}, moments: []moment{
			{"2026-03-10T00:00:00Z", "overdue=true", ""},
			{"2026-03-10T00:00:01Z", "overdue=true", "local"},
			{"2026-03-10T15:00:00Z", "overdue=true", "day local"},
			{"2026-03-09T15:00:00Z", "due=today", "day local"},
			{"2026-03-09T14:59:59Z", "due=today", ""},
			{"2026-03-10T00:00:00Z", "overdue=true&timezone=UTC", ""},
			{"2026-03-10T00:00:00Z", "due_from=2026-03-10T09:00&due_to=2026-03-10T09:00", "day local"},
			{"2026-03-10T00:00:00Z", "due_from=2026-03-10T09:01", "day"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databasetest.Each(t, func(t *testing.T, db *database.Database) {
				var clock setClock
				clock.set(t, "2026-01-01T00:00:00Z")
				alice := newAPI(t, db, func(s *setup) {
					s.now = clock.now
					if test.zone != "" {
						s.Timezone = location(t, test.zone)
					}
				}).as(t, "alice")
				for _, task := range test.tasks {
					alice.create(t, encode(t, task))
				}
				for _, m := range test.moments {
					clock.set(t, m.now)
					if got := strings.Join(alice.titles(t, "/api/tasks?order=asc&"+m.query), " "); got != m.want {
						t.Errorf("at %s, %s: %q, want %q", m.now, m.query, got, m.want)
					}
				}
			})
		})
	}
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
