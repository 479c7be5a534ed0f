package database

import "database/sql"

// MigrateSQLite and MigratePostgres let tests run migrations of their own.
var (
	MigrateSQLite   = migrateSQLite
	MigratePostgres = migratePostgres
)

// OpenSQLiteDriver lets tests get at the connections of a driver that they use.
var OpenSQLiteDriver = openSQLiteDriver

// PostgresConns is how many connections to Postgres there may be.
const PostgresConns = postgresConns

// SQLitePools are the pools of writing and of reading connections that Open uses.
func SQLitePools(path string) (writer, reader *sql.DB, err error) {
	d, err := openSQLiteDriver(path)
	if err != nil {
		return nil, nil, err
	}
	return d.DB(), d.reader.pool, nil
}

// Kept is how many statements stay prepared for readers.
func (d *sqliteDriver) Kept() int { return d.reader.prepared.Len() }
