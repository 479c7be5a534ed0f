-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_tasks" table
CREATE TABLE `new_tasks` (`id` uuid NOT NULL, `user_id` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `title` text NOT NULL, `description` text NULL, `completed` bool NOT NULL DEFAULT (false), `priority` integer NOT NULL DEFAULT ('3'), PRIMARY KEY (`id`));
-- copy rows from old table "tasks" to new temporary table "new_tasks"
INSERT INTO `new_tasks` (`id`, `user_id`, `created_at`, `updated_at`, `title`, `description`, `completed`) SELECT `id`, `user_id`, `created_at`, `updated_at`, `title`, `description`, `completed` FROM `tasks`;
-- drop "tasks" table after copying rows
DROP TABLE `tasks`;
-- rename temporary table "new_tasks" to "tasks"
ALTER TABLE `new_tasks` RENAME TO `tasks`;
-- create index "task_user_id_created_at_id" to table: "tasks"
CREATE INDEX `task_user_id_created_at_id` ON `tasks` (`user_id`, `created_at`, `id`);
-- create index "task_user_id_completed_created_at_id" to table: "tasks"
CREATE INDEX `task_user_id_completed_created_at_id` ON `tasks` (`user_id`, `completed`, `created_at`, `id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
