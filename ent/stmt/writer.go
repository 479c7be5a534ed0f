package stmt

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"

	"entgo.io/ent/dialect"
)

// writer composes a statement: its text, and its arguments in the order of the text.
type writer struct {
	dialect string
	text    []byte
	args    []any
}

var writers = sync.Pool{New: func() any { return &writer{text: make([]byte, 0, 1024)} }}

// begin returns a writer with room for so many arguments.
func begin(name string, args int) *writer {
	w := writers.Get().(*writer)
	w.dialect, w.text, w.args = name, w.text[:0], make([]any, 0, args)
	return w
}

// end returns what was written. The writer must not be used any more.
func (w *writer) end() (text string, args []any) {
	text, args = intern(w.text), w.args
	w.args = nil
	writers.Put(w)
	return text, args
}

func (w *writer) write(parts ...string) {
	for _, part := range parts {
		w.text = append(w.text, part...)
	}
}

// comma separates a part from the one before it.
func (w *writer) comma(i int) {
	if i > 0 {
		w.text = append(w.text, ", "...)
	}
}

func (w *writer) arg(v any) {
	w.args = append(w.args, bound(w.dialect, v))
	if w.dialect != dialect.Postgres {
		w.text = append(w.text, '?')
		return
	}
	w.text = strconv.AppendInt(append(w.text, '$'), int64(len(w.args)), 10)
}

func (w *writer) fragment(f *fragment) {
	used := 0
	for text := f.in(w.dialect); text != ""; {
		before, p, after := cut(text)
		w.text = append(w.text, before...)
		switch p {
		case columnPlaceholder:
			w.write(`"`, f.name(), `"`)
		case argPlaceholder:
			if arg, ok := f.argument(used); ok {
				w.arg(arg)
			}
			used++
		}
		text = after
	}
	f.check(used)
}

// maxTexts is how many texts are kept. The code has some dozens, and combinations of filters and
// orders beside them, finitely many but more than that. Those beyond it are made for each call.
const maxTexts = 2048

// texts are the texts that were written before. The map is copied to add one, so that readers need
// no lock.
var texts struct {
	known atomic.Pointer[map[string]string]
	add   sync.Mutex
}

// intern returns the text as a string, without an allocation where it was written before.
func intern(text []byte) string {
	if known := texts.known.Load(); known != nil {
		if s, ok := (*known)[string(text)]; ok {
			return s
		}
		if len(*known) >= maxTexts {
			return string(text)
		}
	}
	return keep(string(text))
}

// keep adds a text.
func keep(text string) string {
	texts.add.Lock()
	defer texts.add.Unlock()
	more := map[string]string{}
	if known := texts.known.Load(); known != nil {
		more = maps.Clone(*known)
	}
	if len(more) < maxTexts {
		more[text] = text
		texts.known.Store(&more)
	}
	return text
}
