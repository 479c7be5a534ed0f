-- +goose Up
-- what the columns rest on that follow from others; see ent/database/derived.go
CREATE TABLE "derivations" ("name" text NOT NULL PRIMARY KEY, "value" text NOT NULL);
