//go:build !unix

package pgtest

import "syscall"

// workplace: where there is no sh, only TEST_DATABASE_URL gives a server.
func workplace() (string, *syscall.SysProcAttr, error) {
	return "", nil, ErrNotFound
}
