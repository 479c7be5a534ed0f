package main

import (
	"context"
	"fmt"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
)

// toOpenAPI makes an OpenAPI 3 of swagger, which is not to be used any more, and says in it what Swagger 2.0 can't.
func toOpenAPI(swagger *openapi2.T) (*openapi3.T, error) {
	doc, err := openapi2conv.ToV3(swagger)
	if err != nil {
		return nil, fmt.Errorf("convert to OpenAPI 3: %w", err)
	}
	doc.Servers = openapi3.Servers{{URL: "/"}}
	for _, scheme := range doc.Components.SecuritySchemes {
		scheme.Value = openapi3.NewJWTSecurityScheme().WithDescription("The token alone, without the word Bearer")
	}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			if operation.RequestBody != nil {
				delete(operation.RequestBody.Value.Extensions, "x-originalParamName") // the conversion's
			}
		}
	}
	for _, failure := range doc.Components.Responses { // RFC 9457, section 3
		failure.Value.Content["application/problem+json"] = failure.Value.Content["application/json"]
	}
	return doc, nil
}

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
