package resource

import (
	"context"
	"io"

	"todo-backend/ent/stmt"
)

const (
	exportPage  = 500   // rows that an export reads at a time
	deleteBatch = 1_000 // rows that one statement deletes
)

// Owned is what the viewer of a context owns of one entity: the policy shows nothing else. The generator
// makes the list of all entities.
type Owned struct {
	Name, Plural string // "task", "tasks"

	// Export writes each row as a JSON object on a line of its own, the oldest first: the name of the
	// entity, the fields of answers, and those that an export alone has. It holds one page of the rows in
	// memory and writes whole lines. It returns how many it wrote.
	Export func(ctx context.Context, w io.Writer) (rows int, err error)
	// Delete deletes the rows in batches, the oldest first, so that others can write in between. What is
	// deleted when it fails, or is killed, stays deleted. It returns how many rows that are.
	Delete func(ctx context.Context) (rows int, err error)
}

// NewOwned returns what the viewer owns of an entity.
func NewOwned[E, M any](entity Entity[E, M], store Store[E, M]) Owned {
	return Owned{
		Name:   entity.Name,
		Plural: entity.Plural,
		Export: func(ctx context.Context, w io.Writer) (int, error) { return export(ctx, entity, store, w) },
		Delete: func(ctx context.Context) (int, error) { return deleteOwned(ctx, entity, store) },
	}
}

var byID = stmt.KeysetByID(columnID)

func export[E, M any](ctx context.Context, entity Entity[E, M], store Store[E, M], w io.Writer) (written int, err error) {
	var after []stmt.Cond
	var lines []byte
	for {
		rows, _, err := store.List(ctx, Query{Order: byID.Order(false), Page: stmt.Page{After: after, Limit: exportPage}})
		if err != nil {
			return written, err
		}
		lines = lines[:0]
		for _, e := range rows {
			lines = appendLine(lines, &entity, e)
		}
		if _, err := w.Write(lines); err != nil {
			return written, err
		}
		written += len(rows)
		if len(rows) < exportPage {
			return written, nil
		}
		after = []stmt.Cond{byID.After(false, nil, entity.ID(rows[len(rows)-1]))}
	}
}

// appendLine appends a row as an export has it.
func appendLine[E, M any](b []byte, entity *Entity[E, M], e *E) []byte {
	b = AppendString(append(b, `{"entity":`...), entity.Name)
	for _, fields := range [][]Field[E, M]{entity.Fields, entity.Exported} {
		for i := range fields {
			f := &fields[i]
			if f.Append == nil || f.OnlyAliased {
				continue
			}
			b = append(AppendString(append(b, ','), f.Name), ':')
			b = f.Append(b, e)
		}
	}
	return append(b, '}', '\n')
}

func deleteOwned[E, M any](ctx context.Context, entity Entity[E, M], store Store[E, M]) (deleted int, err error) {
	var after []stmt.Cond // where the next batch begins: rows that were deleted may be in the index for a while
	for {
		last, _, err := store.List(ctx, Query{
			Order: byID.Order(false), Page: stmt.Page{After: after, Limit: 1, Offset: deleteBatch - 1},
		})
		if err != nil {
			return deleted, err
		}
		if len(last) == 0 {
			n, err := store.DeleteAll(ctx)
			return deleted + n, err
		}
		id := entity.ID(last[0])
		n, err := store.DeleteAll(ctx, append(after, stmt.Where(stmt.SQL(`"`+columnID+`" <= ?`), id))...)
		deleted += n
		if err != nil {
			return deleted, err
		}
		after = []stmt.Cond{byID.After(false, nil, id)}
	}
}
