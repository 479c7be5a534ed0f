package config

import (
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestEnvFile(t *testing.T) {
	t.Parallel()
	tests := map[string]map[string]string{
		"":                     {},
		"# nothing\n\n":        {},
		"A=1\nB=2":             {"A": "1", "B": "2"},
		"A=1\r\nB=2\r\n":       {"A": "1", "B": "2"},
		"\ufeffA=1\nB=2\n":     {"A": "1", "B": "2"},
		"\ufeff# comment\nA=1": {"A": "1"},
		"\ufeff":               {},
		"export A='a#b$c'\nB=\"two\nlines\" # yes\n": {"A": "a#b$c", "B": "two\nlines"},
		"A=\nB='ü'": {"A": "", "B": "ü"},
	}
	for content, want := range tests {
		if got, err := parseEnvFile([]byte(content)); err != nil || !maps.Equal(got, want) {
			t.Errorf("%q is read as %q, %v; want %q", content, got, err, want)
		}
	}
}

func TestWrongEnvFilesAreRefusedByLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, want string }{
		"a line without =":              {"A=1\nhunter2\nB=2\n", "line 2: it must consist of lines NAME=value"},
		"one at the end":                {"A=1\n# comment\n\nhunter2", "line 4: "},
		"a line of two words":           {"A=1\nhunter2 swordfish\n", "line 2: "},
		"a name with a space":           {"MY SECRET=hunter2\nA=1\n", "line 1: "},
		"no name":                       {"A=1\n=hunter2\n", "line 2: "},
		"a name with a hyphen":          {"A=1\nMY-SECRET=hunter2\n", "line 2: "},
		"an open double quote":          {"A=1\nB=2\nC=\"hunter2\nD=4\nE=5\n", "line 3: "},
		"an open single quote":          {"A='1'\nB='hunter2\nC='3'\nD=4\n", "line 2: "},
		"text after a quote":            {"A=1\nB=\"x\ny\"hunter2\nC=3\n", "line 2: "},
		"after a value of several":      {"A=\"1\n2\n3\"\nhunter2\n", "line 4: "},
		"behind a byte order mark":      {"\ufeffhunter2\n", "line 1: "},
		"with the line ends of Windows": {"A=1\r\nhunter2\r\n", "line 2: "},
		"UTF-16LE with its mark":        {"\xff\xfe" + inUTF16(binary.LittleEndian), "it is UTF-16"},
		"UTF-16BE with its mark":        {"\xfe\xff" + inUTF16(binary.BigEndian), "it is UTF-16"},
		"UTF-16LE":                      {inUTF16(binary.LittleEndian), "it is UTF-16"},
		"UTF-16BE":                      {inUTF16(binary.BigEndian), "it is UTF-16"},
		"a NUL byte":                    {"A=hunter2\x00\n", "it has a NUL byte"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), ".env")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			err := LoadEnvFile(path)
			if want := "read " + path + ": " + tt.want; err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got  %v\nwant %s…", err, want)
			}
			if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "swordfish")) {
				t.Errorf("the error gives a secret away: %v", err)
			}
		})
	}
}

// inUTF16 is a file with a secret in UTF-16.
func inUTF16(order binary.AppendByteOrder) string {
	const text = "BETTER_AUTH_SECRET=hunter2\nPORT=1\n"
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

func TestEnvFileAddsWhatTheProcessDoesNotSay(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	if err := LoadEnvFile(path); err != nil {
		t.Errorf("a missing file: %v", err)
	}
	content := "\ufeffTEST_ENV_FILE_A=file\nTEST_ENV_FILE_B=file\nTEST_ENV_FILE_C=file\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_ENV_FILE_A", "process")
	t.Setenv("TEST_ENV_FILE_B", "")
	t.Setenv("TEST_ENV_FILE_C", "") // so that it is restored
	os.Unsetenv("TEST_ENV_FILE_C")
	if err := LoadEnvFile(path); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"TEST_ENV_FILE_A": "process", "TEST_ENV_FILE_B": "", "TEST_ENV_FILE_C": "file"} {
		if got := os.Getenv(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
