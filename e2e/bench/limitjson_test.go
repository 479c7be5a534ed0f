package bench

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"
)

// input is a body.
type input struct {
	Title       *string  `json:"title"`
	Description optional `json:"description"`
	Completed   *bool    `json:"completed"`
}

// optional is a text that may be absent or null.
type optional struct {
	set   bool
	value *string
}

func (o *optional) UnmarshalJSON(raw []byte) error {
	o.set = true
	return json.Unmarshal(raw, &o.value)
}

// parseInput reads the body and reports whether it keeps the rules.
func parseInput(ctx *fasthttp.RequestCtx) (in input, ok bool) {
	body := ctx.PostBody()
	if !utf8.Valid(body) || json.Unmarshal(body, &in) != nil {
		return in, false
	}
	if in.Title != nil {
		*in.Title = strings.TrimSpace(*in.Title)
		if *in.Title == "" || !fits(*in.Title, 255) {
			return in, false
		}
	}
	return in, in.Description.value == nil || fits(*in.Description.value, 1000)
}

func fits(text string, most int) bool {
	return utf8.RuneCountInString(text) <= most && strings.IndexByte(text, 0) < 0
}

func timeNow() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// instant is the time in an id.
func instant(id uuid.UUID) time.Time {
	milli := int64(binary.BigEndian.Uint64(id[:8]) >> 16)
	micro := int64(binary.BigEndian.Uint16(id[6:8])&0x0fff) * 256 / 1000
	return time.UnixMicro(milli*1000 + min(micro, 999)).UTC()
}

func appendTask(b []byte, user string, r *row) []byte {
	b = appendUUID(append(b, `{"id":"`...), r.id)
	b = appendText(append(b, `","user_id":`...), user)
	b = appendText(append(b, `,"title":`...), r.title)
	b = append(b, `,"description":`...)
	if r.description == nil {
		b = append(b, "null"...)
	} else {
		b = appendText(b, r.description)
	}
	b = strconv.AppendBool(append(b, `,"completed":`...), r.completed)
	b = appendTime(append(b, `,"created_at":"`...), r.created)
	b = appendTime(append(b, `","updated_at":"`...), r.updated)
	return append(b, `"}`...)
}

func appendUUID(b []byte, id uuid.UUID) []byte {
	for i, octet := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, "0123456789abcdef"[octet>>4], "0123456789abcdef"[octet&0xf])
	}
	return b
}

// appendText appends a JSON string; what needs escapes is rare and left to encoding/json.
func appendText[T string | []byte](b []byte, text T) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c == 0xe2 { // U+2028 begins with E2
			return appendEscaped(b, string(text))
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

func appendEscaped(b []byte, text string) []byte {
	buffer := bytes.NewBuffer(b)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string can always be written
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

// appendTime appends a time in UTC with six digits of microseconds.
func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b = appendTwo(appendTwo(b, year/100), year%100)
	b = appendTwo(append(b, '-'), int(month))
	b = appendTwo(append(b, '-'), day)
	b = appendTwo(append(b, 'T'), hour)
	b = appendTwo(append(b, ':'), minute)
	b = appendTwo(append(b, ':'), second)
	micro := t.Nanosecond() / 1000
	b = appendTwo(append(b, '.'), micro/10000)
	b = appendTwo(appendTwo(b, micro/100%100), micro%100)
	return append(b, 'Z')
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
