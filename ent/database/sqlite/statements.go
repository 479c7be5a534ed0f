package sqlite

import (
	"context"
	"database/sql"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// statementsKept is how many prepared statements a pool keeps, the latest used. The service has a few dozen, times the limits
// that its clients choose.
const statementsKept = 128

// statementGrace is how long a statement that is no longer kept stays open for who has just got it.
const statementGrace = time.Minute

// statements are the prepared statements of a pool, by their text.
type statements struct {
	pool     *sql.DB
	prepared *lru.Cache[string, *sql.Stmt]
}

func newStatements(pool *sql.DB) *statements {
	prepared, err := lru.NewWithEvict(statementsKept, func(_ string, old *sql.Stmt) {
		time.AfterFunc(statementGrace, func() { _ = old.Close() })
	})
	if err != nil {
		panic(err) // of a size that is none
	}
	return &statements{pool, prepared}
}

// prepare returns the prepared statement of a text, to be used at once.
func (s *statements) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if kept, ok := s.prepared.Get(query); ok {
		return kept, nil
	}
	made, err := s.pool.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if other, ok, _ := s.prepared.PeekOrAdd(query, made); ok {
		return other, made.Close() //nolint:sqlclosecheck // the other is the one that is used
	}
	return made, nil
}

// query runs a statement that returns rows. One with an offset is not prepared to be kept: clients choose from two billion.
func (s *statements) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	if strings.Contains(query, " OFFSET ") {
		return s.pool.QueryContext(ctx, query, args...)
	}
	prepared, err := s.prepare(ctx, query) //nolint:sqlclosecheck // it is kept
	if err != nil {
		return nil, err
	}
	return prepared.QueryContext(ctx, args...)
}
