package routes_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/moment"
	"todo-backend/middleware"
	"todo-backend/middleware/token"
)

func init() { openapi3filter.RegisterBodyDecoder("text/calendar", openapi3filter.PlainBodyDecoder) }

const calendarPath = "/api/calendar.ics"

// TestWhoReadsTheCalendar has tokens of every kind in the header and in the address.
func TestWhoReadsTheCalendar(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		a := newAPI(t, db)
		alice := a.as(t, "alice")
		alice.create(t, `{"title":"hers","due_date":"2026-01-05"}`)
		a.as(t, "bob").create(t, `{"title":"his","due_date":"2026-01-05"}`)
		past := time.Now().Add(-time.Minute)
		secrets := map[string]string{"none": "", "of Better Auth": alice.token, "made up": string(token.NewAPIToken()), "malformed": "todo_x"}
		for _, scope := range scopes {
			secrets[string(scope)], _ = storeAPIToken(t, db, "alice", scope, nil)
		}
		secrets["expired"], _ = storeAPIToken(t, db, "alice", token.ScopeFeed, &past)
		wants := map[string][2]int{ // in the header, in the address
			"none": {401, 401}, "of Better Auth": {200, 403}, "read": {200, 200}, "write": {200, 403}, "feed": {200, 200},
			"expired": {401, 401}, "made up": {401, 401}, "malformed": {401, 401},
		}
		for kind, secret := range secrets {
			inHeader := client{api: a, token: secret}.send(t, "GET", calendarPath, "")
			inAddress := a.anonymous().send(t, "GET", calendarPath+"?access_token="+secret, "")
			for i, got := range []answer{inHeader, inAddress} {
				if got.status != wants[kind][i] {
					t.Errorf("a token %s, place %d: %d, want %d: %s", kind, i, got.status, wants[kind][i], got.body)
				}
				if got.header.Get("Referrer-Policy") != "no-referrer" {
					t.Errorf("a token %s: Referrer-Policy is %q", kind, got.header.Get("Referrer-Policy"))
				}
				if got.status == 200 && (!strings.Contains(got.body, "hers") || strings.Contains(got.body, "his")) {
					t.Errorf("a token %s: %s", kind, got.body)
				}
				if secret != "" && strings.Contains(got.body, secret) {
					t.Errorf("a token %s is told: %s", kind, got.body)
				}
			}
		}
		// The parameter counts at no other address.
		if got := a.anonymous().send(t, "GET", "/api/tasks?access_token="+secrets["read"], ""); got.status != 401 {
			t.Errorf("a token in the address of tasks is answered with %d", got.status)
		}
	})
}

// TestTagsOfCalendars: a calendar has the same bytes and tag until one of its tasks changes, and another tag
// after every change.
func TestTagsOfCalendars(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		known := map[string]string{}
		var last answer
		look := func(after string, changed bool) {
			t.Helper()
			got := alice.send(t, "GET", calendarPath, "")
			tag := got.header.Get("ETag")
			if was, ok := known[tag]; changed && ok {
				t.Errorf("after %s the tag is that after %s", after, was)
			}
			if !changed && (tag != last.header.Get("ETag") || got.body != last.body) {
				t.Errorf("after %s the calendar is another", after)
			}
			if other := alice.send(t, "GET", calendarPath+"?as=todos", "").header.Get("ETag"); other == tag {
				t.Error("to-dos have the tag of events")
			}
			same := alice.send(t, "GET", calendarPath, "", header{"If-None-Match", tag})
			if same.status != http.StatusNotModified || same.body != "" || same.header.Get("Cache-Control") != "private, no-cache" {
				t.Errorf("after %s: who has it gets %d %v", after, same.status, same.header)
			}
			known[tag], last = after, got
		}
		look("nothing", true)
		first := alice.create(t, `{"title":"first","due_date":"2026-01-05"}`)["id"].(string)
		look("the first task", true)
		second := alice.create(t, `{"title":"second","due_date":"2026-01-06T09:30"}`)["id"].(string)
		look("the second task", true)
		look("nothing", false)
		other := alice.create(t, `{"title":"without a due date"}`)["id"].(string)
		alice.as(t, "bob").create(t, `{"title":"his","due_date":"2026-01-05"}`)
		look("a task of bob's, and one without a due date", false)
		for _, change := range []string{`{"title":"changed"}`, `{"due_date":"2026-01-07"}`, `{"completed":true}`, `{"completed":false}`, `{"due_date":null}`, `{"due_date":"2026-01-07"}`} {
			alice.send(t, "PATCH", "/api/tasks/"+first, change).want(t, 200)
			look(change, true)
		}
		alice.send(t, "PATCH", "/api/tasks/"+other, `{"due_date":"2026-01-07"}`).want(t, 200)
		look("a due date", true)
		alice.send(t, "DELETE", "/api/tasks/"+second, "").want(t, 200)
		look("a delete", true)
		series := alice.create(t, `{"title":"series","due_date":"2026-01-05","recurrence_rule":"daily"}`)["id"].(string)
		look("a series", true)
		next := alice.send(t, "PATCH", "/api/tasks/"+series, `{"completed":true}`).header.Get("Next-Task")
		look("the next task", true)
		alice.send(t, "PATCH", "/api/tasks/"+series, `{"completed":false}`).want(t, 200)
		look("the first task of the series is open again", true)
		alice.send(t, "PATCH", next, `{"due_date":null,"recurrence_rule":null}`).want(t, 200)
		look("the next task has no due date", true)
		alice.send(t, "DELETE", next, "").want(t, 200)
		look("the first task has no next one, and its rule again", true)
		if got := alice.send(t, "HEAD", calendarPath, ""); got.header.Get("ETag") != last.header.Get("ETag") {
			t.Errorf("HEAD has the tag %q", got.header.Get("ETag"))
		}
	})
}

// calendarItem is what read_calendar.py reads of a component.
type calendarItem struct {
	Kind, UID, Start, End, Due, Status, Rule string
	Summary, Description                     string
	Categories                               []string
}

// readCalendar has two other implementations read a calendar.
func readCalendar(t *testing.T, body string) (items []calendarItem) {
	t.Helper()
	command := exec.CommandContext(t.Context(), findPython(t), "testdata/read_calendar.py")
	command.Stdin = strings.NewReader(body)
	output, err := command.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("%s\n%.3000s", failed.Stderr, body)
	}
	var read struct {
		Items []calendarItem
		Zones map[string][]string
	}
	if err := errors.Join(err, json.Unmarshal(output, &read)); err != nil {
		t.Fatal(err)
	}
	for zone, wrong := range read.Zones {
		if len(wrong) > 0 {
			t.Errorf("%s has other offsets, %d times: %s", zone, len(wrong), wrong[0])
		}
	}
	return read.Items
}

// findPython returns a Python that has icalendar and vobject. Where there is none the test is skipped, but
// not in CI.
func findPython(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import icalendar, vobject, dateutil, zoneinfo").Run() == nil {
			return python
		}
	}
	const missing = "Python with icalendar and vobject is missing: install python3-icalendar, python3-vobject and python3-dateutil"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// checkLines holds a calendar against what RFC 5545 says of lines (section 3.1).
func checkLines(t *testing.T, body string) {
	t.Helper()
	if !strings.HasSuffix(body, "END:VCALENDAR\r\n") {
		t.Errorf("it ends in %q", body[max(0, len(body)-40):])
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(body, "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
}

// TestTextsOfCalendars has other implementations read texts back that are hard to write.
func TestTextsOfCalendars(t *testing.T) {
	t.Parallel()
	tests := []struct {
		title, description, wantTitle, wantDescription string
		tags                                           []string
	}{
		{"Buy milk", "Two litres", "Buy milk", "Two litres", []string{"home", "shop"}},
		{`a,b;c:d\e"f'g`, `\n is no line end, \\ neither; "x"`, `a,b;c:d\e"f'g`, `\n is no line end, \\ neither; "x"`, []string{`w;x`, `y\z`}},
		{"BEGIN:VEVENT", "x\r\nEND:VEVENT\r\nBEGIN:VALARM", "BEGIN:VEVENT", "x\nEND:VEVENT\nBEGIN:VALARM", nil},
		{"a\rb\u0085c\u000bd\u007fe", "one\ntwo\tthree\u2028four\u2029", "abcde", "one\ntwo\tthree\nfour\n", []string{"a\u0007b"}},
		{strings.Repeat("ä", 255), strings.Repeat("📝", 1000), strings.Repeat("ä", 255), strings.Repeat("📝", 1000), []string{strings.Repeat("€", 50)}},
		{strings.Repeat("long words ", 20) + "end", strings.Repeat("<>", 400), strings.Repeat("long words ", 20) + "end", strings.Repeat("<>", 400), nil},
		{"עברית", "ไม่มีช่องว่าง" + strings.Repeat("ข้อความ", 60), "עברית", "ไม่มีช่องว่าง" + strings.Repeat("ข้อความ", 60), nil},
	}
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	for i, test := range tests {
		alice.create(t, encode(t, object{
			"title": test.title, "description": test.description, "tags": append([]string{}, test.tags...), "due_date": fmt.Sprintf("2026-01-%02d", i+1),
		}))
	}
	for _, as := range []string{"events", "todos"} {
		body := alice.send(t, "GET", calendarPath+"?as="+as, "").body
		checkLines(t, body)
		items := readCalendar(t, body)
		if len(items) != len(tests) {
			t.Fatalf("%d items", len(items))
		}
		for i, test := range tests {
			got := items[i] // in the order of their creation
			var tags []string
			for _, tag := range test.tags {
				tags = append(tags, strings.ReplaceAll(tag, "\u0007", ""))
			}
			if got.Summary != test.wantTitle || got.Description != test.wantDescription || !slices.Equal(got.Categories, tags) {
				t.Errorf("read back: %q, want %+v", got, test)
			}
		}
	}
}

// TestTimesOfCalendars has other implementations read when things are.
func TestTimesOfCalendars(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body, start, end, rule string
	}{
		{`"due_date":"2026-01-05"`, "2026-01-05", "2026-01-06", ""},
		{`"due_date":"2026-12-31"`, "2026-12-31", "2027-01-01", ""},
		{`"due_date":"2026-01-05T09:30"`, "2026-01-05T09:30:00+00:00", "2026-01-05T10:00:00+00:00", ""},
		{`"due_date":"2026-01-05T09:30","timezone":"Europe/Berlin"`, "2026-01-05T08:30:00+00:00", "2026-01-05T09:00:00+00:00", ""},
		{`"due_date":"2026-01-05T23:45-05:00"`, "2026-01-06T04:45:00+00:00", "2026-01-06T05:15:00+00:00", ""},
		{`"due_date":"2026-01-05","recurrence_rule":"daily"`, "2026-01-05", "2026-01-06", "FREQ=DAILY"},
		{`"due_date":"2026-01-31","recurrence_rule":"monthly"`, "2026-01-31", "2026-02-01", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
		{`"due_date":"2026-01-05","recurrence_rule":"daily","repeat_from":"completion"`, "2026-01-05", "2026-01-06", ""},
		{`"due_date":"2026-01-06","recurrence_rule":"FREQ=WEEKLY;BYDAY=MO"`, "2026-01-06", "2026-01-07", ""},
		{`"due_date":"2026-01-05T09:30","recurrence_rule":"FREQ=DAILY;UNTIL=20260110"`, "2026-01-05T09:30:00+00:00", "2026-01-05T10:00:00+00:00", "FREQ=DAILY;UNTIL=20260110T235959Z"},
		{`"due_date":"2026-01-05T09:30","timezone":"America/New_York","recurrence_rule":"FREQ=DAILY;COUNT=3"`, "2026-01-05T09:30:00-05:00", "", "FREQ=DAILY;COUNT=3"},
		{`"due_date":"2026-07-05T09:30+02:00","recurrence_rule":"FREQ=WEEKLY"`, "2026-07-05T07:30:00+00:00", "2026-07-05T08:00:00+00:00", "FREQ=WEEKLY"},
	}
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	ids := make([]string, len(tests))
	for i, test := range tests {
		ids[i] = alice.create(t, fmt.Sprintf(`{"title":"x",%s}`, test.body))["id"].(string)
	}
	body := alice.send(t, "GET", calendarPath, "").body
	checkLines(t, body)
	items := map[string]calendarItem{}
	for _, item := range readCalendar(t, body) {
		items[item.UID] = item
	}
	for i, test := range tests {
		got := items[ids[i]+"@todo-backend"]
		if got.Kind != "VEVENT" || got.Start != test.start || got.End != test.end || !sameParts(got.Rule, test.rule) {
			t.Errorf("%s is %+v, want %s to %s %s", test.body, got, test.start, test.end, test.rule)
		}
	}
}

// sameParts reports whether two rules have the same parts.
func sameParts(a, b string) bool {
	parts := func(rule string) []string { return slices.Sorted(slices.Values(strings.Split(rule, ";"))) }
	return slices.Equal(parts(a), parts(b))
}

// TestZonesOfCalendars compares the zones that a calendar tells with the system's, day by day and around
// each change, from before 1970 and from now on.
func TestZonesOfCalendars(t *testing.T) {
	t.Parallel()
	alice := newAPI(t, databasetest.SQLite(t)).as(t, "alice")
	for _, zone := range []string{
		"Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Tokyo", "Asia/Kathmandu", "Pacific/Apia",
	} {
		if _, err := moment.Zone(zone); err != nil {
			t.Fatal(err)
		}
		alice.create(t, fmt.Sprintf(`{"title":"x","due_date":"2024-06-05T09:30","timezone":%q,"recurrence_rule":"daily"}`, zone))
	}
	for _, zone := range []string{"Europe/London", "America/Anchorage", "Asia/Manila", "Europe/Lisbon"} {
		alice.create(t, fmt.Sprintf(`{"title":"x","due_date":"1965-06-05T09:30","timezone":%q,"recurrence_rule":"daily"}`, zone))
	}
	body := alice.send(t, "GET", calendarPath, "").body
	checkLines(t, body)
	if n := strings.Count(body, "BEGIN:VTIMEZONE"); n != 12 {
		t.Errorf("%d zones", n)
	}
	readCalendar(t, body)
}

// TestSeriesInCalendars: of a series the open last task comes back; to-dos have no rules, and completed ones too.
func TestSeriesInCalendars(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		alice := newAPI(t, db).as(t, "alice")
		first := alice.create(t, `{"title":"first","due_date":"2026-01-05","recurrence_rule":"daily"}`)["id"].(string)
		events := func(as string) []calendarItem {
			return readCalendar(t, alice.send(t, "GET", calendarPath+"?as="+as, "").body)
		}
		if got := events("events"); len(got) != 1 || got[0].Rule != "FREQ=DAILY" {
			t.Errorf("the first task: %+v", got)
		}
		alice.send(t, "PATCH", "/api/tasks/"+first, `{"completed":true}`).want(t, 200)
		if got := events("events"); len(got) != 1 || got[0].Rule != "FREQ=DAILY" || got[0].UID == first+"@todo-backend" {
			t.Errorf("completed: %+v", got)
		}
		got := events("todos")
		var statuses []string
		for _, item := range got {
			statuses = append(statuses, item.Kind+" "+item.Status+item.Rule)
		}
		if want := []string{"VTODO COMPLETED", "VTODO NEEDS-ACTION"}; !slices.Equal(statuses, want) {
			t.Errorf("to-dos are %q, want %q", statuses, want)
		}
		alice.send(t, "PATCH", "/api/tasks/"+first, `{"completed":false}`).want(t, 200)
		rules := map[bool]string{}
		for _, item := range events("events") {
			rules[item.UID == first+"@todo-backend"] = item.Rule
		}
		if want := map[bool]string{true: "", false: "FREQ=DAILY"}; !reflect.DeepEqual(rules, want) {
			t.Errorf("reopened, the rules are %v", rules)
		}
	})
}

// TestLongCalendarsAreReadAsTheirReadersRead has a reader stop behind the headers: the service reads a few
// pages of the tasks and no more. Then the reader goes on, and gets each task once.
func TestLongCalendarsAreReadAsTheirReadersRead(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		const tasks = 10_000
		plant(t, db, tasks)
		observed := *db
		observed.Client = raw.Client
		alice := newAPI(t, &observed).as(t, "alice")
		conn, err := alice.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var reader *bufio.Reader
		sent := raw.Sent(func() {
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: todo\r\nAuthorization: Bearer %s\r\n\r\n", calendarPath, alice.token)
			reader = bufio.NewReader(conn)
			if _, err := reader.Peek(1); err != nil {
				t.Error(err)
			}
			time.Sleep(200 * time.Millisecond) // what the service would do meanwhile
		})
		if pages := len(sent) - 1; pages < 0 || pages > 5 {
			t.Errorf("for a reader who has read one byte %d pages are read", pages)
		}
		res, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for line := range strings.Lines(string(body)) {
			if uid, ok := strings.CutPrefix(line, "UID:"); ok {
				seen[uid] = true
			}
		}
		if n := strings.Count(string(body), "BEGIN:VEVENT"); n != tasks || len(seen) != tasks {
			t.Errorf("%d events of %d tasks", n, len(seen))
		}
	})
}

// plant makes tasks of alice's, many on the same day and some without the instant of their due date.
func plant(t *testing.T, db *database.Database, n int) {
	t.Helper()
	ctx := asViewer(t.Context(), "alice")
	for begin := 0; begin < n; begin += 500 {
		var creates []*ent.TaskCreate
		for i := begin; i < min(begin+500, n); i++ {
			due := time.Date(2026, 1, 1+i/70, 0, 0, 0, 0, time.UTC)
			create := db.Client.Task.Create().SetTitle(fmt.Sprint("task ", i)).SetDueDate(due.Format(time.DateOnly))
			if i%97 != 0 {
				create.SetDueBegin(due).SetDueEnd(due.AddDate(0, 0, 1))
			}
			creates = append(creates, create)
		}
		if err := db.Client.Task.CreateBulk(creates...).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUnreadCalendarsAreBounded has alice ask for many calendars and read none: further ones are refused
// until she goes away. Bob gets his.
func TestUnreadCalendarsAreBounded(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	plant(t, db, 3000)
	a := newAPI(t, db)
	alice := a.as(t, "alice")
	var conns []net.Conn
	for range 16 {
		conn, err := a.dial()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conns = append(conns, conn)
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: todo\r\nAuthorization: Bearer %s\r\n\r\n", calendarPath, alice.token)
		if _, err := bufio.NewReaderSize(conn, 16).Peek(1); err != nil {
			t.Fatal(err)
		}
	}
	if got := alice.send(t, "GET", calendarPath, ""); got.status != http.StatusServiceUnavailable {
		t.Errorf("beside 16 unread calendars another is answered with %d", got.status)
	}
	a.as(t, "bob").create(t, `{"title":"his","due_date":"2026-01-05"}`)
	if got := a.as(t, "bob").send(t, "GET", calendarPath, ""); got.status != http.StatusOK {
		t.Errorf("bob's calendar is answered with %d", got.status)
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
	eventually(t, "the memory is free again", func() bool {
		return alice.send(t, "GET", calendarPath, "").status == http.StatusOK
	})
}

// TestACalendarThatFailsIsNoCalendar closes the database while a calendar is read: the connection ends before
// the calendar does.
func TestACalendarThatFailsIsNoCalendar(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	plant(t, db, 3000)
	alice := newAPI(t, db).as(t, "alice")
	conn, err := alice.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: todo\r\nAuthorization: Bearer %s\r\n\r\n", calendarPath, alice.token)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err == nil || strings.Contains(string(body), "END:VCALENDAR") {
		t.Errorf("%d bytes arrive as a whole answer: %v", len(body), err)
	}
}

// TestTokensInAddressesAreToldNowhere reads calendars with tokens in the address, good and bad ones: no log,
// metric, trace or answer has them.
func TestTokensInAddressesAreToldNowhere(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		var written log
		tracer, recorder := newRecorder()
		metrics := middleware.NewMetrics()
		a := newAPI(t, db, func(s *setup) { s.log, s.tracer, s.metrics = &written, tracer, metrics })
		a.as(t, "alice").create(t, `{"title":"hers","due_date":"2026-01-05"}`)
		feed, _ := storeAPIToken(t, db, "alice", token.ScopeFeed, nil)
		write, _ := storeAPIToken(t, db, "alice", token.ScopeWrite, nil)
		secrets := []string{feed, write, string(token.NewAPIToken()), "todo_hunter2", a.as(t, "alice").token}
		var told strings.Builder
		for _, secret := range secrets {
			for _, path := range []string{calendarPath, calendarPath + "/", calendarPath + "?as=todos", calendarPath + "?as=" + secret, "/api/calendar.ical", "/calendar.ics", "/api/tasks"} {
				for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
					separator := "?"
					if strings.Contains(path, "?") {
						separator = "&"
					}
					got := a.anonymous().send(t, method, path+separator+"access_token="+secret, "")
					fmt.Fprintln(&told, got.header, got.body)
				}
			}
		}
		told.WriteString(written.String())
		for _, span := range recorder.Ended() {
			fmt.Fprintln(&told, span.Name(), span.Attributes(), span.Status(), span.Events())
		}
		families, err := metrics.Gatherer().Gather()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&told, families)
		if !strings.Contains(written.String(), calendarPath) || len(recorder.Ended()) == 0 {
			t.Error("nothing is told at all")
		}
		for _, secret := range secrets {
			if strings.Contains(told.String(), secret) {
				t.Errorf("%s is told", secret)
			}
		}
	})
}

// TestCalendarsHaveOneForm: calendars are the same in every format.
func TestCalendarsHaveOneForm(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	var bodies []string
	for i, format := range formats {
		alice := newAPI(t, db, withFormat(format)).as(t, "alice")
		if i == 0 {
			alice.send(t, "POST", "/api/tasks", `{"title":"hers","due_date":"2026-01-05"}`)
		}
		bodies = append(bodies, alice.send(t, "GET", calendarPath, "").body)
	}
	if bodies[0] != bodies[1] || bodies[1] != bodies[2] {
		t.Errorf("they are %q", bodies)
	}
	bad := newAPI(t, db, withFormat(config.FormatEnvelope)).as(t, "alice").send(t, "GET", calendarPath+"?as=journal", "").want(t, 422)
	if bad["detail"] != "As must be events or todos" {
		t.Errorf("an unknown form: %v", bad)
	}
}
