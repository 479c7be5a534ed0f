-- GET /api/tasks
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "created_at" DESC, "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "created_at" DESC, "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1 AND (("created_at", "id") < ($2, $3))
ORDER BY "created_at" DESC, "id" DESC
LIMIT $4;

-- GET /api/tasks?limit=1&offset=1
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "created_at" DESC, "id" DESC
LIMIT $2 OFFSET $3;

-- GET /api/tasks?limit=1&order=asc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "created_at", "id"
LIMIT $2;

-- GET /api/tasks?limit=1&order=asc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1 AND (("created_at", "id") > ($2, $3))
ORDER BY "created_at", "id"
LIMIT $4;

-- GET /api/tasks?limit=1&sort=updated
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "updated_at" DESC, "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1&sort=updated&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1 AND (("updated_at", "id") < ($2, $3))
ORDER BY "updated_at" DESC, "id" DESC
LIMIT $4;

-- GET /api/tasks?limit=1&sort=updated&order=asc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "updated_at", "id"
LIMIT $2;

-- GET /api/tasks?limit=1&sort=updated&order=asc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1 AND (("updated_at", "id") > ($2, $3))
ORDER BY "updated_at", "id"
LIMIT $4;

-- GET /api/tasks?limit=1&sort=title
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "title" COLLATE "C", "id"
LIMIT $2;

-- GET /api/tasks?limit=1&sort=title&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1 AND (("title" COLLATE "C", "id") > ($2, $3))
ORDER BY "title" COLLATE "C", "id"
LIMIT $4;

-- GET /api/tasks?limit=1&sort=title&order=desc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "title" COLLATE "C" DESC, "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1&sort=title&order=desc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1 AND (("title" COLLATE "C", "id") < ($2, $3))
ORDER BY "title" COLLATE "C" DESC, "id" DESC
LIMIT $4;

-- GET /api/tasks?limit=1&sort=priority
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "priority", "id"
LIMIT $2;

-- GET /api/tasks?limit=1&sort=priority&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1 AND (("priority", "id") > ($2, $3))
ORDER BY "priority", "id"
LIMIT $4;

-- GET /api/tasks?limit=1&sort=priority&order=desc
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "priority" DESC, "id" DESC
LIMIT $2;

-- GET /api/tasks?limit=1&sort=priority&order=desc&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1 AND (("priority", "id") < ($2, $3))
ORDER BY "priority" DESC, "id" DESC
LIMIT $4;

-- GET /api/tasks?limit=1&status=pending
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "completed" = $1 AND "user_id" = $2
ORDER BY "created_at" DESC, "id" DESC
LIMIT $3;

-- GET /api/tasks?limit=1&status=pending&cursor=…
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "completed" = $1 AND "user_id" = $2 AND (("created_at", "id") < ($3, $4))
ORDER BY "created_at" DESC, "id" DESC
LIMIT $5;

-- GET /api/tasks?status=completed
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "completed" = $1 AND "user_id" = $2
ORDER BY "created_at" DESC, "id" DESC
LIMIT $3;

-- GET /api/tasks?priority=high
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "priority" = $1 AND "user_id" = $2
ORDER BY "created_at" DESC, "id" DESC
LIMIT $3;

-- GET /api/tasks?priority=high,low&status=pending
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "completed" = $1 AND "priority" = ANY($2) AND "user_id" = $3
ORDER BY "created_at" DESC, "id" DESC
LIMIT $4;

-- wrapped: GET /api/tasks
SELECT "counted_rows", "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM (SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "user_id" = $1
ORDER BY "created_at" DESC, "id" DESC
LIMIT $2) AS "page"
RIGHT JOIN (SELECT COUNT(*) AS "counted_rows"
FROM "tasks"
WHERE "user_id" = $3) AS "counted" ON TRUE
ORDER BY "created_at" DESC, "id" DESC;

-- wrapped: GET /api/tasks?limit=1&sort=title&status=pending
SELECT "counted_rows", "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM (SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "completed" = $1 AND "user_id" = $2
ORDER BY "title" COLLATE "C", "id"
LIMIT $3) AS "page"
RIGHT JOIN (SELECT COUNT(*) AS "counted_rows"
FROM "tasks"
WHERE "completed" = $4 AND "user_id" = $5) AS "counted" ON TRUE
ORDER BY "title" COLLATE "C", "id";

-- wrapped: GET /api/tasks?limit=1&sort=title&status=pending&cursor=…
SELECT "counted_rows", "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM (SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "completed" = $1 AND "user_id" = $2 AND (("title" COLLATE "C", "id") > ($3, $4))
ORDER BY "title" COLLATE "C", "id"
LIMIT $5) AS "page"
RIGHT JOIN (SELECT COUNT(*) AS "counted_rows"
FROM "tasks"
WHERE "completed" = $6 AND "user_id" = $7) AS "counted" ON TRUE
ORDER BY "title" COLLATE "C", "id";

-- PATCH /api/tasks/{id} {"title":"Rest"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "title" = $2
WHERE "user_id" = $3 AND "id" = $4
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id} {"description":"Now"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "description" = $2
WHERE "user_id" = $3 AND "id" = $4
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id} {"description":null}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "description" = NULL
WHERE "user_id" = $2 AND "id" = $3
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id} {"completed":true}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "completed" = $2
WHERE "user_id" = $3 AND "id" = $4
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id} {"priority":"high"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "priority" = $2
WHERE "user_id" = $3 AND "id" = $4
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id} {"title":"Rest","description":"Now","completed":true,"priority":"high"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "title" = $2, "description" = $3, "completed" = $4, "priority" = $5
WHERE "user_id" = $6 AND "id" = $7
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id} {}
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "id" = $1 AND "user_id" = $2;

-- GET /api/auth/me

-- GET /api/health

-- POST /api/tasks {"title":"planted"}
INSERT INTO "tasks" ("id", "user_id", "created_at", "updated_at", "title", "completed", "priority")
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- DELETE /api/tasks/{id}
DELETE FROM "tasks"
WHERE "id" = $1 AND "user_id" = $2;

-- GET /api/tasks/{id}
SELECT "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority"
FROM "tasks"
WHERE "id" = $1 AND "user_id" = $2;

-- PATCH /api/tasks/{id} {"title":"changed"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "title" = $2
WHERE "user_id" = $3 AND "id" = $4
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PUT /api/tasks/{id} {"title":"changed"}
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "title" = $2
WHERE "user_id" = $3 AND "id" = $4
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id}/complete
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "completed" = NOT "completed"
WHERE "user_id" = $2 AND "id" = $3
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id}/status
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "completed" = NOT "completed"
WHERE "user_id" = $2 AND "id" = $3
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id}/toggle
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "completed" = NOT "completed"
WHERE "user_id" = $2 AND "id" = $3
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- PATCH /api/tasks/{id}/toggle-status
UPDATE "tasks"
SET "updated_at" = GREATEST($1, "updated_at" + INTERVAL '1 microsecond'), "completed" = NOT "completed"
WHERE "user_id" = $2 AND "id" = $3
RETURNING "id", "user_id", "created_at", "updated_at", "title", "description", "completed", "priority";

-- GET /health

-- GET /ready

