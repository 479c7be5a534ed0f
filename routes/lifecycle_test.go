package routes_test

import (
	"testing"

	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware"
)

// TestLifecycle asks a service that starts, serves and stops. While it starts, nothing that needs the database is answered.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	var lifecycle middleware.Lifecycle
	var written log
	a := newAPI(t, databasetest.SQLite(t), func(s *setup) { s.lifecycle, s.log = &lifecycle, &written })
	ann, nobody := a.as(t, "ann"), a.anonymous()
	for _, phase := range []struct {
		name                             string
		begin                            func()
		health, ready, tasks, me, nobody int
	}{
		{"starting", func() {}, 200, 503, 503, 503, 401},
		{"serving", lifecycle.Serve, 200, 200, 200, 200, 401},
		{"stopping", lifecycle.Stop, 200, 503, 200, 200, 401},
	} {
		phase.begin()
		for _, call := range []struct {
			client client
			path   string
			want   int
		}{
			{nobody, "/health", phase.health},
			{nobody, "/api/health", phase.health},
			{nobody, "/ready", phase.ready},
			{nobody, "/docs/", 200},
			{ann, "/api/tasks", phase.tasks},
			{ann, "/api/ann/tasks", phase.tasks},
			{ann, "/api/auth/me", phase.me},
			{nobody, "/api/tasks", phase.nobody},
		} {
			got := call.client.send(t, "GET", call.path, "")
			if got.status != call.want || (got.status == 503) != (got.header.Get("Retry-After") == "1") {
				t.Errorf("while %s %s is answered %d %v", phase.name, call.path, got.status, got.header)
			}
		}
	}
	if lines := written.lines(t, "ERROR"); len(lines) > 0 {
		t.Errorf("a start and an end log errors: %v", lines)
	}
}
