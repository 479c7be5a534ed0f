package routes

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// The content codings (RFC 9110 section 8.4.1) that long lists come in.
const (
	codingGzip   = "gzip"
	codingBrotli = "br"
)

// packedFrom is how many items a list is compressed from: some 4 KB, of which a quarter is left. Less would go in as few packets
// as it is.
const packedFrom = 16

// packLevel is the fastest of both codings. Further ones take several times as long for a tenth less.
const packLevel = 1

// negotiate chooses the coding of a page of so many items by the client's Accept-Encoding (RFC 9110 section 12.5.3), empty for none. Where the
// client does not mind it is gzip: brotli makes as little of it in twice the time.
func negotiate(c *fiber.Ctx, items int) string {
	c.Vary(fiber.HeaderAcceptEncoding)
	accepted := c.Get(fiber.HeaderAcceptEncoding)
	if accepted == "" || items < packedFrom {
		return ""
	}
	gzip, brotli := weight(accepted, codingGzip), weight(accepted, codingBrotli)
	switch identity := weight(accepted, "identity"); {
	case max(gzip, brotli) <= 0 || max(gzip, brotli) < identity:
		return ""
	case brotli > gzip:
		return codingBrotli
	}
	return codingGzip
}

// weight is how much the client wants a coding: that of its name, or else of the asterisk; identity needs none of these.
func weight(accepted, coding string) (weight float64) {
	named := false
	for part := range strings.SplitSeq(accepted, ",") {
		name, parameter, _ := strings.Cut(part, ";")
		name = strings.TrimSpace(name)
		if !strings.EqualFold(name, coding) && (name != "*" || named || coding == "identity") {
			continue
		}
		named = name != "*"
		weight = 1
		if value, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameter)), "q="); ok {
			weight, _ = strconv.ParseFloat(value, 64)
			if !(weight > 0) { // refused, or no number
				weight = 0
			}
		}
	}
	return weight
}

// pack compresses the body of the answer.
func pack(c *fiber.Ctx, coding string) {
	if coding == "" {
		return
	}
	c.Set(fiber.HeaderContentEncoding, coding)
	compress := fasthttp.AppendGzipBytesLevel
	if coding == codingBrotli {
		compress = fasthttp.AppendBrotliBytesLevel
	}
	res := c.Response()
	res.SetBodyRaw(compress(make([]byte, 0, len(res.Body())/3), res.Body(), packLevel))
}
