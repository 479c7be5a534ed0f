//go:build !otlp

package main

import (
	"os"
	"strings"
	"testing"
)

// TestTracesNeedAnotherBuild names a collector to a program without exporter: it serves, and says what to build.
func TestTracesNeedAnotherBuild(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1")
	if got := s.do(t, "POST", "/api/dev/tasks", s.token, `{"title":"x"}`); got.StatusCode != 201 {
		t.Errorf("with a collector that this build can't reach: %s", got.Status)
	}
	s.stop(t, os.Interrupt)
	if said := s.output.String(); !strings.Contains(said, "-tags otlp") || strings.Contains(said, "trace_id") {
		t.Errorf("the log is\n%s", said)
	}
}
