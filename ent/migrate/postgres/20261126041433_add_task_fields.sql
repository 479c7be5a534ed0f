-- +goose Up
-- modify "tasks" table
ALTER TABLE "tasks" ADD COLUMN "started" boolean NOT NULL DEFAULT false, ADD COLUMN "due_date" character varying NULL, ADD COLUMN "timezone" character varying NULL, ADD COLUMN "tags" jsonb NOT NULL DEFAULT '[]', ADD COLUMN "remind_at" character varying NULL, ADD COLUMN "completed_at" timestamptz NULL, ADD COLUMN "extra" jsonb NULL, ADD COLUMN "due_begin" timestamptz NULL, ADD COLUMN "due_end" timestamptz NULL, ADD COLUMN "folded_title" text NULL, ADD COLUMN "folded_description" text NULL, ADD COLUMN "folded_tags" jsonb NULL, ADD COLUMN "derived_at" timestamptz NULL;
-- a task that an earlier release completed was completed at its last change
UPDATE "tasks" SET "completed_at" = "updated_at" WHERE "completed";
