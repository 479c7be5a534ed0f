package ent_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"todo-backend/ent"
	"todo-backend/ent/apitoken"
	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/privacy"
	"todo-backend/ent/stmt"
	"todo-backend/ent/viewer"
)

// tokenPlaces makes no two tokens of the tests alike.
var tokenPlaces atomic.Int64

func newAPIToken(c *ent.Client, owner string) *ent.APITokenCreate {
	n := tokenPlaces.Add(1)
	create := c.APIToken.Create().SetName("laptop").SetScope(0).SetPrefix("todo_abcd").SetHash(fmt.Sprint("hash ", n)).SetPlace(int16(n))
	if owner != "" {
		create.SetUserID(owner)
	}
	return create
}

func createAPIToken(ctx context.Context, c *ent.Client, owner string) (uuid.UUID, error) {
	return idOfToken(newAPIToken(c, owner).Save(ctx))
}

func insertAPIToken(ctx context.Context, c *ent.Client, owner string) (uuid.UUID, error) {
	return idOfToken(newAPIToken(c, owner).Insert(ctx))
}

func idOfToken(t *ent.APIToken, err error) (uuid.UUID, error) {
	if err != nil {
		return uuid.UUID{}, err
	}
	return t.ID, nil
}

func createTwoAPITokens(ctx context.Context, c *ent.Client, owners [2]string) error {
	return newAPITokens(c, owners).Exec(ctx)
}

func insertTwoAPITokens(ctx context.Context, c *ent.Client, owners [2]string) error {
	_, err := newAPITokens(c, owners).Insert(ctx)
	return err
}

func newAPITokens(c *ent.Client, owners [2]string) *ent.APITokenCreateBulk {
	var two []*ent.APITokenCreate
	for _, owner := range owners {
		two = append(two, newAPIToken(c, owner).SetUserID(owner))
	}
	return c.APIToken.CreateBulk(two...)
}

var apiTokenMeetings = []meeting{
	{"Get", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.APIToken.Get(ctx, id))
	}},
	{"All", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.APIToken.Query().All(ctx))
	}},
	{"Fetch", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.APIToken.Query().Fetch(ctx))
	}},
	{"FetchID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.APIToken.Query().FetchID(ctx, id))
	}},
	{"FetchCounted", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		_, total, err := c.APIToken.Query().FetchCounted(ctx, stmt.Page{Limit: 1, Offset: 9})
		return total, err
	}},
	{"IDs", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.APIToken.Query().IDs(ctx))
	}},
	{"Count", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return c.APIToken.Query().Count(ctx)
	}},
	{"GroupBy", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.APIToken.Query().GroupBy(apitoken.FieldUserID).Strings(ctx))
	}},
	{"Select", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.APIToken.Query().Select(apitoken.FieldHash).Strings(ctx))
	}},
	{"Filter with an alternative", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return length(c.APIToken.Query().Filter(anyoneButBob(id)).Fetch(ctx))
	}},
	{"Where with an alternative", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return length(c.APIToken.Query().Where(apitoken.Or(apitoken.ID(id), apitoken.UserIDNEQ("bob"))).All(ctx))
	}},
	{"Update, SaveReturning", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return length(c.APIToken.Update().SetLastUsedAt(time.Now()).SaveReturning(ctx))
	}},
	{"Update", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return c.APIToken.Update().SetName("changed").Save(ctx)
	}},
	{"UpdateOneID, Save", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.APIToken.UpdateOneID(id).SetName("changed").Save(ctx))
	}},
	{"UpdateOneID, SaveReturning", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(c.APIToken.UpdateOneID(id).Filter(anyoneButBob(id)).SetName("changed").SaveReturning(ctx))
	}},
	{"Delete", func(ctx context.Context, c *ent.Client, _ uuid.UUID) (int, error) {
		return c.APIToken.Delete().Exec(ctx)
	}},
	{"DeleteOneID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(id, c.APIToken.DeleteOneID(id).Exec(ctx))
	}},
	{"Delete, ExecID", func(ctx context.Context, c *ent.Client, id uuid.UUID) (int, error) {
		return one(id, c.APIToken.Delete().ExecID(ctx, id))
	}},
}

// keyed are the entities of which a row is found by a key before there is a viewer.
var keyed = []string{"APIToken"}

// TestOnlyAKeyedRowIsFoundWithoutViewer presents the key of one of Ann's two tokens to every operation of
// every entity: the queries of the keyed entities find that row alone, everything else is denied.
func TestOnlyAKeyedRowIsFoundWithoutViewer(t *testing.T) {
	t.Parallel()
	databasetest.EachRaw(t, func(t *testing.T, db *database.Database, raw *databasetest.Raw) {
		for name, e := range entities {
			for _, m := range e.meetings {
				s := scene{t, db.Client, raw, e, name + " " + m.name}
				s.clear()
				first := s.annCreates()
				s.annCreates()
				key := "no key at all"
				if slices.Contains(keyed, name) {
					key = keyOf(t, db.Client, first)
				}
				before := s.rows()
				met, err := m.meet(viewer.Present(t.Context(), key), db.Client, first)
				switch denied := errors.Is(err, privacy.Deny); {
				case denied && met == 0:
				case slices.Contains(keyed, name) && met == 1 && err == nil:
				case slices.Contains(keyed, name) && met == 0 && (err == nil || ent.IsNotFound(err)):
				default:
					t.Errorf("%s: who presents the key of a row meets %d: %v", s.what, met, err)
				}
				if after := s.rows(); !reflect.DeepEqual(after, before) {
					t.Errorf("%s: by a key the rows\n%v\nbecame\n%v", s.what, before, after)
				}
				if met, err := m.meet(viewer.Present(as(t, "bob"), key), db.Client, first); met != 0 || err != nil && !ent.IsNotFound(err) {
					t.Errorf("%s: Bob, who presents Ann's key too, meets %d: %v", s.what, met, err)
				}
			}
		}
	})
}

// TestKeys finds a token by its key, and by no other.
func TestKeys(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.Database) {
		first, err := createAPIToken(as(t, "ann"), db.Client, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := createAPIToken(as(t, "bob"), db.Client, ""); err != nil {
			t.Fatal(err)
		}
		found, err := db.Client.APIToken.Query().FetchOne(viewer.Present(t.Context(), keyOf(t, db.Client, first)))
		if err != nil || found.ID != first || found.UserID != "ann" {
			t.Errorf("Ann's key finds %v: %v", found, err)
		}
		for _, key := range []string{"hash", "%", "HASH 1", "ann"} {
			if found, err := db.Client.APIToken.Query().FetchOne(viewer.Present(t.Context(), key)); !ent.IsNotFound(err) {
				t.Errorf("%q finds %v: %v", key, found, err)
			}
		}
		if _, err := db.Client.APIToken.Query().FetchOne(viewer.Present(t.Context(), "")); !errors.Is(err, privacy.Deny) {
			t.Errorf("an empty key: %v, want a denial", err)
		}
	})
}

// keyOf is the key of one of Ann's tokens.
func keyOf(t *testing.T, c *ent.Client, id uuid.UUID) string {
	t.Helper()
	found, err := c.APIToken.Get(as(t, "ann"), id)
	if err != nil {
		t.Fatal(err)
	}
	return found.Hash
}
