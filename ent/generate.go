// Package ent is the generated client of the database and, in schema, rule, viewer and template, what it is generated
// from.
package ent

//go:generate go run ./generate ./schema color fetch fragments resource save tables where
//go:generate go run ./generate ./generate/testdata/fixture/schema fetch fragments save where
