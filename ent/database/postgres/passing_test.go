package postgres_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"testing"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/ent/database/postgres"
)

// TestWhatMayPass connects in ways that fail, and has the server refuse for given reasons.
func TestWhatMayPass(t *testing.T) {
	t.Parallel()
	right := databasetest.PostgresURL(t)
	hangsUp := serve(t, func(net.Conn) {})
	answersNothing := serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	withoutTLS := serve(t, func(conn net.Conn) { answerToTLS(conn, "N") })
	unknown := httptest.NewTLSServer(nil)
	t.Cleanup(unknown.Close)
	withUnknownCertificate := serve(t, func(conn net.Conn) {
		answerToTLS(conn, "S")
		_ = tls.Server(conn, unknown.TLS).Handshake()
	})
	for _, test := range []struct {
		name   string
		change func(*url.URL)
		want   bool
	}{
		{"the name is not found", func(u *url.URL) { u.Host = "nowhere.invalid" }, true},
		{"nobody listens", func(u *url.URL) { u.Host = "127.0.0.1:1" }, true},
		{"nobody has made the socket", func(u *url.URL) { u.Host, u.RawQuery = "", "host=/nowhere" }, true},
		{"somebody hangs up", func(u *url.URL) { u.Host = hangsUp }, true},
		{"nobody answers", func(u *url.URL) { u.Host, u.RawQuery = answersNothing, "sslmode=disable&connect_timeout=1" }, true},
		{"the password is wrong", func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "wrong") }, false},
		{"there is no such user", func(u *url.URL) { u.User = url.UserPassword("nobody", "wrong") }, false},
		{"there is no such database", func(u *url.URL) { u.Path = "/nothing" }, false},
		{"the server has no TLS", func(u *url.URL) { u.Host, u.RawQuery = withoutTLS, "sslmode=require" }, false},
		{"nobody knows the server's certificate", func(u *url.URL) { u.Host, u.RawQuery = withUnknownCertificate, "sslmode=verify-full" }, false},
	} {
		u, err := url.Parse(right)
		if err != nil {
			t.Fatal(err)
		}
		test.change(u)
		db := databasetest.Open(t, database.Source{PostgresURL: u.String()})
		if err := db.Migrate(t.Context()); err == nil || postgres.MayPass(err) != test.want {
			t.Errorf("%s: %v, want %v: %v", test.name, !test.want, test.want, err)
		}
	}
	pool := databasetest.Open(t, database.Source{PostgresURL: right + "&default_query_exec_mode=simple_protocol"}).Pool
	for code, want := range map[string]bool{
		"57P03": true, "57P01": true, "53300": true, "53400": true, "08006": true, "08P01": true, // starting, stopping, full, a pooler's
		"28P01": false, "28000": false, "3D000": false, "42501": false, "42P01": false, "57014": false,
	} {
		_, err := pool.ExecContext(t.Context(), "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '"+code+"', MESSAGE = 'refused'; END $$")
		if err == nil || postgres.MayPass(err) != want {
			t.Errorf("%s: want %v: %v", code, want, err)
		}
	}
}

// serve is the address of a server that does something with each connection, and closes it.
func serve(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// answerToTLS reads the request for TLS that a connection begins with, and answers S for yes or N.
func answerToTLS(conn net.Conn, answer string) {
	_, _ = io.ReadFull(conn, make([]byte, 8))
	_, _ = io.WriteString(conn, answer)
}
