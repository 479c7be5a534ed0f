package database

// MigrateSQLite and MigratePostgres let tests run migrations of their own.
var (
	MigrateSQLite   = migrateSQLite
	MigratePostgres = migratePostgres
)
