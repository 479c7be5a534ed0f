-- +goose Up
-- drop index "task_user_id_completed_created_at_id" from table: "tasks"
DROP INDEX "task_user_id_completed_created_at_id";
-- drop index "task_user_id_created_at_id" from table: "tasks"
DROP INDEX "task_user_id_created_at_id";
-- create index "task_user_id_id" to table: "tasks"
CREATE INDEX "task_user_id_id" ON "tasks" ("user_id", "id");
