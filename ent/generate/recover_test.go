package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingGeneratedIsNeededToGenerate: after an error in a template the generated packages do not
// compile. What go generate runs, and loads the schema with, must be none of them.
func TestNothingGeneratedIsNeededToGenerate(t *testing.T) {
	t.Parallel()
	const list = `{{ $dir := .Dir }}{{ range .GoFiles }}{{ $dir }}/{{ . }}{{ "\n" }}{{ end }}`
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", list, ".", "../schema", fixtureSchema)
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	ours := 0
	for file := range strings.FieldsSeq(string(output)) {
		if !strings.HasPrefix(file, here+"/") {
			continue
		}
		ours++
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(content, []byte("// Code generated")) {
			t.Errorf("%s is generated, and needed to generate", file)
		}
	}
	if ours < 5 {
		t.Errorf("only %d files of the service are looked at: %s", ours, output)
	}
}
