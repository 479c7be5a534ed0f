package routes

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"
	"unicode/utf8"

	"todo-backend/ent/task"
)

// A cursor is base64url of a checksum, the id and the key of the last task of a page. The checksum covers these, the list
// they belong to and its user, so that a cursor that was altered, or made for another list or user, is not taken for one.
// It is no secret: whoever computes one reaches nothing but their own tasks.
const (
	sumSize = 8
	idSize  = 16
)

// cursor encodes the position at which the next page of q begins.
func cursor(q listQuery, p position, userID string) string {
	place := slices.Concat(p.id[:], encodeKey(p.key))
	return base64.RawURLEncoding.EncodeToString(slices.Concat(checksum(q, place, userID), place))
}

// parseCursor is the position in a cursor of the same list and user.
func parseCursor(text string, q listQuery, userID string) (*position, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < sumSize+idSize {
		return nil, false
	}
	place := raw[sumSize:]
	p := position{id: [idSize]byte(place)}
	key, ok := decodeKey(q.order, place[idSize:])
	if !ok {
		return nil, false
	}
	p.key = key
	return &p, cursor(q, p, userID) == text // base64 has several spellings of the same bytes
}

func checksum(q listQuery, place []byte, userID string) []byte {
	h := sha256.New()
	filter := byte(2)
	if q.state != nil {
		filter = flag(*q.state)
	}
	for _, part := range [][]byte{[]byte(userID), []byte(q.order.column), {flag(q.order.descending)}, {filter}, place} {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) //nolint:gosec // a URL is shorter
		h.Write(part)
	}
	return h.Sum(nil)[:sumSize]
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func encodeKey(key any) []byte {
	switch key := key.(type) {
	case time.Time:
		return binary.BigEndian.AppendUint64(nil, uint64(key.UnixMicro()))
	case string:
		return []byte(key)
	}
	panic("a list is sorted by a column that is neither a time nor a text")
}

// decodeKey is the key, if it is one that a task can have.
func decodeKey(o order, raw []byte) (any, bool) {
	if o.column == task.FieldTitle {
		return string(raw), utf8.Valid(raw) && !bytes.ContainsRune(raw, 0)
	}
	if len(raw) != 8 {
		return nil, false
	}
	key := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC() //nolint:gosec // as it was encoded
	return key, key.Year() >= 1970 && key.Year() <= 9999
}
