package middleware

import "github.com/gofiber/fiber/v2"

// NoStore keeps caches from storing an answer (RFC 9111 section 5.2.2.5).
const NoStore = "no-store"

// DefaultHeaders sets what every answer carries, errors included: nobody stores it, and browsers take
// it for nothing but its Content-Type. A handler whose answer may be stored sets another Cache-Control.
func DefaultHeaders(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, NoStore)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	return c.Next()
}
