package database

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"todo-backend/ent/fold"
	"todo-backend/ent/moment"
)

// Some columns of a task follow from others: the texts that a search compares, and the two instants of
// a due date. A release that does not know them leaves them behind, which derived_at tells; and the
// instants rest on the default time zone and on the data of all zones, which the table derivations
// notes. Derive brings them up to date, past the policies, for every user.

// derivedZones is the row of derivations that notes the zones.
const derivedZones = "zones"

// zones are the default zone and the fingerprints of all that the instants were made with.
type zones struct {
	Standard     string            `json:"standard"`
	Fingerprints map[string]string `json:"fingerprints"`
}

// derivedBatch is how many rows are brought up to date in one transaction.
const derivedBatch = 500

// Derived reports whether the columns that follow from others were ever made, and whether they were made
// with this default zone and the zones' data as it is now.
func (d *Database) Derived(ctx context.Context, standard *time.Location) (ever, current bool, err error) {
	noted, err := d.notedZones(ctx)
	if err != nil {
		return false, false, fmt.Errorf("read the zones of %s: %w", d.Name, err)
	}
	if noted == nil {
		return false, false, nil
	}
	current = noted.Standard == standard.String()
	for name, fingerprint := range noted.Fingerprints {
		zone, err := moment.Zone(name)
		current = current && err == nil && moment.Fingerprint(zone) == fingerprint
	}
	return true, current, nil
}

// Derive makes the columns that follow from others anew where they are behind; all due dates where the
// default zone or the data of zones has changed. It can run beside the service, and again after it was
// ended in between.
func (d *Database) Derive(ctx context.Context, standard *time.Location) error {
	if err := d.derive(ctx, standard); err != nil {
		return fmt.Errorf("derive columns of %s: %w", d.Name, err)
	}
	return nil
}

func (d *Database) derive(ctx context.Context, standard *time.Location) error {
	ever, current, err := d.Derived(ctx, standard)
	if err != nil {
		return err
	}
	if ever && !current {
		if _, err := d.writer.ExecContext(ctx, `UPDATE tasks SET derived_at = NULL WHERE due_date IS NOT NULL`); err != nil {
			return err
		}
	}
	last := ""
	for {
		next, err := d.deriveBatch(ctx, standard, last)
		if err != nil {
			return err
		}
		if next == "" {
			return d.noteZones(ctx, standard)
		}
		last = next
	}
}

// behind is a task whose columns are behind.
type behind struct {
	id            string
	updatedAt     any // as the driver reads and writes it
	title         string
	description   *string
	tags          []byte
	due, timezone *string
}

// deriveBatch brings the next tasks after an id up to date, and returns the id of the last; empty for
// none. A task that is changed meanwhile is left to whoever changes it.
func (d *Database) deriveBatch(ctx context.Context, standard *time.Location, last string) (string, error) {
	tx, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = tx.Rollback() }() // after a commit nothing
	tasks, err := d.findBehind(ctx, tx, last)
	if err != nil || len(tasks) == 0 {
		return "", err
	}
	for _, t := range tasks {
		if err := d.deriveTask(ctx, tx, t, standard); err != nil {
			return "", err
		}
	}
	return tasks[len(tasks)-1].id, tx.Commit()
}

func (d *Database) findBehind(ctx context.Context, tx *sql.Tx, last string) (tasks []behind, err error) {
	query := `SELECT id, updated_at, title, description, tags, due_date, timezone FROM tasks
		WHERE (derived_at IS NULL OR derived_at <> updated_at)`
	var args []any
	if last != "" {
		query, args = query+` AND id > ?`, append(args, last)
	}
	rows, err := tx.QueryContext(ctx, d.numbered(query+` ORDER BY id LIMIT `+strconv.Itoa(derivedBatch)), args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t behind
		if err := rows.Scan(&t.id, &t.updatedAt, &t.title, &t.description, &t.tags, &t.due, &t.timezone); err != nil {
			return nil, err
		}
		tasks = append(tasks, t)
	}
	return tasks, rows.Err()
}

func (d *Database) deriveTask(ctx context.Context, tx *sql.Tx, t behind, standard *time.Location) error {
	var tags []string
	if err := json.Unmarshal(t.tags, &tags); err != nil {
		return fmt.Errorf("read the tags of %s: %w", t.id, err)
	}
	for i, tag := range tags {
		tags[i] = fold.Fold(tag)
	}
	folded, err := json.Marshal(append([]string{}, tags...))
	if err != nil {
		return err
	}
	var description *string
	if t.description != nil {
		text := fold.Fold(*t.description)
		description = &text
	}
	begin, end := instants(t.due, t.timezone, standard)
	_, err = tx.ExecContext(ctx, d.numbered(`UPDATE tasks SET folded_title = ?, folded_description = ?, folded_tags = ?, due_begin = ?, due_end = ?,
		completed_at = CASE WHEN completed THEN COALESCE(completed_at, updated_at) END, derived_at = updated_at
		WHERE id = ? AND updated_at = ?`), fold.Fold(t.title), description, string(folded), begin, end, t.id, t.updatedAt)
	return err
}

// instants are those of a due date; nil without one.
func instants(due, timezone *string, standard *time.Location) (begin, end *time.Time) {
	if due == nil {
		return nil, nil
	}
	m, err := moment.Parse(*due)
	if err != nil {
		return nil, nil // a later release takes more
	}
	zone := standard
	if timezone != nil {
		if own, err := moment.Zone(*timezone); err == nil {
			zone = own
		}
	}
	from, to := m.Begin(zone), m.End(zone)
	return &from, &to
}

// notedZones are those of the last Derive; nil where there was none.
func (d *Database) notedZones(ctx context.Context) (*zones, error) {
	var text string
	err := d.Pool.QueryRowContext(ctx, d.numbered(`SELECT value FROM derivations WHERE name = ?`), derivedZones).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var noted zones
	err = json.Unmarshal([]byte(text), &noted)
	return &noted, err
}

// noteZones notes the zones that there are.
func (d *Database) noteZones(ctx context.Context, standard *time.Location) (err error) {
	noted := zones{standard.String(), map[string]string{standard.String(): moment.Fingerprint(standard)}}
	rows, err := d.Pool.QueryContext(ctx, `SELECT DISTINCT timezone FROM tasks WHERE timezone IS NOT NULL`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if zone, err := moment.Zone(name); err == nil {
			noted.Fingerprints[name] = moment.Fingerprint(zone)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	text, err := json.Marshal(noted)
	if err != nil {
		return err
	}
	_, err = d.writer.ExecContext(ctx, d.numbered(`INSERT INTO derivations (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`), derivedZones, string(text))
	return err
}

// numbered writes the arguments of a statement as the database takes them.
func (d *Database) numbered(query string) string {
	if !d.isPostgres {
		return query
	}
	var text strings.Builder
	n := 0
	for _, r := range query {
		if r == '?' {
			n++
			text.WriteString("$" + strconv.Itoa(n))
			continue
		}
		text.WriteRune(r)
	}
	return text.String()
}
