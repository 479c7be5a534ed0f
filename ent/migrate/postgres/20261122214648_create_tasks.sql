-- +goose Up
-- create "tasks" table
CREATE TABLE "tasks" ("id" uuid NOT NULL, "user_id" character varying NOT NULL, "created_at" timestamptz NOT NULL, "updated_at" timestamptz NOT NULL, "title" character varying NOT NULL, "description" text NULL, "completed" boolean NOT NULL DEFAULT false, PRIMARY KEY ("id"));
-- create index "task_user_id_completed_created_at_id" to table: "tasks"
CREATE INDEX "task_user_id_completed_created_at_id" ON "tasks" ("user_id", "completed", "created_at", "id");
-- create index "task_user_id_created_at_id" to table: "tasks"
CREATE INDEX "task_user_id_created_at_id" ON "tasks" ("user_id", "created_at", "id");
