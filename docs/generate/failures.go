package main

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi3"
)

// failure is what an error status means, whichever operation answers with it.
type failure struct {
	title       string // of the status (RFC 9110)
	description string
	detail      string // in the body of the example; without one the schema's example holds
	headers     map[string]*openapi2.Header
}

var failures = map[string]failure{
	"401": {
		title:       "Unauthorized",
		description: "No token, or one that is not accepted",
		detail:      "Not authenticated",
		headers:     headers("WWW-Authenticate", "string", "`Bearer`, with `error` where a token was sent (RFC 6750)"),
	},
	"403": {
		title:       "Forbidden",
		description: "The path names another user than the token",
		detail:      "The address names another user than the token",
	},
	"404": {
		title:       "Not Found",
		description: "The user has no such task",
		detail:      "Task not found",
	},
	"413": {
		title:       "Content Too Large",
		description: "The body has more than 64 KiB",
		detail:      "The body may have at most 64 KiB",
	},
	"415": {
		title:       "Unsupported Media Type",
		description: "The body is a form, or compressed",
		detail:      "The body must be JSON, not a form: send Content-Type: application/json",
	},
	"422": {
		title:       "Unprocessable Content",
		description: "The input breaks rules, each of which is listed in `errors`",
	},
	"429": {
		title:       "Too Many Requests",
		description: "The user made more requests in this minute than one may",
		detail:      "Too many requests, please wait 30 seconds",
		headers:     headers("Retry-After", "integer", "Seconds until the next minute"),
	},
	"500": {
		title:       "Internal Server Error",
		description: "Something went wrong in the service, whose log has it under `requestId`",
		detail:      "Something went wrong on our side",
	},
	"503": {
		title:       "Service Unavailable",
		description: "The service can't answer at the moment",
		detail:      "The service is not available at the moment, please try again",
		headers:     headers("Retry-After", "integer", "Seconds to wait before another try"),
	},
}

// shareFailures has the document say once what a failure is, and every response say which it is. All responses tell the
// request's id.
func shareFailures(doc *openapi2.T) {
	doc.Responses = map[string]*openapi2.Response{}
	for _, item := range doc.Paths {
		for _, operation := range item.Operations() {
			for status, response := range operation.Responses.Map() {
				failure, ok := failures[status]
				if !ok {
					identifiable(response)
					continue
				}
				name := strings.ReplaceAll(failure.title, " ", "")
				doc.Responses[name] = failure.response(status, response.Schema)
				operation.Responses.Set(status, &openapi2.Response{Ref: "#/responses/" + name})
			}
		}
	}
}

func (f failure) response(status string, schema *openapi2.SchemaRef) *openapi2.Response {
	response := &openapi2.Response{Description: f.description, Schema: schema, Headers: map[string]*openapi2.Header{}}
	for name, header := range f.headers {
		own := *header // the conversion to OpenAPI 3 writes into it
		response.Headers[name] = &own
	}
	identifiable(response)
	if f.detail != "" {
		response.Examples = map[string]any{"application/json": map[string]any{
			"success": false, "error": f.detail,
			"type": "about:blank", "title": f.title, "status": json.Number(status), "detail": f.detail,
			"requestId": "0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b",
		}}
	}
	return response
}

func identifiable(response *openapi2.Response) {
	if response.Headers == nil {
		response.Headers = map[string]*openapi2.Header{}
	}
	maps.Copy(response.Headers, headers("X-Request-Id", "string", "The id of the request: its own if it sent one, else a new one"))
}

func headers(name, kind, description string) map[string]*openapi2.Header {
	parameter := openapi2.Parameter{Type: &openapi3.Types{kind}, Description: description}
	return map[string]*openapi2.Header{name: {Parameter: parameter}}
}
