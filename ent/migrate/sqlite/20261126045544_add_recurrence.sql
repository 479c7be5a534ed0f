-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_tasks" table
CREATE TABLE `new_tasks` (`id` uuid NOT NULL, `user_id` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `title` text NOT NULL, `description` text NULL, `completed` bool NOT NULL DEFAULT (false), `started` bool NOT NULL DEFAULT (false), `priority` integer NOT NULL DEFAULT ('3'), `due_date` text NULL, `timezone` text NULL, `tags` json NOT NULL DEFAULT '[]', `recurrence_rule` text NULL, `repeat_from` integer NOT NULL DEFAULT ('0'), `parent_task_id` uuid NULL, `series_start` text NULL, `series_day` text NULL, `previous_task_id` uuid NULL, `remind_at` text NULL, `completed_at` datetime NULL, `extra` json NULL, `due_begin` datetime NULL, `due_end` datetime NULL, `folded_title` text NULL, `folded_description` text NULL, `folded_tags` json NULL, `derived_at` datetime NULL, PRIMARY KEY (`id`));
-- copy rows from old table "tasks" to new temporary table "new_tasks"
INSERT INTO `new_tasks` (`id`, `user_id`, `created_at`, `updated_at`, `title`, `description`, `completed`, `started`, `priority`, `due_date`, `timezone`, `tags`, `remind_at`, `completed_at`, `extra`, `due_begin`, `due_end`, `folded_title`, `folded_description`, `folded_tags`, `derived_at`) SELECT `id`, `user_id`, `created_at`, `updated_at`, `title`, `description`, `completed`, `started`, `priority`, `due_date`, `timezone`, `tags`, `remind_at`, `completed_at`, `extra`, `due_begin`, `due_end`, `folded_title`, `folded_description`, `folded_tags`, `derived_at` FROM `tasks`;
-- drop "tasks" table after copying rows
DROP TABLE `tasks`;
-- rename temporary table "new_tasks" to "tasks"
ALTER TABLE `new_tasks` RENAME TO `tasks`;
-- create index "task_user_id_id" to table: "tasks"
CREATE INDEX `task_user_id_id` ON `tasks` (`user_id`, `id`);
-- create index "task_previous_task_id" to table: "tasks"
CREATE UNIQUE INDEX `task_previous_task_id` ON `tasks` (`previous_task_id`) WHERE previous_task_id IS NOT NULL;
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
