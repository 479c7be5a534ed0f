package network

import (
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fasthttp"
)

// watched is a connection whose read deadline is watched.
type watched struct {
	net.Conn
	number int
	ended  chan<- int
}

func (w watched) SetReadDeadline(end time.Time) error {
	if end.Before(time.Now()) {
		w.ended <- w.number
	}
	return nil
}

// TestIdleConnectionsMakeRoom opens connections, one after the other, has each do a request, and looks at which are ended.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		open int
		busy []int // those whose request takes long
		wait time.Duration
		want []int
	}{
		{"as many as may be", 4, nil, time.Hour, nil},
		{"too many, but not idle for long", 6, nil, 4500 * time.Millisecond, nil},
		{"two too many", 6, nil, 10 * time.Second, []int{0, 1}},
		{"two too many, the first of them busy", 6, []int{0}, 10 * time.Second, []int{1, 2}},
		{"all busy", 6, []int{0, 1, 2, 3, 4, 5}, time.Hour, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ending := make(chan int, test.open)
				conns := NewIdleConns(4)
				for number := range test.open {
					conn := watched{number: number, ended: ending}
					conns.Observe(conn, fasthttp.StateNew)
					conns.Observe(conn, fasthttp.StateActive)
					if !slices.Contains(test.busy, number) {
						conns.Observe(conn, fasthttp.StateIdle)
					}
					time.Sleep(time.Millisecond)
				}
				var ended []int
				for end := time.After(test.wait); end != nil; {
					select {
					case number := <-ending:
						ended = append(ended, number)
						conns.Observe(watched{number: number, ended: ending}, fasthttp.StateClosed)
					case <-end:
						end = nil
					}
				}
				if !slices.Equal(ended, test.want) {
					t.Errorf("ended are %v, want %v", ended, test.want)
				}
				for number := range test.open { // so that no further look is planned
					conns.Observe(watched{number: number, ended: ending}, fasthttp.StateClosed)
				}
			})
		})
	}
}
