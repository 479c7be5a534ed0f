package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/swaggo/swag"

	"todo-backend/config"
)

// swagger is what swag reads in the comments, mended.
func (d dialect) swagger(handlers string) (*openapi2.T, error) {
	parser := swag.New(
		swag.SetDebugger(silent{}),
		swag.SetOverrides(d.answers),
	)
	parser.RequiredByDefault = true // only omitempty makes a field optional
	if err := parser.ParseAPI(handlers, "docs.go", 0); err != nil {
		return nil, fmt.Errorf("read the comments: %w", err)
	}
	written, err := parser.GetSwagger().MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode what swag read: %w", err)
	}
	var doc openapi2.T
	if err := json.Unmarshal(written, &doc); err != nil {
		return nil, fmt.Errorf("read what swag wrote: %w", err)
	}
	d.mend(&doc)
	return &doc, nil
}

// silent keeps what swag does to itself.
type silent struct{}

// Printf prints nothing.
func (silent) Printf(string, ...any) {}

// mend corrects what comments that several routes and dialects share get wrong.
func (d dialect) mend(doc *openapi2.T) {
	doc.Info.Contact = nil // swag's is empty
	for path, item := range doc.Paths {
		for method, operation := range item.Operations() {
			identify(operation, method, path)
			if !namesUser(path) {
				operation.Responses.Delete("403")
			}
			for _, response := range operation.Responses.Map() {
				if d.format != config.FormatPlain {
					delete(response.Headers, "Link") // the next page is named in the body
				}
			}
		}
	}
	shareFailures(doc)
}

func namesUser(path string) bool { return strings.Contains(path, "{user_id}") }

// identify gives an operation of a handler with several routes its id. swag's own @ID can't: it would be the same for all.
// The handler's x-id is updateTask, say; the operations are updateTask, putTask, updateUserTask and putUserTask.
func identify(operation *openapi2.Operation, method, path string) {
	id, ok := operation.Extensions["x-id"].(string)
	if !ok {
		return
	}
	delete(operation.Extensions, "x-id")
	if method == http.MethodPut {
		id = strings.Replace(id, "update", "put", 1)
	}
	if namesUser(path) {
		id = strings.Replace(id, "Task", "UserTask", 1)
	}
	operation.OperationID = id
}
