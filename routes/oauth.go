package routes

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"todo-backend/middleware/token"
)

// noOAuth is what the user of an MCP client reads that looks for an authorization server.
const noOAuth = "This server has no OAuth. Give the client the header Authorization: Bearer todo_… (an API token, POST /api/tokens)"

// registerNoOAuth answers where MCP clients look for an authorization server, and register with it (RFC 9728,
// RFC 8414 and RFC 7591): with a 404 whose error_description they show to their user.
func registerNoOAuth(app fiber.Router) {
	for _, name := range []string{"oauth-protected-resource", "oauth-authorization-server", "openid-configuration"} {
		app.Get("/.well-known/"+name+"*", refuseOAuth)
	}
	app.Post("/register", refuseOAuth)
}

func refuseOAuth(*fiber.Ctx) error { return errNoOAuth }

// errNoOAuth is the error of a request for OAuth.
var errNoOAuth = errors.New("there is no OAuth")

// explainTokens has a 401 say which tokens an MCP client can be given.
func explainTokens(c *fiber.Ctx) error {
	err := c.Next()
	if refusal, ok := errors.AsType[*token.AuthError](err); ok {
		return agentAuthError{refusal}
	}
	return err
}

// agentAuthError is the refusal of an agent's token.
type agentAuthError struct{ *token.AuthError }

// Unwrap returns the refusal.
func (e agentAuthError) Unwrap() error { return e.AuthError }
