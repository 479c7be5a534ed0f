-- +goose Up
-- create "api_tokens" table
CREATE TABLE "api_tokens" ("id" uuid NOT NULL, "user_id" character varying NOT NULL, "created_at" timestamptz NOT NULL, "updated_at" timestamptz NOT NULL, "name" character varying NOT NULL, "scope" smallint NOT NULL, "prefix" character varying NOT NULL, "hash" character varying NOT NULL, "place" smallint NOT NULL, "expires_at" timestamptz NULL, "last_used_at" timestamptz NULL, PRIMARY KEY ("id"));
-- create index "api_tokens_hash_key" to table: "api_tokens"
CREATE UNIQUE INDEX "api_tokens_hash_key" ON "api_tokens" ("hash");
-- create index "apitoken_user_id_place" to table: "api_tokens"
CREATE UNIQUE INDEX "apitoken_user_id_place" ON "api_tokens" ("user_id", "place");
