//go:build faults

package faults

import (
	"os"
	"testing"
	"time"

	"todo-backend/ent/database/pgtest"
)

// TestPrimaryIsLost ends the primary under the load; its replica is promoted. What was acknowledged is on both.
func TestPrimaryIsLost(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]os.Signal{"stopped": pgtest.Immediate, "killed": pgtest.Kill} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t)
			p.load.mark("the primary is %s", name)
			halt(t, p.primary, way)
			time.Sleep(time.Second)
			p.promote(t)
		})
	}
}

// TestPrimaryIsDemoted takes the primary its right to write and cuts no connection: those that are open lead to a server that
// answers, and is no longer the right one.
func TestPrimaryIsDemoted(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.load.mark("the primary takes no writes any more")
	if err := p.primary.Demote(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	p.promote(t)
}

// pair is two servers and the load on a service that may use either.
type pair struct {
	primary, replica *pgtest.Server
	load             *load
}

func newPair(t *testing.T) *pair {
	t.Helper()
	primary := ownPostgres(t)
	replica, err := primary.StartReplica(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { replica.Stop() })
	database := pgtest.Name(emptyDatabase(t, primary))
	s := newService(t, postgresSetting+pgtest.URLOfAll(database, primary, replica))
	s.start(t)
	l := newLoad(t, s.url(), 16, 4)
	l.run()
	l.awaitBack(10 * time.Second)
	time.Sleep(time.Second)
	return &pair{primary, replica, l}
}

// promote promotes the replica, and checks that the service moves over and has everything.
func (p *pair) promote(t *testing.T) {
	t.Helper()
	p.load.mark("the replica is promoted")
	if err := p.replica.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.load.mark("there is a primary again")
	p.load.awaitBack(5 * time.Second)
	time.Sleep(time.Second)
	p.load.stop()
	p.load.wantAnswers(requestTimeout)
	p.load.check(t)
}
