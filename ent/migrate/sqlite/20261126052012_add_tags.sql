-- +goose Up
-- create "tags" table
CREATE TABLE `tags` (`id` uuid NOT NULL, `user_id` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `name` text NOT NULL, `color` text NULL, PRIMARY KEY (`id`));
-- create index "tag_user_id_name" to table: "tags"
CREATE UNIQUE INDEX `tag_user_id_name` ON `tags` (`user_id`, `name`);
