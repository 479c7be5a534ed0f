package routes_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

const (
	callersTrace  = "0af7651916cd43dd8448eb211c80319c"
	callersSpan   = "b7ad6b7169203331"
	callersHeader = "00-" + callersTrace + "-" + callersSpan + "-01"
)

// newRecorder returns a tracer, and what its spans are recorded in.
func newRecorder() (trace.Tracer, *tracetest.SpanRecorder) {
	recorder := tracetest.NewSpanRecorder()
	return sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test"), recorder
}

// TestSpans has alice make requests under a trace of her own: each is a span below hers, with its statement below it, and
// none tells who she is or what she wrote.
func TestSpans(t *testing.T) {
	t.Parallel()
	for system, source := range map[string]func(*testing.T) database.Source{
		"sqlite": func(t *testing.T) database.Source {
			return database.Source{SQLitePath: filepath.Join(t.TempDir(), "todo.db")}
		},
		"postgresql": func(t *testing.T) database.Source { return database.Source{PostgresURL: databasetest.PostgresURL(t)} },
	} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			tracer, recorder := newRecorder()
			from := source(t)
			from.Tracer = tracer
			db := databasetest.Open(t, from)
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			var written log
			alice := newAPI(t, db, func(s *setup) { s.tracer, s.log = tracer, &written }).as(t, "alice-the-user")
			parent := header{"Traceparent", callersHeader}
			alice.send(t, "POST", "/api/alice-the-user/tasks", `{"title":"private title"}`, parent)
			alice.send(t, "GET", "/api/tasks?status=pending&cursor=", "", parent)
			alice.send(t, "GET", "/api/bob/tasks", "", parent)
			want := []string{
				"INSERT " + system, "POST /api/:user_id/tasks 201",
				"SELECT " + system, "GET /api/tasks 200",
				"GET /api/:user_id/tasks 403",
			}
			if got := spanSummaries(t, recorder.Ended()); !slices.Equal(got, want) {
				t.Errorf("the spans are\n%q, want\n%q", got, want)
			}
			for _, line := range written.lines(t, "INFO") {
				if line["trace_id"] != callersTrace {
					t.Errorf("a line has no id of the trace: %v", line)
				}
			}
		})
	}
}

// spanSummaries returns the name and a detail of each span. It checks the span's parent, and that nothing of the user's is in it.
func spanSummaries(t *testing.T, spans []sdktrace.ReadOnlySpan) (all []string) {
	t.Helper()
	for i, span := range spans {
		wantParent := callersSpan
		if span.SpanKind() == trace.SpanKindClient {
			wantParent = spans[i+1].SpanContext().SpanID().String() // the request ends after its statement
		}
		if span.SpanContext().TraceID().String() != callersTrace || span.Parent().SpanID().String() != wantParent {
			t.Errorf("%s is in trace %s below %s", span.Name(), span.SpanContext().TraceID(), span.Parent().SpanID())
		}
		text := fmt.Sprint(span.Name(), span.Attributes(), span.Status())
		for _, private := range []string{"alice", "private", "cursor=", "bob", "eyJ"} {
			if strings.Contains(text, private) {
				t.Errorf("%q is told: %s", private, text)
			}
		}
		detail := attributeOf(span, "http.response.status_code") + attributeOf(span, "db.system.name")
		all = append(all, span.Name()+" "+detail)
	}
	return all
}

func attributeOf(span sdktrace.ReadOnlySpan, key attribute.Key) string {
	for _, kv := range span.Attributes() {
		if kv.Key == key {
			return kv.Value.String()
		}
	}
	return ""
}

// TestFailuresAreSpans has the database fail: the spans say so, and not why in words that might be private.
func TestFailuresAreSpans(t *testing.T) {
	t.Parallel()
	tracer, recorder := newRecorder()
	unmigrated := databasetest.Open(t, database.Source{SQLitePath: filepath.Join(t.TempDir(), "todo.db"), Tracer: tracer})
	alice := newAPI(t, unmigrated, func(s *setup) { s.tracer = tracer }).as(t, "alice")
	alice.send(t, "GET", "/api/tasks", "").want(t, 500)
	spans := recorder.Ended()
	if len(spans) != 2 || spans[0].Status().Code.String() != "Error" || spans[1].Status().Code.String() != "Error" || attributeOf(spans[1], "error.type") != "500" {
		t.Errorf("the spans are %v", spans)
	}
}
