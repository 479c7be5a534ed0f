-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_tasks" table
CREATE TABLE `new_tasks` (`id` uuid NOT NULL, `user_id` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `title` text NOT NULL, `description` text NULL, `completed` bool NOT NULL DEFAULT (false), `started` bool NOT NULL DEFAULT (false), `priority` integer NOT NULL DEFAULT ('3'), `due_date` text NULL, `timezone` text NULL, `tags` json NOT NULL DEFAULT '[]', `remind_at` text NULL, `completed_at` datetime NULL, `extra` json NULL, `due_begin` datetime NULL, `due_end` datetime NULL, `folded_title` text NULL, `folded_description` text NULL, `folded_tags` json NULL, `derived_at` datetime NULL, PRIMARY KEY (`id`));
-- copy rows from old table "tasks" to new temporary table "new_tasks"
INSERT INTO `new_tasks` (`id`, `user_id`, `created_at`, `updated_at`, `title`, `description`, `completed`, `priority`) SELECT `id`, `user_id`, `created_at`, `updated_at`, `title`, `description`, `completed`, `priority` FROM `tasks`;
-- drop "tasks" table after copying rows
DROP TABLE `tasks`;
-- rename temporary table "new_tasks" to "tasks"
ALTER TABLE `new_tasks` RENAME TO `tasks`;
-- create index "task_user_id_id" to table: "tasks"
CREATE INDEX `task_user_id_id` ON `tasks` (`user_id`, `id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
-- a task that an earlier release completed was completed at its last change
UPDATE "tasks" SET "completed_at" = "updated_at" WHERE "completed";
