package sqlite

import "time"

// BusyTimeout is how long a statement waits for a lock.
const BusyTimeout = busyTimeout * time.Millisecond

// KeptStatements is how many statements stay prepared for readers.
func (d *Driver) KeptStatements() int { return len(d.reader.prepared) }

// SetWALLimit sets the size of the write-ahead log past which it is cut.
func (d *Driver) SetWALLimit(size int64) { d.wal.limit = size }

// WALTries is how often it was tried to cut the write-ahead log.
func (d *Driver) WALTries() int64 { return d.wal.count.Load() }
