//go:build !linux && !darwin

package network

import "math"

// maxFiles returns that there is no limit of file descriptors.
func maxFiles() int { return math.MaxInt32 }
