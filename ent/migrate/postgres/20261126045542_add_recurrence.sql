-- +goose Up
-- modify "tasks" table
ALTER TABLE "tasks" ADD COLUMN "recurrence_rule" character varying NULL, ADD COLUMN "repeat_from" smallint NOT NULL DEFAULT 0, ADD COLUMN "parent_task_id" uuid NULL, ADD COLUMN "series_start" character varying NULL, ADD COLUMN "series_day" character varying NULL, ADD COLUMN "previous_task_id" uuid NULL;
-- create index "task_previous_task_id" to table: "tasks"
CREATE UNIQUE INDEX "task_previous_task_id" ON "tasks" ("previous_task_id") WHERE (previous_task_id IS NOT NULL);
