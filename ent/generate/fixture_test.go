package main_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"todo-backend/ent/database/pgtest"
	"todo-backend/ent/database/postgres"
	"todo-backend/ent/database/sqlite"
	fixture "todo-backend/ent/generate/testdata/fixture"
	"todo-backend/ent/generate/testdata/fixture/label"
	_ "todo-backend/ent/generate/testdata/fixture/runtime"
	"todo-backend/ent/generate/testdata/fixture/thing"
	"todo-backend/ent/migrate/tables"
	"todo-backend/ent/stmt"
	"todo-backend/ent/viewer"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// fixtureSchema has what no entity of the service has yet.
const fixtureSchema = "todo-backend/ent/generate/testdata/fixture/schema"

var fixtureTables = sync.OnceValues(func() ([]*schema.Table, error) { return tables.Of(fixtureSchema) })

// each runs a test on a client for an empty database of each kind, by the drivers of the service.
func each(t *testing.T, test func(t *testing.T, client *fixture.Client)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		driver, err := sqlite.Open(filepath.Join(t.TempDir(), "fixture.db"))
		if err != nil {
			t.Fatal(err)
		}
		makeTables(t, entsql.OpenDB(dialect.SQLite, driver.Writer()))
		test(t, open(t, driver))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, openPostgres(t))
	})
}

func openPostgres(t *testing.T) *fixture.Client {
	t.Helper()
	url, drop, err := pgtest.Shared(t).CreateDatabase(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	driver, err := postgres.Open(url, 0)
	if err != nil {
		t.Fatal(err)
	}
	makeTables(t, entsql.OpenDB(dialect.Postgres, driver.DB()))
	return open(t, driver)
}

func makeTables(t *testing.T, driver dialect.Driver) {
	t.Helper()
	all, err := fixtureTables()
	if err != nil {
		t.Fatal(err)
	}
	migration, err := schema.NewMigrate(driver)
	if err != nil {
		t.Fatal(err)
	}
	if err := migration.Create(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, driver dialect.Driver) *fixture.Client {
	t.Helper()
	client := fixture.NewClient(fixture.Driver(driver))
	t.Cleanup(func() { client.Close() })
	return client
}

func as(t *testing.T, user string) context.Context {
	t.Helper()
	return viewer.NewContext(t.Context(), viewer.Viewer{ID: user})
}

// exported compares what others can read of entities, and times as instants.
var exported = cmp.Options{
	cmpopts.IgnoreUnexported(fixture.Thing{}, fixture.Label{}, fixture.ThingEdges{}, fixture.LabelEdges{}),
	cmpopts.EquateEmpty(),
}

var due = time.Date(2026, 1, 5, 9, 30, 15, 123_456_789, time.FixedZone("CET", 3600))

// things are creates that differ in every column.
func things(client *fixture.Client) []*fixture.ThingCreate {
	return []*fixture.ThingCreate{
		client.Thing.Create().SetName("plain"),
		client.Thing.Create().SetName("full").SetDone(true).SetKind(thing.KindBig).SetMood(thing.MoodGood).SetRank(-7).SetWeight(70).
			SetDue(due).SetTags([]string{"a", "ä,\"", ""}).SetSettings(map[string]int{"x": 1}).SetNote("größer 📝"),
		client.Thing.Create().SetName("empty").SetTags([]string{}).SetSettings(map[string]int{}).SetNote("").SetWeight(0).
			SetDue(time.UnixMicro(-1)),
		client.Thing.Create().SetName("nil").SetTags(nil).SetSettings(nil),
	}
}

// TestColumnsOfEveryType writes and reads them by Ent and by fragments: all agree.
func TestColumnsOfEveryType(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *fixture.Client) {
		ann := as(t, "ann")
		for i := range things(client) {
			inserted, err := things(client)[i].Insert(ann)
			if err != nil {
				t.Fatal(err)
			}
			saved, err := things(client)[i].Save(ann)
			if err != nil {
				t.Fatal(err)
			}
			for _, made := range []*fixture.Thing{inserted, saved} {
				checkReads(t, client, made)
			}
			if inserted.Due != nil && inserted.Due.Nanosecond()%1000 != 0 {
				t.Errorf("%s: Insert returns %v, which no database keeps", inserted.Name, inserted.Due)
			}
		}
	})
}

// checkReads reads a thing in every way, and compares it with what its create returned.
func checkReads(t *testing.T, client *fixture.Client, made *fixture.Thing) {
	t.Helper()
	if made.Due != nil {
		kept := made.Due.Truncate(time.Microsecond)
		made.Due = &kept // Save returns what was set
	}
	query := func() *fixture.ThingQuery { return client.Thing.Query().Where(thing.ID(made.ID)) }
	for way, read := range map[string]func() (*fixture.Thing, error){
		"Only":    func() (*fixture.Thing, error) { return query().Only(as(t, "ann")) },
		"FetchID": func() (*fixture.Thing, error) { return client.Thing.Query().FetchID(as(t, "ann"), made.ID) },
		"SaveReturning": func() (*fixture.Thing, error) {
			changed, err := client.Thing.UpdateOneID(made.ID).SetName(made.Name).SaveReturning(as(t, "ann"))
			if err == nil {
				made.UpdatedAt = changed.UpdatedAt
			}
			return changed, err
		},
		"Fetch": func() (*fixture.Thing, error) {
			for _, one := range must(client.Thing.Query().Fetch(as(t, "ann"))) {
				if one.ID == made.ID {
					return one, nil
				}
			}
			return nil, errors.New("it is not in the list")
		},
	} {
		got, err := read()
		if diff := cmp.Diff(made, got, exported); diff != "" || err != nil {
			t.Errorf("%s: %s returns another than was created: %v\n%s", made.Name, way, err, diff)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// changes are everything that can be changed of a thing, by columns and by edges.
var changes = []struct {
	name   string
	change func(*fixture.ThingUpdateOne, others)
}{
	{"a name", func(u *fixture.ThingUpdateOne, _ others) { u.SetName("other") }},
	{"tags", func(u *fixture.ThingUpdateOne, _ others) { u.SetTags([]string{"x"}) }},
	{"no tags", func(u *fixture.ThingUpdateOne, _ others) { u.SetTags(nil) }},
	{"more tags", func(u *fixture.ThingUpdateOne, _ others) { u.AppendTags([]string{"x"}) }},
	{"settings", func(u *fixture.ThingUpdateOne, _ others) { u.SetSettings(map[string]int{"y": 2}) }},
	{"cleared settings", func(u *fixture.ThingUpdateOne, _ others) { u.ClearSettings() }},
	{"an enum", func(u *fixture.ThingUpdateOne, _ others) { u.SetKind(thing.KindSmall).SetMood(thing.MoodBad) }},
	{"no enum", func(u *fixture.ThingUpdateOne, _ others) { u.ClearMood() }},
	{"a number", func(u *fixture.ThingUpdateOne, _ others) { u.SetRank(5).SetWeight(6) }},
	{"a sum", func(u *fixture.ThingUpdateOne, _ others) { u.AddRank(5).AddWeight(6) }},
	{"no number", func(u *fixture.ThingUpdateOne, _ others) { u.ClearWeight() }},
	{"a time", func(u *fixture.ThingUpdateOne, _ others) { u.SetDue(due.Add(time.Hour)) }},
	{"no time", func(u *fixture.ThingUpdateOne, _ others) { u.ClearDue() }},
	{"no note", func(u *fixture.ThingUpdateOne, _ others) { u.ClearNote() }},
	{"a flip", func(u *fixture.ThingUpdateOne, _ others) { u.FlipDone() }},
	{"an expression", func(u *fixture.ThingUpdateOne, _ others) {
		u.SetName("other").SetExpr(stmt.Expr(thing.FieldName, stmt.SQL("{column} || ?"), "!"))
	}},
	{"an expression beside labels", func(u *fixture.ThingUpdateOne, o others) {
		u.SetExpr(stmt.Expr(thing.FieldWeight, stmt.SQL("COALESCE({column}, ?) + 1"), 0)).AddLabelIDs(o.labels[1])
	}},
	{"a parent", func(u *fixture.ThingUpdateOne, o others) { u.SetParentID(o.things[1]) }},
	{"no parent", func(u *fixture.ThingUpdateOne, _ others) { u.ClearParent() }},
	{"a child", func(u *fixture.ThingUpdateOne, o others) { u.AddChildIDs(o.things[1]) }},
	{"no children", func(u *fixture.ThingUpdateOne, _ others) { u.ClearChildren() }},
	{"labels", func(u *fixture.ThingUpdateOne, o others) { u.AddLabelIDs(o.labels[1]) }},
	{"one label less", func(u *fixture.ThingUpdateOne, o others) { u.RemoveLabelIDs(o.labels[0]) }},
	{"a main label", func(u *fixture.ThingUpdateOne, o others) { u.SetMainLabelID(o.labels[1]) }},
	{"no main label", func(u *fixture.ThingUpdateOne, _ others) { u.ClearMainLabel() }},
	{"a name and labels", func(u *fixture.ThingUpdateOne, o others) { u.SetName("other").AddLabelIDs(o.labels[1]).FlipDone() }},
	{"fewer fields", func(u *fixture.ThingUpdateOne, _ others) { u.SetName("other").Select(thing.FieldName) }},
	{"nothing", func(*fixture.ThingUpdateOne, others) {}},
}

// others are what a thing is linked to: to the first of each, not to the second.
type others struct{ things, labels []uuid.UUID }

// linked makes a thing with links.
func linked(t *testing.T, client *fixture.Client, create func(*fixture.ThingCreate) *fixture.Thing) (*fixture.Thing, others) {
	t.Helper()
	ann := as(t, "ann")
	var o others
	for i := range 2 {
		o.things = append(o.things, client.Thing.Create().SetName(fmt.Sprint("other ", i)).SaveX(ann).ID)
		o.labels = append(o.labels, client.Label.Create().SetName(fmt.Sprint("label ", i)).SaveX(ann).ID)
	}
	made := create(things(client)[1].SetParentID(o.things[0]).AddLabelIDs(o.labels[0]).SetMainLabelID(o.labels[0]))
	client.Thing.UpdateOneID(o.things[0]).SetParentID(made.ID).ExecX(ann)
	return made, o
}

// TestSaveReturningIsSave makes every change by both, and compares all that is stored then.
func TestSaveReturningIsSave(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *fixture.Client) {
		for _, c := range changes {
			var returned, found [2]*fixture.Thing
			for i := range 2 {
				made, o := linked(t, client, func(c *fixture.ThingCreate) *fixture.Thing { return c.SaveX(as(t, "ann")) })
				update := client.Thing.UpdateOneID(made.ID)
				c.change(update, o)
				save := update.Save
				if i == 1 {
					save = update.SaveReturning
				}
				saved, err := save(as(t, "ann"))
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
					continue
				}
				returned[i], found[i] = saved, stored(t, client, made.ID)
			}
			if diff := cmp.Diff(returned[0], returned[1], exported, samePlace); diff != "" {
				t.Errorf("%s: SaveReturning returns another than Save:\n%s", c.name, diff)
			}
			if diff := cmp.Diff(found[0], found[1], exported, samePlace); diff != "" {
				t.Errorf("%s: SaveReturning stores another than Save:\n%s", c.name, diff)
			}
		}
	})
}

// samePlace leaves out in what two copies of one thing differ: their ids and times.
var samePlace = cmp.Options{
	cmpopts.IgnoreFields(fixture.Thing{}, "ID", "CreatedAt", "UpdatedAt"),
	cmpopts.IgnoreFields(fixture.Label{}, "ID"),
	cmp.Comparer(func(a, b *uuid.UUID) bool { return (a == nil) == (b == nil) }),
}

// stored is a thing with all that it is linked to.
func stored(t *testing.T, client *fixture.Client, id uuid.UUID) *fixture.Thing {
	t.Helper()
	return client.Thing.Query().Where(thing.ID(id)).WithParent().WithChildren().WithMainLabel().
		WithLabels(func(q *fixture.LabelQuery) { q.Order(label.ByName()) }).OnlyX(as(t, "ann"))
}

// TestInsertIsSave creates a thing with links by both.
func TestInsertIsSave(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *fixture.Client) {
		ann := as(t, "ann")
		saved, _ := linked(t, client, func(c *fixture.ThingCreate) *fixture.Thing { return must(c.Save(ann)) })
		inserted, _ := linked(t, client, func(c *fixture.ThingCreate) *fixture.Thing { return must(c.Insert(ann)) })
		if diff := cmp.Diff(stored(t, client, saved.ID), stored(t, client, inserted.ID), exported, samePlace); diff != "" {
			t.Errorf("Insert stores another than Save:\n%s", diff)
		}
	})
}

// TestInsertOfSeveralIsSave creates several things without links by both, as many as take several
// statements.
func TestInsertOfSeveralIsSave(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *fixture.Client) {
		create := func(owner string, save func(*fixture.ThingCreateBulk) ([]*fixture.Thing, error)) (returned, found []*fixture.Thing) {
			var several []*fixture.ThingCreate
			for i := range 7 {
				one := client.Thing.Create().SetName(fmt.Sprint("thing ", i)).SetSettings(map[string]int{"i": i})
				if i%2 == 0 {
					one.SetWeight(i).SetTags([]string{"a", "b"}).SetDue(time.UnixMicro(int64(i)).UTC())
				}
				several = append(several, one)
			}
			returned = must(save(client.Thing.CreateBulk(several...)))
			return returned, client.Thing.Query().Order(thing.ByID()).AllX(as(t, owner))
		}
		saved, savedRows := create("ann", func(b *fixture.ThingCreateBulk) ([]*fixture.Thing, error) { return b.Save(as(t, "ann")) })
		inserted, insertedRows := create("bob", func(b *fixture.ThingCreateBulk) ([]*fixture.Thing, error) { return b.Insert(as(t, "bob")) })
		anothers := cmpopts.IgnoreFields(fixture.Thing{}, "UserID")
		if diff := cmp.Diff(saved, inserted, exported, samePlace, anothers); diff != "" {
			t.Errorf("Insert returns another than Save:\n%s", diff)
		}
		if diff := cmp.Diff(savedRows, insertedRows, exported, samePlace, anothers); diff != "" || len(insertedRows) != 7 {
			t.Errorf("Insert stores another than Save:\n%s", diff)
		}
		_, err := client.Thing.CreateBulk(client.Thing.Create().SetName("x"), client.Thing.Create().SetName("too long, as it has 21")).Insert(as(t, "bob"))
		if !fixture.IsValidationError(err) {
			t.Errorf("a name that is too long: %v", err)
		}
		linked := client.Thing.Create().SetName("x").SetParentID(inserted[0].ID)
		if _, err := client.Thing.CreateBulk(client.Thing.Create().SetName("x"), linked).Insert(as(t, "bob")); err == nil {
			t.Error("Insert does not say that it links nothing")
		}
		if n := client.Thing.Query().CountX(as(t, "bob")); n != 7 {
			t.Errorf("after that there are %d", n)
		}
	})
}

// TestFetchLoads loads eagerly by each way of reading.
func TestFetchLoads(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *fixture.Client) {
		ann := as(t, "ann")
		made, _ := linked(t, client, func(c *fixture.ThingCreate) *fixture.Thing { return c.SaveX(ann) })
		query := func() *fixture.ThingQuery {
			order := stmt.KeysetByID(thing.FieldID).Order(false)
			return client.Thing.Query().WithLabels().WithParent().WithChildren().WithMainLabel().Sort(order)
		}
		all := must(query().All(ann))
		if diff := cmp.Diff(all, must(query().Fetch(ann)), exported); diff != "" {
			t.Errorf("Fetch loads other than All:\n%s", diff)
		}
		if page := must(query().FetchPage(ann, stmt.Page{Limit: 2})); !cmp.Equal(all[:2], page, exported) {
			t.Errorf("FetchPage loads other than All: %v", page)
		}
		if _, _, err := query().FetchCounted(ann, stmt.Page{}); err == nil {
			t.Error("FetchCounted does not say that it loads nothing")
		}
		one := must(query().FetchID(ann, made.ID))
		if one.Edges.Parent == nil || len(one.Edges.Children) != 1 || len(one.Edges.Labels) != 1 || one.Edges.MainLabel == nil {
			t.Errorf("FetchID loads %+v", one.Edges)
		}
		for name, related := range map[string]func() (int, error){
			"labels of a thing": func() (int, error) {
				labels, err := made.QueryLabels().Fetch(ann)
				return len(labels), err
			},
			"things of labels": func() (int, error) {
				found, err := client.Label.Query().QueryThings().Fetch(ann)
				return len(found), err
			},
			"things with a label": func() (int, error) {
				found, err := client.Thing.Query().Where(thing.HasLabelsWith(label.Name("label 0"))).Fetch(ann)
				return len(found), err
			},
		} {
			if n, err := related(); n != 1 || err != nil {
				t.Errorf("%s: %d: %v", name, n, err)
			}
		}
	})
}
