package routes

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
)

// What is written often is appended by hand, straight into the body: for a page of tasks encoding/json makes six
// allocations a task. Everything else is left to it.

// writeJSON writes v as the body. Unlike fiber's it leaves <, > and & in texts as they are.
func writeJSON(c *fiber.Ctx, v any, contentType string) error {
	c.Set(fiber.HeaderContentType, contentType)
	return encodeJSON(c.Response().BodyWriter(), v)
}

func encodeJSON(w interface{ Write([]byte) (int, error) }, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// keptBody is the length in bytes up to which a connection keeps the buffer of its answers.
const keptBody = 64 << 10

// newBody is the response's own buffer, which is used again, for a body to be appended to.
func newBody(c *fiber.Ctx) []byte { return c.Response().SwapBody(nil)[:0] }

// setBody answers with what was appended to newBody. A buffer that has grown long is not used again, or every connection would
// keep as much as the longest list that went over it. As encoding/json does it ends the line, which who calls from a shell can
// read then.
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

// appendString appends a JSON string (RFC 8259 section 7).
func appendString(b []byte, s string) []byte {
	i := 0
	for i+8 <= len(s) && isPlain(s[i:i+8]) {
		i += 8
	}
	ascii := true
	for ; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			return appendEscaped(b, s)
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if !ascii && !utf8.ValidString(s) {
		return appendEscaped(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// isPlain reports whether eight bytes are ASCII that needs no escapes, all at once: ASCII leaves the top bit of each byte clear, and
// a subtraction that goes below zero sets it, as does 1 from what XOR made zero. What it borrows from the next byte only adds to
// what was found already.
func isPlain(s string) bool {
	const each = 0x0101010101010101
	eight := binary.LittleEndian.Uint64([]byte(s))
	found := eight | (eight - each*' ') | ((eight ^ each*'"') - each) | ((eight ^ each*'\\') - each)
	return found&(each*0x80) == 0
}

func appendEscaped(b []byte, s string) []byte {
	var escaped bytes.Buffer
	_ = encodeJSON(&escaped, s) // neither a string nor a buffer can fail
	return append(b, bytes.TrimSuffix(escaped.Bytes(), []byte("\n"))...)
}

// appendNullable appends a string, or null.
func appendNullable(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return appendString(b, *s)
}

// appendID appends an id in its 36-character form (RFC 9562 section 4), as a string.
func appendID(b []byte, id uuid.UUID) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for i, octet := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[octet>>4], digits[octet&0xf])
	}
	return append(b, '"')
}

// appendTime appends a time in UTC with six digits of microseconds (RFC 3339), as a string, the same whichever database it
// comes from. The time package is quick only with the layout that has none.
func appendTime(b []byte, t time.Time) []byte {
	b = t.UTC().AppendFormat(append(b, '"'), time.RFC3339)
	b = append(b[:len(b)-len("Z")], `.000000Z"`...)
	micro := t.Nanosecond() / 1000
	for i := len(b) - len(`0Z"`); micro > 0; i-- {
		b[i] = byte('0' + micro%10)
		micro /= 10
	}
	return b
}

// appendArray appends an array.
func appendArray[T any](b []byte, items []T, appendItem func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, item)
	}
	return append(b, ']')
}
