package routes

import (
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/resource"
)

// readObject reads the body as a JSON object whatever its type says, since fetch calls a string
// text/plain. Forms and compressed bodies alone are refused as what they are.
func readObject(c *fiber.Ctx) (resource.Object, error) {
	if err := checkContentType(c); err != nil {
		return nil, err
	}
	return resource.DecodeObject(c.Request().Body())
}

func checkContentType(c *fiber.Ctx) error {
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		c.Set(fiber.HeaderAcceptEncoding, "identity") // RFC 9110, section 12.5.3
		return fiber.NewError(fiber.StatusUnsupportedMediaType, "The body may not be compressed")
	}
	mediaType, _, _ := strings.Cut(strings.ToLower(c.Get(fiber.HeaderContentType)), ";")
	switch strings.TrimSpace(mediaType) {
	case fiber.MIMEApplicationForm, fiber.MIMEMultipartForm:
		return fiber.NewError(fiber.StatusUnsupportedMediaType, "The body must be JSON, not a form: send Content-Type: application/json")
	}
	return nil
}

// writeJSON writes v as the body. Unlike fiber's it leaves <, > and & in texts as they are.
func writeJSON(c *fiber.Ctx, v any, contentType string) error {
	c.Set(fiber.HeaderContentType, contentType)
	return encodeJSON(c.Response().BodyWriter(), v)
}

func encodeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// keptBody is the length in bytes up to which a connection keeps the buffer of its answers.
const keptBody = 64 << 10

// newBody is the response's own buffer, which is used again, for a body to be appended to.
func newBody(c *fiber.Ctx) []byte { return c.Response().SwapBody(nil)[:0] }

// setBody answers with what was appended to newBody. A buffer that has grown long is not used again,
// or every connection would keep as much as the longest list that went over it. As encoding/json does
// it ends the line, which who calls from a shell can read then.
func setBody(c *fiber.Ctx, body []byte) {
	res := c.Response()
	res.Header.SetContentType(fiber.MIMEApplicationJSON)
	body = append(body, '\n')
	if cap(body) > keptBody {
		res.SetBodyRaw(body)
		return
	}
	res.SwapBody(body)
}

// isPlainText reports whether a text of an address is one that the databases can hold.
func isPlainText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
