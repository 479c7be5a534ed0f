package docs

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"todo-backend/ent/resource"
)

// API is what the documents tell of a deployment, beside the comments on the handlers.
type API struct {
	Resources []Resource
	Schemas   members // of answers that belong to no resource, in place of those that swag read under the same names
	Mounts    []Mount
	BasePath  string // what a proxy in front strips from addresses; empty: nothing
	Links     bool   // the next page of a list is named by the header Link
}

// Resource is an entity as the documents show it.
type Resource struct {
	Name, Plural string // in snake_case
	Own          bool   // only the operations that are written for it, not those for any resource
	Alone        bool   // under their own addresses alone, not under the path that names the user
	Schemas      members
	Parameters   []members // of its lists
	// Answers are the schemas of what its operations answer, Bodies of what they are sent, by the name
	// that the handlers' comments give in x-answer and x-body.
	Answers, Bodies members
}

// Mount is a further address of the operations on tasks, with {user_id} in it or without.
type Mount struct {
	Path, Plural string // the operations of this resource
}

// Documents returns the Swagger 2.0 and the OpenAPI 3.0 document of an API. operations is what swag
// writes of the comments on the handlers: each operation once, under its shortest address, those of
// any resource with placeholders for its name; nil: what is checked in.
func Documents(operations []byte, api API) (swagger, openAPI []byte, err error) {
	if operations == nil {
		operations = ownOperations
	}
	read, err := decode(operations)
	if err != nil {
		return nil, nil, fmt.Errorf("read the operations: %w", err)
	}
	base, ok := read.(members)
	if !ok {
		return nil, nil, fmt.Errorf("read the operations: they are %T", read)
	}
	document := api.compose(base)
	flat := asSwagger(document).(members)
	if api.BasePath != "" {
		flat = flat.With("basePath", api.BasePath)
	}
	if swagger, err = encode(flat); err != nil {
		return nil, nil, err
	}
	openAPI, err = encode(asOpenAPI(document, api.BasePath))
	return swagger, openAPI, err
}

// compose completes the operations: Swagger 2.0, whose schemas may be nullable.
func (api API) compose(base members) members {
	info := object(base, "info").Without("contact") // swag's is empty
	definitions := slices.Concat(object(base, "definitions"), problemSchemas)
	for _, s := range api.Schemas {
		definitions = definitions.With(s.Name, s.Value)
	}
	for _, r := range api.Resources {
		for _, s := range r.Schemas {
			if definitions.Get(s.Name) == nil { // resources share some
				definitions = append(definitions, s)
			}
		}
	}
	responses := make(members, len(failures))
	for i, f := range failures {
		responses[i] = resource.Member{Name: f.name(), Value: f.response()}
	}
	return resource.JSON(
		"swagger", "2.0",
		"info", info,
		"consumes", base.Get("consumes"),
		"produces", base.Get("produces"),
		"tags", base.Get("tags"),
		"paths", api.paths(object(base, "paths")),
		"definitions", definitions,
		"responses", responses,
		"securityDefinitions", base.Get("securityDefinitions"),
	)
}

// paths are the addresses: those of each resource with its further ones, and then the others.
func (api API) paths(base members) members {
	all := members{}
	for _, r := range api.Resources {
		own := r.paths(base, api.Links)
		all = append(all, own...)
		if r.Alone {
			continue
		}
		for _, item := range own {
			path := strings.Replace(item.Name, "/api/", "/api/{user_id}/", 1)
			all = append(all, resource.Member{Name: path, Value: twin(item.Value.(members), r)})
		}
		for _, mount := range api.Mounts {
			if mount.Plural == r.Plural {
				all = appendNew(all, mount.paths(own, r))
			}
		}
	}
	for _, item := range base {
		if !strings.Contains(item.Name, "{things}") && !api.isResource(item.Name) {
			all = append(all, resource.Member{Name: item.Name, Value: plain(item.Value.(members))})
		}
	}
	return all
}

// appendNew appends the addresses that are not there yet: what stands beside one mount may stand beside
// another too, or in its place already.
func appendNew(all, paths members) members {
	for _, item := range paths {
		if all.Get(item.Name) == nil {
			all = append(all, item)
		}
	}
	return all
}

// paths are the resource's own addresses.
func (r Resource) paths(base members, links bool) members {
	replace := strings.NewReplacer(
		"{things}", r.Plural, "{Things}", Name(r.Plural), "{thing}", strings.ReplaceAll(r.Name, "_", " "), "{Thing}", Name(r.Name),
	)
	own := members{}
	for _, item := range base {
		if r.Own && strings.Contains(item.Name, "{things}") {
			continue
		}
		if path := replace.Replace(item.Name); path == "/api/"+r.Plural || strings.HasPrefix(path, "/api/"+r.Plural+"/") {
			own = merge(own, path, r.operations(replaced(item.Value, replace).(members), links))
		}
	}
	return own
}

// isResource reports whether an address is one of a resource's.
func (api API) isResource(path string) bool {
	return slices.ContainsFunc(api.Resources, func(r Resource) bool {
		return path == "/api/"+r.Plural || strings.HasPrefix(path, "/api/"+r.Plural+"/")
	})
}

// merge adds operations to an address that may have some.
func merge(paths members, path string, operations members) members {
	for _, o := range operations {
		paths = paths.With(path, object(paths, path).With(o.Name, o.Value))
	}
	return paths
}

// paths are the operations under the mount's address.
func (m Mount) paths(own members, r Resource) members {
	path, _, _ := strings.Cut(m.Path, "?")
	suffix := "At" + Name(strings.NewReplacer("/", "_", "-", "_", "{", "", "}", "", ".", "_").Replace(strings.Trim(path, "/")))
	all := make(members, len(own))
	for i, item := range own {
		all[i] = resource.Member{
			Name: path + strings.TrimPrefix(item.Name, "/api/"+r.Plural),
			Value: mapped(item.Value.(members), func(o resource.Member) any {
				operation := o.Value.(members)
				if strings.Contains(path, "{user_id}") {
					operation = ofUser(operation)
				}
				return operation.With("operationId", text(operation, "operationId")+suffix)
			}),
		}
	}
	return all
}

// operations completes those of one address.
func (r Resource) operations(item members, links bool) members {
	return mapped(item, func(o resource.Member) any {
		operation := complete(o.Value.(members), o.Name)
		if name := text(operation, "x-answer"); name != "" {
			operation = r.answer(operation.Without("x-answer"), name, links)
		}
		if name := text(operation, "x-body"); name != "" {
			operation = r.body(operation.Without("x-body"), name)
		}
		return operation
	})
}

// answer gives the answers of success their schema, and lists their parameters.
func (r Resource) answer(operation members, name string, links bool) members {
	responses := mapped(object(operation, "responses"), func(response resource.Member) any {
		value := response.Value.(members)
		if response.Name != "200" && response.Name != "201" {
			return value
		}
		if headers := object(value, "headers"); !links && len(headers) > 0 {
			value = value.With("headers", headers.Without("Link"))
		}
		return value.With("schema", r.Answers.Get(name))
	})
	operation = operation.With("responses", responses)
	if name != "list" {
		return operation
	}
	all := slices.Clone(parameters(operation))
	for i, p := range r.Parameters {
		all = slices.Insert(all, i, any(p))
	}
	return operation.With("parameters", all)
}

// body adds the parameter that is the body.
func (r Resource) body(operation members, name string) members {
	required := true
	if optional, ok := strings.CutSuffix(name, "?"); ok {
		name, required = optional, false
	}
	return operation.With("parameters", append(slices.Clone(parameters(operation)), resource.JSON(
		"name", "body",
		"in", "body",
		"required", required,
		"schema", r.Bodies.Get(name),
	)))
}

// complete gives an operation its id, and shares what errors are.
func complete(operation members, method string) members {
	if id := text(operation, "x-id"); id != "" {
		if strings.EqualFold(method, http.MethodPut) {
			id = strings.Replace(id, "update", "put", 1)
		}
		operation = operation.Without("x-id").With("operationId", id)
	}
	return operation.With("responses", mapped(object(operation, "responses"), func(response resource.Member) any {
		if f, ok := failureOf(response.Name); ok {
			return f.reference()
		}
		value := response.Value.(members)
		return value.With("headers", slices.Concat(object(value, "headers"), requestID))
	}))
}

// plain completes the operations of an address that belongs to no resource.
func plain(item members) members {
	return mapped(item, func(o resource.Member) any { return complete(o.Value.(members), o.Name) })
}

// twin is the operations of an address under the path that names the user.
func twin(item members, r Resource) members {
	return mapped(item, func(o resource.Member) any {
		operation := ofUser(o.Value.(members))
		return operation.With("operationId", strings.Replace(text(operation, "operationId"), Name(r.Name), "User"+Name(r.Name), 1))
	})
}

// ofUser is an operation whose address names the user.
func ofUser(operation members) members {
	user := resource.JSON(
		"name", "user_id",
		"in", "path",
		"required", true,
		"description", "The user of the token",
		"type", "string",
	)
	return operation.With("parameters", append(array{user}, parameters(operation)...))
}

// Name is a name of snake_case as schemas are called, in CamelCase.
func Name(name string) string {
	camel := resource.Camel(name)
	return strings.ToUpper(camel[:1]) + camel[1:]
}

// asSwagger writes null as Swagger 2.0 does, and parameters flat.
func asSwagger(value any) any {
	switch value := value.(type) {
	case members:
		made := members{}
		for _, m := range value {
			if m.Name == "nullable" && m.Value == true {
				m.Name = "x-nullable"
			}
			made = append(made, resource.Member{Name: m.Name, Value: asSwagger(m.Value)})
		}
		if in := made.Get("in"); in == "query" || in == "path" || in == "header" {
			if schema := object(made, "schema"); schema != nil {
				made = append(made.Without("schema"), parameterType(schema)...)
			}
		}
		return made
	case array:
		made := make(array, len(value))
		for i, item := range value {
			made[i] = asSwagger(item)
		}
		return made
	}
	return value
}

// parameterType is the schema of a parameter as members of the parameter itself, which has no example in
// Swagger 2.0.
func parameterType(schema members) members {
	made := slices.Clone(schema)
	for i := range made {
		if made[i].Name == "example" {
			made[i].Name = "x-example"
		}
	}
	return made
}
