package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestDocumentsAreUpToDate(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(string(d.format), func(t *testing.T) {
			t.Parallel()
			documents, err := d.documents("../../routes")
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range documents {
				got, err := os.ReadFile(filepath.Join("..", string(d.format), name))
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s is not what the comments on the handlers say: run go generate ./docs", name)
				}
			}
		})
	}
}
