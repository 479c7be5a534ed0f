package sqlite

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// IsUnavailable reports whether err says that SQLite can't do its work at the moment, as opposed to
// a statement that is wrong: the file is gone, locked or can't be written, the disk is full or
// broken. It reads the primary result code (https://sqlite.org/rescode.html).
func IsUnavailable(err error) bool {
	if errors.Is(err, errMoved) {
		return true
	}
	refusal, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch refusal.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL:
		return true
	}
	return false
}
