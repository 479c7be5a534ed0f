package database

// Reserve lets tests have several statements under way in a pool of their own.
var Reserve = reserve

// CreateTable finds the tables that a migration creates.
var CreateTable = createTable

// MigrateSQLite and MigratePostgres let tests run migrations of their own.
var (
	MigrateSQLite   = migrateSQLite
	MigratePostgres = migratePostgres
)
