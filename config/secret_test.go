package config

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"todo-backend/ent/database/pgtest"
)

// TestMain makes this program print a development secret where a test starts it as another process.
func TestMain(m *testing.M) {
	dir := os.Getenv("TEST_DEVELOPMENT_SECRET_DIR")
	if dir == "" {
		pgtest.Main(m)
	}
	secret, err := DevelopmentSecret(dir)
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(secret)
}

func TestDevelopmentSecretIsMadeOnceForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	first, err := DevelopmentSecret(dir)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := base64.RawURLEncoding.DecodeString(first); err != nil || len(key) != 32 {
		t.Errorf("%q does not hold 32 bytes in base64url: %v", first, err)
	}
	if second, err := DevelopmentSecret(dir); err != nil || second != first {
		t.Errorf("the second call got %q, %v; the first %q", second, err, first)
	}
	checkMode(t, dir, 0o700)
	checkMode(t, filepath.Join(dir, secretFile), 0o600)
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("drafts were left behind: %v", entries)
	}
	if other, err := DevelopmentSecret(t.TempDir()); err != nil || other == first {
		t.Errorf("another folder got the same secret, %v", err)
	}
}

func checkMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s has mode %o, want %o", path, got, want)
	}
}

func TestDevelopmentSecretIsTheSameForAllWhoMakeItAtOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]func(dir string) (string, error){
		"goroutines": DevelopmentSecret,
		"processes": func(dir string) (string, error) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "TEST_DEVELOPMENT_SECRET_DIR="+dir)
			out, err := cmd.Output()
			return string(out), err
		},
	}
	for name, ask := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const callers = 8
			dir, secrets := filepath.Join(t.TempDir(), "data"), make(chan string, callers)
			for range callers {
				go func() {
					secret, err := ask(dir)
					if err != nil {
						t.Error(err)
					}
					secrets <- secret
				}()
			}
			first := <-secrets
			for range callers - 1 {
				if next := <-secrets; next != first || next == "" {
					t.Errorf("one got %q, another %q", first, next)
				}
			}
		})
	}
}

func TestDevelopmentSecretRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, secretFile), []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	readOnly := t.TempDir()
	if err := os.Chmod(readOnly, 0o500); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		dir, want string
		skip      bool
	}{
		"a folder that is a file":        {dir: file, want: file},
		"a file that is too short":       {dir: damaged, want: "delete it"},
		"a folder that it may not write": {dir: readOnly, want: "set BETTER_AUTH_SECRET", skip: os.Geteuid() == 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.skip {
				t.Skip("root may write everywhere")
			}
			secret, err := DevelopmentSecret(tt.dir)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, %v; want an error about %q", secret, err, tt.want)
			}
		})
	}
}
