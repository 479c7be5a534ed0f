package routes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"todo-backend/config"
	"todo-backend/ent"
	"todo-backend/ent/resource"
	"todo-backend/ent/viewer"
	"todo-backend/middleware/token"
)

// Export and deletion of everything that a user owns. Both run with the user as the viewer, under the policies.

// UserCommand holds the parsed arguments of the command user.
type UserCommand struct {
	User    string // the id
	Deletes bool   // delete the user's data; false: export it
}

// ParseUserCommand reads the arguments of the command user: export ID, or delete ID. An ID that begins
// with a hyphen comes after --.
func ParseUserCommand(args []string) (UserCommand, error) {
	usage := errors.New("user takes export ID, or delete ID")
	if len(args) == 0 || args[0] != "export" && args[0] != "delete" {
		return UserCommand{}, usage
	}
	ids := args[1:]
	if len(ids) > 0 && ids[0] == "--" {
		ids = ids[1:]
	} else if len(ids) > 0 && strings.HasPrefix(ids[0], "-") {
		return UserCommand{}, fmt.Errorf("user %s has no option %q: before an ID that begins so write --", args[0], ids[0])
	}
	if len(ids) != 1 {
		return UserCommand{}, usage
	}
	if err := token.CheckUser(ids[0]); err != nil {
		return UserCommand{}, fmt.Errorf("the ID of the user %w", err)
	}
	return UserCommand{User: ids[0], Deletes: args[0] == "delete"}, nil
}

// Counts says how many rows of each entity were exported or deleted.
type Counts []Count

// Count says how many rows of one entity were exported or deleted.
type Count struct {
	Name, Plural string // "task", "tasks"
	Rows         int
}

// String lists the counts: 1 api_token, 0 tags, 12 tasks.
func (c Counts) String() string {
	parts := make([]string, len(c))
	for i, count := range c {
		name := count.Plural
		if count.Rows == 1 {
			name = count.Name
		}
		parts[i] = fmt.Sprintf("%d %s", count.Rows, name)
	}
	return strings.Join(parts, ", ")
}

// ExportUser writes everything of a user, a JSON object a line. Its member entity says what it is; the
// others are those of the API's plain answers, whatever the settings are, and those that a series and
// API_FIELDS need. Secrets and what follows from the rest are left out. It writes whole lines, and holds few
// of them in memory. It returns what it has written, after an error too.
func ExportUser(ctx context.Context, client *ent.Client, user string, w io.Writer) (Counts, error) {
	return eachOwned(ctx, client, user, func(ctx context.Context, owned resource.Owned) (int, error) {
		rows, err := owned.Export(ctx, w)
		if err != nil {
			return rows, fmt.Errorf("export %s: %w", owned.Plural, err)
		}
		return rows, nil
	})
}

// DeleteUser deletes everything of a user in batches. It returns what it has deleted, after an error too;
// to call it again deletes the rest.
func DeleteUser(ctx context.Context, client *ent.Client, user string) (Counts, error) {
	return eachOwned(ctx, client, user, func(ctx context.Context, owned resource.Owned) (int, error) {
		rows, err := owned.Delete(ctx)
		if err != nil {
			return rows, fmt.Errorf("delete %s: %w", owned.Plural, err)
		}
		return rows, nil
	})
}

// eachOwned calls do for each entity with the user as the viewer, and returns how many rows each call handled.
func eachOwned(
	ctx context.Context, client *ent.Client, user string, do func(context.Context, resource.Owned) (rows int, err error),
) (counts Counts, err error) {
	ctx = viewer.NewContext(ctx, viewer.Viewer{ID: user})
	for _, owned := range allOwned(client) {
		rows, err := do(ctx, owned)
		counts = append(counts, Count{owned.Name, owned.Plural, rows})
		if err != nil {
			return counts, err
		}
	}
	return counts, nil
}

// allOwned returns all entities, API tokens first: a token that is not deleted yet could still create rows.
func allOwned(client *ent.Client) []resource.Owned {
	entities := ent.AllEntities()
	entities.Task = describeTask(config.Config{})
	all := entities.Owned(client)
	slices.SortStableFunc(all, func(a, b resource.Owned) int {
		switch entities.APIToken.Name {
		case a.Name:
			return -1
		case b.Name:
			return 1
		}
		return 0
	})
	return all
}
