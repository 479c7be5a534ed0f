package config

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/joho/godotenv"
)

// TestExampleFile reads .env.example with every setting switched on: none is missing, none is
// unknown, and all the examples are valid.
func TestExampleFile(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	vars, err := godotenv.UnmarshalBytes(regexp.MustCompile(`(?m)^# ([A-Z_]+=)`).ReplaceAll(content, []byte("$1")))
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{"SQLITE_PATH": true} // not asked for beside NEON_DB_URL
	if _, err := Load(func(name string) string {
		asked[name] = true
		return vars[name]
	}); err != nil {
		t.Error(err)
	}
	got := slices.Sorted(maps.Keys(vars))
	for what, want := range map[string][]string{
		"Load reads": slices.Sorted(maps.Keys(asked)), "names are": slices.Sorted(slices.Values(names)),
	} {
		if !slices.Equal(got, want) {
			t.Errorf("the file has\n%q, %s\n%q", got, what, want)
		}
	}
}
