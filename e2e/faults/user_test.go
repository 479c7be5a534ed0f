//go:build faults

package faults

import (
	"database/sql"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestKilledWhileDeletingAUser kills user delete with -9 in the middle of a batch, beside a running service. Whole
// batches are gone then, the service serves, and the same command deletes the rest. The tasks of another user stay.
func TestKilledWhileDeletingAUser(t *testing.T) {
	t.Parallel()
	const batch = 1_000
	eachDatabase(t, func(t *testing.T, source string) {
		s := newService(t, source)
		s.start(t)
		l := newLoad(t, s.url(), 4, 2)
		l.run()
		l.awaitBack(10 * time.Second)
		l.stop()
		populate(t, source)
		pool := openBeside(t, source)
		left := func() int { return ask[int](t, pool, "SELECT count(*) FROM tasks WHERE user_id = 'crowd'") }

		release := holdUp(t, pool, source, crowd/2+batch/2)
		cmd := deletion(s)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); left() > crowd/2; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("after a minute %d tasks are left", left())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		release()
		// On Postgres the statement that was under way may be done by the server.
		if n := left(); n != crowd/2 && n != crowd/2-batch {
			t.Errorf("after the kill %d tasks are left, of %d", n, crowd)
		}
		openRaw(t, source).Close() // checks the file as it was left

		out, err := deletion(s).CombinedOutput()
		if err != nil || left() != 0 {
			t.Errorf("the next deletion leaves %d tasks: %v\n%s", left(), err, out)
		}
		if said := string(out); said != fmt.Sprintf("deleted 0 api_tokens, 0 tags, %d tasks\n", crowd/2) &&
			said != fmt.Sprintf("deleted 0 api_tokens, 0 tags, %d tasks\n", crowd/2-batch) {
			t.Errorf("it says %q", said)
		}
		l.check(t)
		l.run()
		l.awaitBack(10 * time.Second)
		l.stop()
		l.check(t)
	})
}

// deletion is the command that deletes the tasks of the crowd, with the settings of a service.
func deletion(s *service) *exec.Cmd {
	cmd := exec.Command(s.program, "user", "delete", "crowd")
	cmd.Dir, cmd.Env = folder, s.env
	return cmd
}

// openBeside opens the database of a running service.
func openBeside(t *testing.T, source string) *sql.DB {
	t.Helper()
	if url, ok := strings.CutPrefix(source, postgresSetting); ok {
		return openPool(t, "pgx", url)
	}
	return openPool(t, "sqlite", "file:"+strings.TrimPrefix(source, sqliteSetting)+"?_pragma=busy_timeout(30000)")
}

// holdUp blocks the deletion of the nth task of the crowd until release: on Postgres by a lock, on SQLite by a
// trigger that does not end.
func holdUp(t *testing.T, pool *sql.DB, source string, nth int) (release func()) {
	t.Helper()
	id := ask[string](t, pool, fmt.Sprintf("SELECT id FROM tasks WHERE user_id = 'crowd' ORDER BY id LIMIT 1 OFFSET %d", nth))
	if strings.HasPrefix(source, postgresSetting) {
		tx, err := pool.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), "SELECT id FROM tasks WHERE id = $1 FOR UPDATE", id); err != nil {
			t.Fatal(err)
		}
		return func() { _ = tx.Rollback() }
	}
	execute(t, pool, `CREATE TRIGGER held_up BEFORE DELETE ON tasks WHEN OLD.id = '`+id+`' BEGIN
		SELECT count(*) FROM (WITH RECURSIVE endless (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) SELECT n FROM endless); END`)
	return func() { execute(t, pool, "DROP TRIGGER held_up") }
}
