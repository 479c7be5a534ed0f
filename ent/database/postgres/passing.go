package postgres

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// unreachable are errors of a network, a machine or a server that may be there in a moment.
var unreachable = []error{
	syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN,
	syscall.ENOENT, // the socket of a server that has not made it yet
	io.EOF, io.ErrUnexpectedEOF,
}

// MayPass reports whether Postgres can't be reached for a reason that may pass by itself: its name is
// not found, nobody listens, it takes too long, is starting or stopping, or has no connection left. A
// wrong password, an unknown database and what is wrong with TLS do not pass.
func MayPass(err error) bool {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		return isPassingCode(refusal.Code)
	}
	_, isName := errors.AsType[*net.DNSError](err)
	isUnreachable := slices.ContainsFunc(unreachable, func(kind error) bool { return errors.Is(err, kind) })
	return isName || isUnreachable || pgconn.Timeout(err)
}

// isPassingCode reads a SQLSTATE (PostgreSQL documentation, appendix A): connection exception,
// insufficient resources, and a server or pooler that is starting or stopping.
func isPassingCode(code string) bool {
	for _, class := range []string{"08", "53", "57P"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return false
}
