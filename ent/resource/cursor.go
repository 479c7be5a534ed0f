package resource

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// A cursor is base64url of a version, a seal, and the id and the sort key of the last item of a page.
// The seal is a hash of these, the list they belong to and its user, so that a cursor that was
// altered, or made for another list or user, is not taken for one. It covers the filters that are
// set, by name: a filter that is new leaves other cursors valid. It is no secret: whoever computes
// one reaches nothing but their own rows.
const (
	cursorVersion = 2
	sealSize      = 8
	idSize        = 16
)

// Position is the place of an item in an order: a page begins after it.
type Position struct {
	Key any // the value that the list is sorted by: a string, int or time.Time; nil where it has none
	ID  uuid.UUID
}

// cursor encodes the position at which the next page begins.
func (l *List) cursor(p Position) string {
	place := slices.Concat(p.ID[:], encodeKey(p.Key))
	return base64.RawURLEncoding.EncodeToString(slices.Concat([]byte{cursorVersion}, l.seal(place), place))
}

// parseCursor is the position in a cursor of the same list and user.
func (l *List) parseCursor(text string) (*Position, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != text { // it has several spellings
		return nil, false
	}
	if len(raw) >= 1+sealSize+idSize && raw[0] == cursorVersion {
		seal, place := raw[1:1+sealSize], raw[1+sealSize:]
		if bytes.Equal(seal, l.seal(place)) {
			return l.parsePlace(place, decodeKey)
		}
	}
	return l.parseOldCursor(raw)
}

// parseOldCursor takes a cursor of the version before this one, which had a seal of another kind and
// no version.
func (l *List) parseOldCursor(raw []byte) (*Position, bool) {
	if l.old == nil || len(raw) < sealSize+idSize {
		return nil, false
	}
	head := l.old(l)
	seal, place := raw[:sealSize], raw[sealSize:]
	if head == nil || !bytes.Equal(seal, hash(slices.Concat(head, withLength(place)))) {
		return nil, false
	}
	return l.parsePlace(place, decodeOldKey)
}

func (l *List) parsePlace(place []byte, decode func(Kind, []byte) (any, bool)) (*Position, bool) {
	p := Position{ID: uuid.UUID(place[:idSize])}
	key, ok := decode(l.Order.Kind, place[idSize:])
	p.Key = key
	return &p, ok
}

// seal covers what a cursor belongs to.
func (l *List) seal(place []byte) []byte {
	direction := []byte{0}
	if l.Order.Descending {
		direction[0] = 1
	}
	text := slices.Concat(withLength([]byte(l.user)), withLength([]byte(l.Order.Name)), withLength(direction))
	for _, f := range l.filtered {
		text = slices.Concat(text, withLength([]byte(f.name)), withLength([]byte(f.value)))
	}
	return hash(slices.Concat(text, withLength(place)))
}

// OldSeal is the head of what cursors of the version before this one were sealed with.
func (l *List) OldSeal(column string, filter byte) []byte {
	direction := byte(0)
	if l.Order.Descending {
		direction = 1
	}
	return slices.Concat(withLength([]byte(l.user)), withLength([]byte(column)), withLength([]byte{direction}), withLength([]byte{filter}))
}

func hash(text []byte) []byte {
	sum := sha256.Sum256(text)
	return sum[:sealSize]
}

// withLength puts its length in front of a part, so that parts can't run into each other.
func withLength(part []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(part)), uint32(len(part))), part...) //nolint:gosec // a URL is shorter
}

// encodeKey writes a key behind a byte that says whether there is one.
func encodeKey(key any) []byte {
	switch key := key.(type) {
	case nil:
		return []byte{0}
	case time.Time:
		return binary.BigEndian.AppendUint64([]byte{1}, uint64(key.UnixMicro()))
	case int:
		return binary.BigEndian.AppendUint64([]byte{1}, uint64(key)) //nolint:gosec // decoded likewise
	case string:
		return append([]byte{1}, key...)
	}
	panic("a list is sorted by a column of a kind that cursors do not know")
}

// decodeKey is the key, if it is one that an item can have.
func decodeKey(kind Kind, raw []byte) (any, bool) {
	if len(raw) == 1 && raw[0] == 0 {
		return nil, true
	}
	if len(raw) == 0 || raw[0] != 1 {
		return nil, false
	}
	return decodeOldKey(kind, raw[1:])
}

func decodeOldKey(kind Kind, raw []byte) (any, bool) {
	if kind == KindText {
		return string(raw), utf8.Valid(raw) && !bytes.ContainsRune(raw, 0)
	}
	if len(raw) != 8 {
		return nil, false
	}
	if kind == KindID { // a list by id was one by the time of creation, which is in the id
		return nil, true
	}
	number := int64(binary.BigEndian.Uint64(raw)) //nolint:gosec // as it was encoded
	if kind == KindInstant {
		key := time.UnixMicro(number).UTC()
		return key, key.Year() >= 1 && key.Year() <= 9999
	}
	return int(number), true
}
