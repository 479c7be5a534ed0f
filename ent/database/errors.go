package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"todo-backend/ent/database/postgres"
	"todo-backend/ent/database/sqlite"
)

// IsUnavailable reports whether err says that the database can't do its work at the moment, as
// opposed to a statement that is wrong: it does not answer or does not let us in, is starting or
// stopping, has no room, or its time is up.
func IsUnavailable(err error) bool {
	for _, broken := range []error{context.DeadlineExceeded, driver.ErrBadConn, sql.ErrConnDone, io.ErrUnexpectedEOF} {
		if errors.Is(err, broken) {
			return true
		}
	}
	if postgres.IsUnavailable(err) || sqlite.IsUnavailable(err) {
		return true
	}
	_, ok := errors.AsType[net.Error](err)
	return ok
}
