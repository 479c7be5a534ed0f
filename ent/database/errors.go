package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// IsUnavailable reports whether err says that the database can't do its work at the moment, as opposed to a statement
// that is wrong: it does not answer or does not let us in, is starting or stopping, has no room, or its time is up.
func IsUnavailable(err error) bool {
	for _, broken := range []error{context.DeadlineExceeded, driver.ErrBadConn, sql.ErrConnDone, io.ErrUnexpectedEOF} {
		if errors.Is(err, broken) {
			return true
		}
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		return isUnavailableCode(refusal.Code)
	}
	if refusal, ok := errors.AsType[*sqlite.Error](err); ok {
		return isUnavailableResult(refusal.Code())
	}
	_, ok := errors.AsType[net.Error](err)
	return ok || pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

// readOnly is read_only_sql_transaction: a primary has become a replica.
const readOnly = "25006"

// isUnavailableCode reads a SQLSTATE (PostgreSQL documentation, appendix A): connection exception, invalid authorization and
// unknown database (a pooler may say so in the middle of a session), transaction rollback (serialization, deadlock), insufficient
// resources, operator intervention (shutdown, statement timeout), system error.
func isUnavailableCode(code string) bool {
	for _, class := range []string{"08", "28", "3D", "40", "53", "57", "58"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return code == readOnly
}

// isUnavailableResult reads a SQLite result code, the primary one in its low byte (https://sqlite.org/rescode.html).
func isUnavailableResult(code int) bool {
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL:
		return true
	}
	return false
}
