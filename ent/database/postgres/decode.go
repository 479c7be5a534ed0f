package postgres

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// column is how the values of a column are read into a target.
type column struct {
	target   any
	decode   decoder
	optional optional // nil where null is nothing that the target takes
}

// decoder reads a value into a target of the type that it was chosen for. It reports false for what it
// leaves to pgx.
type decoder func(m *memory, target any, value []byte) bool

// optional is a target, as package stmt has it, whose null is the zero value of another target.
type optional interface {
	Target() any
	Clear()
}

// read reads a value, and reports false for what it leaves to pgx.
func (c *column) read(m *memory, value []byte) bool {
	switch {
	case c.decode == nil:
		return false
	case c.optional != nil && value == nil:
		c.optional.Clear()
		return true
	}
	return c.decode(m, c.target, value)
}

// planColumn chooses how a field is read into a target.
func planColumn(target any, field *pgconn.FieldDescription) column {
	c := column{target: target}
	if o, ok := target.(optional); ok {
		c.target, c.optional = o.Target(), o
	}
	isBinary := field.Format == pgtype.BinaryFormatCode
	switch oid := field.DataTypeOID; {
	case oid == pgtype.TextOID || oid == pgtype.VarcharOID: // both formats are the same
		c.decode = textDecoder(c.target)
	case oid == pgtype.JSONOID || oid == pgtype.JSONBOID:
		c.decode = jsonDecoder(c.target, oid == pgtype.JSONBOID && isBinary)
	case isBinary:
		c.decode = binaryDecoder(c.target, oid)
	}
	return c
}

func textDecoder(target any) decoder {
	switch target.(type) {
	case *string:
		return decodeText
	case **string:
		return decodeOptionalText
	}
	switch kind, isPointer := kindOf(target); {
	case kind == reflect.String && isPointer:
		return decodeOptionalWord
	case kind == reflect.String:
		return decodeWord
	}
	return nil
}

// kindOf is the kind of what a target points to, and whether it does so by a further pointer.
func kindOf(target any) (kind reflect.Kind, isPointer bool) {
	t := reflect.TypeOf(target)
	if t == nil || t.Kind() != reflect.Pointer {
		return reflect.Invalid, false
	}
	if t = t.Elem(); t.Kind() == reflect.Pointer {
		return t.Elem().Kind(), true
	}
	return t.Kind(), false
}

func decodeText(m *memory, target any, value []byte) bool {
	if value == nil {
		return false
	}
	if to := target.(*string); *to != string(value) { // the owner's id is the same in every row
		*to = m.text(value)
	}
	return true
}

func decodeOptionalText(m *memory, target any, value []byte) bool {
	to := target.(**string)
	*to = nil
	if value != nil {
		*to = m.texts.point(m.text(value))
	}
	return true
}

// decodeWord reads a type that is a string, as enumerations are. Their words repeat.
func decodeWord(m *memory, target any, value []byte) bool {
	if value == nil {
		return false
	}
	if to := reflect.ValueOf(target).Elem(); to.String() != string(value) {
		to.SetString(m.word(value))
	}
	return true
}

func decodeOptionalWord(m *memory, target any, value []byte) bool {
	to := reflect.ValueOf(target).Elem()
	if value == nil {
		to.SetZero()
		return true
	}
	word := reflect.New(to.Type().Elem())
	word.Elem().SetString(m.word(value))
	to.Set(word)
	return true
}

// jsonDecoder reads JSON into what decodes it by itself.
func jsonDecoder(target any, hasVersion bool) decoder {
	if _, ok := target.(json.Unmarshaler); !ok {
		return nil
	}
	decode := decodeJSON
	if _, ok := target.(texts); ok {
		decode = decodeTexts
	}
	if hasVersion {
		return func(m *memory, target any, value []byte) bool { return decodeJSONB(m, target, value, decode) }
	}
	return decode
}

func decodeJSON(_ *memory, target any, value []byte) bool {
	return value != nil && target.(json.Unmarshaler).UnmarshalJSON(value) == nil
}

// texts is a target, as package stmt has it, of an array of texts. It decodes them into the room behind
// those in block, and reports false for what it leaves to json.Unmarshaler.
type texts interface {
	DecodeTexts(text string, block []string) (rest []string, ok bool)
}

func decodeTexts(m *memory, target any, value []byte) bool {
	if value == nil {
		return false
	}
	rest, ok := target.(texts).DecodeTexts(m.text(value), m.lists)
	m.lists = rest
	return ok || decodeJSON(m, target, value)
}

// decodeJSONB reads JSON behind the number of its version, which the binary format has.
func decodeJSONB(m *memory, target any, value []byte, decode decoder) bool {
	const version = 1
	return len(value) > 1 && value[0] == version && decode(m, target, value[1:])
}

func binaryDecoder(target any, oid uint32) decoder {
	switch target.(type) {
	case *uuid.UUID:
		return decodeFixed(oid, pgtype.UUIDOID, decodeID)
	case **uuid.UUID:
		return decodeFixed(oid, pgtype.UUIDOID, decodeOptionalID)
	case *bool:
		return decodeFixed(oid, pgtype.BoolOID, decodeBool)
	case *time.Time:
		return decodeFixed(oid, pgtype.TimestamptzOID, decodeTime)
	case **time.Time:
		return decodeFixed(oid, pgtype.TimestamptzOID, decodeOptionalTime)
	case *float64:
		return decodeFixed(oid, pgtype.Float8OID, decodeFloat)
	case *int:
		return integerDecoder(oid, decodeInt)
	case *int8:
		return integerDecoder(oid, decodeInt8)
	case **int:
		return integerDecoder(oid, decodeOptionalInt)
	}
	if kind, isPointer := kindOf(target); !isPointer && kind >= reflect.Int && kind <= reflect.Int64 {
		return integerDecoder(oid, decodeInteger)
	}
	return nil
}

// decodeFixed is the decoder, if the column is of the type that it reads.
func decodeFixed(oid, wanted uint32, d decoder) decoder {
	if oid != wanted {
		return nil
	}
	return d
}

// integerDecoder is the decoder, if the column is of a type of integers.
func integerDecoder(oid uint32, d decoder) decoder {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID:
		return d
	}
	return nil
}

func decodeID(_ *memory, target any, value []byte) bool {
	to := target.(*uuid.UUID)
	return copy(to[:], value) == len(to)
}

func decodeOptionalID(m *memory, target any, value []byte) bool {
	to := target.(**uuid.UUID)
	*to = nil
	if value == nil {
		return true
	}
	id, err := uuid.FromBytes(value)
	*to = m.ids.point(id)
	return err == nil
}

func decodeBool(_ *memory, target any, value []byte) bool {
	if len(value) != 1 {
		return false
	}
	*target.(*bool) = value[0] != 0
	return true
}

func decodeFloat(_ *memory, target any, value []byte) bool {
	if len(value) != 8 {
		return false
	}
	*target.(*float64) = math.Float64frombits(binary.BigEndian.Uint64(value))
	return true
}

func decodeTime(_ *memory, target any, value []byte) bool {
	at, ok := instant(value)
	*target.(*time.Time) = at
	return ok
}

func decodeOptionalTime(m *memory, target any, value []byte) bool {
	to := target.(**time.Time)
	*to = nil
	if value == nil {
		return true
	}
	at, ok := instant(value)
	*to = m.times.point(at)
	return ok
}

// instant reads microseconds since the beginning of 2000. Infinities, the ends of the range, are no
// times.
func instant(value []byte) (time.Time, bool) {
	const epoch = 946_684_800_000_000 // in microseconds since 1970
	micro, ok := integer(value)
	if !ok || len(value) != 8 || micro == math.MinInt64 || micro > math.MaxInt64-epoch {
		return time.Time{}, false
	}
	return time.UnixMicro(micro + epoch), true
}

func decodeInt(_ *memory, target any, value []byte) bool {
	n, ok := integer(value)
	*target.(*int) = int(n)
	return ok && int64(int(n)) == n
}

func decodeInt8(_ *memory, target any, value []byte) bool {
	to := target.(*int8)
	n, ok := integer(value)
	*to = int8(n) //nolint:gosec // compared below
	return ok && int64(*to) == n
}

func decodeOptionalInt(m *memory, target any, value []byte) bool {
	to := target.(**int)
	*to = nil
	if value == nil {
		return true
	}
	n, ok := integer(value)
	*to = m.ints.point(int(n))
	return ok && int64(int(n)) == n
}

// decodeInteger reads an integer of another size, or a type that is one.
func decodeInteger(_ *memory, target any, value []byte) bool {
	to := reflect.ValueOf(target).Elem()
	n, ok := integer(value)
	if !ok || to.OverflowInt(n) {
		return false
	}
	to.SetInt(n)
	return true
}

// integer reads an integer of any size.
func integer(value []byte) (int64, bool) {
	switch len(value) {
	case 2:
		return int64(int16(binary.BigEndian.Uint16(value))), true //nolint:gosec // the bits of a signed number
	case 4:
		return int64(int32(binary.BigEndian.Uint32(value))), true //nolint:gosec // likewise
	case 8:
		return int64(binary.BigEndian.Uint64(value)), true //nolint:gosec // likewise
	}
	return 0, false
}

// memory is what values of rows are put into that they point to. Values share it: one allocation for
// each would be most of what a row costs.
type memory struct {
	bytes strings.Builder // what texts are part of
	words [4]string       // those that were read last
	next  int             // which of them is the oldest

	lists []string // texts of arrays
	texts block[string]
	times block[time.Time]
	ids   block[uuid.UUID]
	ints  block[int]
}

// text copies a value. There is more memory at once the more texts there are.
func (m *memory) text(value []byte) string {
	const least, most = 256, 8 << 10 // bytes
	if m.bytes.Cap()-m.bytes.Len() < len(value) {
		next := max(min(2*m.bytes.Cap(), most), least, len(value))
		m.bytes = strings.Builder{}
		m.bytes.Grow(next)
	}
	begin := m.bytes.Len()
	m.bytes.Write(value)
	return m.bytes.String()[begin:]
}

// word copies a value of which there are few different ones.
func (m *memory) word(value []byte) string {
	for _, word := range m.words {
		if word == string(value) {
			return word
		}
	}
	word := m.text(value)
	m.words[m.next%len(m.words)] = word
	m.next++
	return word
}

// block is memory for values of a type.
type block[T any] struct{ values []T }

// point returns a pointer to a copy of the value.
func (b *block[T]) point(to T) *T {
	const most = 64
	if len(b.values) == cap(b.values) {
		b.values = make([]T, 0, max(1, min(2*cap(b.values), most)))
	}
	b.values = append(b.values, to)
	return &b.values[len(b.values)-1]
}
