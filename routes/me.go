package routes

import (
	"github.com/gofiber/fiber/v2"

	"todo-backend/middleware"
)

// me tells a client who its token belongs to: whether a stored one still holds.
func me(c *fiber.Ctx) error {
	claims := middleware.ClaimsOf(c)
	user := user{ID: claims.ID, Email: claims.Email, Name: claims.Name}
	return writeJSON(c, userAnswer{Success: true, Data: user}, fiber.MIMEApplicationJSON)
}

// userAnswer is in the envelope in every dialect.
type userAnswer struct {
	Success bool `json:"success"`
	Data    user `json:"data"`
}

type user struct {
	ID    string  `json:"id"`
	Email *string `json:"email"`
	Name  *string `json:"name"`
}
