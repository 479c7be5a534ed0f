package middleware

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
)

// Framing refuses a request that says twice how long its body is, by several Content-Length or by one beside a Transfer-Encoding,
// and ends its connection (RFC 9112 section 6.3). The server goes by one of them; a proxy that went by another would take what
// follows for somebody else's request.
func Framing(c *fiber.Ctx) error {
	if countLengths(c.Request().Header.RawHeaders()) > 1 {
		c.Context().SetConnectionClose()
		return fiber.ErrBadRequest
	}
	return c.Next()
}

// countLengths counts the header lines that say how long the body is.
func countLengths(headers []byte) int {
	count := 0
	for line := range bytes.SplitSeq(headers, []byte("\n")) {
		if isNamed(line, "Content-Length") || isNamed(line, "Transfer-Encoding") {
			count++
		}
	}
	return count
}

func isNamed(line []byte, name string) bool {
	return len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) &&
		bytes.HasPrefix(bytes.TrimLeft(line[len(name):], " \t"), []byte(":"))
}
