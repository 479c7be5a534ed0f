package routes

import (
	"github.com/gofiber/fiber/v2"

	"todo-backend/config"
	"todo-backend/ent/resource"
	"todo-backend/middleware/token"
)

// me tells a client who its token belongs to: whether a stored one still holds. API_CASE does not change its names.
//
//	@ID			getCurrentUser
//	@Summary	Get the current user
//	@Description	Who the token belongs to, by the token alone: a client learns here whether one that it keeps still holds.
//	@Tags		Account
//	@Security	bearerAuth
//	@Success	200	{object}	currentUser	"The user"
//	@Failure	401,403,429,503	"Failed"
//	@Router		/api/auth/me [get]
func me(format config.Format) fiber.Handler {
	answer := func(u user) any { return currentUser{user: u, Success: true, Data: u, User: u} }
	if format == config.FormatEnvelope {
		answer = func(u user) any { return userEnvelope{Success: true, Data: u} }
	}
	return func(c *fiber.Ctx) error {
		claims := token.ClaimsOf(c)
		return writeJSON(c, answer(user{ID: claims.ID, Email: claims.Email, Name: claims.Name}), fiber.MIMEApplicationJSON)
	}
}

// currentUser is the answer in plain and wrapped: some clients look at the top, some in data, some in user.
type currentUser struct {
	user

	Success bool `json:"success" example:"true"`
	Data    user `json:"data"`
	User    user `json:"user"`
} // @name CurrentUser

// userEnvelope is the answer in envelope.
type userEnvelope struct {
	Success bool `json:"success"`
	Data    user `json:"data"`
}

// user is what a token tells of its user.
type user struct {
	ID    string  `json:"id" minLength:"1" maxLength:"255" example:"hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd"`
	Email *string `json:"email" extensions:"x-nullable" example:"ann@example.com"`
	Name  *string `json:"name" extensions:"x-nullable" example:"Ann Example"`
} // @name User

// userSchemas are what differs in a format from the schemas that swag reads above.
func userSchemas(format config.Format) members {
	if format == config.FormatEnvelope {
		return resource.JSON("CurrentUser", succeeded(refTo("User"), "", nil))
	}
	return nil
}
