-- +goose Up
-- create "api_tokens" table
CREATE TABLE `api_tokens` (`id` uuid NOT NULL, `user_id` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `name` text NOT NULL, `scope` integer NOT NULL, `prefix` text NOT NULL, `hash` text NOT NULL, `place` integer NOT NULL, `expires_at` datetime NULL, `last_used_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "api_tokens_hash_key" to table: "api_tokens"
CREATE UNIQUE INDEX `api_tokens_hash_key` ON `api_tokens` (`hash`);
-- create index "apitoken_user_id_place" to table: "api_tokens"
CREATE UNIQUE INDEX `apitoken_user_id_place` ON `api_tokens` (`user_id`, `place`);
