package docs

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"todo-backend/ent/resource"
)

// The groups of operations that stand in another group already, under a shorter address.
const (
	userPaths    = "User paths"
	furtherPaths = "Further paths"
)

// repeated are those groups as a document lists them. The page shows them closed.
var repeated = array{
	resource.JSON("name", userPaths, "description", "The same again, for clients whose paths name the user", "x-collapsed", true),
	resource.JSON("name", furtherPaths, "description", "The same again, at the addresses of `API_PATHS`", "x-collapsed", true),
}

// life is the order in which the operations of a group stand: that of a task's life. The names are those
// of the operations, without the resource's.
var life = []string{
	"getCurrentUser",
	"create", "list", "get", "update", "put", "complete", "delete",
	"bulk", "getStats", "getCalendar",
	"getHealth", "getReadiness", "getAPIHealth",
}

// operation is one at its address.
type operation struct {
	path, method string
	value        members
	age          int // its place in life
}

// operationsOf are those of one address of a resource, or of none, completed.
func operationsOf(item resource.Member, r Resource) []operation {
	methods := item.Value.(members)
	all := make([]operation, 0, len(methods))
	for _, m := range methods {
		o := operation{path: item.Name, method: m.Name, value: complete(m.Value.(members), m.Name)}
		id := text(o.value, "operationId")
		if r.Name != "" {
			id = strings.Replace(strings.Replace(id, Name(r.Plural), "", 1), Name(r.Name), "", 1)
		}
		if o.age = slices.Index(life, id); o.age < 0 {
			o.age = len(life)
		}
		all = append(all, o)
	}
	return all
}

// group is the name of the group that the operation stands in.
func (o operation) group() string {
	all, _ := o.value.Get("tags").(array)
	if len(all) == 0 {
		return ""
	}
	name, _ := all[0].(string)
	return name
}

// with is the operation with a member set.
func (o operation) with(name string, value any) operation {
	o.value = o.value.With(name, value)
	return o
}

// byAge compares operations by their places in life.
func byAge(a, b operation) int { return cmp.Compare(a.age, b.age) }

// groupsOf are the groups that a document lists: those of the comments, and those of repeated operations
// where there are any.
func groupsOf(operations []operation, base members) array {
	all, _ := base.Get("tags").(array)
	all = slices.Clone(all)
	for _, group := range repeated {
		if slices.ContainsFunc(operations, func(o operation) bool { return o.group() == text(group.(members), "name") }) {
			all = append(all, group)
		}
	}
	return all
}

// inOrder are the paths of operations. Between the operations of a path others may stand: x-order says
// the place of each.
func inOrder(all []operation, groups array) members {
	place := func(o operation) int {
		return slices.IndexFunc(groups, func(g any) bool { return text(g.(members), "name") == o.group() })
	}
	all = slices.SortedStableFunc(slices.Values(all), func(a, b operation) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), byAge(a, b))
	})
	paths := members{}
	for i, o := range all {
		value := o.with("x-order", json.Number(strconv.Itoa(i+1))).value
		paths = paths.With(o.path, object(paths, o.path).With(o.method, value))
	}
	return paths
}
