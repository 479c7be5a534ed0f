package middleware

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	logQueueSize  = 4 << 20                // bytes, some 20,000 lines
	logQueueDelay = 100 * time.Millisecond // how long a line waits for others in production
)

// NewLogger returns a logger that writes lines for people in development, and JSON for machines in production. Its lines go through
// the queue, which the caller closes.
func NewLogger(w io.Writer, production bool, level slog.Leveler) (*slog.Logger, *LogQueue) {
	options := &slog.HandlerOptions{Level: level}
	if !production {
		queue := NewLogQueue(w, 0)
		return slog.New(slog.NewTextHandler(queue, options)), queue
	}
	queue := NewLogQueue(w, logQueueDelay)
	return slog.New(slog.NewJSONHandler(queue, options)), queue
}

// LogQueue holds lines until they are written. Nobody waits for that: else requests would hang while whoever reads the log does not.
// A line that finds the queue full, or that can't be written, is dropped and counted. Lines are written together, for a system call
// for each would cost a busy service as much as making it. A LogQueue is safe for concurrent use.
type LogQueue struct {
	// Dropped counts lines.
	Dropped prometheus.Counter

	w     io.Writer
	delay time.Duration // how long a line waits for others
	size  int           // bytes that may wait

	mu      sync.Mutex
	waiting []byte // whole lines
	closed  bool

	some    chan struct{} // holds an element when lines wait
	closing chan struct{}
	ended   chan struct{}
}

// NewLogQueue returns a queue before w. A line waits for others as long as delay says.
func NewLogQueue(w io.Writer, delay time.Duration) *LogQueue {
	q := &LogQueue{
		Dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "log_lines_dropped_total",
			Help: "Lines of the log that could not be written, or not in time.",
		}),
		w: w, delay: delay, size: logQueueSize,
		some: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{}),
	}
	go q.run()
	return q
}

// Write takes whole lines. It neither waits nor fails.
func (q *LogQueue) Write(lines []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.waiting)+len(lines) > q.size {
		q.drop(lines)
		return len(lines), nil
	}
	q.waiting = append(q.waiting, lines...)
	select {
	case q.some <- struct{}{}:
	default:
	}
	return len(lines), nil
}

func (q *LogQueue) drop(lines []byte) { q.Dropped.Add(float64(bytes.Count(lines, []byte("\n")))) }

// Close writes what waits. It gives up after a time.
func (q *LogQueue) Close(timeout time.Duration) {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.closing)
	}
	q.mu.Unlock()
	select {
	case <-q.ended:
	case <-time.After(timeout):
	}
}

// run writes what waits, until the queue is closed.
func (q *LogQueue) run() {
	defer close(q.ended)
	var lines []byte
	for isLast := false; !isLast; {
		select {
		case <-q.some:
			q.gather()
		case <-q.closing:
		}
		lines, isLast = q.take(lines)
		if len(lines) == 0 {
			continue
		}
		if n, err := q.w.Write(lines); err != nil {
			q.drop(lines[n:])
		}
	}
}

// gather waits for more lines, so that they are written together.
func (q *LogQueue) gather() {
	if q.delay == 0 {
		return
	}
	select {
	case <-time.After(q.delay):
	case <-q.closing:
	}
}

// take returns the lines that wait, and whether they are the last. New ones go into the memory of those that were written.
func (q *LogQueue) take(written []byte) (lines []byte, isLast bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	lines, q.waiting = q.waiting, written[:0]
	return lines, q.closed
}
