package stmt

import (
	"context"
	"errors"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
)

// Query runs a statement and hands every row to scan.
func Query(ctx context.Context, driver dialect.ExecQuerier, text string, args []any, scan func(*sql.Rows) error) (err error) {
	rows := &sql.Rows{}
	if err := driver.Query(ctx, text, args, rows); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Scanner makes entities of rows.
type Scanner[T any] struct {
	row     *T    // what a row is scanned into; copied for each entity
	targets []any // its fields, behind the count if there is one
	counted bool
	block   []T // where the next entities are put
	nodes   []*T
}

// maxBlock is how many entities are allocated at once.
const maxBlock = 64

// NewScanner returns a scanner that scans into targets, which are fields of row. It expects at most
// limit rows; 0: nobody knows.
func NewScanner[T any](row *T, targets []any, limit int) *Scanner[T] {
	if limit <= 0 || limit > maxBlock {
		limit = maxBlock
	}
	return &Scanner[T]{row: row, targets: targets, block: make([]T, 0, limit), nodes: make([]*T, 0, limit)}
}

// Count has the scanner read rows of [Table.SelectCounted], and set total.
func (s *Scanner[T]) Count(total *int) {
	s.targets, s.counted = append([]any{total}, s.targets...), true
}

// Scan adds the entity of a row.
func (s *Scanner[T]) Scan(rows *sql.Rows) error {
	if s.counted && len(s.nodes) == 0 {
		if empty, err := s.isEmpty(rows); empty || err != nil {
			return err
		}
	}
	if err := rows.Scan(s.targets...); err != nil {
		return err
	}
	if len(s.block) == cap(s.block) {
		s.block = make([]T, 0, cap(s.block))
	}
	s.block = append(s.block, *s.row)
	s.nodes = append(s.nodes, &s.block[len(s.block)-1])
	return nil
}

// isEmpty reports whether the row is the count of an empty page: it has nulls beside, the id, which
// is the first column, among them.
func (s *Scanner[T]) isEmpty(rows *sql.Rows) (bool, error) {
	id := &nullTarget{}
	targets := []any{s.targets[0], id}
	for range s.targets[len(targets):] {
		targets = append(targets, &nullTarget{})
	}
	err := rows.Scan(targets...)
	return id.null, err
}

// nullTarget is a target that notes whether a value is null.
type nullTarget struct{ null bool }

// Scan takes a value that a driver read.
func (t *nullTarget) Scan(read any) error {
	t.null = read == nil
	return nil
}

// Nodes are the entities, in the order of their rows.
func (s *Scanner[T]) Nodes() []*T { return s.nodes }
