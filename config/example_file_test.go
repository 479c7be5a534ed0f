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
	want, got := slices.Sorted(maps.Keys(asked)), slices.Sorted(maps.Keys(vars))
	if !slices.Equal(got, want) {
		t.Errorf("the file names\n%q, the settings are\n%q", got, want)
	}
}
