-- +goose Up
-- create "tags" table
CREATE TABLE "tags" ("id" uuid NOT NULL, "user_id" character varying NOT NULL, "created_at" timestamptz NOT NULL, "updated_at" timestamptz NOT NULL, "name" character varying NOT NULL, "color" character varying NULL, PRIMARY KEY ("id"));
-- create index "tag_user_id_name" to table: "tags"
CREATE UNIQUE INDEX "tag_user_id_name" ON "tags" ("user_id", "name");
