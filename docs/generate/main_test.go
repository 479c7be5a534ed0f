package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestDocumentsAreUpToDate(t *testing.T) {
	t.Parallel()
	made := t.TempDir()
	if err := run("../../routes", made); err != nil {
		t.Fatal(err)
	}
	err := fs.WalkDir(os.DirFS(made), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		want, err := os.ReadFile(filepath.Join(made, name))
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("docs/%s is not what the handlers say: run go generate ./docs (%v)", name, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
