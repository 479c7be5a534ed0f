// Package middleware holds what each request passes on its way to a handler, one concern a file.
// Tokens are verified in its package token, and what clients may take is bounded in its package limit.
package middleware
