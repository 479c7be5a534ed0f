// Command generate makes the documentation of the API, by go generate: operations.json, which is what
// swag reads in the comments on the handlers, and of that the documents of each format with default
// settings, in a folder of its name. Those are there to be reviewed: the service composes its own.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/swaggo/swag"

	"todo-backend/config"
	"todo-backend/routes"
)

func main() {
	if err := run("../routes", "."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run reads the comments in a folder of handlers, and writes the documents into another.
func run(handlers, folder string) error {
	operations, err := readOperations(handlers)
	if err != nil {
		return err
	}
	files := map[string][]byte{"operations.json": operations}
	for _, format := range []config.Format{config.FormatPlain, config.FormatWrapped, config.FormatEnvelope} {
		swagger, openAPI, err := routes.Documents(operations, config.Config{Format: format})
		if err != nil {
			return fmt.Errorf("document %s: %w", format, err)
		}
		if err := validate(openAPI); err != nil {
			return fmt.Errorf("document %s: %w", format, err)
		}
		files[filepath.Join(string(format), "doc.json")] = swagger
		files[filepath.Join(string(format), "openapi.json")] = openAPI
	}
	return write(folder, files)
}

// readOperations has swag read the comments.
func readOperations(handlers string) ([]byte, error) {
	parser := swag.New(swag.SetDebugger(silent{}))
	parser.RequiredByDefault = true // only omitempty makes a field optional
	if err := parser.ParseAPI(handlers, "docs.go", 0); err != nil {
		return nil, fmt.Errorf("read the comments: %w", err)
	}
	text, err := parser.GetSwagger().MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode what swag read: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return nil, fmt.Errorf("indent what swag read: %w", err)
	}
	return append(indented.Bytes(), '\n'), nil
}

// silent keeps what swag does to itself.
type silent struct{}

// Printf prints nothing.
func (silent) Printf(string, ...any) {}

// validate reads an OpenAPI 3 document as its users do.
func validate(document []byte) error {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return fmt.Errorf("read the OpenAPI 3 document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return fmt.Errorf("validate the OpenAPI 3 document: %w", err)
	}
	return nil
}

// write puts files, by name, into a folder.
func write(folder string, files map[string][]byte) error {
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return fmt.Errorf("make a folder of documents: %w", err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return fmt.Errorf("write a document: %w", err)
		}
	}
	return nil
}
