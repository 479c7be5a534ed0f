package ent_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect/sql/schema"
	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/migrate/tables"
	"todo-backend/ent/privacy"
	"todo-backend/ent/rule"
	"todo-backend/ent/stmt"
	"todo-backend/ent/task"
	"todo-backend/ent/viewer"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

// as is a context in which the user asks.
func as(t *testing.T, user string) context.Context {
	t.Helper()
	return viewer.NewContext(t.Context(), viewer.Viewer{ID: user})
}

// entity tells the tests of the policy how an entity's rows can be met.
type entity struct {
	// create and insert make a row; without an owner it is left to the policy.
	create, insert func(ctx context.Context, c *ent.Client, owner string) (uuid.UUID, error)
	// createTwo makes two rows at once, insertTwo too.
	createTwo, insertTwo func(ctx context.Context, c *ent.Client, owners [2]string) error
	// meetings are all other operations.
	meetings []meeting
}

// meeting is an operation that meets rows: it returns how many. It is told the id of one.
type meeting struct {
	name string
	meet func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error)
}

// entities holds every entity of the schema, by the name of its client. An entity that is missing fails TestEveryEntity.
var entities = map[string]entity{
	"APIToken": {create: createAPIToken, insert: insertAPIToken, createTwo: createTwoAPITokens, insertTwo: insertTwoAPITokens, meetings: apiTokenMeetings},
	"Tag":      {create: createTag, insert: insertTag, createTwo: createTwoTags, insertTwo: insertTwoTags, meetings: tagMeetings},
	"Task":     {create: createTask, insert: insertTask, createTwo: createTwoTasks, insertTwo: insertTwoTasks, meetings: slices.Concat(taskQueries, taskUpdates, taskDeletes)},
}

func createTask(ctx context.Context, c *ent.Client, owner string) (uuid.UUID, error) {
	return idOf(newTask(c, owner).Save(ctx))
}

func insertTask(ctx context.Context, c *ent.Client, owner string) (uuid.UUID, error) {
	return idOf(newTask(c, owner).Insert(ctx))
}

func newTask(c *ent.Client, owner string) *ent.TaskCreate {
	create := c.Task.Create().SetTitle("Buy milk").SetDescription("two litres")
	if owner != "" {
		create.SetUserID(owner)
	}
	return create
}

func idOf(t *ent.Task, err error) (uuid.UUID, error) {
	if err != nil {
		return uuid.UUID{}, err
	}
	return t.ID, nil
}

func createTwoTasks(ctx context.Context, c *ent.Client, owners [2]string) error {
	return newTasks(c, owners).Exec(ctx)
}

func insertTwoTasks(ctx context.Context, c *ent.Client, owners [2]string) error {
	_, err := newTasks(c, owners).Insert(ctx)
	return err
}

func newTasks(c *ent.Client, owners [2]string) *ent.TaskCreateBulk {
	return c.Task.MapCreateBulk(owners[:], func(create *ent.TaskCreate, i int) {
		create.SetTitle("Buy milk").SetUserID(owners[i])
	})
}

var taskQueries = []meeting{
	{"Get", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) { return one(c.Task.Get(ctx, id)) }},
	{"All", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Task.Query().All(ctx))
	}},
	{"Fetch", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Task.Query().Fetch(ctx))
	}},
	{"FetchPage, locked", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Task.Query().FetchPage(ctx, stmt.Page{Lock: true}))
	}},
	{"FetchOne", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.Query().Where(task.ID(id)).FetchOne(ctx))
	}},
	{"FetchID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.Query().FetchID(ctx, id))
	}},
	{"FetchCounted, rows", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		tasks, _, err := c.Task.Query().FetchCounted(ctx, stmt.Page{})
		return len(tasks), err
	}},
	{"FetchCounted, count", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		_, total, err := c.Task.Query().FetchCounted(ctx, stmt.Page{Limit: 1, Offset: 9})
		return total, err
	}},
	{"First", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return one(c.Task.Query().First(ctx))
	}},
	{"FirstID", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return one(c.Task.Query().FirstID(ctx))
	}},
	{"Only", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.Query().Where(task.ID(id)).Only(ctx))
	}},
	{"OnlyID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.Query().Where(task.ID(id)).OnlyID(ctx))
	}},
	{"IDs", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Task.Query().IDs(ctx))
	}},
	{"Count", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) { return c.Task.Query().Count(ctx) }},
	{"Exist", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		exists, err := c.Task.Query().Exist(ctx)
		if !exists {
			return 0, err
		}
		return 1, err
	}},
	{"Aggregate", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return c.Task.Query().Aggregate(ent.Count()).Int(ctx)
	}},
	{"GroupBy", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Task.Query().GroupBy(task.FieldUserID).Strings(ctx))
	}},
	{"GroupBy, Aggregate", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		var groups []struct {
			UserID string `sql:"user_id"`
			Count  int
		}
		err := c.Task.Query().GroupBy(task.FieldUserID).Aggregate(ent.Count()).Scan(ctx, &groups)
		return len(groups), err
	}},
	{"Select", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Task.Query().Select(task.FieldTitle).Strings(ctx))
	}},
	{"Select, Scan", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		var rows []struct{ Title, Description string }
		err := c.Task.Query().Select(task.FieldTitle, task.FieldDescription).Scan(ctx, &rows)
		return len(rows), err
	}},
	{"Clone", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return c.Task.Query().Clone().Count(ctx)
	}},
	{"Where with an alternative", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return length(c.Task.Query().Where(task.Or(task.ID(id), task.UserIDNEQ("bob"))).Fetch(ctx))
	}},
	{"Filter with an alternative", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return length(c.Task.Query().Filter(anyoneButBob(id)).Fetch(ctx))
	}},
	{"Filter with an alternative, FetchPage", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return length(c.Task.Query().FetchPage(ctx, stmt.Page{After: []stmt.Cond{anyoneButBob(id)}}))
	}},
	{"Filter with an alternative, FetchCounted", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		_, total, err := c.Task.Query().Filter(anyoneButBob(id)).FetchCounted(ctx, stmt.Page{})
		return total, err
	}},
	{"Filter with an alternative, All", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return length(c.Task.Query().Filter(anyoneButBob(id)).All(ctx))
	}},
	{"Where names the owner", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Task.Query().Where(task.UserID("ann")).All(ctx))
	}},
}

// anyoneButBob is a condition that the rows of all others satisfy.
func anyoneButBob(id uuid.UUID) stmt.Cond {
	return stmt.Where(stmt.SQL(`"id" = ? OR "user_id" <> ?`), id, "bob")
}

var taskUpdates = []meeting{
	{"Update, SaveReturning", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.Task.Update().SetTitle("changed").SaveReturning(ctx))
	}},
	{"Update with a filter, SaveReturning", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return length(c.Task.Update().Filter(anyoneButBob(id)).SetTitle("changed").SaveReturning(ctx))
	}},
	{"UpdateOneID with a filter, SaveReturning", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.UpdateOneID(id).Filter(anyoneButBob(id)).SetTitle("changed").SaveReturning(ctx))
	}},
	{"Update", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return c.Task.Update().SetTitle("changed").Save(ctx)
	}},
	{"Update with an alternative", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return c.Task.Update().Where(task.Or(task.ID(id), task.UserIDNEQ("bob"))).ClearDescription().Save(ctx)
	}},
	{"UpdateOneID, Save", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.UpdateOneID(id).SetTitle("changed").Save(ctx))
	}},
	{"UpdateOneID, SaveReturning", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.UpdateOneID(id).SetTitle("changed").SaveReturning(ctx))
	}},
	{"UpdateOneID with an alternative, SaveReturning", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		anyOf := task.Or(task.ID(id), task.UserIDNEQ("bob"))
		return one(c.Task.UpdateOneID(id).Where(anyOf).SetTitle("changed").SaveReturning(ctx))
	}},
	{"UpdateOne", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.UpdateOne(&ent.Task{ID: id, UserID: "bob"}).ClearDescription().Save(ctx))
	}},
	{"UpdateOne, SaveReturning", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.UpdateOne(&ent.Task{ID: id, UserID: "bob"}).ClearDescription().SaveReturning(ctx))
	}},
	{"FlipCompleted, Save", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.UpdateOneID(id).FlipCompleted().Save(ctx))
	}},
	{"FlipCompleted, SaveReturning", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Task.UpdateOneID(id).FlipCompleted().SaveReturning(ctx))
	}},
	{"Mutate", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.Mutate(ctx, c.Task.UpdateOneID(id).SetTitle("changed").Mutation()))
	}},
}

var taskDeletes = []meeting{
	{"Delete", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) { return c.Task.Delete().Exec(ctx) }},
	{"Delete with an alternative", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return c.Task.Delete().Where(task.Or(task.ID(id), task.UserIDNEQ("bob"))).Exec(ctx)
	}},
	{"Delete with a filter", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return c.Task.Delete().Filter(anyoneButBob(id)).Exec(ctx)
	}},
	{"Delete with a filter, ExecID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(id, c.Task.Delete().Filter(anyoneButBob(id)).ExecID(ctx, id))
	}},
	{"DeleteOneID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(id, c.Task.DeleteOneID(id).Exec(ctx))
	}},
	{"Delete, ExecID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(id, c.Task.Delete().ExecID(ctx, id))
	}},
	{"DeleteOne", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(id, c.Task.DeleteOne(&ent.Task{ID: id, UserID: "bob"}).Exec(ctx))
	}},
}

func one[T any](_ T, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return 1, nil
}

func length[T any](rows []T, err error) (int, error) { return len(rows), err }

func TestEveryEntity(t *testing.T) {
	t.Parallel()
	names, all := entityNames(), schemaTables(t)
	if len(names) != len(all) || len(names) != len(entities) {
		t.Errorf("the client has %v, the schema %d tables, the tests %d entities", names, len(all), len(entities))
	}
	for _, name := range names {
		if _, ok := entities[name]; !ok {
			t.Errorf("no test meets a %s: add it to entities", name)
		}
	}
	for _, table := range all {
		owner, ok := table.Column(rule.OwnerField)
		if !ok || owner.Nullable {
			t.Errorf("the table %s has rows without an owner: its entity needs OwnedMixin", table.Name)
		}
	}
}

// triedEdges are the edges of which a test shows that nobody links what is another's by them, as
// ent/generate/links_test.go does for those of a schema that is made for tests.
var triedEdges []string // "Task.parent"

// TestEveryEdge walks the edges of all entities. The rules know rows by their owner, an edge has none.
func TestEveryEdge(t *testing.T) {
	t.Parallel()
	for _, edge := range edgesOf(t, tables.Schema) {
		if !slices.Contains(triedEdges, edge) {
			t.Errorf("there is an edge %s. First show by a test that nobody can link a row to another's by it, or part "+
				"another's (rule.LinkOwn refuses that, see ent/generate/links_test.go); then add it to triedEdges", edge)
		}
	}
	want := []string{
		"Label.things", "Thing.children", "Thing.labels", "Thing.main_label", "Thing.parent",
	}
	if got := edgesOf(t, "todo-backend/ent/generate/testdata/fixture/schema"); !slices.Equal(got, want) {
		t.Errorf("the edges of a schema that has some are %q, want %q", got, want)
	}
}

// edgesOf are the names of all edges of a schema, in order.
func edgesOf(t *testing.T, schema string) (names []string) {
	t.Helper()
	graph, err := tables.Graph(schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range graph.Nodes {
		for _, edge := range node.Edges {
			names = append(names, node.Name+"."+edge.Name)
		}
	}
	slices.Sort(names)
	return names
}

var loadTables = sync.OnceValues(tables.OfSchema)

func schemaTables(tb testing.TB) []*schema.Table {
	tb.Helper()
	all, err := loadTables()
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// entityNames are those of the entities that the generated client has.
func entityNames() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[ent.Client]()) {
		if field.IsExported() && field.Type.String() == "*ent."+field.Name+"Client" {
			names = append(names, field.Name)
		}
	}
	return names
}

// TestEveryEntityRefusesNobody needs no entry in entities: it asks whatever the generated client has.
func TestEveryEntityRefusesNobody(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		for _, name := range entityNames() {
			entity := reflect.ValueOf(db.Client).Elem().FieldByName(name)
			for start, end := range map[string]string{"Query": "Count", "Create": "Exec", "Update": "Exec", "Delete": "Exec"} {
				builder := entity.MethodByName(start).Call(nil)[0]
				results := builder.MethodByName(end).Call([]reflect.Value{reflect.ValueOf(t.Context())})
				err, _ := reflect.TypeAssert[error](results[len(results)-1])
				if !errors.Is(err, privacy.Deny) {
					t.Errorf("nobody asks %s().%s() of %s: %v, want a denial", start, end, name, err)
				}
			}
		}
	})
}

// TestTwoViewers lets Ann make two rows, then nobody, Bob and Ann herself try every operation on them, one at a time.
func TestTwoViewers(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		for name, e := range entities {
			for _, m := range e.meetings {
				s := scene{t, db.Client, raw, e, name + " " + m.name}
				s.play(m)
				s.what += ", in a transaction"
				s.play(inTransaction(m))
			}
		}
	})
}

// inTransaction is the operation within a transaction that is committed.
func inTransaction(m meeting) meeting {
	return meeting{m.name, func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		tx, err := c.Tx(ctx)
		if err != nil {
			return 0, err
		}
		met, err := m.meet(ctx, tx.Client(), id)
		return met, errors.Join(err, tx.Commit())
	}}
}

// scene is a place where viewers meet an entity.
type scene struct {
	*testing.T
	client *ent.Client
	raw    *databasetest.Raw
	entity entity
	what   string
}

func (s scene) play(m meeting) {
	s.Helper()
	s.clear()
	first := s.annCreates()
	s.annCreates()
	before := s.rows()

	_, err := m.meet(s.Context(), s.client, first)
	if !errors.Is(err, privacy.Deny) {
		s.Errorf("%s: nobody gets %v, want a denial", s.what, err)
	}
	met, err := m.meet(as(s.T, "bob"), s.client, first)
	if met != 0 || (err != nil && !ent.IsNotFound(err)) {
		s.Errorf("%s: Bob meets %d of Ann's rows: %v", s.what, met, err)
	}
	if after := s.rows(); !reflect.DeepEqual(after, before) {
		s.Errorf("%s: Ann's rows were\n%v\nand are after nobody's and Bob's attempts\n%v", s.what, before, after)
	}
	met, err = m.meet(as(s.T, "ann"), s.client, first)
	if met == 0 || err != nil {
		s.Errorf("%s: Ann meets %d of her rows: %v", s.what, met, err)
	}
}

func (s scene) annCreates() uuid.UUID {
	s.Helper()
	id, err := s.entity.create(as(s.T, "ann"), s.client, "")
	if err != nil {
		s.Fatalf("%s: Ann creates: %v", s.what, err)
	}
	return id
}

// rows are all rows of all entities, to the byte.
func (s scene) rows() [][]string {
	s.Helper()
	var all [][]string
	for _, table := range schemaTables(s) {
		all = append(all, s.raw.Strings(s, "SELECT * FROM "+table.Name+" ORDER BY id")...)
	}
	return all
}

func (s scene) clear() {
	s.Helper()
	for _, table := range slices.Backward(schemaTables(s)) {
		s.raw.Must(s, "DELETE FROM "+table.Name)
	}
}

// TestCreateForOthers lets Bob try to plant rows under Ann.
func TestCreateForOthers(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		for name, e := range entities {
			s := scene{t, db.Client, raw, e, name}
			s.clear()
			bob := as(t, "bob")
			for way, create := range map[string]func(context.Context, *ent.Client, string) (uuid.UUID, error){"Save": e.create, "Insert": e.insert} {
				_, nobody := create(t.Context(), db.Client, "")
				_, nobodyForAnn := create(t.Context(), db.Client, "ann")
				_, forAnn := create(bob, db.Client, "ann")
				for who, err := range map[string]error{"nobody": nobody, "nobody, for Ann": nobodyForAnn, "Bob, for Ann": forAnn} {
					if !errors.Is(err, privacy.Deny) {
						t.Errorf("%s: %s by %s: %v, want a denial", name, way, who, err)
					}
				}
			}
			for way, two := range map[string]func(context.Context, *ent.Client, [2]string) error{"Save": e.createTwo, "Insert": e.insertTwo} {
				s.clear()
				s.what = name + " by " + way
				s.createsTwo(two)
			}
		}
	})
}

// createsTwo lets Bob try to plant one of two rows, or both, under Ann.
func (s scene) createsTwo(two func(context.Context, *ent.Client, [2]string) error) {
	s.Helper()
	bob := as(s.T, "bob")
	for attempt, err := range map[string]error{
		"nobody creates two":                 two(s.Context(), s.client, [2]string{"ann", "ann"}),
		"Bob creates two for Ann":            two(bob, s.client, [2]string{"ann", "ann"}),
		"Bob creates for himself, then Ann":  two(bob, s.client, [2]string{"bob", "ann"}),
		"Bob creates for Ann, then himself":  two(bob, s.client, [2]string{"ann", "bob"}),
		"Bob creates for an owner like him":  two(bob, s.client, [2]string{"bob", "Bob"}),
		"Bob creates for himself and nobody": two(bob, s.client, [2]string{"bob", ""}),
	} {
		if !errors.Is(err, privacy.Deny) {
			s.Errorf("%s: %s: %v, want a denial", s.what, attempt, err)
		}
	}
	if rows := s.rows(); len(rows) != 0 {
		s.Errorf("%s: denied, and yet there are %v", s.what, rows)
	}
	if err := two(bob, s.client, [2]string{"bob", "bob"}); err != nil {
		s.Errorf("%s: Bob creates two for himself: %v", s.what, err)
	}
	if rows := s.rows(); len(rows) != 2 {
		s.Errorf("%s: Bob has %v, want two", s.what, rows)
	}
}

// TestOwnersNeverChange lets Ann try to give a task away, and Bob to take it.
func TestOwnersNeverChange(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		s := scene{t, db.Client, raw, entities["Task"], "Task"}
		id := s.annCreates()
		for _, user := range []string{"ann", "bob"} {
			ctx := as(t, user)
			one, returning, many := db.Client.Task.UpdateOneID(id), db.Client.Task.UpdateOneID(id), db.Client.Task.Update()
			for _, mutation := range []*ent.TaskMutation{one.Mutation(), returning.Mutation(), many.Mutation()} {
				mutation.SetUserID("bob")
				if err := mutation.SetField(rule.OwnerField, "bob"); err != nil {
					t.Fatal(err)
				}
			}
			_, errOne := one.Save(ctx)
			_, errReturning := returning.SaveReturning(ctx)
			if err := errors.Join(errOne, errReturning, many.Exec(ctx)); err != nil && !ent.IsNotFound(err) {
				t.Errorf("%s updates: %v", user, err)
			}
			if rows := s.rows(); len(rows) != 1 || !slices.Contains(rows[0], "'ann'") || slices.Contains(rows[0], "'bob'") {
				t.Errorf("%s tried to make Ann's task Bob's, now it is %v", user, rows)
			}
		}
	})
}

// TestEachSeesTheirOwn has both make tasks: nobody's lists are empty, nobody's mixed.
func TestEachSeesTheirOwn(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		for _, user := range []string{"ann", "bob", "ANN", "ann ", "a%"} {
			for range 2 {
				if err := db.Client.Task.Create().SetTitle("of " + user).Exec(as(t, user)); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, user := range []string{"ann", "bob", "ANN", "ann ", "a%"} {
			tasks, total, err := db.Client.Task.Query().FetchCounted(as(t, user), stmt.Page{})
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, one := range tasks {
				titles = append(titles, one.Title)
			}
			if total != 2 || strings.Join(titles, ",") != "of "+user+",of "+user {
				t.Errorf("%q sees %d: %q", user, total, titles)
			}
		}
	})
}

// TestOneQueryTwoViewers shows that a query that was Ann's gives Bob nothing rather than Ann's tasks.
func TestOneQueryTwoViewers(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		if _, err := createTask(as(t, "ann"), db.Client, ""); err != nil {
			t.Fatal(err)
		}
		query := db.Client.Task.Query()
		if n, err := length(query.Fetch(as(t, "ann"))); n != 1 || err != nil {
			t.Errorf("Ann sees %d: %v", n, err)
		}
		if n, err := length(query.Fetch(as(t, "bob"))); n != 0 || err != nil {
			t.Errorf("Bob sees %d through Ann's query: %v", n, err)
		}
	})
}
