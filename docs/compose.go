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
	operations := api.operations(object(base, "paths"))
	groups := groupsOf(operations, base)
	return resource.JSON(
		"swagger", "2.0",
		"info", info,
		"consumes", base.Get("consumes"),
		"produces", base.Get("produces"),
		"tags", groups,
		"paths", inOrder(operations, groups),
		"definitions", definitions,
		"responses", responses,
		"securityDefinitions", base.Get("securityDefinitions"),
	)
}

// operations are those at each resource's addresses and the further ones of these, and the others.
func (api API) operations(base members) []operation {
	var all []operation
	for _, r := range api.Resources {
		own := r.operations(base, api.Links)
		all = append(all, own...)
		if r.Alone {
			continue
		}
		for _, o := range own {
			all = append(all, api.twin(o, r))
		}
		for _, mount := range api.Mounts {
			if mount.Plural == r.Plural {
				all = appendNew(all, api.mounted(own, mount, r))
			}
		}
	}
	for _, item := range base {
		if !strings.Contains(item.Name, "{things}") && !api.isResource(item.Name) {
			all = append(all, operationsOf(item, Resource{})...)
		}
	}
	return all
}

// appendNew appends the operations whose addresses are not there yet: what stands beside one mount may
// stand beside another too, or in its place already.
func appendNew(all, more []operation) []operation {
	there := slices.Clone(all)
	for _, o := range more {
		if !slices.ContainsFunc(there, func(t operation) bool { return t.path == o.path }) {
			all = append(all, o)
		}
	}
	return all
}

// operations are those at the resource's own addresses.
func (r Resource) operations(base members, links bool) []operation {
	replace := strings.NewReplacer(
		"{things}", r.Plural, "{Things}", Name(r.Plural), "{thing}", strings.ReplaceAll(r.Name, "_", " "), "{Thing}", Name(r.Name),
	)
	var own []operation
	for _, item := range base {
		if r.Own && strings.Contains(item.Name, "{things}") {
			continue
		}
		item.Name = replace.Replace(item.Name)
		if item.Name != "/api/"+r.Plural && !strings.HasPrefix(item.Name, "/api/"+r.Plural+"/") {
			continue
		}
		item.Value = replaced(item.Value, replace)
		for _, o := range operationsOf(item, r) {
			own = append(own, r.described(o, links))
		}
	}
	slices.SortStableFunc(own, byAge)
	return own
}

// isResource reports whether an address is one of a resource's.
func (api API) isResource(path string) bool {
	return slices.ContainsFunc(api.Resources, func(r Resource) bool {
		return path == "/api/"+r.Plural || strings.HasPrefix(path, "/api/"+r.Plural+"/")
	})
}

// described gives an operation the schemas that its comment names.
func (r Resource) described(o operation, links bool) operation {
	if name := text(o.value, "x-answer"); name != "" {
		o.value = r.answer(o.value.Without("x-answer"), name, links)
	}
	if name := text(o.value, "x-body"); name != "" {
		o.value = r.body(o.value.Without("x-body"), name)
	}
	return o
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

// twin is a resource's operation under the path that names the user.
func (api API) twin(o operation, r Resource) operation {
	id := strings.Replace(text(o.value, "operationId"), Name(r.Name), "User"+Name(r.Name), 1)
	path := strings.Replace(o.path, "/api/", "/api/{user_id}/", 1)
	return api.again(o, path, userPaths).with("operationId", id)
}

// mounted are a resource's operations under the address of a mount.
func (api API) mounted(own []operation, mount Mount, r Resource) []operation {
	base, _, _ := strings.Cut(mount.Path, "?")
	suffix := "At" + Name(strings.NewReplacer("/", "_", "-", "_", "{", "", "}", "", ".", "_").Replace(strings.Trim(base, "/")))
	all := make([]operation, len(own))
	for i, o := range own {
		path := base + strings.TrimPrefix(o.path, "/api/"+r.Plural)
		all[i] = api.again(o, path, furtherPaths).with("operationId", text(o.value, "operationId")+suffix)
	}
	return all
}

// again is an operation at another address, in a group of such ones. Its description leads to the first.
func (api API) again(o operation, path, group string) operation {
	sentence := fmt.Sprintf("The same as [`%s %s`](%s/docs#/%s/%s).",
		strings.ToUpper(o.method), o.path, api.BasePath, o.group(), text(o.value, "operationId"))
	o.path, o.age = path, 0 // they follow the order of the first ones
	if strings.Contains(path, "{user_id}") {
		sentence += " The user in the path must be the token's."
		o.value = ofUser(o.value)
	}
	return o.with("description", sentence).with("tags", array{group})
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
