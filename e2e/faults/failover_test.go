//go:build faults

package faults

import (
	"strings"
	"testing"
	"time"

	"todo-backend/ent/database/pgtest"
)

// TestPrimaryIsLost kills the primary under the load; its replica is promoted. What was acknowledged is on both.
func TestPrimaryIsLost(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.serve(t, p.url)
	p.load.mark("the primary is killed")
	halt(t, p.primary, pgtest.Kill)
	time.Sleep(time.Second)
	p.promote(t)
}

// TestPrimaryIsDemoted takes the right to write from the primary and cuts no connection: those that are open lead to a server
// that answers, and is no longer the right one.
func TestPrimaryIsDemoted(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.serve(t, p.url)
	p.load.mark("the primary takes no writes any more")
	if err := p.primary.Demote(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	p.promote(t)
}

// TestPrimaryVanishes takes the primary off the network: nothing comes from there, not even that nobody is there.
func TestPrimaryVanishes(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	way, _ := newProxy(t, p.primary.URL("postgres"))
	p.serve(t, strings.Replace(p.url, way.target, way.address, 1)+"&connect_timeout=2", "REQUEST_TIMEOUT=2s")
	p.load.mark("the primary vanishes")
	way.stall()
	time.Sleep(time.Second)
	p.promote(t)
}

// pair is two servers, and the load on a service that may use either.
type pair struct {
	primary, replica *pgtest.Server
	url              string
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
	return &pair{primary: primary, replica: replica, url: pgtest.URLOfAll(database, primary, replica)}
}

func (p *pair) serve(t *testing.T, url string, env ...string) {
	t.Helper()
	s := newService(t, append(env, postgresSetting+url)...)
	s.start(t)
	p.load = newLoad(t, s.url(), 16, 4)
	p.load.run()
	p.load.awaitBack(10 * time.Second)
	time.Sleep(time.Second)
}

// promote promotes the replica, and checks that the service moves over and has everything.
func (p *pair) promote(t *testing.T) {
	t.Helper()
	p.load.mark("the replica is promoted")
	if err := p.replica.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.load.mark("there is a primary again")
	p.load.awaitBack(10 * time.Second)
	time.Sleep(time.Second)
	p.load.stop()
	p.load.wantAnswers(requestTimeout)
	p.load.check(t)
}
