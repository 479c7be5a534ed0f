package routes

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"
	"github.com/gofiber/fiber/v2"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent"
	"todo-backend/ent/fold"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/tag"
	"todo-backend/ent/task"
)

const (
	maxMadeTags = 1000 // of a user; those that only tasks carry do not count
	maxColor    = 32   // characters
)

// tags serves the tags of a user: those that were made by a request, which have a row and may have a colour,
// and those that only tasks name. A tag's id is its name.
type tags struct {
	client *ent.Client
	inTx   func(ctx context.Context, do func(*ent.Client) error) error
	format config.Format
	base   string // what a proxy in front strips from addresses
}

func newTags(client *ent.Client, s settings) tags {
	return tags{client: client, inTx: s.inTx, format: s.Format, base: s.BasePath}
}

// tagItem is a tag as the list shows it.
type tagItem struct {
	name  string
	color *string
	count int
}

// register adds the operations to a group.
func (h tags) register(g group) {
	g.add(http.MethodGet, "/", h.list)
	g.add(http.MethodHead, "/", h.list)
	g.add(http.MethodPost, "/", h.create)
	g.add(http.MethodGet, "/:id", h.get)
	g.add(http.MethodHead, "/:id", h.get)
	g.add(http.MethodPut, "/:id", h.update)
	g.add(http.MethodPatch, "/:id", h.update)
	g.add(http.MethodDelete, "/:id", h.delete)
}

// document describes the operations.
func (h tags) document() docs.Resource {
	properties := resource.JSON(
		"id", resource.JSON("description", "The name", "type", "string", "example", "work"),
		"name", resource.JSON("type", "string", "minLength", 1, "maxLength", maxTag, "example", "work"),
		"color", resource.JSON("type", "string", "nullable", true, "maxLength", maxColor, "example", "#ff0000"),
		"count", resource.JSON("description", "How many tasks have it", "type", "integer", "minimum", 0, "example", 3),
	)
	body := func(required ...string) members {
		s := resource.JSON(
			"type", "object",
			"properties", resource.JSON("name", properties.Get("name"), "color", properties.Get("color")),
			"example", resource.JSON("name", "work", "color", "#ff0000"),
		)
		if len(required) > 0 {
			s = s.With("required", required)
		}
		return s
	}
	message := resource.JSON("message", resource.JSON("type", "string", "example", tagDeleted))
	list := resource.JSON("tags", arrayOf(refTo("Tag")))
	d := docs.Resource{
		Name: "tag", Plural: "tags", Own: true,
		Schemas: resource.JSON("Tag", objectOf(properties), "TagCreate", body("name"), "TagUpdate", body(), "TagMessage", objectOf(message)),
		Answers: resource.JSON("tag", refTo("Tag"), "tags", arrayOf(refTo("Tag")), "tagDeleted", refTo("TagMessage")),
		Bodies:  resource.JSON("tagCreate", refTo("TagCreate"), "tagUpdate", refTo("TagUpdate")),
	}
	switch h.format {
	case config.FormatWrapped:
		d.Schemas = d.Schemas.With("TagList", objectOf(list))
		d.Answers = d.Answers.With("tags", refTo("TagList"))
	case config.FormatEnvelope:
		d.Schemas = d.Schemas.
			Without("TagMessage").
			With("TagAnswer", envelopeOf(properties)).
			With("TagListAnswer", envelopeOf(list)).
			With("TagMessageAnswer", envelopeOf(message))
		d.Answers = resource.JSON("tag", refTo("TagAnswer"), "tags", refTo("TagListAnswer"), "tagDeleted", refTo("TagMessageAnswer"))
	}
	return d
}

// members are those of a tag in answers.
func (t tagItem) members() members {
	return resource.JSON("id", t.name, "name", t.name, "color", t.color, "count", t.count)
}

// list answers with the user's tags, by name.
//
//	@x-id		"listTags"
//	@x-answer	"tags"
//	@Summary	List tags
//	@Description	The tags that were made and those that tasks have, by name.
//	@Tags		Tags
//	@Security	bearerAuth
//	@Success	200	"The tags"
//	@Failure	401,403,429,500,503	"Failed"
//	@Router		/api/tags [get]
func (h tags) list(c *fiber.Ctx) error {
	all, err := readTagItems(c.UserContext(), h.client, "")
	if err != nil {
		return err
	}
	items := make([]members, len(all))
	for i, t := range all {
		items[i] = t.members()
	}
	if h.format == config.FormatPlain {
		return writeJSON(c, items, fiber.MIMEApplicationJSON)
	}
	return answerMembers(c, h.format, resource.JSON("tags", items))
}

// create makes a tag.
//
//	@x-id		"createTag"
//	@x-answer	"tag"
//	@x-body		"tagCreate"
//	@Summary	Make a tag
//	@Description	A tag that was made stays when no task has it. One that is there already is answered with 200, and has the colour that the body names.
//	@Tags		Tags
//	@Security	bearerAuth
//	@Success	200	"It was there"
//	@Success	201	"It was made"
//	@Header		201	{string}	Location	"Its address"
//	@Failure	401,403,413,415,422,429,500,503	"Failed"
//	@Router		/api/tags [post]
func (h tags) create(c *fiber.Ctx) error {
	in, err := decodeTag(c, true)
	if err != nil {
		return err
	}
	var made tagItem
	existed := false
	err = h.inTurn(c.UserContext(), func(client *ent.Client) error {
		var err error
		made, existed, err = findTag(c.UserContext(), client, *in.name)
		if err != nil {
			return err
		}
		made.name = *in.name
		return setColor(c.UserContext(), client, &made, in)
	})
	if err != nil {
		return err
	}
	if !existed {
		base := strings.TrimRight(h.base+string(c.Request().URI().PathOriginal()), "/")
		c.Location(base + "/" + url.PathEscape(made.name))
		c.Status(http.StatusCreated)
	}
	return answerMembers(c, h.format, made.members())
}

// get answers with one tag.
//
//	@x-id			"getTag"
//	@x-answer		"tag"
//	@Summary		Get a tag
//	@Description	One tag, by its name, with its colour and how many tasks have it.
//	@Tags		Tags
//	@Security	bearerAuth
//	@Param		id	path	string	true	"Its name, percent-encoded"
//	@Success	200	"The tag"
//	@Failure	401,403,404,429,500,503	"Failed"
//	@Router		/api/tags/{id} [get]
func (h tags) get(c *fiber.Ctx) error {
	name, err := pathTag(c)
	if err != nil {
		return err
	}
	found, ok, err := findTag(c.UserContext(), h.client, name)
	if err != nil {
		return err
	}
	if !ok {
		return errNoTag
	}
	return answerMembers(c, h.format, found.members())
}

// update renames a tag in all tasks, or gives it a colour.
//
//	@x-id		"updateTag"
//	@x-answer	"tag"
//	@x-body		"tagUpdate"
//	@Summary	Rename a tag, or change its colour
//	@Description	A new name replaces the old one in all tasks. A name that another tag has joins the two.
//	@Tags		Tags
//	@Security	bearerAuth
//	@Param		id	path	string	true	"Its name, percent-encoded"
//	@Success	200	"The tag as it is now"
//	@Failure	401,403,404,413,415,422,429,500,503	"Failed"
//	@Router		/api/tags/{id} [put]
//	@Router		/api/tags/{id} [patch]
func (h tags) update(c *fiber.Ctx) error {
	in, err := decodeTag(c, false)
	if err != nil {
		return err
	}
	name, err := pathTag(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	var now tagItem
	err = h.inTurn(ctx, func(client *ent.Client) error {
		found, ok, err := findTag(ctx, client, name)
		if err != nil {
			return err
		}
		if !ok {
			return errNoTag
		}
		if in.name != nil && *in.name != name {
			if err := renameTag(ctx, client, name, *in.name); err != nil {
				return err
			}
			if found, _, err = findTag(ctx, client, *in.name); err != nil {
				return err
			}
			found.name = *in.name
		}
		now = found
		if in.colored {
			return setColor(ctx, client, &now, in)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return answerMembers(c, h.format, now.members())
}

const tagDeleted = "Tag deleted successfully"

// delete takes a tag from all tasks.
//
//	@x-id		"deleteTag"
//	@x-answer	"tagDeleted"
//	@Summary	Delete a tag
//	@Description	It leaves all tasks.
//	@Tags		Tags
//	@Security	bearerAuth
//	@Param		id	path	string	true	"Its name, percent-encoded"
//	@Success	200	"It is gone"
//	@Failure	401,403,404,429,500,503	"Failed"
//	@Router		/api/tags/{id} [delete]
func (h tags) delete(c *fiber.Ctx) error {
	name, err := pathTag(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	err = h.inTx(ctx, func(client *ent.Client) error {
		_, ok, err := findTag(ctx, client, name)
		if err != nil {
			return err
		}
		if !ok {
			return errNoTag
		}
		if _, err := client.Tag.Delete().Filter(stmt.Equal(tag.FieldName, name)).Exec(ctx); err != nil {
			return err
		}
		return client.Task.Update().Filter(hasTag(name)).SetExpr(withoutTag(name)...).Exec(ctx)
	})
	if err != nil {
		return err
	}
	return answerMembers(c, h.format, resource.JSON("message", tagDeleted))
}

// errNoTag is the error of a name that no tag of the user has.
var errNoTag = aboutError{"tag", errNoID}

// pathTag is the name in the path.
func pathTag(c *fiber.Ctx) (string, error) {
	name, err := url.PathUnescape(c.Params("id"))
	if err != nil || !isPlainText(name) {
		return "", errNoTag
	}
	return name, nil
}

// tagInput is what a body says of a tag.
type tagInput struct {
	name    *string
	color   *string
	colored bool // the body names a colour, or null
}

func decodeTag(c *fiber.Ctx, isNew bool) (in tagInput, err error) {
	object, err := readObject(c)
	if err != nil {
		return in, err
	}
	object = object.Inner("tag", "tag_create", "tag_update")
	var broken resource.Invalid
	switch raw, ok := object["name"]; {
	case !ok && isNew:
		broken.Add("name", "required", "is required")
	case ok:
		name, refusal := resource.ReadText(raw)
		name = strings.TrimSpace(name)
		switch n := utf8.RuneCountInString(name); {
		case refusal != nil:
			broken.Refuse("name", refusal)
		case n < 1 || n > maxTag:
			broken.Add("name", "length", "must have 1 to %d characters", maxTag)
		case strings.Contains(name, ","):
			broken.Add("name", "comma", "must not contain a comma, which divides tags")
		}
		in.name = &name
	}
	if raw, ok := object["color"]; ok {
		in.colored = true
		if !resource.IsNull(raw) {
			color, refusal := resource.ReadText(raw)
			switch {
			case refusal != nil:
				broken.Refuse("color", refusal)
			case utf8.RuneCountInString(color) > maxColor:
				broken.Add("color", "length", "must have at most %d characters", maxColor)
			}
			in.color = &color
		}
	}
	return in, broken.OrNil()
}

// usedTags are the tags that tasks have, with how many tasks have each.
var usedTags = stmt.Report{
	Columns: stmt.Text{Postgres: "used.name, COUNT(*)", SQLite: "used.value, COUNT(*)"},
	From: stmt.Text{
		Postgres: `, jsonb_array_elements_text("tags") AS used(name)`,
		SQLite:   `, json_each("tags") AS used`,
	},
	Tail: stmt.SQL("GROUP BY 1"),
}

// readTagItems returns the user's tags by name, or the one of a name alone.
func readTagItems(ctx context.Context, client *ent.Client, name string) ([]tagItem, error) {
	tasks, made := client.Task.Query(), client.Tag.Query()
	if name != "" {
		tasks.Filter(hasTag(name))
		made.Filter(stmt.Equal(tag.FieldName, name))
	}
	var items []tagItem
	err := tasks.Report(ctx, usedTags, func(rows *sql.Rows) error {
		var t tagItem
		if err := rows.Scan(&t.name, &t.count); err != nil {
			return err
		}
		if name == "" || t.name == name {
			items = append(items, t)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	colored, err := made.Fetch(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range colored {
		if i := slices.IndexFunc(items, func(t tagItem) bool { return t.name == m.Name }); i >= 0 {
			items[i].color = m.Color
		} else {
			items = append(items, tagItem{name: m.Name, color: m.Color})
		}
	}
	slices.SortFunc(items, func(a, b tagItem) int { return strings.Compare(a.name, b.name) })
	return items, nil
}

// findTag returns the tag of a name, and whether there is one.
func findTag(ctx context.Context, client *ent.Client, name string) (tagItem, bool, error) {
	found, err := readTagItems(ctx, client, name)
	if err != nil || len(found) == 0 {
		return tagItem{}, false, err
	}
	return found[0], true, nil
}

// setColor creates the row of the tag if there is none, and sets the colour if the body names one.
func setColor(ctx context.Context, client *ent.Client, t *tagItem, in tagInput) error {
	made, err := client.Tag.Query().Filter(stmt.Equal(tag.FieldName, t.name)).Fetch(ctx)
	if err != nil {
		return err
	}
	if in.colored {
		t.color = in.color
	}
	if len(made) == 0 {
		full, err := isFull(ctx, client)
		if err != nil {
			return err
		}
		if full {
			return resource.Invalid{{Field: "name", Code: "limit", Detail: "is one tag too many: a user may make 1,000"}}
		}
		_, err = client.Tag.Create().SetName(t.name).SetNillableColor(t.color).Insert(ctx)
		return err
	}
	if !in.colored {
		return nil
	}
	update := client.Tag.UpdateOneID(made[0].ID)
	if t.color == nil {
		update.ClearColor()
	} else {
		update.SetColor(*t.color)
	}
	_, err = update.SaveReturning(ctx)
	return err
}

// isFull reports whether the user can make no more tags.
func isFull(ctx context.Context, client *ent.Client) (bool, error) {
	n := 0
	err := client.Tag.Query().Report(ctx, stmt.Report{Columns: stmt.SQL("COUNT(*)")}, func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n >= maxMadeTags, err
}

// inTurn runs do in a transaction that holds a lock on the user's first tag. Requests that make tags of the same
// user run one after the other, so that what do reads and counts stays true until it commits. A user without
// tags has nothing to lock: if two requests then make the same tag, the later one violates the unique index and
// runs again.
func (h tags) inTurn(ctx context.Context, do func(*ent.Client) error) error {
	first := stmt.KeysetByID(tag.FieldID).Order(false)
	for {
		err := h.inTx(ctx, func(client *ent.Client) error {
			if _, err := client.Tag.Query().Sort(first).FetchPage(ctx, stmt.Page{Limit: 1, Lock: true}); err != nil {
				return err
			}
			return do(client)
		})
		if !ent.IsConstraintError(err) || ctx.Err() != nil {
			return err
		}
	}
}

// renameTag gives a tag another name, in all tasks. Where there is a tag of that name it joins the two.
func renameTag(ctx context.Context, client *ent.Client, from, to string) error {
	joins, err := client.Tag.Query().Filter(stmt.Equal(tag.FieldName, to)).Fetch(ctx)
	if err != nil {
		return err
	}
	if len(joins) > 0 {
		_, err = client.Tag.Delete().Filter(stmt.Equal(tag.FieldName, from)).Exec(ctx)
	} else {
		err = client.Tag.Update().Filter(stmt.Equal(tag.FieldName, from)).SetName(to).Exec(ctx)
	}
	if err != nil {
		return err
	}
	return client.Task.Update().Filter(hasTag(from)).SetExpr(withTagRenamed(from, to)...).Exec(ctx)
}

// hasTag is the condition that a task has a tag.
func hasTag(name string) stmt.Cond { return stmt.Where(tagCondition, name) }

// tagCondition compares the tags of a task with one name.
var tagCondition = stmt.Text{
	Postgres: `"tags" @> jsonb_build_array(?::text)`,
	SQLite:   `EXISTS (SELECT 1 FROM json_each("tags") AS tag WHERE tag.value = ?)`,
}

// withTagRenamed rewrites the tags of a task, and beside each the name as a search compares it. A task
// that has both names keeps the place of the new one.
func withTagRenamed(from, to string) []stmt.Set {
	const keepsPostgres = ` FROM jsonb_array_elements_text("tags") WITH ORDINALITY AS e(name, place)
		WHERE NOT (e.name = ? AND "tags" @> jsonb_build_array(?::text)))`
	const keepsSQLite = ` FROM (SELECT key, value FROM json_each("tags") ORDER BY key) AS e
		WHERE NOT (e.value = ? AND EXISTS (SELECT 1 FROM json_each("tags") AS other WHERE other.value = ?)))`
	return []stmt.Set{
		stmt.Expr(task.FieldTags, stmt.Text{
			Postgres: `(SELECT COALESCE(jsonb_agg(CASE WHEN e.name = ? THEN ?::text ELSE e.name END ORDER BY e.place), '[]'::jsonb)` + keepsPostgres,
			SQLite:   `(SELECT json_group_array(CASE WHEN e.value = ? THEN ? ELSE e.value END)` + keepsSQLite,
		}, from, to, from, to),
		stmt.Expr(task.FieldFoldedTags, stmt.Text{
			Postgres: `(SELECT COALESCE(jsonb_agg(CASE WHEN e.name = ? THEN to_jsonb(?::text) ELSE "folded_tags" -> (e.place - 1)::int END
				ORDER BY e.place), '[]'::jsonb)` + keepsPostgres,
			SQLite: `(SELECT json_group_array(CASE WHEN e.value = ? THEN ? ELSE json_extract("folded_tags", '$[' || e.key || ']') END)` + keepsSQLite,
		}, from, fold.Fold(to), from, to),
	}
}

// withoutTag takes a tag from a task.
func withoutTag(name string) []stmt.Set {
	return []stmt.Set{
		stmt.Expr(task.FieldTags, stmt.Text{
			Postgres: `(SELECT COALESCE(jsonb_agg(e.name ORDER BY e.place), '[]'::jsonb)
				FROM jsonb_array_elements_text("tags") WITH ORDINALITY AS e(name, place) WHERE e.name <> ?)`,
			SQLite: `(SELECT json_group_array(e.value) FROM (SELECT key, value FROM json_each("tags") ORDER BY key) AS e WHERE e.value <> ?)`,
		}, name),
		stmt.Expr(task.FieldFoldedTags, stmt.Text{
			Postgres: `(SELECT COALESCE(jsonb_agg("folded_tags" -> (e.place - 1)::int ORDER BY e.place), '[]'::jsonb)
				FROM jsonb_array_elements_text("tags") WITH ORDINALITY AS e(name, place) WHERE e.name <> ?)`,
			SQLite: `(SELECT json_group_array(json_extract("folded_tags", '$[' || e.key || ']'))
				FROM (SELECT key, value FROM json_each("tags") ORDER BY key) AS e WHERE e.value <> ?)`,
		}, name),
	}
}

// colorTags sets the colours of the tasks' tags, and returns a text of all colours, for the ETag to cover.
func (h tags) colorTags(ctx context.Context, tasks []*ent.Task) (string, error) {
	if !slices.ContainsFunc(tasks, func(t *ent.Task) bool { return len(t.Tags) > 0 }) {
		return "", nil
	}
	made, err := h.client.Tag.Query().Filter(stmt.Where(stmt.SQL(`"color" IS NOT NULL`))).Fetch(ctx)
	if err != nil {
		return "", err
	}
	slices.SortFunc(made, func(a, b *ent.Tag) int { return strings.Compare(a.Name, b.Name) })
	colors := map[string]*string{}
	var seed strings.Builder
	for _, m := range made {
		colors[m.Name] = m.Color
		seed.WriteString(m.Name + "\x00" + *m.Color + "\x00")
	}
	for _, t := range tasks {
		t.Colors = colors
	}
	return seed.String(), nil
}
