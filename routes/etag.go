package routes

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"todo-backend/ent/resource"
)

// Tags (RFC 9110 section 8.8.3) are made of what decides an answer's bytes, before they are written:
// how this release writes items, their ids and last changes, each change having a time of its own,
// and what stands beside them. Neither the user nor the token is part of it.

// tag is the tag of a page in a content coding.
func (r *collection[E, M]) tag(p resource.Page[E], coding string) string {
	const perItem = 24 // bytes
	seed := append(make([]byte, 0, 128+perItem*len(p.Items)), r.answers.version...)
	seed = append(append(seed, coding...), p.Next...)
	seed = binary.BigEndian.AppendUint64(seed, uint64(p.Total)) //nolint:gosec // a count
	for _, e := range p.Items {
		id := r.table.ID(e)
		seed = append(seed, id[:]...)
		seed = binary.BigEndian.AppendUint64(seed, uint64(r.table.Changed(e).UnixMicro()))
	}
	sum := sha256.Sum256(seed)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// unchanged sets the tag of the answer and reports whether the client has it already; then 304 is the
// whole answer. A client may keep what it got, for itself, but has to ask whether it still holds.
func unchanged(c *fiber.Ctx, tag string) bool {
	c.Set(fiber.HeaderETag, tag)
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	if !matches(c.Get(fiber.HeaderIfNoneMatch), tag) {
		return false
	}
	c.Status(http.StatusNotModified)
	return true
}

// matches reports whether an If-None-Match names the tag, by weak comparison (RFC 9110 section 13.1.2).
func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}
