package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretFile is the development secret's name in its folder.
const secretFile = "better-auth-secret"

// DevelopmentSecret returns the secret that is kept in dir, and makes it at the first call. Of
// several processes that make it at once, one wins and all return the winner's.
func DevelopmentSecret(dir string) (string, error) {
	path := filepath.Join(dir, secretFile)
	secret, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeSecret(path); err != nil {
			return "", fmt.Errorf("make a development secret (or set BETTER_AUTH_SECRET): %w", err)
		}
		secret, err = readSecret(path)
	}
	if err != nil {
		return "", fmt.Errorf("read the development secret: %w", err)
	}
	return secret, nil
}

func readSecret(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(content))
	if len(secret) < minSecretBytes {
		return "", fmt.Errorf("%s has less than %d bytes: delete it, and a new one will be made", path, minSecretBytes)
	}
	return secret, nil
}

// makeSecret writes a new secret beside path and links it there. A link appears whole and never
// replaces a file, so nobody reads half a secret or one that is replaced later.
func makeSecret(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	draft, err := writeDraft(filepath.Dir(path))
	defer os.Remove(draft)
	if err != nil {
		return err
	}
	if err := os.Link(draft, path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// writeDraft writes 32 random bytes, base64url, to a new file that only its owner may read.
func writeDraft(dir string) (string, error) {
	key := make([]byte, minSecretBytes)
	rand.Read(key) // never fails (crypto/rand)
	file, err := os.CreateTemp(dir, secretFile+"-*")
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(base64.RawURLEncoding.EncodeToString(key))
	return file.Name(), errors.Join(err, file.Close())
}
