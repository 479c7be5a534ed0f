package docs

import (
	"slices"
	"strings"

	"todo-backend/ent/resource"
)

const (
	mimeJSON    = "application/json"
	mimeProblem = "application/problem+json" // RFC 9457 section 3
)

// asOpenAPI makes an OpenAPI 3.0 document of a Swagger 2.0 one, and says in it what that can't.
func asOpenAPI(document members, basePath string) members {
	document = withReferences(document).(members)
	server := basePath
	if server == "" {
		server = "/"
	}
	responses := mapped(object(document, "responses"), func(r resource.Member) any {
		return openResponse(r.Value.(members), mimeJSON, mimeProblem)
	})
	paths := mapped(object(document, "paths"), func(item resource.Member) any {
		return mapped(item.Value.(members), func(o resource.Member) any { return openOperation(o.Value.(members)) })
	})
	return resource.JSON(
		"openapi", "3.0.3",
		"info", document.Get("info"),
		"servers", array{resource.JSON("url", server)},
		"tags", document.Get("tags"),
		"paths", paths,
		"components", resource.JSON(
			"schemas", document.Get("definitions"),
			"responses", responses,
			"securitySchemes", resource.JSON(
				"bearerAuth", resource.JSON(
					"type", "http",
					"scheme", "bearer",
					"bearerFormat", "JWT",
					"description", "The token alone, without the word Bearer",
				),
			),
		),
	)
}

// withReferences has every reference lead to where OpenAPI 3.0 keeps it, and null written its way.
func withReferences(value any) any {
	switch value := value.(type) {
	case members:
		made := make(members, len(value))
		for i, m := range value {
			if ref, ok := m.Value.(string); ok && m.Name == "$ref" {
				ref = strings.Replace(ref, "#/definitions/", "#/components/schemas/", 1)
				m.Value = strings.Replace(ref, "#/responses/", "#/components/responses/", 1)
			}
			if m.Name == "x-nullable" {
				m.Name = "nullable"
			}
			made[i] = resource.Member{Name: m.Name, Value: withReferences(m.Value)}
		}
		return made
	case array:
		made := make(array, len(value))
		for i, item := range value {
			made[i] = withReferences(item)
		}
		return made
	}
	return value
}

// openOperation moves the body out of the parameters, and types into schemas.
func openOperation(operation members) members {
	var others array
	body := members(nil)
	for _, p := range parameters(operation) {
		parameter := p.(members)
		if text(parameter, "in") == "body" {
			body = resource.JSON(
				"required", parameter.Get("required"),
				"content", resource.JSON(mimeJSON, resource.JSON("schema", parameter.Get("schema"))),
			)
			continue
		}
		others = append(others, withSchema(parameter, "name", "in", "description", "required"))
	}
	produced := mimeJSON
	if types, _ := operation.Get("produces").(array); len(types) > 0 {
		produced, _ = types[0].(string)
	}
	responses := mapped(object(operation, "responses"), func(r resource.Member) any { return openResponse(r.Value.(members), produced) })
	made := operation.Without("parameters").Without("consumes").Without("produces").Without("responses")
	if len(others) > 0 {
		made = append(made, resource.Member{Name: "parameters", Value: others})
	}
	if body != nil {
		made = append(made, resource.Member{Name: "requestBody", Value: body})
	}
	return append(made, resource.Member{Name: "responses", Value: responses})
}

// openResponse gives a response its content in the types.
func openResponse(response members, types ...string) members {
	if response.Get("$ref") != nil {
		return response
	}
	made := resource.JSON("description", response.Get("description"))
	headers := mapped(object(response, "headers"), func(h resource.Member) any { return withSchema(h.Value.(members), "description") })
	if len(headers) > 0 {
		made = append(made, resource.Member{Name: "headers", Value: headers})
	}
	schema := response.Get("schema")
	if schema == nil {
		return made
	}
	content := resource.JSON("schema", schema)
	if example := object(response, "examples").Get(mimeJSON); example != nil {
		content = append(content, resource.Member{Name: "example", Value: example})
	}
	contents := members{}
	for _, t := range types {
		contents = append(contents, resource.Member{Name: t, Value: content})
	}
	return append(made, resource.Member{Name: "content", Value: contents})
}

// withSchema moves all members but those named into a schema, unless there is one.
func withSchema(parameter members, outside ...string) members {
	if parameter.Get("schema") != nil {
		return parameter
	}
	var made, schema members
	for _, m := range parameter {
		if slices.Contains(outside, m.Name) {
			made = append(made, m)
		} else {
			schema = append(schema, m)
		}
	}
	return append(made, resource.Member{Name: "schema", Value: schema})
}
