package network

import (
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// idleWhenCrowded is how long a connection may be idle while too many are open.
	idleWhenCrowded = 5 * time.Second
	sweepInterval   = time.Second
)

// IdleConns knows the open connections of a server, and closes idle ones while there are many: whoever holds connections
// without using them would else keep others out until the idle timeout of each.
type IdleConns struct {
	many int // connections

	mu        sync.Mutex
	open      map[net.Conn]time.Time // since when each is idle; zero: a request is under way
	willSweep bool
}

// NewIdleConns returns a watch on connections. While more than many are open it closes those that have been idle for 5 seconds, the
// longest idle first.
func NewIdleConns(many int) *IdleConns { return &IdleConns{many: many, open: map[net.Conn]time.Time{}} }

// Observe takes the changes of a server's connections. It is a [fasthttp.Server]'s ConnState.
func (i *IdleConns) Observe(conn net.Conn, state fasthttp.ConnState) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch state {
	case fasthttp.StateNew, fasthttp.StateIdle:
		i.open[conn] = time.Now()
	case fasthttp.StateActive:
		i.open[conn] = time.Time{}
	default:
		delete(i.open, conn)
	}
	i.plan()
}

// plan has sweep run in a moment if too many connections are open. It is called with the lock.
func (i *IdleConns) plan() {
	if len(i.open) > i.many && !i.willSweep {
		i.willSweep = true
		time.AfterFunc(sweepInterval, i.sweep)
	}
}

// sweep ends as many idle connections as there are too many, and runs again as long as there are.
//
// It does so by a read deadline in the past, not by closing them: a request that arrives at the same moment is then either read
// and answered, or nothing of it is done.
func (i *IdleConns) sweep() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.willSweep = false
	longIdle := time.Now().Add(-idleWhenCrowded)
	idle := slices.DeleteFunc(slices.Collect(maps.Keys(i.open)), func(conn net.Conn) bool {
		since := i.open[conn]
		return since.IsZero() || since.After(longIdle)
	})
	slices.SortFunc(idle, func(a, b net.Conn) int { return i.open[a].Compare(i.open[b]) })
	tooMany := max(len(i.open)-i.many, 0)
	for _, conn := range idle[:min(tooMany, len(idle))] {
		_ = conn.SetReadDeadline(time.Unix(1, 0)) // an error means that it is closed already
	}
	i.plan()
}
