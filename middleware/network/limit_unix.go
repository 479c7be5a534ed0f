//go:build linux || darwin

package network

import (
	"math"
	"syscall"
)

// maxFiles returns how many file descriptors the process may have. The Go runtime has raised the soft limit to the hard one when
// the process began.
func maxFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt32
	}
	return int(min(limit.Cur, math.MaxInt32))
}
