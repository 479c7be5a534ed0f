package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestIssuerAndAudienceFromTheEnvironment starts the program with JWT_ISSUER and JWT_AUDIENCE: tokens that are signed with the
// secret open it only where they are from there and for it.
func TestIssuerAndAudienceFromTheEnvironment(t *testing.T) {
	t.Parallel()
	const secret, issuer, audience = "a secret of thirty-two bytes or more", "https://auth.example", "todo"
	signed := func(claims jwt.MapClaims) string {
		claims["sub"], claims["exp"] = "alice", time.Now().Add(time.Hour).Unix()
		text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	tests := []struct {
		name     string
		settings []string
		claims   jwt.MapClaims
		status   int
	}{
		{"nothing is set", nil, jwt.MapClaims{}, http.StatusOK},
		{"as they are set", []string{"JWT_ISSUER=" + issuer, "JWT_AUDIENCE=" + audience}, jwt.MapClaims{"iss": issuer, "aud": audience}, http.StatusOK},
		{"no issuer", []string{"JWT_ISSUER=" + issuer}, jwt.MapClaims{"aud": audience}, http.StatusUnauthorized},
		{"another issuer", []string{"JWT_ISSUER=" + issuer}, jwt.MapClaims{"iss": issuer + ".evil"}, http.StatusUnauthorized},
		{"no audience", []string{"JWT_AUDIENCE=" + audience}, jwt.MapClaims{"iss": issuer}, http.StatusUnauthorized},
		{"another audience", []string{"JWT_AUDIENCE=" + audience}, jwt.MapClaims{"aud": []string{"todo2"}}, http.StatusUnauthorized},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, t.TempDir(), append(test.settings, "BETTER_AUTH_SECRET="+secret)...)
			if got := s.get(t, "/api/tasks", signed(test.claims)).StatusCode; got != test.status {
				t.Errorf("answered %d, want %d", got, test.status)
			}
		})
	}
}
