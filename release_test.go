package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestReleases holds .goreleaser.yaml to what README.md says of releases. What goreleaser itself thinks of it is for .ci/run --long.
func TestReleases(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(".goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var release struct {
		Builds   []struct{ Env, Goos, Goarch, Flags, Ldflags []string }
		Archives []struct{ Files []string }
		Checksum struct {
			Name string `yaml:"name_template"`
		}
	}
	if err := yaml.Unmarshal(text, &release); err != nil {
		t.Fatal(err)
	}
	build := release.Builds[0]
	if !slices.Equal(build.Goos, []string{"linux", "darwin", "windows"}) || !slices.Equal(build.Goarch, []string{"amd64", "arm64"}) {
		t.Errorf("it is built for %v on %v", build.Goos, build.Goarch)
	}
	if !slices.Contains(build.Env, "CGO_ENABLED=0") || !slices.Contains(build.Flags, "-tags=otlp") {
		t.Errorf("it is built with %v and %v", build.Env, build.Flags)
	}
	for _, variable := range []string{"main.release=", "main.commit=", "main.built="} {
		if !strings.Contains(build.Ldflags[0], variable) {
			t.Errorf("the linker does not set %s", variable)
		}
	}
	for _, file := range release.Archives[0].Files {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
	if release.Checksum.Name != "checksums.txt" {
		t.Errorf("the checksums are in %q", release.Checksum.Name)
	}
}
