package postgres

import (
	"errors"
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// readOnly is read_only_sql_transaction: a primary has become a replica.
const readOnly = "25006"

// IsUnavailable reports whether err says that Postgres can't do its work at the moment, as opposed
// to a statement that is wrong: no connection could be made, or the server refuses for a reason
// that passes.
func IsUnavailable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		return isUnavailableCode(refusal.Code)
	}
	return pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

// isUnavailableCode reads a SQLSTATE (PostgreSQL documentation, appendix A): connection exception,
// invalid authorization and unknown database (a pooler may say so in the middle of a session),
// transaction rollback (serialization, deadlock), insufficient resources, operator intervention
// (shutdown, statement timeout), system error.
func isUnavailableCode(code string) bool {
	for _, class := range []string{"08", "28", "3D", "40", "53", "57", "58"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return code == readOnly
}

// ends are how the end of a connection shows.
var ends = []error{io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, pgconn.ErrConnClosed}

// IsCut reports whether err is the end of a connection that stood, as opposed to one that could not
// be made. The server may have done what it was asked, all the same.
func IsCut(err error) bool {
	if hasCode(err, "57P01", "57P02") { // admin_shutdown, crash_shutdown
		return true
	}
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	return !refused && slices.ContainsFunc(ends, func(end error) bool { return errors.Is(err, end) })
}

// hasCode reports whether the server refuses something with one of these SQLSTATEs.
func hasCode(err error, codes ...string) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(codes, refusal.Code)
}
