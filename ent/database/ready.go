package database

import (
	"context"
	"fmt"
	"strings"
	"time"

	"todo-backend/ent"
)

// readyTimeout is how long Ready waits for the database.
const readyTimeout = 2 * time.Second

// Ready asks the database, with one statement, whether it has every table and column that this
// binary knows. Further ones are no error: a newer copy of the service may have migrated. Writes is
// false where the database takes no writes but answers reads. The database is asked once for all who
// want to know at the same time: they need no token, and would take all its connections.
func (d *Database) Ready(ctx context.Context) (writes bool, err error) {
	answer, err, _ := d.ready.Do("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
		defer cancel()
		return d.backend.Ready(ctx, readsNothing(ent.Tables()))
	})
	if err != nil {
		return false, fmt.Errorf("ask %s whether it is ready: %w", d.Name, err)
	}
	return answer.(bool), nil
}

// readsNothing is the WHERE clause of a query without tables. It reads all columns of the tables
// and no row, and is always true.
func readsNothing(tables []ent.Table) string {
	clauses := make([]string, len(tables))
	for i, table := range tables {
		columns := make([]string, len(table.Columns))
		for j, column := range table.Columns {
			columns[j] = quote(table.Name) + "." + quote(column) // without its table SQLite takes an unknown name for a text
		}
		clauses[i] = fmt.Sprintf("NOT EXISTS (SELECT %s FROM %s LIMIT 0)", strings.Join(columns, ", "), quote(table.Name))
	}
	return "WHERE " + strings.Join(clauses, " AND ")
}

func quote(identifier string) string { return `"` + identifier + `"` }
