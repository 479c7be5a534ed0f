// Command generate makes the documentation of the API from the comments on its handlers: for each dialect, in a folder of
// its name below the working directory, the Swagger 2.0 that swag writes (doc.json) and an OpenAPI 3 (openapi.json).
// It runs in docs, by go generate.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"todo-backend/config"
)

// handlers is where the comments are, seen from docs.
const handlers = "../routes"

// A dialect says which types of the handlers' package stand for the answers that the comments name.
type dialect struct {
	format  config.Format
	answers map[string]string
}

var dialects = []dialect{
	{config.FormatPlain, map[string]string{
		"taskAnswer": "plainTask", "listAnswer": "[]plainTask", "deletedAnswer": "message",
	}},
	{config.FormatWrapped, map[string]string{
		"taskAnswer": "plainTask", "listAnswer": "wrappedList", "deletedAnswer": "message",
	}},
	{config.FormatEnvelope, map[string]string{
		"taskAnswer": "envelopeOne", "listAnswer": "envelopeList", "deletedAnswer": "envelopeMessage",
	}},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	for _, d := range dialects {
		documents, err := d.documents(handlers)
		if err != nil {
			return fmt.Errorf("document %s: %w", d.format, err)
		}
		if err := write(string(d.format), documents); err != nil {
			return err
		}
	}
	return nil
}

// write puts documents, by name, into folder.
func write(folder string, documents map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Errorf("make the folder of a dialect: %w", err)
	}
	for name, content := range documents {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return fmt.Errorf("write a document: %w", err)
		}
	}
	return nil
}

// documents are the documents of the API in this dialect, by name. handlers is the folder of the comments.
func (d dialect) documents(handlers string) (map[string][]byte, error) {
	swagger, err := d.swagger(handlers)
	if err != nil {
		return nil, err
	}
	doc, err := encode(swagger) // before the conversion, which takes parts of it over and changes them
	if err != nil {
		return nil, err
	}
	converted, err := toOpenAPI(swagger)
	if err != nil {
		return nil, err
	}
	openAPI, err := encode(converted)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"doc.json": doc, "openapi.json": openAPI}, validate(openAPI)
}

// encode is document as JSON for people: indented, and with a line's end at the end.
func encode(document json.Marshaler) ([]byte, error) {
	var indented bytes.Buffer
	content, err := document.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	if err := json.Indent(&indented, content, "", "  "); err != nil {
		return nil, fmt.Errorf("indent: %w", err)
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}
