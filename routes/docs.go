package routes

import (
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/etag"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent"
)

// What stands here and on the handlers with an @ is the documentation of the API (go generate ./...). The schemas of
// what belongs to a resource come from its table.
//
//	@title			Todo API
//	@version		1.0
//	@description	A user's tasks, and nobody else's: the user is the one that the token names.
//	@description
//	@description	Every operation on tasks stands under two paths that mean the same, `/api/tasks` and `/api/{user_id}/tasks`; the user of the second one must be the token's, else the answer is 403.
//	@description	A trailing slash is accepted everywhere. Unknown query parameters and unknown fields of a body are ignored.
//	@description
//	@description	Every error has one and the same body, an RFC 9457 problem: `error` and `detail` say in one sentence what is wrong, `errors` lists every broken rule. It comes as `application/problem+json` where `Accept` names that, else as `application/json`.
//	@description	Besides what the operations list, HTTP itself has answers: 400, 404, 405, 408 and 431.
//	@accept			json
//	@produce		json
//
//	@tag.name			tasks
//	@tag.description	What the user means to do
//	@tag.name			user
//	@tag.description	Who the token belongs to
//	@tag.name			service
//	@tag.description	The state of the service; for these no token is needed
//
//	@securityDefinitions.apikey	bearerAuth
//	@in							header
//	@name						Authorization
//	@description				The word Bearer, a space and the token

// docsPolicy lets the page load from here alone, and nobody frame it: it keeps a token.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"frame-ancestors 'none'"

// registerDocs puts the documentation under /docs. It needs no token.
func registerDocs(app *fiber.App, api docs.API) {
	tag := etag.New()
	for name, content := range docs.Files(api) {
		app.Get("/docs/"+strings.TrimPrefix(name, "index.html"), tag, document(path.Ext(name), content))
	}
}

// document answers with a file. Clients may keep it but have to ask whether it still holds.
func document(extension string, content func() []byte) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentSecurityPolicy, docsPolicy)
		c.Set(fiber.HeaderCacheControl, "no-cache")
		return c.Type(extension).Send(content())
	}
}

// Documents returns the documents of the API under the settings, a Swagger 2.0 and an OpenAPI 3.0, of
// the operations that swag read in the comments here; nil: what is checked in.
func Documents(operations []byte, cfg config.Config) (swagger, openAPI []byte, err error) {
	r, err := newResources(ent.NewClient(), cfg)
	if err != nil {
		return nil, nil, err
	}
	return docs.Documents(operations, r.api())
}
