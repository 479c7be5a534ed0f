package routes

import (
	"github.com/gofiber/fiber/v2"

	"todo-backend/middleware/token"
)

// me tells a client who its token belongs to: whether a stored one still holds.
//
//	@ID			getCurrentUser
//	@Summary	Get the current user
//	@Description	Who the token belongs to, by the token alone: a client learns here whether one that it keeps still holds.
//	@Tags		user
//	@Security	bearerAuth
//	@Success	200	{object}	userAnswer	"The user"
//	@Failure	401,429,503	"Failed"
//	@Router		/api/auth/me [get]
func me(c *fiber.Ctx) error {
	claims := token.ClaimsOf(c)
	user := user{ID: claims.ID, Email: claims.Email, Name: claims.Name}
	return writeJSON(c, userAnswer{Success: true, Data: user}, fiber.MIMEApplicationJSON)
}

// userAnswer is in the envelope in every dialect.
type userAnswer struct {
	Success bool `json:"success" example:"true"`
	Data    user `json:"data"`
} // @name CurrentUser

// user is what a token tells of its user.
type user struct {
	ID    string  `json:"id" minLength:"1" maxLength:"255" example:"hk16bXHNa9P16Wf1Xz1uvvTjIwH5o5xd"`
	Email *string `json:"email" extensions:"x-nullable" example:"ann@example.com"`
	Name  *string `json:"name" extensions:"x-nullable" example:"Ann Example"`
} // @name User
