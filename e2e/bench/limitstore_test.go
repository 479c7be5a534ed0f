package bench

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
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
	// time takes microseconds since 1970.
	time(micro int64) any
}

// row is a task as it is stored, as far as answers need it. Its texts are nil where they are null, and live as long as the row is not
// left. Times are microseconds since 1970. The owner is known from the token.
type row struct {
	id                            uuid.UUID
	created, updated, derived     int64
	completedAt                   int64 // 0: null
	title, description, due, zone []byte
	tags                          []byte // JSON
	rule, remind                  []byte
	parent                        uuid.UUID
	completed, started, hasParent bool
	priority, repeatFrom          int64
}

// limitColumns are those that the program reads.
const limitColumns = `"id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", ` +
	`"timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", ` +
	`"completed_at", "extra", "due_begin", "derived_at"`

// The places of columns in limitColumns.
const (
	atID          = 0
	atCreated     = 2
	atUpdated     = 3
	atTitle       = 4
	atDescription = 5
	atCompleted   = 6
	atStarted     = 7
	atPriority    = 8
	atDue         = 9
	atZone        = 10
	atTags        = 11
	atRule        = 12
	atRepeatFrom  = 13
	atParent      = 14
	atRemind      = 18
	atCompletedAt = 19
	atDerived     = 22

	columnCount = 23
)

// postgresTables and sqliteTables are the limit's own table, made as the program's was when it was last brought up to date.
var (
	postgresTables = []string{
		`CREATE TABLE tasks (id uuid PRIMARY KEY, user_id varchar NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
			title varchar NOT NULL, description text, completed boolean NOT NULL DEFAULT false, priority smallint NOT NULL DEFAULT 3,
			started boolean NOT NULL DEFAULT false, due_date varchar, timezone varchar, tags jsonb NOT NULL DEFAULT '[]', remind_at varchar,
			completed_at timestamptz, extra jsonb, due_begin timestamptz, due_end timestamptz, folded_title text, folded_description text,
			folded_tags jsonb, derived_at timestamptz, recurrence_rule varchar, repeat_from smallint NOT NULL DEFAULT 0, parent_task_id uuid,
			series_start varchar, series_day varchar, previous_task_id uuid)`,
		"CREATE INDEX by_age ON tasks (user_id, id)",
		"CREATE UNIQUE INDEX by_previous ON tasks (previous_task_id) WHERE previous_task_id IS NOT NULL",
	}
	sqliteTables = []string{
		`CREATE TABLE tasks (id uuid PRIMARY KEY NOT NULL, user_id text NOT NULL, created_at datetime NOT NULL, updated_at datetime NOT NULL,
			title text NOT NULL, description text, completed bool NOT NULL DEFAULT false, started bool NOT NULL DEFAULT false,
			priority integer NOT NULL DEFAULT 3, due_date text, timezone text, tags json NOT NULL DEFAULT '[]', recurrence_rule text,
			repeat_from integer NOT NULL DEFAULT 0, parent_task_id uuid, series_start text, series_day text, previous_task_id uuid,
			remind_at text, completed_at datetime, extra json, due_begin datetime, due_end datetime, folded_title text,
			folded_description text, folded_tags json, derived_at datetime)`,
		"CREATE INDEX by_age ON tasks (user_id, id)",
		"CREATE UNIQUE INDEX by_previous ON tasks (previous_task_id) WHERE previous_task_id IS NOT NULL",
	}
)

// queries are the statements, each with the owner among its conditions.
type queries struct {
	list, get, create, toggle, remove string
	updates                           [allFields + 1]string // by the fields that are set
}

// The fields that a change may name, as bits. A task is either done or reopened.
const (
	setTitle = 1 << iota
	setDescription
	setDone
	setOpen
	allFields = setTitle | setDescription | setDone | setOpen
)

// The parts of statements that change a task: $1 is the time, $2 the id and $3 the owner.
const (
	later      = `GREATEST($1, "updated_at" + INTERVAL '1 microsecond')`
	limitMove  = `UPDATE "tasks" SET "updated_at" = ` + later
	limitAfter = `, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN ` + later + ` ELSE "derived_at" END`
	keptDone   = `CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") `
	changedOne = ` "user_id" = $3 AND "id" = $2 RETURNING ` + limitColumns
)

func postgresQueries() queries {
	q := queries{
		list: `SELECT ` + limitColumns + ` FROM "tasks" WHERE "user_id" = $1 ORDER BY "id" DESC LIMIT $2`,
		get:  `SELECT ` + limitColumns + ` FROM "tasks" WHERE "id" = $1 AND "user_id" = $2`,
		create: `INSERT INTO "tasks" ("id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", ` +
			`"due_date", "timezone", "tags", "repeat_from", "completed_at", "due_begin", "due_end", "folded_title", "folded_description", ` +
			`"folded_tags", "derived_at") VALUES ($1, $2, $3, $3, $4, $5, $6, false, $7, $8, $9, $10, 0, $11, $12, $13, $14, $15, $16, $3)`,
		toggle: limitMove + `, "started" = false, "completed" = NOT "completed", "completed_at" = CASE WHEN NOT "completed" THEN ` + later + ` END` +
			limitAfter + ` WHERE ("recurrence_rule" IS NULL OR "completed") AND` + changedOne,
		remove: `DELETE FROM "tasks" WHERE "id" = $1 AND "user_id" = $2`,
	}
	for fields := range q.updates {
		q.updates[fields] = updateOf(fields)
	}
	return q
}

// updateOf is the statement that sets fields. Its arguments behind the first three are in the order of the bits.
func updateOf(fields int) string {
	last := 3
	arg := func() string { last++; return "$" + strconv.Itoa(last) }
	text, where := limitMove, " WHERE"
	if fields&setTitle != 0 {
		text += `, "title" = ` + arg() + `, "folded_title" = ` + arg()
	}
	if fields&setDescription != 0 {
		text += `, "description" = ` + arg() + `, "folded_description" = ` + arg()
	}
	switch {
	case fields&setDone != 0:
		text += `, "completed" = true, "started" = false, "completed_at" = ` + keptDone + `ELSE ` + later + ` END`
		where += ` "recurrence_rule" IS NULL AND`
	case fields&setOpen != 0:
		text += `, "completed" = false, "completed_at" = NULL`
	default:
		text += `, "completed_at" = ` + keptDone + `END`
	}
	return text + limitAfter + where + changedOne
}

// sqliteQueries are the same in SQLite's words.
func sqliteQueries() queries {
	words := strings.NewReplacer("$", "?", "GREATEST", "MAX", "INTERVAL '1 microsecond'", "1")
	q := postgresQueries()
	for _, s := range q.all() {
		*s = words.Replace(*s)
	}
	return q
}

func (q *queries) all() []*string {
	all := []*string{&q.list, &q.get, &q.create, &q.toggle, &q.remove}
	for i := range q.updates {
		all = append(all, &q.updates[i])
	}
	return all
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
	for rows.Next() {
		if err := r.decode(rows.RawValues()); err != nil {
			rows.Close()
			return err
		}
		each(&r)
	}
	return rows.Err()
}

// decode reads the values as pgx asks Postgres for them: texts and JSON as they are, all else in the binary format.
func (r *row) decode(values [][]byte) error {
	if len(values) != columnCount || len(values[atID]) != len(r.id) {
		return fmt.Errorf("a task of %d columns is none that the limit reads", len(values))
	}
	*r = row{
		id: uuid.UUID(values[atID]), created: instantOf(values[atCreated]), updated: instantOf(values[atUpdated]), derived: instantOf(values[atDerived]),
		completedAt: instantOf(values[atCompletedAt]),
		title:       values[atTitle], description: values[atDescription], due: values[atDue], zone: values[atZone], tags: values[atTags],
		rule: values[atRule], remind: values[atRemind],
		completed: values[atCompleted][0] != 0, started: values[atStarted][0] != 0,
		priority: int64(binary.BigEndian.Uint16(values[atPriority])), repeatFrom: int64(binary.BigEndian.Uint16(values[atRepeatFrom])),
	}
	if parent := values[atParent]; parent != nil {
		r.parent, r.hasParent = uuid.UUID(parent), true
	}
	return r.check()
}

// instantOf reads a time in the binary format: microseconds since the beginning of 2000.
func instantOf(value []byte) int64 {
	if value == nil {
		return 0
	}
	return int64(binary.BigEndian.Uint64(value)) + 946_684_800_000_000
}

var (
	errBehind = errors.New("an earlier release wrote the task, which the limit can't mend")
	errRule   = errors.New("the limit knows no tasks that come back")
)

// check looks for what makes the program do more than read the row.
func (r *row) check() error {
	switch {
	case r.derived != r.updated:
		return errBehind
	case r.rule != nil:
		return errRule
	}
	return nil
}

func (s pgxStore) exec(statement string, args ...any) (int64, error) {
	done, err := s.pool.Exec(context.Background(), statement, args...)
	return done.RowsAffected(), err
}

func (s pgxStore) close() { s.pool.Close() }

func (pgxStore) id(id uuid.UUID) any { return [16]byte(id) }

func (pgxStore) time(micro int64) any { return time.UnixMicro(micro) }

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

// value is a target for a column of any type, whose memory is used again for the next row.
type value struct {
	number int64
	text   []byte
	isNull bool
}

// Scan implements [sql.Scanner].
func (v *value) Scan(read any) error {
	v.isNull = read == nil
	switch read := read.(type) {
	case int64:
		v.number = read
	case string:
		v.text = append(v.text[:0], read...)
	case nil:
		v.number = 0
	default:
		return fmt.Errorf("a column is read as %T", read)
	}
	return nil
}

// orNull is the text, or nil.
func (v *value) orNull() []byte {
	if v.isNull {
		return nil
	}
	return v.text
}

// sqliteRow is what a row is scanned into.
type sqliteRow struct {
	values  [columnCount]value
	targets []any // its values
}

var sqliteRows = sync.Pool{New: func() any { return newSQLiteRow() }}

func newSQLiteRow() *sqliteRow {
	s := &sqliteRow{targets: make([]any, columnCount)}
	for i := range s.values {
		s.targets[i] = &s.values[i]
	}
	return s
}

func (s *sqliteRow) decode(r *row) error {
	v := &s.values
	id, err := uuid.ParseBytes(v[atID].text)
	*r = row{
		id: id, created: v[atCreated].number, updated: v[atUpdated].number, derived: v[atDerived].number,
		title: v[atTitle].text, description: v[atDescription].orNull(), due: v[atDue].orNull(), zone: v[atZone].orNull(), tags: v[atTags].text,
		rule: v[atRule].orNull(), remind: v[atRemind].orNull(),
		completed: v[atCompleted].number != 0, started: v[atStarted].number != 0,
		priority: v[atPriority].number, repeatFrom: v[atRepeatFrom].number,
	}
	if completed := &v[atCompletedAt]; !completed.isNull {
		r.completedAt = completed.number
	}
	if parent := &v[atParent]; !parent.isNull && err == nil {
		r.hasParent = true
		r.parent, err = uuid.ParseBytes(parent.text)
	}
	return errors.Join(err, r.check())
}

func (s sqliteStore) query(each func(*row), statement string, args ...any) error {
	rows, err := s.statements[statement].QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	read := sqliteRows.Get().(*sqliteRow)
	defer sqliteRows.Put(read)
	var r row
	for rows.Next() {
		if err := rows.Scan(read.targets...); err != nil {
			return err
		}
		if err := read.decode(&r); err != nil {
			return err
		}
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

func (sqliteStore) time(micro int64) any { return micro }
