package ent_test

import (
	"context"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/stmt"
	"todo-backend/ent/tag"
)

func newTag(c *ent.Client, owner string) *ent.TagCreate {
	create := c.Tag.Create().SetName(uuid.NewString()).SetColor("red")
	if owner != "" {
		create.SetUserID(owner)
	}
	return create
}

func createTag(ctx context.Context, c *ent.Client, owner string) (uuid.UUID, error) {
	return idOfTag(newTag(c, owner).Save(ctx))
}

func insertTag(ctx context.Context, c *ent.Client, owner string) (uuid.UUID, error) {
	return idOfTag(newTag(c, owner).Insert(ctx))
}

func idOfTag(t *ent.Tag, err error) (uuid.UUID, error) {
	if err != nil {
		return uuid.UUID{}, err
	}
	return t.ID, nil
}

func createTwoTags(ctx context.Context, c *ent.Client, owners [2]string) error {
	return newTags(c, owners).Exec(ctx)
}

func insertTwoTags(ctx context.Context, c *ent.Client, owners [2]string) error {
	_, err := newTags(c, owners).Insert(ctx)
	return err
}

func newTags(c *ent.Client, owners [2]string) *ent.TagCreateBulk {
	return c.Tag.CreateBulk(newTag(c, "").SetUserID(owners[0]), newTag(c, "").SetUserID(owners[1]))
}

var tagMeetings = []meeting{
	{"Get", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Tag.Get(ctx, id))
	}},
	{"All", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Tag.Query().All(ctx))
	}},
	{"Fetch", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Tag.Query().Fetch(ctx))
	}},
	{"FetchID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Tag.Query().FetchID(ctx, id))
	}},
	{"FetchCounted", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		_, total, err := c.Tag.Query().FetchCounted(ctx, stmt.Page{Limit: 1, Offset: 9})
		return total, err
	}},
	{"IDs", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Tag.Query().IDs(ctx))
	}},
	{"Count", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return c.Tag.Query().Count(ctx)
	}},
	{"GroupBy", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Tag.Query().GroupBy(tag.FieldUserID).Strings(ctx))
	}},
	{"Select", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Tag.Query().Select(tag.FieldName).Strings(ctx))
	}},
	{"Report", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (n int, err error) {
		err = c.Tag.Query().Report(ctx, stmt.Report{Columns: stmt.SQL("COUNT(*)")}, func(rows *sql.Rows) error { return rows.Scan(&n) })
		return n, err
	}},
	{"Filter with an alternative", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return length(c.Tag.Query().Filter(anyoneButBob(id)).Fetch(ctx))
	}},
	{"Where with an alternative", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return length(c.Tag.Query().Where(tag.Or(tag.ID(id), tag.UserIDNEQ("bob"))).All(ctx))
	}},
	{"Update, SaveReturning", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Tag.Update().SetColor("blue").SaveReturning(ctx))
	}},
	{"Update", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return c.Tag.Update().SetColor("red").Save(ctx)
	}},
	{"UpdateOneID, Save", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Tag.UpdateOneID(id).SetName("changed").Save(ctx))
	}},
	{"UpdateOneID, SaveReturning", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Tag.UpdateOneID(id).Filter(anyoneButBob(id)).SetName("changed").SaveReturning(ctx))
	}},
	{"Delete", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return c.Tag.Delete().Exec(ctx)
	}},
	{"DeleteOneID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(id, c.Tag.DeleteOneID(id).Exec(ctx))
	}},
	{"Delete, ExecID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(id, c.Tag.Delete().ExecID(ctx, id))
	}},
}
