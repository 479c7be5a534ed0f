-- +goose Up
-- modify "tasks" table
ALTER TABLE "tasks" ADD COLUMN "priority" smallint NOT NULL DEFAULT 3;
