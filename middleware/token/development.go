package token

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ForDevelopment makes an HS256 token for a user, as a frontend's server would, to try the service out without one.
func ForDevelopment(secret, user string, lifetime time.Duration) (string, error) {
	now := time.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub":   user,
		"name":  user,
		"email": user + "@example.com",
		"iat":   now.Unix(),
		"exp":   now.Add(lifetime).Unix(),
	}).SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return token, nil
}
