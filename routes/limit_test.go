package routes_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/valyala/fasthttp"

	"todo-backend/ent/database"
	"todo-backend/ent/database/databasetest"
	"todo-backend/middleware"
)

// limit is what the service is measured against: the same answers, in the plain dialect, written by hand for this one table
// on fasthttp and the driver, without Fiber, Ent, contrib/jwt or slog. It keeps every rule that a task has, and leaves out
// only what no measured request meets: the other dialects and orders, the other kinds of token, the details of a refusal.
type limit struct {
	parser *jwt.Parser
	key    jwt.Keyfunc
	store  store
	log    io.Writer
	queries
}

// store is a database, so far as the two differ.
type store interface {
	// query hands every row to each, which may not keep it.
	query(each func(*row), statement string, args ...any) error
	// exec returns how many rows were changed.
	exec(statement string, args ...any) (int64, error)
	close()
	id(id uuid.UUID) any
	time(t time.Time) any
}

// row is a task as it is stored; its texts live as long as the row is not left. The owner is known from the token.
type row struct {
	id               uuid.UUID
	created, updated time.Time
	title            []byte
	description      []byte // nil: null
	completed        bool
}

// queries are the statements, each with the owner among its conditions.
type queries struct{ list, get, create, update, toggle, remove string }

const (
	limitColumns = "id, user_id, created_at, updated_at, title, description, completed"
	limitOne     = " WHERE id = $1 AND user_id = $2"
	limitLater   = "updated_at = GREATEST($3, updated_at + INTERVAL '1 microsecond')"
)

var postgresQueries = queries{
	list:   "SELECT " + limitColumns + " FROM tasks WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
	get:    "SELECT " + limitColumns + " FROM tasks" + limitOne,
	create: "INSERT INTO tasks (" + limitColumns + ") VALUES ($1, $2, $3, $3, $4, $5, $6)",
	update: "UPDATE tasks SET title = COALESCE($4, title), description = CASE WHEN $5 THEN $6 ELSE description END, " +
		"completed = COALESCE($7, completed), " + limitLater + limitOne + " RETURNING " + limitColumns,
	toggle: "UPDATE tasks SET completed = NOT completed, " + limitLater + limitOne + " RETURNING " + limitColumns,
	remove: "DELETE FROM tasks" + limitOne,
}

// sqliteQueries are the same in SQLite's words.
func sqliteQueries() queries {
	words := strings.NewReplacer("$", "?", "GREATEST", "MAX", "INTERVAL '1 microsecond'", "1")
	q := postgresQueries
	for _, s := range q.all() {
		*s = words.Replace(*s)
	}
	return q
}

func (q *queries) all() []*string {
	return []*string{&q.list, &q.get, &q.create, &q.update, &q.toggle, &q.remove}
}

// newLimit checks what the service checks of an HS256 token: the algorithm, exp with the same leeway, and sub.
func newLimit(s store, q queries, log io.Writer) *limit {
	return &limit{
		parser:  jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithLeeway(5*time.Second)),
		key:     func(*jwt.Token) (any, error) { return []byte(secret), nil },
		store:   s,
		log:     log,
		queries: q,
	}
}

// server has the timeouts and bounds that the service has.
func (l *limit) server() *fasthttp.Server {
	return &fasthttp.Server{
		Handler:               l.serve,
		NoDefaultServerHeader: true,
		MaxRequestBodySize:    64 << 10,
		ReadBufferSize:        16 << 10,
		ReadTimeout:           10 * time.Second,
		WriteTimeout:          30 * time.Second,
		IdleTimeout:           2 * time.Minute,
	}
}

func (l *limit) serve(ctx *fasthttp.RequestCtx) {
	begin := time.Now()
	if string(ctx.Path()) == "/ready" {
		return
	}
	setCommonHeaders(ctx)
	l.answer(ctx)
	l.logRequest(ctx, begin)
}

// logRequest writes the line that the service writes, but for the route.
func (l *limit) logRequest(ctx *fasthttp.RequestCtx, begin time.Time) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	b := time.Now().AppendFormat(append(s.body[:0], `{"time":"`...), time.RFC3339Nano)
	b = append(append(b, `","level":"INFO","msg":"request","id":"`...), ctx.Response.Header.Peek("X-Request-Id")...)
	b = append(append(b, `","method":"`...), ctx.Method()...)
	b = strconv.AppendInt(append(b, `","status":`...), int64(ctx.Response.StatusCode()), 10)
	b = strconv.AppendInt(append(b, `,"duration":`...), int64(time.Since(begin)), 10)
	b = strconv.AppendInt(append(b, `,"bytes":`...), int64(len(ctx.Response.Body())), 10)
	b = append(b, "}\n"...)
	_, _ = l.log.Write(b)
	s.body = b
}

func (l *limit) answer(ctx *fasthttp.RequestCtx) {
	user, ok := l.user(ctx)
	if !ok {
		refuse(ctx, fasthttp.StatusUnauthorized)
		return
	}
	path, ok := bytes.CutPrefix(bytes.TrimSuffix(ctx.Path(), []byte("/")), []byte("/api/tasks"))
	switch {
	case !ok:
		refuse(ctx, fasthttp.StatusNotFound)
	case len(path) == 0 && ctx.IsGet():
		l.serveList(ctx, user)
	case len(path) == 0 && ctx.IsPost():
		l.serveCreate(ctx, user)
	case len(path) == 0:
		refuse(ctx, fasthttp.StatusMethodNotAllowed)
	default:
		l.serveTask(ctx, user, path[1:])
	}
}

func (l *limit) serveTask(ctx *fasthttp.RequestCtx, user string, path []byte) {
	text, action, _ := bytes.Cut(path, []byte("/"))
	id, err := uuid.ParseBytes(text)
	switch {
	case err != nil || len(text) != 36:
		refuse(ctx, fasthttp.StatusNotFound)
	case ctx.IsGet():
		l.serveOne(ctx, l.get, l.store.id(id), user)
	case ctx.IsDelete():
		l.serveDelete(ctx, id, user)
	case string(action) == "complete" && len(ctx.PostBody()) == 0:
		l.serveOne(ctx, l.toggle, l.store.id(id), user, l.store.time(timeNow()))
	default:
		l.serveUpdate(ctx, id, user)
	}
}

// setCommonHeaders sets what stands on every answer.
func setCommonHeaders(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	var id [36]byte
	random := uuid.New()
	h.SetBytesV("X-Request-Id", appendUUID(id[:0], random))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Origin")
	if string(ctx.Request.Header.Peek("Origin")) == origin {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Max-Age", "600")
		h.Set("Access-Control-Expose-Headers", "ETag,Link,Location,RateLimit,RateLimit-Policy,Retry-After,X-Request-Id")
	}
	h.SetContentType("application/json")
}

func refuse(ctx *fasthttp.RequestCtx, status int) {
	ctx.SetStatusCode(status)
	ctx.SetBodyString(`{"success":false}`)
}

// user is the subject of the request's token.
func (l *limit) user(ctx *fasthttp.RequestCtx) (string, bool) {
	token, ok := bytes.CutPrefix(ctx.Request.Header.Peek("Authorization"), []byte("Bearer "))
	if !ok {
		return "", false
	}
	var claims jwt.RegisteredClaims
	_, err := l.parser.ParseWithClaims(string(token), &claims, l.key)
	return claims.Subject, err == nil && claims.Subject != "" && utf8.RuneCountInString(claims.Subject) <= 255
}

// scratch holds the buffers of one answer.
type scratch struct{ body, tag, rows []byte }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (l *limit) serveList(ctx *fasthttp.RequestCtx, user string) {
	size := 1000
	if text := ctx.QueryArgs().Peek("limit"); len(text) > 0 {
		var err error
		if size, err = strconv.Atoi(string(text)); err != nil || size < 1 || size > 1000 {
			refuse(ctx, fasthttp.StatusUnprocessableEntity)
			return
		}
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.body, s.rows = append(s.body[:0], '['), s.rows[:0]
	var next [43]byte
	var last row
	count := 0
	err := l.store.query(func(r *row) {
		count++
		if count > size {
			appendCursor(next[:0], user, &last)
			return
		}
		if count > 1 {
			s.body = append(s.body, ',')
		}
		s.body = appendTask(s.body, user, r)
		s.rows = appendVersion(s.rows, r)
		last.id, last.created = r.id, r.created
	}, l.list, user, size+1)
	if err != nil {
		fail(ctx, err)
		return
	}
	ctx.Response.Header.Set("Vary", "Origin, Accept-Encoding") // the benchmark's clients take none
	s.tag = append(s.tag[:0], "plain"...)
	if count > size {
		s.tag = append(s.tag, next[:]...)
		setLink(ctx, next[:])
	}
	s.tag = append(append(s.tag, make([]byte, 8)...), s.rows...) // 8 for the total, which this dialect does not count
	if unchanged(ctx, s.tag) {
		return
	}
	ctx.SetBody(append(s.body, "]\n"...))
}

// appendVersion appends what a tag is made of.
func appendVersion(b []byte, r *row) []byte {
	return binary.BigEndian.AppendUint64(append(b, r.id[:]...), uint64(r.updated.UnixMicro()))
}

// appendCursor appends the position after a task of the default list.
func appendCursor(b []byte, user string, r *row) {
	place := binary.BigEndian.AppendUint64(append(make([]byte, 0, 24), r.id[:]...), uint64(r.created.UnixMicro()))
	hashed := make([]byte, 0, 384)
	for _, part := range [...]string{user, "created_at", "\x01", "\x02", string(place)} {
		hashed = append(binary.BigEndian.AppendUint32(hashed, uint32(len(part))), part...)
	}
	sum := sha256.Sum256(hashed)
	base64.RawURLEncoding.AppendEncode(b, append(sum[:8:8], place...))
}

func setLink(ctx *fasthttp.RequestCtx, cursor []byte) {
	query := ctx.QueryArgs()
	query.SetBytesV("cursor", cursor)
	link := append(make([]byte, 0, 256), '<')
	link = append(append(link, ctx.URI().PathOriginal()...), '?')
	ctx.Response.Header.SetBytesV("Link", append(query.AppendBytes(link), `>; rel="next"`...))
}

// unchanged sets the tag and reports whether the client has the answer already.
func unchanged(ctx *fasthttp.RequestCtx, version []byte) bool {
	var tag [24]byte
	sum := sha256.Sum256(version)
	etag := append(base64.RawURLEncoding.AppendEncode(append(tag[:0], '"'), sum[:16]), '"')
	ctx.Response.Header.SetBytesV("ETag", etag)
	ctx.Response.Header.Set("Cache-Control", "private, no-cache")
	if !bytes.Contains(ctx.Request.Header.Peek("If-None-Match"), etag) {
		return false
	}
	ctx.SetStatusCode(fasthttp.StatusNotModified)
	return true
}

// serveOne answers with the task that a statement returns.
func (l *limit) serveOne(ctx *fasthttp.RequestCtx, statement string, args ...any) {
	user := args[1].(string)
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.body = s.body[:0]
	err := l.store.query(func(r *row) {
		s.body = append(appendTask(s.body, user, r), '\n')
		s.tag = appendVersion(append(append(s.tag[:0], "plain"...), make([]byte, 8)...), r)
	}, statement, args...)
	switch {
	case err != nil:
		fail(ctx, err)
	case len(s.body) == 0:
		refuse(ctx, fasthttp.StatusNotFound)
	case !ctx.IsGet() || !unchanged(ctx, s.tag):
		ctx.SetBody(s.body)
	}
}

func (l *limit) serveCreate(ctx *fasthttp.RequestCtx, user string) {
	in, ok := parseInput(ctx)
	if !ok || in.Title == nil {
		refuse(ctx, fasthttp.StatusUnprocessableEntity)
		return
	}
	r := row{id: uuid.Must(uuid.NewV7()), title: []byte(*in.Title)}
	r.created = instant(r.id)
	r.updated = r.created
	if in.Description.value != nil {
		r.description = []byte(*in.Description.value)
	}
	if in.Completed != nil {
		r.completed = *in.Completed
	}
	_, err := l.store.exec(l.create, l.store.id(r.id), user, l.store.time(r.created), *in.Title, in.Description.value, r.completed)
	if err != nil {
		fail(ctx, err)
		return
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	location := append(append(s.tag[:0], ctx.URI().PathOriginal()...), '/')
	ctx.Response.Header.SetBytesV("Location", appendUUID(location, r.id))
	ctx.SetStatusCode(fasthttp.StatusCreated)
	s.body = append(appendTask(s.body[:0], user, &r), '\n')
	ctx.SetBody(s.body)
}

func (l *limit) serveUpdate(ctx *fasthttp.RequestCtx, id uuid.UUID, user string) {
	in, ok := parseInput(ctx)
	switch {
	case !ok:
		refuse(ctx, fasthttp.StatusUnprocessableEntity)
	case in.Title == nil && in.Completed == nil && !in.Description.set:
		l.serveOne(ctx, l.get, l.store.id(id), user)
	default:
		l.serveOne(ctx, l.update, l.store.id(id), user, l.store.time(timeNow()),
			in.Title, in.Description.set, in.Description.value, in.Completed)
	}
}

func (l *limit) serveDelete(ctx *fasthttp.RequestCtx, id uuid.UUID, user string) {
	switch changed, err := l.store.exec(l.remove, l.store.id(id), user); {
	case err != nil:
		fail(ctx, err)
	case changed == 0:
		refuse(ctx, fasthttp.StatusNotFound)
	default:
		ctx.SetBodyString(`{"message":"Task deleted successfully"}` + "\n")
	}
}

func fail(ctx *fasthttp.RequestCtx, err error) {
	ctx.Logger().Printf("%v", err)
	refuse(ctx, fasthttp.StatusInternalServerError)
}

// input is a body.
type input struct {
	Title       *string  `json:"title"`
	Description optional `json:"description"`
	Completed   *bool    `json:"completed"`
}

// optional is a text that may be absent or null.
type optional struct {
	set   bool
	value *string
}

func (o *optional) UnmarshalJSON(raw []byte) error {
	o.set = true
	return json.Unmarshal(raw, &o.value)
}

// parseInput reads the body and reports whether it keeps the rules.
func parseInput(ctx *fasthttp.RequestCtx) (in input, ok bool) {
	body := ctx.PostBody()
	if !utf8.Valid(body) || json.Unmarshal(body, &in) != nil {
		return in, false
	}
	if in.Title != nil {
		*in.Title = strings.TrimSpace(*in.Title)
		if *in.Title == "" || !fits(*in.Title, 255) {
			return in, false
		}
	}
	return in, in.Description.value == nil || fits(*in.Description.value, 1000)
}

func fits(text string, most int) bool {
	return utf8.RuneCountInString(text) <= most && strings.IndexByte(text, 0) < 0
}

func timeNow() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// instant is the time in an id.
func instant(id uuid.UUID) time.Time {
	milli := int64(binary.BigEndian.Uint64(id[:8]) >> 16)
	micro := int64(binary.BigEndian.Uint16(id[6:8])&0x0fff) * 256 / 1000
	return time.UnixMicro(milli*1000 + min(micro, 999)).UTC()
}

func appendTask(b []byte, user string, r *row) []byte {
	b = appendUUID(append(b, `{"id":"`...), r.id)
	b = appendText(append(b, `","user_id":`...), user)
	b = appendText(append(b, `,"title":`...), r.title)
	b = append(b, `,"description":`...)
	if r.description == nil {
		b = append(b, "null"...)
	} else {
		b = appendText(b, r.description)
	}
	b = strconv.AppendBool(append(b, `,"completed":`...), r.completed)
	b = appendTime(append(b, `,"created_at":"`...), r.created)
	b = appendTime(append(b, `","updated_at":"`...), r.updated)
	return append(b, `"}`...)
}

func appendUUID(b []byte, id uuid.UUID) []byte {
	for i, octet := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, "0123456789abcdef"[octet>>4], "0123456789abcdef"[octet&0xf])
	}
	return b
}

// appendText appends a JSON string; what needs escapes is rare and left to encoding/json.
func appendText[T string | []byte](b []byte, text T) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c == 0xe2 { // U+2028 begins with E2
			return appendEscaped(b, string(text))
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

func appendEscaped(b []byte, text string) []byte {
	buffer := bytes.NewBuffer(b)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string can always be written
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

// appendTime appends a time in UTC with six digits of microseconds.
func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b = appendTwo(appendTwo(b, year/100), year%100)
	b = appendTwo(append(b, '-'), int(month))
	b = appendTwo(append(b, '-'), day)
	b = appendTwo(append(b, 'T'), hour)
	b = appendTwo(append(b, ':'), minute)
	b = appendTwo(append(b, ':'), second)
	micro := t.Nanosecond() / 1000
	b = appendTwo(append(b, '.'), micro/10000)
	b = appendTwo(appendTwo(b, micro/100%100), micro%100)
	return append(b, 'Z')
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// pgxStore is Postgres through the driver's own pool and interface.
type pgxStore struct{ pool *pgxpool.Pool }

// newPgxStore has as many connections as the service. The deadline of a request is the server's to keep.
func newPgxStore(ctx context.Context, url string) (pgxStore, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return pgxStore{}, err
	}
	c.MaxConns, c.MinConns = 16, 16
	c.ConnConfig.RuntimeParams["statement_timeout"] = "10s"
	pool, err := pgxpool.NewWithConfig(ctx, c)
	return pgxStore{pool}, err
}

func (s pgxStore) query(each func(*row), statement string, args ...any) error {
	rows, err := s.pool.Query(context.Background(), statement, args...)
	if err != nil {
		return err
	}
	var r row
	var title, description pgtype.DriverBytes
	targets := []any{(*[16]byte)(&r.id), nil, &r.created, &r.updated, &title, &description, &r.completed}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			rows.Close()
			return err
		}
		r.title, r.description = title, description
		each(&r)
	}
	return rows.Err()
}

func (s pgxStore) exec(statement string, args ...any) (int64, error) {
	done, err := s.pool.Exec(context.Background(), statement, args...)
	return done.RowsAffected(), err
}

func (s pgxStore) close() { s.pool.Close() }

func (pgxStore) id(id uuid.UUID) any { return [16]byte(id) }

func (pgxStore) time(t time.Time) any { return t }

// sqliteStore is SQLite with one connection that writes and several that read, and every statement prepared.
type sqliteStore struct {
	writer, reader *sql.DB
	statements     map[string]*sql.Stmt
}

func newSQLiteStore(ctx context.Context, path string, q queries) (sqliteStore, error) {
	writer, err := openSQLite(path, 1)
	if err != nil {
		return sqliteStore{}, err
	}
	reader, err := openSQLite(path, 8)
	if err != nil {
		return sqliteStore{}, err
	}
	s := sqliteStore{writer, reader, map[string]*sql.Stmt{}}
	for _, statement := range q.all() {
		pool := writer
		if strings.HasPrefix(*statement, "SELECT") {
			pool = reader
		}
		prepared, err := pool.PrepareContext(ctx, *statement) //nolint:sqlclosecheck // it closes with the pool
		if err != nil {
			return sqliteStore{}, err
		}
		s.statements[*statement] = prepared
	}
	return s, nil
}

// openSQLite sets the pragmas that the service sets. Times stay the integers that they are stored as.
func openSQLite(path string, conns int) (*sql.DB, error) {
	query := url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
		"_txlock": {"immediate"},
	}
	pool, err := sql.Open("sqlite", "file:"+path+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

func (s sqliteStore) query(each func(*row), statement string, args ...any) error {
	rows, err := s.statements[statement].QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var r row
	var id, user, title, description sql.RawBytes
	var created, updated int64
	targets := []any{&id, &user, &created, &updated, &title, &description, &r.completed}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if r.id, err = uuid.ParseBytes(id); err != nil {
			return err
		}
		r.created, r.updated = time.UnixMicro(created), time.UnixMicro(updated)
		r.title, r.description = title, description
		each(&r)
	}
	return rows.Err()
}

func (s sqliteStore) exec(statement string, args ...any) (int64, error) {
	done, err := s.statements[statement].ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

func (s sqliteStore) close() {
	s.reader.Close()
	s.writer.Close()
}

func (sqliteStore) id(id uuid.UUID) any { return id.String() }

func (sqliteStore) time(t time.Time) any { return t.UnixMicro() }

// asLimit makes the test binary be the limit, as a process with the settings of the service.
const asLimit = "TODO_BACKEND_TEST_AS_LIMIT"

// TestServeLimit is no test but the limit's main function, where asLimit is set.
func TestServeLimit(t *testing.T) {
	t.Parallel()
	if os.Getenv(asLimit) == "" {
		return
	}
	l, err := limitFor(t.Context(), database.Source{PostgresURL: os.Getenv("NEON_DB_URL"), SQLitePath: os.Getenv("SQLITE_PATH")}, os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	t.Fatal(l.server().ListenAndServe(net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT"))))
}

func limitFor(ctx context.Context, source database.Source, out io.Writer) (*limit, error) {
	log := middleware.NewLogBuffer(out)
	if source.PostgresURL != "" {
		s, err := newPgxStore(ctx, source.PostgresURL)
		return newLimit(s, postgresQueries, log), err
	}
	q := sqliteQueries()
	s, err := newSQLiteStore(ctx, source.SQLitePath, q)
	return newLimit(s, q, log), err
}

// TestLimitIsFair holds the limit's answers against the service's: what is left out would be time that it saves.
func TestLimitIsFair(t *testing.T) {
	t.Parallel()
	sources := map[string]func(t *testing.T) database.Source{
		"postgres": func(t *testing.T) database.Source {
			t.Helper()
			return database.Source{PostgresURL: databasetest.PostgresURL(t)}
		},
		"sqlite": func(t *testing.T) database.Source {
			t.Helper()
			return database.Source{SQLitePath: filepath.Join(t.TempDir(), "todo.db")}
		},
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareWithLimit(t, source(t))
		})
	}
}

func compareWithLimit(t *testing.T, source database.Source) {
	t.Helper()
	db := databasetest.Open(t, source)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := limitFor(t.Context(), source, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.store.close)
	ours := newAPI(t, db).app.Handler()
	ann, bob := sign(t, "ann"), sign(t, "bob")
	for _, description := range []string{`"Two litres"`, `null`, `"\u2028 \"<é>\"\n"`} {
		body := `{"title":" Buy milk ","description":` + description + `,"completed":true}`
		direct(l.serve, ann, "POST", "/api/tasks", body)
		direct(ours, ann, "POST", "/api/tasks", body)
	}
	mine, its := create(ours, ann), create(l.serve, ann)
	requests := []struct{ token, method, path, body string }{
		{ann, "GET", "/api/tasks", ""},
		{ann, "GET", "/api/tasks?limit=2", ""},
		{ann, "GET", "/api/tasks?limit=6", ""},
		{bob, "GET", "/api/tasks", ""},
		{ann, "GET", "/api/tasks/{same}", ""},
		{bob, "GET", "/api/tasks/{same}", ""},
		{ann, "GET", "/api/tasks/1", ""},
		{"", "GET", "/api/tasks", ""},
		{bob + "x", "GET", "/api/tasks", ""},
		{ann, "PATCH", "/api/tasks/{id}", `{"title":"Buy tea"}`},
		{ann, "PATCH", "/api/tasks/{id}", `{"description":null,"completed":false}`},
		{ann, "PUT", "/api/tasks/{id}", `{}`},
		{ann, "PATCH", "/api/tasks/{id}", `{"title":" "}`},
		{ann, "POST", "/api/tasks", `{"title":"` + strings.Repeat("é", 256) + `"}`},
		{ann, "POST", "/api/tasks", `{"title":"Rest"}`},
		{bob, "PATCH", "/api/tasks/{id}", `{"title":"Stolen"}`},
		{ann, "PATCH", "/api/tasks/{id}/complete", ""},
		{bob, "PATCH", "/api/tasks/{id}/complete", ""},
		{bob, "DELETE", "/api/tasks/{id}", ""},
	}
	for _, r := range requests {
		want := direct(ours, r.token, r.method, strings.NewReplacer("{id}", mine, "{same}", mine).Replace(r.path), r.body)
		got := direct(l.serve, r.token, r.method, strings.NewReplacer("{id}", its, "{same}", mine).Replace(r.path), r.body)
		if got != want {
			t.Errorf("%s %s %s: the limit answers\n%+v, the service\n%+v", r.method, r.path, r.body, got, want)
		}
	}
	for _, handler := range []fasthttp.RequestHandler{l.serve, ours} {
		made := create(handler, ann)
		if got := direct(handler, ann, "DELETE", "/api/tasks/"+made, ""); got.status != 200 || !strings.Contains(got.body, "deleted") {
			t.Errorf("a task is deleted with %+v", got)
		}
	}
}

// create makes a task and returns its id.
func create(handler fasthttp.RequestHandler, token string) string {
	ctx := newRequest(token, "POST", "/api/tasks", `{"title":"Run"}`)
	handler(ctx)
	return string(ctx.Response.Body()[len(`{"id":"`):][:36])
}

// outcome is what an answer says, but for what differs from one request, or from one write, to the next, and for tags and
// cursors, which each makes in its own way.
type outcome struct {
	status       int
	header, body string // of success alone
}

var (
	ofRequest = regexp.MustCompile(`(?m)^((?:Date|X-Request-Id|Etag): ).*$|(cursor=)[\w-]+`)
	// ofLaterFields are what tasks have beside the fields that the limit knows.
	ofLaterFields = regexp.MustCompile(`"priority":"\w+",`)
	ofWrite       = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`)
)

func direct(handler fasthttp.RequestHandler, token, method, path, body string) outcome {
	ctx := newRequest(token, method, path, body)
	handler(ctx)
	res := &ctx.Response
	o := outcome{status: res.StatusCode()}
	if o.status >= 300 {
		return o
	}
	lines := strings.Split(res.Header.String(), "\r\n")
	slices.Sort(lines)
	o.header, o.body = ofRequest.ReplaceAllString(strings.Join(lines, "\n"), "$1$2…"), string(res.Body())
	o.body = ofLaterFields.ReplaceAllString(o.body, "")
	if method != "GET" {
		o.header, o.body = ofWrite.ReplaceAllString(o.header, "…"), ofWrite.ReplaceAllString(o.body, "…")
	}
	return o
}

// newRequest is a request of a user's browser, without a connection.
func newRequest(token, method, path, body string) *fasthttp.RequestCtx {
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, nil, nil)
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(path)
	ctx.Request.Header.Set("Origin", origin)
	if token != "" {
		ctx.Request.Header.Set("Authorization", "Bearer "+token)
	}
	ctx.Request.SetBodyString(body)
	return &ctx
}

// again serves a request once more.
func again(serve fasthttp.RequestHandler, ctx *fasthttp.RequestCtx) {
	ctx.Response.Reset()
	ctx.ResetUserValues()
	ctx.Request.SetRequestURIBytes(ctx.Request.Header.RequestURI()) // else it would not be parsed anew
	serve(ctx)
}
