package postgres

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// nativeRows are pgx's rows as Ent reads them, the first of them already there.
type nativeRows struct {
	pgx.Rows

	conn    *pgxpool.Conn
	ahead   bool
	others  []any           // what is left to pgx
	texts   strings.Builder // what the texts of rows are part of
	pointed []string        // what pointers to texts point into
}

// text copies a value. Texts share their memory, of which there is more at once the more of them there are.
func (r *nativeRows) text(value []byte) string {
	const least, most = 256, 8 << 10 // bytes
	if r.texts.Cap()-r.texts.Len() < len(value) {
		next := max(min(2*r.texts.Cap(), most), least, len(value))
		r.texts = strings.Builder{}
		r.texts.Grow(next)
	}
	begin := r.texts.Len()
	r.texts.Write(value)
	return r.texts.String()[begin:]
}

// pointer returns one to a text. Texts that are pointed to share their memory too.
func (r *nativeRows) pointer(text string) *string {
	const most = 64
	if len(r.pointed) == cap(r.pointed) {
		r.pointed = make([]string, 0, max(1, min(2*cap(r.pointed), most)))
	}
	r.pointed = append(r.pointed, text)
	return &r.pointed[len(r.pointed)-1]
}

// Next goes to the next row and reports whether there is one.
func (r *nativeRows) Next() bool {
	if r.ahead {
		r.ahead = false
		return true
	}
	return r.Rows.Next()
}

// Scan reads the row. What tasks are made of is decoded here: pgx's way, which knows all types, takes thrice as long. The rest is
// left to it.
func (r *nativeRows) Scan(targets ...any) error {
	fields, values := r.FieldDescriptions(), r.RawValues()
	if len(targets) != len(fields) {
		return r.Rows.Scan(targets...)
	}
	r.others = append(r.others[:0], targets...)
	left := len(targets)
	for i, target := range targets {
		if r.decode(target, &fields[i], values[i]) {
			r.others[i] = nil
			left--
		}
	}
	if left == 0 {
		return nil
	}
	return r.Rows.Scan(r.others...)
}

// decode decodes a value and reports whether it could.
func (r *nativeRows) decode(target any, field *pgconn.FieldDescription, value []byte) bool {
	switch field.DataTypeOID {
	case pgtype.TextOID, pgtype.VarcharOID:
		return r.decodeText(target, value)
	}
	return field.Format == pgtype.BinaryFormatCode && decodeBinary(target, field.DataTypeOID, value)
}

func (r *nativeRows) decodeText(target any, value []byte) bool {
	switch target := target.(type) {
	case *string:
		if value == nil {
			return false
		}
		if *target != string(value) { // the owner's id is the same in every row
			*target = r.text(value)
		}
		return true
	case **string:
		*target = nil
		if value != nil {
			*target = r.pointer(r.text(value))
		}
		return true
	}
	return false
}

func decodeBinary(target any, oid uint32, value []byte) bool {
	switch target := target.(type) {
	case *uuid.UUID:
		return oid == pgtype.UUIDOID && copy(target[:], value) == len(target)
	case *bool:
		if oid != pgtype.BoolOID || len(value) != 1 {
			return false
		}
		*target = value[0] != 0
		return true
	case *time.Time:
		if oid != pgtype.TimestamptzOID || len(value) != 8 {
			return false
		}
		return decodeTime(target, int64(binary.BigEndian.Uint64(value))) //nolint:gosec // the bits of a signed number
	}
	return false
}

// decodeTime decodes microseconds since the beginning of 2000. Infinities, the ends of the range, are no times.
func decodeTime(target *time.Time, micro int64) bool {
	const epoch = 946_684_800_000_000 // in microseconds since 1970
	if micro == math.MinInt64 || micro > math.MaxInt64-epoch {
		return false
	}
	*target = time.UnixMicro(micro + epoch)
	return true
}

// Columns are the names of the columns.
func (r *nativeRows) Columns() ([]string, error) {
	fields := r.FieldDescriptions()
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	return names, nil
}

// ColumnTypes are not told.
func (r *nativeRows) ColumnTypes() ([]*sql.ColumnType, error) {
	return nil, errors.New("the types of columns are not known")
}

// NextResultSet reports that there is no other: pgx runs one statement at a time.
func (r *nativeRows) NextResultSet() bool { return false }

// Close ends the reading and gives the connection back. Err tells what went wrong.
func (r *nativeRows) Close() error {
	r.Rows.Close()
	r.conn.Release()
	return nil
}
