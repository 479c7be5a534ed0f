package viewer_test

import (
	"context"
	"testing"

	"todo-backend/ent/viewer"
)

func TestFromContext(t *testing.T) {
	t.Parallel()
	nobody := t.Context()
	alice := viewer.NewContext(nobody, viewer.Viewer{ID: "alice"})
	tests := []struct {
		name  string
		ctx   context.Context
		want  string
		found bool
	}{
		{"nobody", nobody, "", false},
		{"alice", alice, "alice", true},
		{"bob on top of alice", viewer.NewContext(alice, viewer.Viewer{ID: "bob"}), "bob", true},
		{"somebody without an ID", viewer.NewContext(nobody, viewer.Viewer{}), "", false},
		{"somebody without an ID on top of alice", viewer.NewContext(alice, viewer.Viewer{}), "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, found := viewer.FromContext(test.ctx); got.ID != test.want || found != test.found {
				t.Errorf("got %q, %v, want %q, %v", got.ID, found, test.want, test.found)
			}
		})
	}
}
