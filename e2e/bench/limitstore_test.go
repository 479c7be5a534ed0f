package bench

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// store is a database, so far as the two differ.
type store interface {
	// query hands every row to each, which may not keep it.
	query(each func(*row), statement string, args ...any) error
	// exec returns how many rows were changed.
	exec(statement string, args ...any) (int64, error)
	close()
	id(id uuid.UUID) any
	time(t time.Time) any
}

// row is a task as it is stored; its texts live as long as the row is not left. The owner is known from the token.
type row struct {
	id               uuid.UUID
	created, updated time.Time
	title            []byte
	description      []byte // nil: null
	completed        bool
}

// queries are the statements, each with the owner among its conditions.
type queries struct{ list, get, create, update, toggle, remove string }

const (
	limitColumns = "id, user_id, created_at, updated_at, title, description, completed"
	limitOne     = " WHERE id = $1 AND user_id = $2"
	limitLater   = "updated_at = GREATEST($3, updated_at + INTERVAL '1 microsecond')"
)

// postgresTables and sqliteTables are the limit's own tables, made as the program's were when it was last brought up to date.
var (
	postgresTables = []string{
		`CREATE TABLE tasks (id uuid PRIMARY KEY, user_id varchar NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
			title varchar NOT NULL, description text, completed boolean NOT NULL)`,
		"CREATE INDEX by_state ON tasks (user_id, completed, created_at, id)",
		"CREATE INDEX by_age ON tasks (user_id, created_at, id)",
	}
	sqliteTables = []string{
		`CREATE TABLE tasks (id uuid PRIMARY KEY NOT NULL, user_id text NOT NULL, created_at datetime NOT NULL, updated_at datetime NOT NULL,
			title text NOT NULL, description text, completed bool NOT NULL)`,
		"CREATE INDEX by_state ON tasks (user_id, completed, created_at, id)",
		"CREATE INDEX by_age ON tasks (user_id, created_at, id)",
	}
)

var postgresQueries = queries{
	list:   "SELECT " + limitColumns + " FROM tasks WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
	get:    "SELECT " + limitColumns + " FROM tasks" + limitOne,
	create: "INSERT INTO tasks (" + limitColumns + ") VALUES ($1, $2, $3, $3, $4, $5, $6)",
	update: "UPDATE tasks SET title = COALESCE($4, title), description = CASE WHEN $5 THEN $6 ELSE description END, " +
		"completed = COALESCE($7, completed), " + limitLater + limitOne + " RETURNING " + limitColumns,
	toggle: "UPDATE tasks SET completed = NOT completed, " + limitLater + limitOne + " RETURNING " + limitColumns,
	remove: "DELETE FROM tasks" + limitOne,
}

// sqliteQueries are the same in SQLite's words.
func sqliteQueries() queries {
	words := strings.NewReplacer("$", "?", "GREATEST", "MAX", "INTERVAL '1 microsecond'", "1")
	q := postgresQueries
	for _, s := range q.all() {
		*s = words.Replace(*s)
	}
	return q
}

func (q *queries) all() []*string {
	return []*string{&q.list, &q.get, &q.create, &q.update, &q.toggle, &q.remove}
}

// pgxStore is Postgres through the driver's own pool and interface.
type pgxStore struct{ pool *pgxpool.Pool }

// newPgxStore has as many connections as the program. The deadline of a request is the server's to keep.
func newPgxStore(ctx context.Context, url string) (pgxStore, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return pgxStore{}, err
	}
	c.MaxConns, c.MinConns = 16, 16
	c.ConnConfig.RuntimeParams["statement_timeout"] = "10s"
	pool, err := pgxpool.NewWithConfig(ctx, c)
	return pgxStore{pool}, err
}

func (s pgxStore) query(each func(*row), statement string, args ...any) error {
	rows, err := s.pool.Query(context.Background(), statement, args...)
	if err != nil {
		return err
	}
	var r row
	var title, description pgtype.DriverBytes
	targets := []any{(*[16]byte)(&r.id), nil, &r.created, &r.updated, &title, &description, &r.completed}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			rows.Close()
			return err
		}
		r.title, r.description = title, description
		each(&r)
	}
	return rows.Err()
}

func (s pgxStore) exec(statement string, args ...any) (int64, error) {
	done, err := s.pool.Exec(context.Background(), statement, args...)
	return done.RowsAffected(), err
}

func (s pgxStore) close() { s.pool.Close() }

func (pgxStore) id(id uuid.UUID) any { return [16]byte(id) }

func (pgxStore) time(t time.Time) any { return t }

// sqliteStore is SQLite with one connection that writes and several that read, and every statement prepared.
type sqliteStore struct {
	writer, reader *sql.DB
	statements     map[string]*sql.Stmt
}

func newSQLiteStore(ctx context.Context, path string, q queries) (sqliteStore, error) {
	writer, err := openSQLite(path, 1)
	if err != nil {
		return sqliteStore{}, err
	}
	reader, err := openSQLite(path, 8)
	if err != nil {
		return sqliteStore{}, err
	}
	s := sqliteStore{writer, reader, map[string]*sql.Stmt{}}
	for _, statement := range q.all() {
		pool := writer
		if strings.HasPrefix(*statement, "SELECT") {
			pool = reader
		}
		prepared, err := pool.PrepareContext(ctx, *statement) //nolint:sqlclosecheck // it closes with the pool
		if err != nil {
			return sqliteStore{}, err
		}
		s.statements[*statement] = prepared
	}
	return s, nil
}

// openSQLite sets the pragmas that the program sets. Times stay the integers that they are stored as.
func openSQLite(path string, conns int) (*sql.DB, error) {
	query := url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
		"_txlock": {"immediate"},
	}
	pool, err := sql.Open("sqlite", "file:"+path+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

func (s sqliteStore) query(each func(*row), statement string, args ...any) error {
	rows, err := s.statements[statement].QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var r row
	var id, user, title, description sql.RawBytes
	var created, updated int64
	targets := []any{&id, &user, &created, &updated, &title, &description, &r.completed}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if r.id, err = uuid.ParseBytes(id); err != nil {
			return err
		}
		r.created, r.updated = time.UnixMicro(created), time.UnixMicro(updated)
		r.title, r.description = title, description
		each(&r)
	}
	return rows.Err()
}

func (s sqliteStore) exec(statement string, args ...any) (int64, error) {
	done, err := s.statements[statement].ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

func (s sqliteStore) close() {
	s.reader.Close()
	s.writer.Close()
}

func (sqliteStore) id(id uuid.UUID) any { return id.String() }

func (sqliteStore) time(t time.Time) any { return t.UnixMicro() }
