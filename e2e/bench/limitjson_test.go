package bench

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"
)

// input is a body.
type input struct {
	Title       *string   `json:"title"`
	Description optional  `json:"description"`
	Completed   *bool     `json:"completed"`
	Priority    *string   `json:"priority"`
	DueDate     *string   `json:"due_date"`
	Tags        *[]string `json:"tags"`
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

var (
	priorities = []string{"critical", "urgent", "high", "medium", "low", "none"}
	// repeats are the values of repeat_from.
	repeats = []string{"due", "completion"}
)

const medium = 3 // the priority where none is named

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
	if in.Priority != nil && !slices.Contains(priorities, *in.Priority) || in.Tags != nil && !in.trimTags() {
		return in, false
	}
	return in, in.Description.value == nil || fits(*in.Description.value, 1000)
}

// trimTags leaves each tag once, and reports whether they keep the rules.
func (in *input) trimTags() bool {
	kept := (*in.Tags)[:0]
	for _, tag := range *in.Tags {
		tag = strings.TrimSpace(tag)
		if strings.Contains(tag, ",") || !fits(tag, 50) {
			return false
		}
		if tag != "" && !slices.Contains(kept, tag) {
			kept = append(kept, tag)
		}
	}
	*in.Tags = kept
	return len(kept) <= 20
}

func fits(text string, most int) bool {
	return utf8.RuneCountInString(text) <= most && strings.IndexByte(text, 0) < 0
}

// instant is the time in an id, in microseconds since 1970.
func instant(id uuid.UUID) int64 {
	milli := int64(binary.BigEndian.Uint64(id[:8]) >> 16)
	micro := int64(binary.BigEndian.Uint16(id[6:8])&0x0fff) * 256 / 1000
	return milli*1000 + min(micro, 999)
}

func appendTask(b []byte, user string, r *row) []byte {
	b = appendUUID(append(b, `{"id":"`...), r.id)
	b = appendText(append(b, `","user_id":`...), user)
	b = appendText(append(b, `,"title":`...), r.title)
	b = appendOrNull(append(b, `,"description":`...), r.description)
	switch {
	case r.completed:
		b = append(b, `,"completed":true,"status":"completed","priority":"`...)
	case r.started:
		b = append(b, `,"completed":false,"status":"in_progress","priority":"`...)
	default:
		b = append(b, `,"completed":false,"status":"pending","priority":"`...)
	}
	b = append(b, priorities[r.priority]...)
	b = appendOrNull(append(b, `","due_date":`...), r.due)
	b = appendOrNull(append(b, `,"timezone":`...), r.zone)
	b = appendTags(append(b, `,"tags":`...), r.tags)
	b = append(b, `,"recurrence_rule":null,"is_recurring":false,"recurrence_pattern":null,"recurrence_interval":null,"recurrence_end_date":null,"repeat_from":"`...)
	b = append(append(b, repeats[r.repeatFrom]...), `","parent_task_id":`...)
	if r.hasParent {
		b = append(appendUUID(append(b, '"'), r.parent), '"')
	} else {
		b = append(b, "null"...)
	}
	b = appendOrNull(append(b, `,"remind_at":`...), r.remind)
	b = append(b, `,"completed_at":`...)
	switch {
	case !r.completed:
		b = append(b, "null"...)
	case r.completedAt == 0:
		b = appendTime(b, r.updated)
	default:
		b = appendTime(b, r.completedAt)
	}
	b = appendTime(append(b, `,"created_at":`...), r.created)
	b = appendTime(append(b, `,"updated_at":`...), r.updated)
	return append(b, '}')
}

func appendOrNull(b, text []byte) []byte {
	if text == nil {
		return append(b, "null"...)
	}
	return appendText(b, text)
}

// appendTags appends an array of texts without white space between them, which Postgres writes.
func appendTags(b, tags []byte) []byte {
	if bytes.IndexByte(tags, '\\') >= 0 {
		var texts []string
		_ = json.Unmarshal(tags, &texts) // it was JSON when it was stored
		return appendTexts(b, texts)
	}
	inText := false
	for _, c := range tags {
		if c == '"' {
			inText = !inText
		}
		if c != ' ' || inText {
			b = append(b, c)
		}
	}
	return b
}

func appendTexts(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, text)
	}
	return append(b, ']')
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
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
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
func appendTime(b []byte, micro int64) []byte {
	t := time.UnixMicro(micro).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b = appendTwo(appendTwo(append(b, '"'), year/100), year%100)
	b = appendTwo(append(b, '-'), int(month))
	b = appendTwo(append(b, '-'), day)
	b = appendTwo(append(b, 'T'), hour)
	b = appendTwo(append(b, ':'), minute)
	b = appendTwo(append(b, ':'), second)
	below := t.Nanosecond() / 1000
	b = appendTwo(append(b, '.'), below/10000)
	b = appendTwo(appendTwo(b, below/100%100), below%100)
	return append(b, `Z"`...)
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
