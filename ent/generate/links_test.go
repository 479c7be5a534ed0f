package main_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	fixture "todo-backend/ent/generate/testdata/fixture"
	"todo-backend/ent/generate/testdata/fixture/label"
	"todo-backend/ent/generate/testdata/fixture/thing"
)

// rows are a thing and a label of somebody.
type rows struct{ thing, label uuid.UUID }

// links are all ways to link what is mine to what is theirs, or theirs to mine.
var links = map[string]func(ctx context.Context, c *fixture.Client, mine, theirs rows) error{
	"a new thing to a parent": func(ctx context.Context, c *fixture.Client, _, theirs rows) error {
		return c.Thing.Create().SetName("x").SetParentID(theirs.thing).Exec(ctx)
	},
	"a new thing to a parent, Insert": func(ctx context.Context, c *fixture.Client, _, theirs rows) error {
		return second(c.Thing.Create().SetName("x").SetParentID(theirs.thing).Insert(ctx))
	},
	"new things to a parent": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return c.Thing.CreateBulk(
			c.Thing.Create().SetName("x").SetParentID(mine.thing),
			c.Thing.Create().SetName("x").SetParentID(theirs.thing),
		).Exec(ctx)
	},
	"a new thing to a child": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return c.Thing.Create().SetName("x").AddChildIDs(mine.thing, theirs.thing).Exec(ctx)
	},
	"a new thing to labels": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return c.Thing.Create().SetName("x").AddLabelIDs(mine.label, theirs.label).Exec(ctx)
	},
	"a new thing to a main label": func(ctx context.Context, c *fixture.Client, _, theirs rows) error {
		return c.Thing.Create().SetName("x").SetMainLabelID(theirs.label).Exec(ctx)
	},
	"a new label to things": func(ctx context.Context, c *fixture.Client, _, theirs rows) error {
		return c.Label.Create().SetName("x").AddThingIDs(theirs.thing).Exec(ctx)
	},
	"a thing to a parent": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return c.Thing.UpdateOneID(mine.thing).SetParentID(theirs.thing).Exec(ctx)
	},
	"a thing to a parent, SaveReturning": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return second(c.Thing.UpdateOneID(mine.thing).SetParentID(theirs.thing).SaveReturning(ctx))
	},
	"all things to a parent": func(ctx context.Context, c *fixture.Client, _, theirs rows) error {
		return c.Thing.Update().SetParentID(theirs.thing).Exec(ctx)
	},
	"a thing to a child": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return c.Thing.UpdateOneID(mine.thing).AddChildIDs(theirs.thing).Exec(ctx)
	},
	"a thing to labels": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return c.Thing.UpdateOneID(mine.thing).AddLabelIDs(theirs.label).Exec(ctx)
	},
	"a label to things": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return c.Label.UpdateOneID(mine.label).AddThingIDs(theirs.thing).Exec(ctx)
	},
	"all labels to things": func(ctx context.Context, c *fixture.Client, _, theirs rows) error {
		return c.Label.Update().AddThingIDs(theirs.thing).Exec(ctx)
	},
	"their label to my thing": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return c.Label.UpdateOneID(theirs.label).AddThingIDs(mine.thing).Exec(ctx)
	},
	"their thing to my label": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return c.Thing.UpdateOneID(theirs.thing).AddLabelIDs(mine.label).Exec(ctx)
	},
	"their thing to my label, SaveReturning": func(ctx context.Context, c *fixture.Client, mine, theirs rows) error {
		return second(c.Thing.UpdateOneID(theirs.thing).AddLabelIDs(mine.label).SaveReturning(ctx))
	},
}

// unlinks are all ways to part what is theirs.
var unlinks = map[string]func(ctx context.Context, c *fixture.Client, theirs rows) error{
	"their label from its things": func(ctx context.Context, c *fixture.Client, theirs rows) error {
		return c.Label.UpdateOneID(theirs.label).ClearThings().Exec(ctx)
	},
	"their label from a thing": func(ctx context.Context, c *fixture.Client, theirs rows) error {
		return c.Label.UpdateOneID(theirs.label).RemoveThingIDs(theirs.thing).Exec(ctx)
	},
	"their thing from its children": func(ctx context.Context, c *fixture.Client, theirs rows) error {
		return c.Thing.UpdateOneID(theirs.thing).ClearChildren().Exec(ctx)
	},
	"their thing from its label": func(ctx context.Context, c *fixture.Client, theirs rows) error {
		return c.Thing.UpdateOneID(theirs.thing).RemoveLabelIDs(theirs.label).Exec(ctx)
	},
}

func second[T any](_ T, err error) error { return err }

// TestNobodyLinksToOthers: Bob can neither link what is his to what is Ann's, nor hers to his, nor part
// what is hers. What is not there is refused in the same way as what is hers.
func TestNobodyLinksToOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *fixture.Client) {
		anns, bobs := makeRows(t, client, "ann"), makeRows(t, client, "bob")
		before := everything(t, client)
		for name, link := range links {
			if err := link(as(t, "bob"), client, bobs, anns); err == nil {
				t.Errorf("Bob links %s", name)
			}
			if err := link(as(t, "bob"), client, bobs, rows{uuid.New(), uuid.New()}); err == nil {
				t.Errorf("Bob links %s that are not there", name)
			}
			if err := link(t.Context(), client, bobs, anns); err == nil {
				t.Errorf("nobody links %s", name)
			}
		}
		for name, unlink := range unlinks {
			if err := unlink(as(t, "bob"), client, anns); err == nil {
				t.Errorf("Bob parts %s", name)
			}
		}
		if diff := cmp.Diff(before, everything(t, client), exported); diff != "" {
			t.Errorf("it was refused, and yet:\n%s", diff)
		}
	})
}

// TestEveryoneLinksTheirOwn shows that the same is possible with what is one's own.
func TestEveryoneLinksTheirOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *fixture.Client) {
		for name, link := range links {
			mine, others := makeRows(t, client, "bob"), makeRows(t, client, "bob")
			if err := link(as(t, "bob"), client, mine, others); err != nil {
				t.Errorf("Bob links %s of his own: %v", name, err)
			}
		}
		for name, unlink := range unlinks {
			if err := unlink(as(t, "bob"), client, makeRows(t, client, "bob")); err != nil {
				t.Errorf("Bob parts %s: %v", name, err)
			}
		}
	})
}

// makeRows makes a thing with a child and a label.
func makeRows(t *testing.T, client *fixture.Client, owner string) rows {
	t.Helper()
	ctx := as(t, owner)
	labelID := client.Label.Create().SetName(owner).SaveX(ctx).ID
	thingID := client.Thing.Create().SetName(owner).AddLabelIDs(labelID).SaveX(ctx).ID
	client.Thing.Create().SetName("child of " + owner).SetParentID(thingID).ExecX(ctx)
	return rows{thingID, labelID}
}

// everything is all that there is, with its links.
func everything(t *testing.T, client *fixture.Client) map[string][]*fixture.Thing {
	t.Helper()
	all := map[string][]*fixture.Thing{}
	for _, user := range []string{"ann", "bob"} {
		all[user] = client.Thing.Query().WithParent().WithChildren().WithMainLabel().
			WithLabels(func(q *fixture.LabelQuery) { q.Order(label.ByName()).WithThings() }).
			Order(thing.ByID()).AllX(as(t, user))
	}
	return all
}
