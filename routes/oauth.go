package routes

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"todo-backend/middleware/token"
)

// noOAuth is the sentence for the user of an MCP client that looks for an authorization server.
const noOAuth = "This server has no OAuth. Give the client the header Authorization: Bearer todo_… (an API token, POST /api/tokens)"

// registerNoOAuth registers the addresses at which MCP clients look for an authorization server and register
// with it (RFC 9728, RFC 8414 and RFC 7591). They answer 404, with an error_description for the user.
func registerNoOAuth(app fiber.Router) {
	for _, name := range []string{"oauth-protected-resource", "oauth-authorization-server", "openid-configuration"} {
		app.Get("/.well-known/"+name+"*", refuseOAuth)
	}
	app.Post("/register", refuseOAuth)
}

func refuseOAuth(*fiber.Ctx) error { return errNoOAuth }

// errNoOAuth is the error of a request for OAuth.
var errNoOAuth = errors.New("there is no OAuth")

// explainTokens turns a 401 into one whose sentence says which token to give the MCP client.
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
