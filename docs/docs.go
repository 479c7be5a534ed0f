// Package docs holds the documentation of the API: a document for each dialect, made from the comments on the handlers,
// and Swagger UI to read it with.
package docs

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
)

//go:generate go run ./generate

// ownOperations is what swag writes of the comments on the handlers.
//
//go:embed operations.json
var ownOperations []byte

// Swagger UI comes from docs/ui/update.sh.
//
//go:embed ui/index.html ui/init.js ui/page.css ui/swagger-ui-*
var ui embed.FS

// File is a file that is served under /docs. Both functions read it when it is first asked for, and
// return the same bytes from then on: nobody may change them. All files together are 2.5 MB.
type File struct {
	Content func() []byte
	// Gzip returns the content in gzip (RFC 1952). It is nil for a file that is not kept compressed.
	Gzip func() []byte
	// Immutable says that the file's name has its version: what is under the name never changes.
	Immutable bool
}

// Files returns the files that are served under /docs, by name; the page itself is index.html. The page
// needs nothing from elsewhere.
func Files(api API) map[string]File {
	documents := sync.OnceValues(func() (swagger, openAPI []byte) {
		swagger, openAPI, err := Documents(nil, api)
		if err != nil {
			panic(fmt.Sprintf("write the documents: %v", err)) // of what was generated
		}
		return swagger, openAPI
	})
	files := map[string]File{
		"openapi.json": {Content: func() []byte {
			_, openAPI := documents()
			return openAPI
		}},
		"doc.json": {Content: func() []byte {
			swagger, _ := documents()
			return swagger
		}},
	}
	err := fs.WalkDir(ui, "ui", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := strings.TrimPrefix(path, "ui/")
		f := File{Content: read(path), Immutable: strings.Contains(name, "/")}
		if !f.Immutable {
			f.Content = below(api.BasePath, f.Content)
		}
		if uncompressed, ok := strings.CutSuffix(name, ".gz"); ok {
			name, f.Gzip = uncompressed, f.Content
			f.Content = decompress(name, f.Gzip)
		}
		files[name] = f
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("list the documentation: %v", err)) // the program was built without it
	}
	return files
}

// read returns what reads a file, once. It panics where the program was built without the file.
func read(name string) func() []byte {
	return sync.OnceValue(func() []byte {
		content, err := ui.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("read the documentation: %v", err))
		}
		return content
	})
}

// below returns what reads a page or script whose addresses begin with a base path.
func below(basePath string, content func() []byte) func() []byte {
	return sync.OnceValue(func() []byte {
		return bytes.ReplaceAll(content(), []byte(`"/`), []byte(`"`+basePath+`/`))
	})
}

// decompress returns what decompresses a file, once. It panics where the program was built with a
// damaged one.
func decompress(name string, compressed func() []byte) func() []byte {
	return sync.OnceValue(func() []byte {
		reader, err := gzip.NewReader(bytes.NewReader(compressed()))
		if err != nil {
			panic(fmt.Sprintf("decompress %s: %v", name, err))
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			panic(fmt.Sprintf("decompress %s: %v", name, err))
		}
		return content
	})
}
