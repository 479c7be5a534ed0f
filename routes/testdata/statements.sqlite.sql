-- GET /api/tasks
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ? AND ("id" < ?)
ORDER BY "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1&offset=1
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "id" DESC
LIMIT ? OFFSET ?;

-- GET /api/tasks?limit=1&order=asc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "id"
LIMIT ?;

-- GET /api/tasks?limit=1&order=asc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ? AND ("id" > ?)
ORDER BY "id"
LIMIT ?;

-- GET /api/tasks?limit=1&sort=updated
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "updated_at" DESC, "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1&sort=updated&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ? AND (("updated_at", "id") < (?, ?))
ORDER BY "updated_at" DESC, "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1&sort=updated&order=asc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "updated_at", "id"
LIMIT ?;

-- GET /api/tasks?limit=1&sort=updated&order=asc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ? AND (("updated_at", "id") > (?, ?))
ORDER BY "updated_at", "id"
LIMIT ?;

-- GET /api/tasks?limit=1&sort=title
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "title", "id"
LIMIT ?;

-- GET /api/tasks?limit=1&sort=title&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ? AND (("title", "id") > (?, ?))
ORDER BY "title", "id"
LIMIT ?;

-- GET /api/tasks?limit=1&sort=title&order=desc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "title" DESC, "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1&sort=title&order=desc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ? AND (("title", "id") < (?, ?))
ORDER BY "title" DESC, "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1&sort=priority
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "priority", "id"
LIMIT ?;

-- GET /api/tasks?limit=1&sort=priority&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ? AND (("priority", "id") > (?, ?))
ORDER BY "priority", "id"
LIMIT ?;

-- GET /api/tasks?limit=1&sort=priority&order=desc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "priority" DESC, "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1&sort=priority&order=desc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ? AND (("priority", "id") < (?, ?))
ORDER BY "priority" DESC, "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1&status=pending
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = ?
ORDER BY "id" DESC
LIMIT ?;

-- GET /api/tasks?limit=1&status=pending&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = ? AND ("id" < ?)
ORDER BY "id" DESC
LIMIT ?;

-- GET /api/tasks?status=completed
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE ("completed") AND "user_id" = ?
ORDER BY "id" DESC
LIMIT ?;

-- GET /api/tasks?priority=high
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "priority" = ? AND "user_id" = ?
ORDER BY "id" DESC
LIMIT ?;

-- GET /api/tasks?priority=high,low&status=pending
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "priority" IN (SELECT value
FROM json_each(?)) AND "user_id" = ?
ORDER BY "id" DESC
LIMIT ?;

-- wrapped: GET /api/tasks
SELECT "counted_rows", "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM (SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "user_id" = ?
ORDER BY "id" DESC
LIMIT ?) AS "page"
RIGHT JOIN (SELECT COUNT(*) AS "counted_rows"
FROM "tasks"
WHERE "user_id" = ?) AS "counted" ON TRUE
ORDER BY "id" DESC;

-- wrapped: GET /api/tasks?limit=1&sort=title&status=pending
SELECT "counted_rows", "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM (SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = ?
ORDER BY "title", "id"
LIMIT ?) AS "page"
RIGHT JOIN (SELECT COUNT(*) AS "counted_rows"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = ?) AS "counted" ON TRUE
ORDER BY "title", "id";

-- wrapped: GET /api/tasks?limit=1&sort=title&status=pending&cursor=…
SELECT "counted_rows", "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM (SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = ? AND (("title", "id") > (?, ?))
ORDER BY "title", "id"
LIMIT ?) AS "page"
RIGHT JOIN (SELECT COUNT(*) AS "counted_rows"
FROM "tasks"
WHERE (NOT "completed" AND NOT "started") AND "user_id" = ?) AS "counted" ON TRUE
ORDER BY "title", "id";

-- PATCH /api/tasks/{id} {"title":"Rest"}
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "title" = ?, "folded_title" = ?, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"description":"Now"}
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "description" = ?, "folded_description" = ?, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"description":null}
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "description" = NULL, "folded_description" = NULL, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"completed":true}
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "completed" = ?, "started" = ?, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") ELSE MAX(?, "updated_at" + 1) END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL) AND "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"priority":"high"}
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "priority" = ?, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {"title":"Rest","description":"Now","completed":true,"priority":"high"}
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "title" = ?, "description" = ?, "completed" = ?, "started" = ?, "priority" = ?, "folded_title" = ?, "folded_description" = ?, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") ELSE MAX(?, "updated_at" + 1) END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL) AND "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id} {}
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "id" = ? AND "user_id" = ?;

-- GET /api/auth/me

-- GET /api/calendar.ics
SELECT COUNT(*) AS `count`, COALESCE(MAX("updated_at"), 0) AS changed, COALESCE(MAX("created_at"), 0) AS created, COALESCE(SUM("updated_at" % 1000000007), 0) AS total, COALESCE(MIN(CASE WHEN "recurrence_rule" IS NOT NULL THEN "due_begin" END), 0) AS first
FROM `tasks`
WHERE ("due_date" IS NOT NULL OR "previous_task_id" IS NOT NULL) AND (`tasks`.`user_id` = ?);
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE ("due_date" IS NOT NULL) AND ("created_at" <= ?) AND (NOT "completed") AND "user_id" = ?
ORDER BY "id"
LIMIT ?;

-- GET /api/health

-- GET /api/tags
SELECT used.value, COUNT(*)
FROM "tasks", json_each("tags") AS used
WHERE "user_id" = ? GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "user_id" = ?;

-- POST /api/tags {"name":"planted {unique}"}
BEGIN;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "user_id" = ?
ORDER BY "id"
LIMIT ?;
SELECT used.value, COUNT(*)
FROM "tasks", json_each("tags") AS used
WHERE (EXISTS (SELECT 1
FROM json_each("tags") AS tag
WHERE tag.value = ?)) AND "user_id" = ? GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = ? AND "user_id" = ?;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = ? AND "user_id" = ?;
SELECT COUNT(*)
FROM "tags"
WHERE "user_id" = ?;
INSERT INTO "tags" ("id", "user_id", "created_at", "updated_at", "name")
VALUES (?, ?, ?, ?, ?);

-- DELETE /api/tags/of-its-own-delete
BEGIN;
SELECT used.value, COUNT(*)
FROM "tasks", json_each("tags") AS used
WHERE (EXISTS (SELECT 1
FROM json_each("tags") AS tag
WHERE tag.value = ?)) AND "user_id" = ? GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = ? AND "user_id" = ?;
DELETE FROM `tags`
WHERE (`tags`.`name` = ?) AND (`tags`.`user_id` = ?);
UPDATE `tasks`
SET `updated_at` = MAX(?, `updated_at` + 1), `tags` = (SELECT json_group_array(e.value)
FROM (SELECT key, value
FROM json_each("tags")
ORDER BY key) AS e
WHERE e.value <> ?), `folded_tags` = (SELECT json_group_array(json_extract("folded_tags", '$[' || e.key || ']'))
				FROM (SELECT key, value
FROM json_each("tags")
ORDER BY key) AS e
WHERE e.value <> ?), `completed_at` = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, `derived_at` = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE (EXISTS (SELECT 1
FROM json_each("tags") AS tag
WHERE tag.value = ?)) AND (`tasks`.`user_id` = ?);

-- GET /api/tags/of-its-own-get
SELECT used.value, COUNT(*)
FROM "tasks", json_each("tags") AS used
WHERE (EXISTS (SELECT 1
FROM json_each("tags") AS tag
WHERE tag.value = ?)) AND "user_id" = ? GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = ? AND "user_id" = ?;

-- PATCH /api/tags/of-its-own-patch {"color":"blue {unique}"}
BEGIN;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "user_id" = ?
ORDER BY "id"
LIMIT ?;
SELECT used.value, COUNT(*)
FROM "tasks", json_each("tags") AS used
WHERE (EXISTS (SELECT 1
FROM json_each("tags") AS tag
WHERE tag.value = ?)) AND "user_id" = ? GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = ? AND "user_id" = ?;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = ? AND "user_id" = ?;
UPDATE "tags"
SET "updated_at" = MAX(?, "updated_at" + 1), "color" = ?
WHERE "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "name", "color";

-- PUT /api/tags/of-its-own-put {"name":"changed {unique}"}
BEGIN;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "user_id" = ?
ORDER BY "id"
LIMIT ?;
SELECT used.value, COUNT(*)
FROM "tasks", json_each("tags") AS used
WHERE (EXISTS (SELECT 1
FROM json_each("tags") AS tag
WHERE tag.value = ?)) AND "user_id" = ? GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = ? AND "user_id" = ?;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = ? AND "user_id" = ?;
UPDATE `tags`
SET `updated_at` = MAX(?, `updated_at` + 1), `name` = ?
WHERE (`tags`.`name` = ?) AND (`tags`.`user_id` = ?);
UPDATE `tasks`
SET `updated_at` = MAX(?, `updated_at` + 1), `tags` = (SELECT json_group_array(CASE WHEN e.value = ? THEN ? ELSE e.value END)
FROM (SELECT key, value
FROM json_each("tags")
ORDER BY key) AS e
		WHERE NOT (e.value = ? AND EXISTS (SELECT 1
FROM json_each("tags") AS other
WHERE other.value = ?))), `folded_tags` = (SELECT json_group_array(CASE WHEN e.value = ? THEN ? ELSE json_extract("folded_tags", '$[' || e.key || ']') END)
FROM (SELECT key, value
FROM json_each("tags")
ORDER BY key) AS e
		WHERE NOT (e.value = ? AND EXISTS (SELECT 1
FROM json_each("tags") AS other
WHERE other.value = ?))), `completed_at` = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, `derived_at` = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE (EXISTS (SELECT 1
FROM json_each("tags") AS tag
WHERE tag.value = ?)) AND (`tasks`.`user_id` = ?);
SELECT used.value, COUNT(*)
FROM "tasks", json_each("tags") AS used
WHERE (EXISTS (SELECT 1
FROM json_each("tags") AS tag
WHERE tag.value = ?)) AND "user_id" = ? GROUP BY 1;
SELECT "id", "user_id", "created_at", "updated_at", "name", "color"
FROM "tags"
WHERE "name" = ? AND "user_id" = ?;

-- POST /api/tasks {"title":"planted"}
INSERT INTO "tasks" ("id", "user_id", "created_at", "updated_at", "title", "completed", "started", "priority", "tags", "repeat_from", "folded_title", "folded_tags", "derived_at")
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- POST /api/tasks/bulk {"tasks":[{"title":"planted"}]}
BEGIN;
INSERT INTO "tasks" ("id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "due_end", "folded_title", "folded_description", "folded_tags", "derived_at")
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- GET /api/tasks/stats
SELECT COUNT(*),
	COUNT(*) FILTER (WHERE NOT "completed" AND NOT "started"),
	COUNT(*) FILTER (WHERE NOT "completed" AND "started"),
	COUNT(*) FILTER (WHERE "completed"),
	COUNT(*) FILTER (WHERE NOT "completed" AND (("timezone" IS NULL AND length("due_date") = 10 AND "due_date" < ?) OR (("timezone" IS NOT NULL OR length("due_date") <> 10) AND "due_end" < ?))),
	COUNT(*) FILTER (WHERE NOT "completed" AND (("timezone" IS NULL AND length("due_date") = 10 AND "due_date" = ?) OR (("timezone" IS NOT NULL OR length("due_date") <> 10) AND "due_end" >= ? AND "due_begin" <= ?))),
	COUNT(*) FILTER (WHERE "priority" = 0), COUNT(*) FILTER (WHERE "priority" = 1), COUNT(*) FILTER (WHERE "priority" = 2),
	COUNT(*) FILTER (WHERE "priority" = 3), COUNT(*) FILTER (WHERE "priority" = 4), COUNT(*) FILTER (WHERE "priority" = 5)
FROM "tasks"
WHERE "user_id" = ?;

-- DELETE /api/tasks/{id}
DELETE FROM "tasks"
WHERE "id" = ? AND "user_id" = ?;

-- GET /api/tasks/{id}
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at"
FROM "tasks"
WHERE "id" = ? AND "user_id" = ?;

-- PATCH /api/tasks/{id} {"title":"changed"}
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "title" = ?, "folded_title" = ?, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PUT /api/tasks/{id} {"title":"changed"}
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "title" = ?, "folded_title" = ?, "completed_at" = CASE WHEN "completed" THEN COALESCE("completed_at", "updated_at") END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id}/complete
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "started" = ?, "completed" = NOT "completed", "completed_at" = CASE WHEN NOT "completed" THEN MAX(?, "updated_at" + 1) END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL OR "completed") AND "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id}/status
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "started" = ?, "completed" = NOT "completed", "completed_at" = CASE WHEN NOT "completed" THEN MAX(?, "updated_at" + 1) END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL OR "completed") AND "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id}/toggle
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "started" = ?, "completed" = NOT "completed", "completed_at" = CASE WHEN NOT "completed" THEN MAX(?, "updated_at" + 1) END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL OR "completed") AND "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- PATCH /api/tasks/{id}/toggle-status
UPDATE "tasks"
SET "updated_at" = MAX(?, "updated_at" + 1), "started" = ?, "completed" = NOT "completed", "completed_at" = CASE WHEN NOT "completed" THEN MAX(?, "updated_at" + 1) END, "derived_at" = CASE WHEN "derived_at" = "updated_at" THEN MAX(?, "updated_at" + 1) ELSE "derived_at" END
WHERE ("recurrence_rule" IS NULL OR "completed") AND "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "started", "priority", "due_date", "timezone", "tags", "recurrence_rule", "repeat_from", "parent_task_id", "series_start", "series_day", "previous_task_id", "remind_at", "completed_at", "extra", "due_begin", "derived_at";

-- GET /api/tokens
SELECT "id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at", "last_used_at"
FROM "api_tokens"
WHERE "user_id" = ?
ORDER BY "id" DESC
LIMIT ?;

-- POST /api/tokens {"name":"planted","scope":"write"}
SELECT "id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at", "last_used_at"
FROM "api_tokens"
WHERE "user_id" = ?
ORDER BY "id" DESC
LIMIT ?;
INSERT INTO "api_tokens" ("id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at")
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- DELETE /api/tokens/{id}
DELETE FROM "api_tokens"
WHERE "id" = ? AND "user_id" = ?;

-- GET /health

-- GET /ready

-- a request with an API token, before its own
SELECT "id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at", "last_used_at"
FROM "api_tokens"
WHERE "hash" = ?;
UPDATE "api_tokens"
SET "updated_at" = MAX(?, "updated_at" + 1), "last_used_at" = ?
WHERE ("last_used_at" IS NULL OR "last_used_at" < ?) AND "user_id" = ? AND "id" = ?
RETURNING "id", "user_id", "created_at", "updated_at", "name", "scope", "prefix", "hash", "place", "expires_at", "last_used_at";

