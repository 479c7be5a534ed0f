package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCaseFollowsTheFormatUnlessItIsSet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		format, set string
		want        Case
	}{
		{"", "", CaseSnake},
		{"plain", "camel", CaseCamel},
		{"wrapped", "", CaseSnake},
		{"wrapped", "camel", CaseCamel},
		{"envelope", "", CaseCamel},
		{"envelope", "snake", CaseSnake},
	}
	for _, tt := range tests {
		if got := load(t, map[string]string{"API_FORMAT": tt.format, "API_CASE": tt.set}).Case; got != tt.want {
			t.Errorf("API_FORMAT=%s API_CASE=%s: %q, want %q", tt.format, tt.set, got, tt.want)
		}
	}
}

// TestAPISettings takes what the surveyed frontends need.
func TestAPISettings(t *testing.T) {
	t.Parallel()
	cfg := load(t, map[string]string{
		"API_ALIASES": "is_completed=completed,createdAt=created_at,recurrence_rule=recurrence_word,_id=id,$key=id,due=due_date",
		"API_FIELDS":  "category,reminder_offset,isPinned",
		"API_PATHS":   "/api/v1/tasks,/api/todos,/api/users/{user_id}/tasks,/api/{user_id}/todos,/api/tasks/due-soon?due=week,/api/tasks/{user_id},/api/v1.1/~a_b",
	})
	if want := (Alias{"recurrence_rule", "recurrence_word"}); len(cfg.Aliases) != 6 || cfg.Aliases[2] != want {
		t.Errorf("the aliases are %v", cfg.Aliases)
	}
	if want := []string{"category", "reminder_offset", "isPinned"}; !slices.Equal(cfg.Fields, want) {
		t.Errorf("the fields are %v", cfg.Fields)
	}
	if want := (Mount{"/api/tasks/due-soon", "due=week"}); len(cfg.Mounts) != 7 || cfg.Mounts[4] != want {
		t.Errorf("the mounts are %v", cfg.Mounts)
	}
}

func TestWrongAPISettingsAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value, want string }{
		{"API_CASE", "Camel", "must be one of camel, snake"},
		{"API_TAGS", "name", "must be one of csv, names, objects"},
		{"API_ALIASES", "done", "is wrong in entry 1: an alias must be name=field"},
		{"API_ALIASES", "done=", "is wrong in entry 1: an alias must be name=field"},
		{"API_ALIASES", "a=id,done=isCompleted", "is wrong in entry 2: an alias must be name=field, the field in snake_case"},
		{"API_ALIASES", "a=b=c", "is wrong in entry 1: an alias must be name=field"},
		{"API_ALIASES", "=completed", "is wrong in entry 1: an alias must have a name"},
		{"API_ALIASES", "is done=completed", "is wrong in entry 1: an alias must have a name"},
		{"API_ALIASES", "1st=completed", "is wrong in entry 1: an alias must have a name"},
		{"API_ALIASES", strings.Repeat("a", 65) + "=completed", "is wrong in entry 1: an alias must have a name of at most 64"},
		{"API_ALIASES", "done=completed,x=id,done=status", "is wrong in entry 3: an alias repeats a name"},
		{"API_FIELDS", "category,due-ish", "is wrong in entry 2: a member must have a name"},
		{"API_FIELDS", `"category"`, "is wrong in entry 1: a member must have a name"},
		{"API_FIELDS", "category,category", "is wrong in entry 2: a member repeats a name"},
		{"API_FIELDS", "isPinned,is_pinned", "is wrong in entry 2: a member repeats a name"},
		{"API_FIELDS", numbered(17), "must name at most 16 members"},
		{"API_PATHS", "/tasks", "is wrong in entry 1: an address must begin with /api/"},
		{"API_PATHS", "/api", "is wrong in entry 1: an address must begin with /api/"},
		{"API_PATHS", "/api/", "is wrong in entry 1: an address must begin with /api/"},
		{"API_PATHS", "api/v1", "is wrong in entry 1: an address must begin with /api/"},
		{"API_PATHS", "https://h/api/v1", "is wrong in entry 1: an address must begin with /api/"},
		{"API_PATHS", "/api/v1//tasks", "is wrong in entry 1: an address must have segments"},
		{"API_PATHS", "/api/../tasks", "is wrong in entry 1: an address must have segments"},
		{"API_PATHS", "/api/v1/./tasks", "is wrong in entry 1: an address must have segments"},
		{"API_PATHS", "/api/:user_id/x", "is wrong in entry 1: an address must have segments"},
		{"API_PATHS", "/api/{id}/tasks", "is wrong in entry 1: an address must have segments"},
		{"API_PATHS", "/api/u{user_id}/tasks", "is wrong in entry 1: an address must have segments"},
		{"API_PATHS", "/api/a%20b", "is wrong in entry 1: an address must have segments"},
		{"API_PATHS", "/api/*", "is wrong in entry 1: an address must have segments"},
		{"API_PATHS", "/api/{user_id}/x/{user_id}", "is wrong in entry 1: an address must not have {user_id} twice"},
		{"API_PATHS", "/api/soon?due=%zz", "is wrong in entry 1: an address must have a query"},
		{"API_PATHS", "/api/soon?due=week#x", "is wrong in entry 1: an address must have a query"},
		{"API_PATHS", "/api/v1,/api/tasks", "is wrong in entry 2: an address is one that the service has already"},
		{"API_PATHS", "/api/tasks/?due=week", "is wrong in entry 1: an address is one that the service has already"},
		{"API_PATHS", "/api/{user_id}/tasks", "is wrong in entry 1: an address is one that the service has already"},
		{"API_PATHS", "/api/tasks/stats", "is wrong in entry 1: an address is one that the service has already"},
		{"API_PATHS", "/api/auth/me", "is wrong in entry 1: an address is one that the service has already"},
		{"API_PATHS", "/api/v1/tasks,/api/v1/tasks/", "is wrong in entry 2: an address repeats another"},
		{"API_PATHS", "/api/soon?due=week,/api/soon?due=today", "is wrong in entry 2: an address repeats another"},
		{"BASE_PATH", "todo", "must begin with a slash"},
		{"BASE_PATH", "https://example.com/todo", "must begin with a slash"},
		{"BASE_PATH", "/to do", "must have segments"},
		{"BASE_PATH", "//todo", "must have segments"},
		{"BASE_PATH", "/todo/../x", "must have segments"},
		{"BASE_PATH", "/todo?x=1", "must have segments"},
		{"DEFAULT_TIMEZONE", "Local", "must be an IANA time zone"},
		{"DEFAULT_TIMEZONE", "CEST", "must be an IANA time zone"},
		{"DEFAULT_TIMEZONE", "+02:00", "must be an IANA time zone"},
		{"DEFAULT_TIMEZONE", "europe/berlin", "must be an IANA time zone"},
		{"DEFAULT_TIMEZONE", "posix/Europe/Berlin", "must be an IANA time zone"},
		{"DEFAULT_TIMEZONE", "../Europe/Berlin", "must be an IANA time zone"},
		{"IDLE_TIMEOUT", "999ms", "must be a duration"},
	}
	for _, tt := range tests {
		_, err := Load(from(map[string]string{tt.name: tt.value}))
		if want := "wrong settings:\n" + tt.name + " " + tt.want; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s=%s\ngot  %v\nwant %s…", tt.name, tt.value, err, want)
		}
	}
}

// numbered are names of that many members.
func numbered(count int) string {
	all := make([]string, count)
	for i := range all {
		all[i] = fmt.Sprintf("member%d", i)
	}
	return strings.Join(all, ",")
}

func TestAMemberIsNoAlias(t *testing.T) {
	t.Parallel()
	_, err := Load(from(map[string]string{"API_ALIASES": "isDone=completed", "API_FIELDS": "category,is_done"}))
	if err == nil || !strings.Contains(err.Error(), "\nAPI_FIELDS must not have a name that API_ALIASES gives to a field") {
		t.Errorf("Load: %v", err)
	}
}

// TestOthersRejectSettingsToo has what Load rejects and what somebody else does told at once.
func TestOthersRejectSettingsToo(t *testing.T) {
	t.Parallel()
	_, err := Load(from(map[string]string{"PORT": "x"}))
	var fromRoutes Rejections
	if fromRoutes.Err() != nil {
		t.Error("nothing is rejected, and there is an error")
	}
	fromRoutes.Reject("API_ALIASES", errors.New("names a field that tasks do not have"))
	got := Join(err, fromRoutes.Err()).Error()
	if want := "wrong settings:\n" + strings.SplitN(err.Error(), "\n", 2)[1] + "\nAPI_ALIASES names a field that tasks do not have"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	other := errors.New("no such file")
	if got := Join(nil, fromRoutes.Err(), other); !errors.Is(got, other) || !strings.HasPrefix(got.Error(), "wrong settings:\nAPI_ALIASES ") {
		t.Errorf("beside another error: %v", got)
	}
	if err := Join(nil, nil); err != nil {
		t.Errorf("of nothing: %v", err)
	}
}
