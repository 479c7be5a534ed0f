package middleware

import (
	"io"
	"sync"
	"time"
)

const (
	logBufferSize  = 16 << 10               // bytes
	logBufferDelay = 100 * time.Millisecond // how long a line waits for others
)

// A LogBuffer writes several lines at once: a system call for each would cost a
// busy service as much as making the line. It is safe for concurrent use.
type LogBuffer struct {
	w io.Writer

	mu    sync.Mutex
	lines []byte
}

// NewLogBuffer returns a buffer before w.
func NewLogBuffer(w io.Writer) *LogBuffer {
	return &LogBuffer{w: w, lines: make([]byte, 0, logBufferSize)}
}

// Write takes a line, which waits up to a tenth of a second; those before it
// are written when it finds no room. It never fails: there would be nobody to
// tell.
func (b *LogBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.lines)+len(line) > logBufferSize {
		b.flush()
	}
	if len(line) > logBufferSize {
		_, _ = b.w.Write(line)
		return len(line), nil
	}
	if len(b.lines) == 0 {
		time.AfterFunc(logBufferDelay, b.Flush)
	}
	b.lines = append(b.lines, line...)
	return len(line), nil
}

// Flush writes what is waiting.
func (b *LogBuffer) Flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flush()
}

func (b *LogBuffer) flush() {
	if len(b.lines) == 0 {
		return
	}
	_, _ = b.w.Write(b.lines)
	b.lines = b.lines[:0]
}
