package middleware

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Framing refuses a request whose end two readers could see at different places, and closes its connection: one with several
// lengths (Content-Length or Transfer-Encoding lines), with a Transfer-Encoding other than chunked alone (RFC 9112, sections 6.1
// and 6.3), or with header lines that are folded or have white space in their names (sections 5.1 and 5.2). The server reads such
// a request in one way. A proxy that read it in another would take what follows for the request of somebody else.
func Framing(c *fiber.Ctx) error {
	if isAmbiguous(c.Request().Header.RawHeaders()) {
		c.Context().SetConnectionClose()
		return fiber.ErrBadRequest
	}
	return c.Next()
}

// isAmbiguous reports whether the header lines could be read in another way than the server reads them.
func isAmbiguous(headers []byte) bool {
	lengths := 0
	for line := range bytes.SplitSeq(headers, []byte("\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.IndexByte(name, ' ') >= 0, bytes.IndexByte(name, '\t') >= 0:
			return true
		case isNamed(name, "Content-Length"):
			lengths++
		case isNamed(name, "Transfer-Encoding"):
			lengths++
			if !bytes.EqualFold(bytes.Trim(value, " \t\r"), []byte("chunked")) {
				return true
			}
		}
	}
	return lengths > 1
}

func isNamed(header []byte, name string) bool {
	return len(header) == len(name) && strings.EqualFold(string(header), name)
}
