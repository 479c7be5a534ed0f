package sqlite

import (
	"context"
	"database/sql"
	"sync"
)

// statementsKept is how many prepared statements a pool keeps. The service has some dozens that every
// client uses. Combinations of filters, orders and changed fields come on top, finitely many but more
// than that; what is beyond runs without being kept. As many lists on all readers take 25 MB.
const statementsKept = 128

// statements are the prepared statements of a pool, by their text. None is ever closed, so that
// none is closed while it is in use.
type statements struct {
	pool     *sql.DB
	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
}

func newStatements(pool *sql.DB) *statements {
	return &statements{pool: pool, prepared: map[string]*sql.Stmt{}}
}

// prepare returns the prepared statement of a text, or nil where there is no room for one more.
func (s *statements) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	kept, full := s.prepared[query], len(s.prepared) >= statementsKept
	s.mu.RUnlock()
	if kept != nil || full {
		return kept, nil
	}
	made, err := s.pool.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.prepared[query]; other != nil || len(s.prepared) >= statementsKept {
		return other, made.Close() //nolint:sqlclosecheck // the other is the one that is used
	}
	s.prepared[query] = made
	return made, nil
}

// kept returns the prepared statement of a text, or nil if there is none.
func (s *statements) kept(query string) *sql.Stmt {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.prepared[query]
}

// query runs a statement that returns rows.
func (s *statements) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	prepared, err := s.prepare(ctx, query) //nolint:sqlclosecheck // it is kept
	if err != nil {
		return nil, err
	}
	if prepared == nil {
		return s.pool.QueryContext(ctx, query, args...)
	}
	return prepared.QueryContext(ctx, args...)
}

// exec runs a statement that returns none.
func (s *statements) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	prepared, err := s.prepare(ctx, query) //nolint:sqlclosecheck // it is kept
	if err != nil {
		return nil, err
	}
	if prepared == nil {
		return s.pool.ExecContext(ctx, query, args...)
	}
	return prepared.ExecContext(ctx, args...)
}
