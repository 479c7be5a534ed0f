-- GET /api/tasks
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1 AND ("id" < $2)
ORDER BY "id" DESC
LIMIT $3;

-- GET /api/tasks?limit=1&offset=1
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "id" DESC
LIMIT $2 OFFSET $3;

-- GET /api/tasks?limit=1&order=asc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "id"
LIMIT $2;

-- GET /api/tasks?limit=1&order=asc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1 AND ("id" > $2)
ORDER BY "id"
LIMIT $3;

-- GET /api/tasks?limit=1&sort=updated
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "updated_at" DESC, "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1&sort=updated&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1 AND (("updated_at", "id") < ($2, $3))
ORDER BY "updated_at" DESC, "id" DESC
LIMIT $4;

-- GET /api/tasks?limit=1&sort=updated&order=asc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "updated_at", "id"
LIMIT $2;

-- GET /api/tasks?limit=1&sort=updated&order=asc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1 AND (("updated_at", "id") > ($2, $3))
ORDER BY "updated_at", "id"
LIMIT $4;

-- GET /api/tasks?limit=1&sort=title
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "title" COLLATE "C", "id"
LIMIT $2;

-- GET /api/tasks?limit=1&sort=title&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1 AND (("title" COLLATE "C", "id") > ($2, $3))
ORDER BY "title" COLLATE "C", "id"
LIMIT $4;

-- GET /api/tasks?limit=1&sort=title&order=desc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "title" COLLATE "C" DESC, "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1&sort=title&order=desc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1 AND (("title" COLLATE "C", "id") < ($2, $3))
ORDER BY "title" COLLATE "C" DESC, "id" DESC
LIMIT $4;

-- GET /api/tasks?limit=1&sort=priority
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "priority", "id"
LIMIT $2;

-- GET /api/tasks?limit=1&sort=priority&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1 AND (("priority", "id") > ($2, $3))
ORDER BY "priority", "id"
LIMIT $4;

-- GET /api/tasks?limit=1&sort=priority&order=desc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "priority" DESC, "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1&sort=priority&order=desc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1 AND (("priority", "id") < ($2, $3))
ORDER BY "priority" DESC, "id" DESC
LIMIT $4;

-- GET /api/tasks?limit=1&status=pending
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = $1
ORDER BY "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1&status=pending&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = $1 AND ("id" < $2)
ORDER BY "id" DESC
LIMIT $3;

-- GET /api/tasks?status=completed
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE ("completed") AND "user_id" = $1
ORDER BY "id" DESC
LIMIT $2;

-- GET /api/tasks?priority=high
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "priority" = $1 AND "user_id" = $2
ORDER BY "id" DESC
LIMIT $3;

-- GET /api/tasks?priority=high,low&status=pending
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "priority" = ANY($1) AND "user_id" = $2
ORDER BY "id" DESC
LIMIT $3;

-- wrapped: GET /api/tasks
SELECT "counted_rows", "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM (SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "id" DESC
LIMIT $2) AS "page"
RIGHT JOIN (SELECT COUNT(*) AS "counted_rows"
FROM "tasks"
WHERE "user_id" = $3) AS "counted" ON TRUE
ORDER BY "id" DESC;

-- wrapped: GET /api/tasks?limit=1&sort=title&status=pending
SELECT "counted_rows", "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM (SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = $1
ORDER BY "title" COLLATE "C", "id"
LIMIT $2) AS "page"
RIGHT JOIN (SELECT COUNT(*) AS "counted_rows"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = $3) AS "counted" ON TRUE
ORDER BY "title" COLLATE "C", "id";

-- wrapped: GET /api/tasks?limit=1&sort=title&status=pending&cursor=…
SELECT "counted_rows", "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM (SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = $1 AND (("title" COLLATE "C", "id") > ($2, $3))
ORDER BY "title" COLLATE "C", "id"
LIMIT $4) AS "page"
RIGHT JOIN (SELECT COUNT(*) AS "counted_rows"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = $5) AS "counted" ON TRUE
ORDER BY "title" COLLATE "C", "id";

-- PATCH /api/tasks/{id} {"title":"Rest"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "title" = $2, "folded_title" = $3, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($4, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE "user_id" = $5 AND "id" = $6
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"description":"Now"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "description" = $2, "folded_description" = $3, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($4, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE "user_id" = $5 AND "id" = $6
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"description":null}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "description" = NULL, "folded_description" = NULL, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($2, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE "user_id" = $3 AND "id" = $4
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"completed":true}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "completed" = $2, "started" = $3, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") ELSE GREATEST($4, "updated_at" + INTERVAL '1 microsecond') END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($5, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL) AND "user_id" = $6 AND "id" = $7
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"priority":"high"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "priority" = $2, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($3, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE "user_id" = $4 AND "id" = $5
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"title":"Rest","description":"Now","completed":true,"priority":"high"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "title" = $2, "description" = $3, "completed" = $4, "started" = $5, "priority" = $6, "folded_title" = $7, "folded_description" = $8, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") ELSE GREATEST($9, "updated_at" + INTERVAL '1 microsecond') END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($10, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL) AND "user_id" = $11 AND "id" = $12
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {}
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "id" = $1 AND "user_id" = $2;

-- GET /api/auth/me

-- GET /api/calendar.ics
SELECT COUNT(*) AS "count", COALESCE(CAST(EXTRACT(EPOCH
FROM MAX("updated_at")) * 1000000 AS bigint), 0) AS changed, COALESCE(CAST(EXTRACT(EPOCH
FROM MAX("created_at")) * 1000000 AS bigint), 0) AS created, COALESCE(CAST(SUM(MOD(CAST(EXTRACT(EPOCH
FROM "updated_at") * 1000000 AS bigint), 1000000007)) AS bigint), 0) AS total, COALESCE(CAST(EXTRACT(EPOCH
FROM MIN(CASE WHEN "recurrence_rule" IS NOT NULL THEN "due_begin" END)) * 1000000 AS bigint), 0) AS first
FROM "tasks"
WHERE ("due_date" IS NOT NULL OR "previous_task_id" IS NOT NULL) AND ("tasks"."user_id" = $1);
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE ("due_date" IS NOT NULL) AND ("created_at" <= $1) AND (NOT "completed") AND "user_id" = $2
ORDER BY "id"
LIMIT $3;

-- GET /api/health

-- GET /api/tags
SELECT used.name, COUNT(*)
FROM "tasks", jsonb_array_elements_text("tags") AS used(name)
WHERE "user_id" = $1 GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "user_id" = $1;

-- POST /api/tags {"name":"planted {unique}"}
BEGIN;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "user_id" = $1
ORDER BY "id"
LIMIT $2 FOR UPDATE;
SELECT used.name, COUNT(*)
FROM "tasks", jsonb_array_elements_text("tags") AS used(name)
WHERE ("tags" @> jsonb_build_array($1::text)) AND "user_id" = $2 GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = $1 AND "user_id" = $2;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = $1 AND "user_id" = $2;
SELECT COUNT(*)
FROM "tags"
WHERE "user_id" = $1;
INSERT INTO "tags" ("id", "user_id", "created_at", "updated_at", "name")
VALUES ($1, $2, $3, $4, $5);

-- DELETE /api/tags/of-its-own-delete
BEGIN;
SELECT used.name, COUNT(*)
FROM "tasks", jsonb_array_elements_text("tags") AS used(name)
WHERE ("tags" @> jsonb_build_array($1::text)) AND "user_id" = $2 GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = $1 AND "user_id" = $2;
DELETE FROM "tags"
WHERE ("tags"."name" = $1) AND ("tags"."user_id" = $2);
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "tags" = (SELECT COALESCE(jsonb_agg(e.name
ORDER BY e.place), '[]'::jsonb)
				FROM jsonb_array_elements_text("tags") WITH ORDINALITY AS e(name, place)
WHERE e.name <> $2), "folded_tags" = (SELECT COALESCE(jsonb_agg("folded_tags" -> (e.place - 1)::int
ORDER BY e.place), '[]'::jsonb)
				FROM jsonb_array_elements_text("tags") WITH ORDINALITY AS e(name, place)
WHERE e.name <> $3), "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($4, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE ("tags" @> jsonb_build_array($5::text)) AND ("tasks"."user_id" = $6);

-- GET /api/tags/of-its-own-get
SELECT used.name, COUNT(*)
FROM "tasks", jsonb_array_elements_text("tags") AS used(name)
WHERE ("tags" @> jsonb_build_array($1::text)) AND "user_id" = $2 GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = $1 AND "user_id" = $2;

-- PATCH /api/tags/of-its-own-patch {"color":"blue {unique}"}
BEGIN;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "user_id" = $1
ORDER BY "id"
LIMIT $2 FOR UPDATE;
SELECT used.name, COUNT(*)
FROM "tasks", jsonb_array_elements_text("tags") AS used(name)
WHERE ("tags" @> jsonb_build_array($1::text)) AND "user_id" = $2 GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = $1 AND "user_id" = $2;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = $1 AND "user_id" = $2;
UPDATE "tags"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "color" = $2
WHERE "user_id" = $3 AND "id" = $4
RETURNING "id", "user_id", "created_at", "updated_at", "name", "color";

-- PUT /api/tags/of-its-own-put {"name":"changed {unique}"}
BEGIN;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "user_id" = $1
ORDER BY "id"
LIMIT $2 FOR UPDATE;
SELECT used.name, COUNT(*)
FROM "tasks", jsonb_array_elements_text("tags") AS used(name)
WHERE ("tags" @> jsonb_build_array($1::text)) AND "user_id" = $2 GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = $1 AND "user_id" = $2;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = $1 AND "user_id" = $2;
UPDATE "tags"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "name" = $2
WHERE ("tags"."name" = $3) AND ("tags"."user_id" = $4);
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "tags" = (SELECT COALESCE(jsonb_agg(CASE WHEN e.name = $2 THEN $3::text ELSE e.name END
ORDER BY e.place), '[]'::jsonb)
FROM jsonb_array_elements_text("tags") WITH ORDINALITY AS e(name, place)
		WHERE NOT (e.name = $4 AND "tags" @> jsonb_build_array($5::text))), "folded_tags" = (SELECT COALESCE(jsonb_agg(CASE WHEN e.name = $6 THEN to_jsonb($7::text) ELSE "folded_tags" -> (e.place - 1)::int END
				ORDER BY e.place), '[]'::jsonb)
FROM jsonb_array_elements_text("tags") WITH ORDINALITY AS e(name, place)
		WHERE NOT (e.name = $8 AND "tags" @> jsonb_build_array($9::text))), "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($10, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE ("tags" @> jsonb_build_array($11::text)) AND ("tasks"."user_id" = $12);
SELECT used.name, COUNT(*)
FROM "tasks", jsonb_array_elements_text("tags") AS used(name)
WHERE ("tags" @> jsonb_build_array($1::text)) AND "user_id" = $2 GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = $1 AND "user_id" = $2;

-- POST /api/tasks {"title":"planted"}
INSERT INTO "tasks" ("id", "user_id", "created_at", "updated_at", "title", "completed", "started", "priority", "tags", "repeat_from", "folded_title", "folded_tags", "derived_at")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- POST /api/tasks/bulk {"tasks":[{"title":"planted"}]}
BEGIN;
INSERT INTO "tasks" ("id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "due_end", "folded_title", "folded_description", "folded_tags", "derived_at")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27);

-- GET /api/tasks/stats
SELECT COUNT(*),
	COUNT(*) FILTER (WHERE NOT "completed" AND NOT "started"),
	COUNT(*) FILTER (WHERE NOT "completed" AND "started"),
	COUNT(*) FILTER (WHERE "completed"),
	COUNT(*) FILTER (WHERE NOT "completed" AND (("timezone" IS NULL AND length("due_date") = 10 AND "due_date" < $1) OR (("timezone" IS NOT NULL OR length("due_date") <> 10) AND "due_end" < $2))),
	COUNT(*) FILTER (WHERE NOT "completed" AND (("timezone" IS NULL AND length("due_date") = 10 AND "due_date" = $3) OR (("timezone" IS NOT NULL OR length("due_date") <> 10) AND "due_end" >= $4 AND "due_begin" <= $5))),
	COUNT(*) FILTER (WHERE "priority" = 0), COUNT(*) FILTER (WHERE "priority" = 1), COUNT(*) FILTER (WHERE "priority" = 2),
	COUNT(*) FILTER (WHERE "priority" = 3), COUNT(*) FILTER (WHERE "priority" = 4), COUNT(*) FILTER (WHERE "priority" = 5)
FROM "tasks"
WHERE "user_id" = $6;

-- DELETE /api/tasks/{id}
DELETE FROM "tasks"
WHERE "id" = $1 AND "user_id" = $2;

-- GET /api/tasks/{id}
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "id" = $1 AND "user_id" = $2;

-- PATCH /api/tasks/{id} {"title":"changed"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "title" = $2, "folded_title" = $3, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($4, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE "user_id" = $5 AND "id" = $6
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PUT /api/tasks/{id} {"title":"changed"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "title" = $2, "folded_title" = $3, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($4, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE "user_id" = $5 AND "id" = $6
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id}/complete
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "started" = $2, "completed" = NOT "completed", "completed_at" = CASE WHEN NOT "completed" THEN GREATEST($3, "updated_at" + INTERVAL '1 microsecond') END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($4, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL OR "completed") AND "user_id" = $5 AND "id" = $6
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id}/status
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "started" = $2, "completed" = NOT "completed", "completed_at" = CASE WHEN NOT "completed" THEN GREATEST($3, "updated_at" + INTERVAL '1 microsecond') END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($4, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL OR "completed") AND "user_id" = $5 AND "id" = $6
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id}/toggle
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "started" = $2, "completed" = NOT "completed", "completed_at" = CASE WHEN NOT "completed" THEN GREATEST($3, "updated_at" + INTERVAL '1 microsecond') END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($4, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL OR "completed") AND "user_id" = $5 AND "id" = $6
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id}/toggle-status
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "started" = $2, "completed" = NOT "completed", "completed_at" = CASE WHEN NOT "completed" THEN GREATEST($3, "updated_at" + INTERVAL '1 microsecond') END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN GREATEST($4, "updated_at" + INTERVAL '1 microsecond') ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL OR "completed") AND "user_id" = $5 AND "id" = $6
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- GET /api/tokens
SELECT "id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at", "last_used_at"
FROM "api_tokens"
WHERE "user_id" = $1
ORDER BY "id" DESC
LIMIT $2;

-- POST /api/tokens {"name":"planted","scope":"write"}
SELECT "id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at", "last_used_at"
FROM "api_tokens"
WHERE "user_id" = $1
ORDER BY "id" DESC
LIMIT $2;
INSERT INTO "api_tokens" ("id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- DELETE /api/tokens/{id}
DELETE FROM "api_tokens"
WHERE "id" = $1 AND "user_id" = $2;

-- GET /health

-- GET /ready

-- a request with an API token, before its own
SELECT "id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at", "last_used_at"
FROM "api_tokens"
WHERE "hash" = $1;
UPDATE "api_tokens"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "last_used_at" = $2
WHERE ("last_used_at" IS NULL OR "last_used_at" < $3) AND "user_id" = $4 AND "id" = $5
RETURNING "id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at", "last_used_at";

