package docs

import (
	"encoding/json"
	"strings"

	"todo-backend/ent/resource"
)

// failure is what an error status means, whichever operation answers with it.
type failure struct {
	status, title string // RFC 9110
	description   string
	detail        string // in the body of the example; without one the schema's example holds
	headers       members
}

var failures = []failure{
	{
		status: "401", title: "Unauthorized",
		description: "No token, or one that is not accepted",
		detail:      "Not authenticated",
		headers:     header("WWW-Authenticate", "string", "`Bearer`, with `error` where a token was sent (RFC 6750)"),
	},
	{
		status: "403", title: "Forbidden",
		description: "The path names another user than the token, or the API token's scope does not suffice",
		detail:      "The address names another user than the token",
	},
	{
		status: "404", title: "Not Found",
		description: "The user has nothing with this id",
		detail:      "Task not found",
	},
	{
		status: "413", title: "Content Too Large",
		description: "The body has more than 64 KiB",
		detail:      "The body may have at most 64 KiB",
	},
	{
		status: "415", title: "Unsupported Media Type",
		description: "The body is a form, or compressed",
		detail:      "The body must be JSON, not a form: send Content-Type: application/json",
	},
	{
		status: "422", title: "Unprocessable Content",
		description: "The input breaks rules, each of which is listed in `errors`",
	},
	{
		status: "429", title: "Too Many Requests",
		description: "The user made more requests in this minute than one may, or too many at once",
		detail:      "Too many requests, please wait 30 seconds",
		headers:     header("Retry-After", "integer", "Seconds to wait before another try"),
	},
	{
		status: "500", title: "Internal Server Error",
		description: "Something went wrong in the service, whose log has it under `requestId`",
		detail:      "Something went wrong on our side",
	},
	{
		status: "503", title: "Service Unavailable",
		description: "The service can't answer at the moment",
		detail:      "The service is not available at the moment, please try again",
		headers:     header("Retry-After", "integer", "Seconds to wait before another try"),
	},
}

// failureOf returns what a status means, and whether it is a failure.
func failureOf(status string) (failure, bool) {
	for _, f := range failures {
		if f.status == status {
			return f, true
		}
	}
	return failure{}, false
}

// name is the failure's among the responses of a document.
func (f failure) name() string { return strings.ReplaceAll(f.title, " ", "") }

// reference leads to the failure's response.
func (f failure) reference() members { return resource.JSON("$ref", "#/responses/"+f.name()) }

// response is the failure as Swagger 2.0 has it.
func (f failure) response() members {
	response := resource.JSON(
		"description", f.description,
		"schema", resource.JSON("$ref", "#/definitions/Problem"),
		"headers", append(f.headers, requestID...),
	)
	if f.detail == "" {
		return response
	}
	return append(response, resource.JSON(
		"examples", resource.JSON(
			"application/json", resource.JSON(
				"success", false,
				"error", f.detail,
				"message", f.detail,
				"type", "about:blank",
				"title", f.title,
				"status", json.Number(f.status),
				"detail", f.detail,
				"requestId", "0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b",
			),
		),
	)...)
}

// requestID is a header of every answer.
var requestID = header("X-Request-Id", "string", "The id of the request: its own if it sent one, else a new one")

func header(name, kind, description string) members {
	return resource.JSON(name, resource.JSON("type", kind, "description", description))
}

// problemSchemas are those of the body of every error.
var problemSchemas = resource.JSON(
	"FieldError", resource.JSON(
		"description", "One broken rule about one field or parameter",
		"type", "object",
		"required", []string{"field", "code", "detail"},
		"properties", resource.JSON(
			"field", resource.JSON("description", "The name as it was sent", "type", "string", "example", "title"),
			"code", resource.JSON("type", "string", "example", "length"),
			"detail", resource.JSON("type", "string", "example", "must have 1 to 255 characters"),
		),
	),
	"Problem", resource.JSON(
		"description", "An error (RFC 9457): `error`, `message` and `detail` are the same sentence",
		"type", "object",
		"required", []string{"success", "error", "message", "type", "title", "status", "detail", "requestId"},
		"properties", resource.JSON(
			"success", resource.JSON("type", "boolean", "example", false),
			"error", resource.JSON("type", "string", "example", "Title must have 1 to 255 characters"),
			"message", resource.JSON("type", "string", "example", "Title must have 1 to 255 characters"),
			"type", resource.JSON("type", "string", "example", "about:blank"),
			"title", resource.JSON("type", "string", "example", "Unprocessable Content"),
			"status", resource.JSON("type", "integer", "example", 422),
			"detail", resource.JSON("type", "string", "example", "Title must have 1 to 255 characters"),
			"errors", resource.JSON("description", "Every broken rule", "type", "array", "items", resource.JSON("$ref", "#/definitions/FieldError")),
			"requestId", resource.JSON("type", "string", "example", "0199b1f4-c8a2-7d3e-9a4b-5c6d7e8f9a0b"),
		),
	),
)
