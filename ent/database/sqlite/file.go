package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
)

// errMoved is the error of a database whose file was removed, moved or replaced. SQLite goes on to
// write to the file that it has open, which nobody finds any more.
var errMoved = errors.New("not the file that was opened: put that one back, or restart the service to use what is there now")

// file is a database file and the write-ahead log beside it, as they were when they were opened.
type file struct {
	path   string
	target string // the path without links, beside which SQLite puts the log
	opened os.FileInfo

	wal atomic.Pointer[os.FileInfo] // nil: nothing was written yet
}

// openFile returns the file that is at a path, and makes it where there is none.
func openFile(path string) (*file, error) {
	path = filepath.Clean(path) // two slashes at the start would name a host
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	opened, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if opened.IsDir() {
		return nil, &os.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	return &file{path: path, target: target, opened: opened}, nil
}

// walPath is the path of the write-ahead log.
func (f *file) walPath() string { return f.target + "-wal" }

// makePrivate makes the file and its folder, where they are missing, for the service's own user
// alone. The files that SQLite puts beside it have its mode. A file that is there is not opened:
// closing it again would drop the locks that SQLite has on it.
func makePrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// check returns an error unless the file, and the log that was written to, are where they were. It
// returns the size of the log.
func (f *file) check() (walSize int64, err error) {
	if _, err := statSame(f.path, f.opened); err != nil {
		return 0, err
	}
	wal := f.wal.Load()
	if wal == nil {
		return 0, nil
	}
	now, err := statSame(f.walPath(), *wal)
	if err != nil {
		return 0, err
	}
	return now.Size(), nil
}

func statSame(path string, opened os.FileInfo) (os.FileInfo, error) {
	now, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w, %w", err, errMoved)
	}
	if !os.SameFile(opened, now) {
		return nil, fmt.Errorf("%s is %w", path, errMoved)
	}
	return now, nil
}

// alignModes gives the files that SQLite puts beside the database its mode, as SQLite does when it
// makes them. Those that were made while the database was read-only would stay so.
func (f *file) alignModes() {
	database, err := os.Stat(f.path)
	if err != nil {
		return
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Chmod(f.target+suffix, database.Mode().Perm()) // where it can't the next write says so
	}
}

// noteWritten notes which log was written to, after the first write of a connection.
func (f *file) noteWritten() {
	if f.wal.Load() != nil {
		return
	}
	if wal, err := os.Stat(f.walPath()); err == nil {
		f.wal.Store(&wal)
	}
}

// forgetWAL has the next write of a new connection say which log is written to: the last connection
// that closes removes it.
func (f *file) forgetWAL() { f.wal.Store(nil) }
