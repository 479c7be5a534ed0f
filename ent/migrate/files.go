// Package migrate holds the migrations.
package migrate

import "embed"

// Files holds the migrations, versioned SQL in goose's format, in a folder for each database: postgres and sqlite. They
// only go forward. go run ./ent/migrate/diff writes the next ones.
//
//go:embed postgres/*.sql sqlite/*.sql
var Files embed.FS
