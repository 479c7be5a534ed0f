package database_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
)

// TestReady changes the schema under a client that knows another one.
func TestReady(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		for _, test := range []struct {
			name, change string
			isReady      bool
		}{
			{"as it was migrated", "SELECT 1", true},
			{"with one more column", "ALTER TABLE tasks ADD COLUMN colour text", true},
			{"with one more table", "CREATE TABLE lists (id integer)", true},
			{"without a column", "ALTER TABLE tasks RENAME COLUMN description TO details", false},
			{"with the column again", "ALTER TABLE tasks RENAME COLUMN details TO description", true},
			{"without a table", "ALTER TABLE tasks RENAME TO items", false},
			{"with the table again", "ALTER TABLE items RENAME TO tasks", true},
		} {
			raw.Must(t, test.change)
			writes, err := db.Ready(t.Context())
			if (err == nil) != test.isReady || writes != test.isReady {
				t.Errorf("%s: writes %v, %v", test.name, writes, err)
			}
		}
	})
}

// TestReadyAsksOnce has many ask at once, as anybody may: the database is asked over one connection.
func TestReadyAsksOnce(t *testing.T) {
	t.Parallel()
	db := databasetest.Postgres(t)
	errs := make(chan error)
	for range 200 {
		go func() {
			_, err := db.Ready(t.Context())
			errs <- err
		}()
	}
	for range 200 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(db.Pools)
	want := `
# HELP db_client_connections Connections to the database.
# TYPE db_client_connections gauge
db_client_connections{pool="postgres",state="idle"} 1
db_client_connections{pool="postgres",state="used"} 0
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "db_client_connections"); err != nil {
		t.Error(err)
	}
}
