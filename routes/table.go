package routes

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"todo-backend/config"
	"todo-backend/middleware/token"
)

// routeTable is the routes below /api, before they are registered. Fiber takes the first that matches:
// from the left a fixed segment has to go before a variable one, and where that leaves two a mount
// before what the service has without settings.
type routeTable struct{ routes []route }

type route struct {
	method, path string // below /api, with :name for what varies
	isMount      bool
	handlers     []fiber.Handler
}

// group is an address below which routes are added, each behind the guards.
type group struct {
	table   *routeTable
	base    string
	isMount bool
	guards  []fiber.Handler
}

// at returns the group of an address of the service's own, whose routes an API token opens as its scope
// says.
func (t *routeTable) at(base string, guards ...fiber.Handler) group {
	return group{table: t, base: base, guards: scoped(guards)}
}

// signedIn returns the group of an address that no API token opens.
func (t *routeTable) signedIn(base string) group {
	return group{table: t, base: base, guards: []fiber.Handler{token.RefuseAPITokens}}
}

// mounted returns the group of an address that a setting names.
func (t *routeTable) mounted(base string, guards ...fiber.Handler) group {
	return group{table: t, base: base, isMount: true, guards: scoped(guards)}
}

// scoped are guards behind the one that looks at the scope.
func scoped(guards []fiber.Handler) []fiber.Handler {
	return append([]fiber.Handler{token.RequireScope}, guards...)
}

// add adds a route, unless there is one at the very same address.
func (g group) add(method, path string, handler fiber.Handler) {
	r := route{method, strings.TrimRight(g.base+path, "/"), g.isMount, append(slices.Clip(g.guards), handler)}
	same := func(other route) bool { return other.method == r.method && nameless(other.path) == nameless(r.path) }
	if !slices.ContainsFunc(g.table.routes, same) {
		g.table.routes = append(g.table.routes, r)
	}
}

// register registers the routes in their order.
func (t *routeTable) register(api fiber.Router) {
	slices.SortStableFunc(t.routes, func(a, b route) int {
		if order := strings.Compare(kinds(a.path), kinds(b.path)); order != 0 {
			return order
		}
		switch {
		case a.isMount == b.isMount:
			return 0
		case a.isMount:
			return -1
		}
		return 1
	})
	for _, r := range t.routes {
		api.Add(r.method, r.path, r.handlers...)
	}
}

// kinds has a letter for each segment of a path, which sorts fixed ones before variable ones.
func kinds(path string) string {
	var letters strings.Builder
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if strings.HasPrefix(segment, ":") {
			letters.WriteByte('v')
		} else {
			letters.WriteByte('f')
		}
	}
	return letters.String()
}

var variable = regexp.MustCompile(`:\w+`)

// nameless is a path without the names of what varies in it.
func nameless(path string) string { return variable.ReplaceAllString(path, ":") }

// mount adds the tasks under the addresses of the settings, and then beside each what stands beside tasks.
func (r resources) mount(t *routeTable, mounts []config.Mount) {
	for _, m := range mounts {
		base, guards := below(m)
		if m.Query != "" {
			guards = append(guards, presetQuery(m.Query))
		}
		r.tasks.register(t.mounted(base, guards...))
	}
	for _, m := range mounts {
		base, guards := below(m)
		beside := base[:strings.LastIndex(base, "/")+1]
		r.tasks.search(t.mounted(beside+"search", guards...))
		r.tags.register(t.mounted(beside+"tags", guards...))
	}
}

// below is the address of a mount below /api, and what guards it.
func below(m config.Mount) (base string, guards []fiber.Handler) {
	base = strings.ReplaceAll(strings.TrimPrefix(m.Path, "/api"), "{user_id}", ":user_id")
	if strings.Contains(base, ":user_id") {
		guards = append(guards, matchUser)
	}
	return base, guards
}

// presetQuery adds parameters to those of the request.
func presetQuery(query string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		var preset fasthttp.Args
		preset.Parse(query)
		args := c.Context().QueryArgs()
		for name, value := range preset.All() {
			args.AddBytesKV(name, value)
		}
		return c.Next()
	}
}
