//go:build otlp

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collector is a server that takes traces.
type collector struct {
	url string

	mu       sync.Mutex
	paths    []string
	exported []*tracepb.ResourceSpans
	raw      strings.Builder
}

func collect(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var traces tracepb.TracesData // on the wire the same as the request of the collector's service
		if err != nil || proto.Unmarshal(body, &traces) != nil {
			http.Error(w, "no traces", http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.paths = append(c.paths, r.URL.Path)
		c.exported = append(c.exported, traces.GetResourceSpans()...)
		c.raw.Write(body)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// TestTraces runs the program with a collector in its environment: what it did is there once it has ended.
func TestTraces(t *testing.T) {
	t.Parallel()
	c := collect(t)
	s := start(t, t.TempDir(), "OTEL_EXPORTER_OTLP_ENDPOINT="+c.url, "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test")
	s.do(t, "POST", "/api/dev/tasks", s.token, `{"title":"private"}`)
	s.stop(t, os.Interrupt)
	c.mu.Lock()
	defer c.mu.Unlock()
	names := map[string]int{}
	for _, exported := range c.exported {
		if resource := exported.GetResource().String(); !strings.Contains(resource, "todo-backend") || !strings.Contains(resource, "deployment.environment.name") {
			t.Errorf("the resource is %s", resource)
		}
		for _, scope := range exported.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				names[span.GetName()]++
			}
		}
	}
	if names["POST /api/:user_id/tasks"] != 1 || names["INSERT"] != 1 || c.paths[0] != "/v1/traces" {
		t.Errorf("the spans are %v, sent to %v", names, c.paths)
	}
	for _, private := range []string{"private", s.token, "/dev/"} {
		if strings.Contains(c.raw.String(), private) {
			t.Errorf("the traces tell %q", private)
		}
	}
	if !strings.Contains(s.output.String(), "trace_id=") {
		t.Errorf("the log has no trace_id:\n%s", s.output)
	}
}

// TestTracesAreOff has the collector named and switched off in each way: nothing is sent, and no line has a trace's id.
func TestTracesAreOff(t *testing.T) {
	t.Parallel()
	for _, off := range []string{"OTEL_SDK_DISABLED=true", "OTEL_TRACES_EXPORTER=none"} {
		c := collect(t)
		s := start(t, t.TempDir(), "OTEL_EXPORTER_OTLP_ENDPOINT="+c.url, off)
		s.do(t, "POST", "/api/dev/tasks", s.token, `{"title":"x"}`)
		s.stop(t, os.Interrupt)
		if len(c.paths) > 0 || strings.Contains(s.output.String(), "trace_id") {
			t.Errorf("%s: sent to %v:\n%s", off, c.paths, s.output)
		}
	}
}

// TestACollectorThatHangs holds up neither requests nor the end for long.
func TestACollectorThatHangs(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	s := start(t, t.TempDir(), "OTEL_EXPORTER_OTLP_ENDPOINT="+server.URL, "OTEL_EXPORTER_OTLP_TIMEOUT=3600000") // it would wait for an hour
	if got := s.do(t, "POST", "/api/dev/tasks", s.token, `{"title":"x"}`); got.StatusCode != 201 {
		t.Errorf("with a collector that hangs: %s", got.Status)
	}
	s.stop(t, os.Interrupt)
	if !strings.Contains(s.output.String(), "the last traces are lost") {
		t.Errorf("the log does not say that traces are lost:\n%s", s.output)
	}
}
