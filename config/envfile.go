package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/joho/godotenv"
)

var (
	errUTF16    = errors.New("it is UTF-16, as Notepad and PowerShell may write it: save it as UTF-8")
	errNUL      = errors.New("it has a NUL byte: save it as text in UTF-8")
	errNotLines = errors.New("it must consist of lines NAME=value, and a quote that is opened must be closed")
)

// LoadEnvFile adds what the file at path says to the environment of the process, where that does not
// say it already. The file may be missing.
func LoadEnvFile(path string) error {
	values, err := readEnvFile(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	for name, value := range values {
		if _, ok := os.LookupEnv(name); ok {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("set %s as %s says: %w", name, path, err)
		}
	}
	return nil
}

// readEnvFile returns the variables of a file, none of one that is missing. The error quotes nothing of
// its content, which may be secret.
func readEnvFile(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseEnvFile(content)
}

// parseEnvFile reads lines NAME=value, in UTF-8, with or without the byte order mark that editors on
// Windows write.
func parseEnvFile(content []byte) (map[string]string, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if err := checkText(content); err != nil {
		return nil, err
	}
	values, err := parseLines(content)
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", wrongLine(content), err)
	}
	return values, nil
}

// checkText refuses what is no text in UTF-8.
func checkText(content []byte) error {
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		return errUTF16
	}
	nuls := bytes.Count(content, []byte{0})
	switch {
	case nuls == 0:
		return nil
	case nuls >= len(content)/3: // every second byte, but for a few characters beyond ASCII
		return errUTF16
	}
	return errNUL
}

// parseLines reads the variables. It drops the parser's errors, which quote the content, and refuses
// the names that the parser takes and no environment has.
func parseLines(content []byte) (map[string]string, error) {
	values, err := godotenv.UnmarshalBytes(content)
	if err != nil {
		return nil, errNotLines
	}
	for name := range values {
		if name == "" || strings.ContainsAny(name, " \t\v\f\r") {
			return nil, errNotLines
		}
	}
	return values, nil
}

// wrongLine returns the number of the line where the first variable begins that can't be read: the one
// after the longest beginning of the content that can.
func wrongLine(content []byte) int {
	lines := bytes.SplitAfter(content, []byte("\n"))
	for good := len(lines) - 1; good > 0; good-- {
		if _, err := parseLines(bytes.Join(lines[:good], nil)); err == nil {
			return good + 1
		}
	}
	return 1
}
