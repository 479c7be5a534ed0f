package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestTheFirstBuildIsSmall has the program compile nothing that it does not run: what newcomers wait for before they see anything.
func TestTheFirstBuildIsSmall(t *testing.T) {
	t.Parallel()
	compiled := imports(t, "-tags=")
	for library, why := range map[string]string{
		"google.golang.org/grpc":          "traces go out over HTTP",
		"google.golang.org/genproto":      "it is of gRPC",
		"go.opentelemetry.io/otel/sdk":    "it comes with -tags otlp",
		"go.opentelemetry.io/proto":       "it comes with -tags otlp",
		"github.com/swaggo/":              "it generates the documents",
		"github.com/getkin/kin-openapi":   "it generates the documents",
		"github.com/go-openapi/":          "it generates the documents",
		"entgo.io/ent/entc":               "it generates the client",
		"entgo.io/ent/dialect/sql/schema": "it compares schemas",
		"ariga.io/atlas":                  "it compares schemas",
		"golang.org/x/tools":              "it is of generators",
		"golang.org/x/net/http2":          "net/http has its own",
		"html/template":                   "pages are embedded as they are",
	} {
		for _, pkg := range compiled {
			if strings.HasPrefix(pkg, library) {
				t.Errorf("the program imports %s (%s); go list -f '{{.ImportPath}} {{.Imports}}' -deps . says from where", pkg, why)
			}
		}
	}
	if exporter := "otel/exporters/otlp/otlptrace/otlptracehttp"; !strings.Contains(strings.Join(imports(t, "-tags=otlp"), "\n"), exporter) {
		t.Errorf("with -tags otlp it does not import %s", exporter)
	}
}

// imports returns all that the program compiles.
func imports(t *testing.T, tags string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", tags, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}
