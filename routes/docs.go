package routes

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent"
	"todo-backend/middleware/limit"
)

// What stands here and on the handlers with an @ is the documentation of the API (go generate ./...). The schemas of
// what belongs to a resource come from its table.
//
//	@title			Todo API
//	@version		1.0
//	@description	A user's tasks, and nobody else's: the user is the one that the token names.
//	@description
//	@description	Operations on tasks and tags also stand under paths that name the user, as `/api/{user_id}/tasks` beside `/api/tasks`: that user must be the token's, else the answer is 403.
//	@description	A trailing slash is accepted everywhere. Unknown query parameters and unknown fields of a body are ignored.
//	@description
//	@description	Every error has one and the same body, an RFC 9457 problem: `error` and `detail` say in one sentence what is wrong, `errors` lists every broken rule. It comes as `application/problem+json` where `Accept` names that, else as `application/json`.
//	@description	Besides what the operations list, HTTP itself has answers: 400, 404, 405, 408 and 431.
//	@accept			json
//	@produce		json
//
//	@tag.name			Tasks
//	@tag.description	What the user means to do
//	@tag.name			Tags
//	@tag.description	By which tasks are found again
//	@tag.name			Account
//	@tag.description	Who the token belongs to; API tokens, for agents, scripts and calendars: Better Auth's own live for minutes
//	@tag.name			Service
//	@tag.description	The state of the service; for these no token is needed
//
//	@securityDefinitions.apikey	bearerAuth
//	@in							header
//	@name						Authorization
//	@description				The word Bearer, a space and the token

// docsPolicy lets the page load from here alone and send nothing elsewhere, and nobody frame it: it keeps
// a token.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// What caches may do with a file of the documentation.
const (
	cacheForever    = "public, max-age=31536000, immutable" // RFC 8246
	cacheRevalidate = "no-cache"                            // keep it, but ask each time whether it still holds
)

// registerDocs puts the documentation under /docs. It needs no token, and hands out one to requests that may have it (see
// [developmentToken]).
func registerDocs(app *fiber.App, api docs.API, token developmentToken) {
	app.Get("/docs/token", serveDevelopmentToken(token))
	for name, file := range docs.Files(api) {
		app.Get("/docs/"+strings.TrimPrefix(name, "index.html"), serveFile(path.Ext(name), file))
	}
}

// serveDevelopmentToken answers the documentation page with a token, or with null if the request may not have one.
func serveDevelopmentToken(token developmentToken) fiber.Handler {
	return func(c *fiber.Ctx) error {
		closeToOtherOrigins(c)
		var body struct {
			Token *string `json:"token"`
		}
		if made, ok := token(c); ok {
			body.Token = &made
		}
		return c.JSON(body)
	}
}

// serveFile answers with a file, whose bytes all answers share.
func serveFile(extension string, file docs.File) fiber.Handler {
	cacheControl := cacheRevalidate
	if file.Immutable {
		cacheControl = cacheForever
	}
	content, packed := newRepresentation(file.Content), newRepresentation(file.Gzip)
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentSecurityPolicy, docsPolicy)
		coding, chosen := "", content
		if file.Gzip != nil {
			c.Vary(fiber.HeaderAcceptEncoding)
			if takesGzip(c) {
				coding, chosen = codingGzip, packed
			}
		}
		r := chosen()
		c.Set(fiber.HeaderCacheControl, cacheControl)
		c.Set(fiber.HeaderETag, r.tag)
		if matches(c.Get(fiber.HeaderIfNoneMatch), r.tag) {
			c.Status(http.StatusNotModified)
			return nil
		}
		if coding != "" {
			c.Set(fiber.HeaderContentEncoding, coding)
		}
		limit.SendShared(c.Type(extension), r.content)
		return nil
	}
}

// representation is a file in one content coding.
type representation struct {
	content []byte
	tag     string
}

// newRepresentation returns what reads a representation and tags it, once.
func newRepresentation(read func() []byte) func() representation {
	return sync.OnceValue(func() representation {
		content := read()
		sum := sha256.Sum256(content)
		return representation{content, `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`}
	})
}

// takesGzip reports whether the client takes gzip at least as gladly as no coding at all.
func takesGzip(c *fiber.Ctx) bool {
	accepted := c.Get(fiber.HeaderAcceptEncoding)
	gzip := weight(accepted, codingGzip)
	return gzip > 0 && gzip >= weight(accepted, "identity")
}

// Documents returns the documents of the API under the settings, a Swagger 2.0 and an OpenAPI 3.0, of
// the operations that swag read in the comments here; nil: what is checked in.
func Documents(operations []byte, cfg config.Config) (swagger, openAPI []byte, err error) {
	r, err := newResources(ent.NewClient(), settings{Config: cfg})
	if err != nil {
		return nil, nil, err
	}
	return docs.Documents(operations, r.api())
}
