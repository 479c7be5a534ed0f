package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/valyala/fasthttp"

	"todo-backend/ent/database"
	"todo-backend/ent/fold"
	"todo-backend/ent/moment"
	"todo-backend/middleware"
)

// limit is the server that the program is measured against: the same answers, in the plain dialect, written by hand for one table
// on fasthttp and the driver, without Fiber, Ent, contrib/jwt or slog. It leaves out only what no measured request meets: the other
// dialects and orders, the other kinds of token, tasks that come back, changes of other fields than the title, the description and the
// state, and the details of a refusal. Folding and calendars are the program's own.
//
// It stands by itself, with a table of its own, so that a new field of a task changes nothing here. TestLimitIsFair says what it
// lacks. Bring it up to date as a whole: tables, statements, row, input, appendTask.
type limit struct {
	parser *jwt.Parser
	key    jwt.Keyfunc
	tokens *lru.Cache[[sha256.Size]byte, verifiedToken]
	store  store
	log    io.Writer
	queries
}

// verifiedToken is what the limit keeps of a token that it verified.
type verifiedToken struct {
	user    string
	expires time.Time
}

const tokenLeeway = 5 * time.Second

// newLimit checks what the program checks of an HS256 token: the algorithm, exp with the same leeway, and sub. It keeps as many
// verified tokens.
func newLimit(s store, q queries, log io.Writer) *limit {
	tokens, err := lru.New[[sha256.Size]byte, verifiedToken](4096)
	if err != nil {
		panic(err) // of a size that is not positive
	}
	return &limit{
		parser:  jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithLeeway(tokenLeeway)),
		tokens:  tokens,
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

// logRequest writes the line that the service writes.
func (l *limit) logRequest(ctx *fasthttp.RequestCtx, begin time.Time) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	b := time.Now().AppendFormat(append(s.body[:0], `{"time":"`...), time.RFC3339Nano)
	b = append(append(b, `","level":"INFO","msg":"request","id":"`...), ctx.Response.Header.Peek("X-Request-Id")...)
	b = append(append(b, `","method":"`...), ctx.Method()...)
	b = append(append(b, `","route":"`...), route(ctx.Path())...)
	b = strconv.AppendInt(append(b, `","status":`...), int64(ctx.Response.StatusCode()), 10)
	b = strconv.AppendInt(append(b, `,"duration":`...), int64(time.Since(begin)), 10)
	b = strconv.AppendInt(append(b, `,"bytes":`...), int64(len(ctx.Response.Body())), 10)
	b = append(b, "}\n"...)
	_, _ = l.log.Write(b)
	s.body = b
}

// route is the name of an address in the log.
func route(path []byte) string {
	switch {
	case bytes.HasSuffix(path, []byte("/tasks")):
		return "/api/tasks"
	case bytes.HasSuffix(path, []byte("/complete")):
		return "/api/tasks/:id/complete"
	}
	return "/api/tasks/:id"
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
		l.serveOne(ctx, user, l.get, l.store.id(id), user)
	case ctx.IsDelete():
		l.serveDelete(ctx, id, user)
	case string(action) == "complete" && len(ctx.PostBody()) == 0:
		l.serveOne(ctx, user, l.toggle, l.store.time(time.Now().UnixMicro()), l.store.id(id), user)
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
		h.Set("Access-Control-Expose-Headers", "ETag,Link,Location,Next-Task,RateLimit,RateLimit-Policy,Retry-After,X-Request-Id")
	}
	h.SetContentType("application/json")
}

func refuse(ctx *fasthttp.RequestCtx, status int) {
	ctx.SetStatusCode(status)
	ctx.SetBodyString(`{"success":false}`)
}

// user is the subject of the request's token, which is verified once and then known by a hash.
func (l *limit) user(ctx *fasthttp.RequestCtx) (string, bool) {
	header := ctx.Request.Header.Peek("Authorization")
	key := sha256.Sum256(header)
	if known, ok := l.tokens.Peek(key); ok && time.Now().Before(known.expires) {
		return known.user, true
	}
	token, ok := bytes.CutPrefix(header, []byte("Bearer "))
	if !ok {
		return "", false
	}
	var claims jwt.RegisteredClaims
	_, err := l.parser.ParseWithClaims(string(token), &claims, l.key)
	if err != nil || claims.Subject == "" || utf8.RuneCountInString(claims.Subject) > 255 {
		return "", false
	}
	l.tokens.Add(key, verifiedToken{claims.Subject, claims.ExpiresAt.Add(tokenLeeway)})
	return claims.Subject, true
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
	var next [(cursorLength*8 + 5) / 6]byte
	var last uuid.UUID
	count := 0
	err := l.store.query(func(r *row) {
		count++
		if count > size {
			appendCursor(next[:0], user, last)
			return
		}
		if count > 1 {
			s.body = append(s.body, ',')
		}
		s.body = appendTask(s.body, user, r)
		s.rows = appendVersion(s.rows, r)
		last = r.id
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
	return binary.BigEndian.AppendUint64(append(b, r.id[:]...), uint64(r.updated))
}

// appendCursor appends the position after a task of the default list: a version, a seal of what the list is, and the place.
func appendCursor(b []byte, user string, after uuid.UUID) {
	place := append(make([]byte, 0, len(after)+1), after[:]...)
	place = append(place, 0) // the order has no other key
	hashed := make([]byte, 0, 384)
	for _, part := range [...]string{user, "id", "\x01", string(place)} {
		hashed = append(binary.BigEndian.AppendUint32(hashed, uint32(len(part))), part...)
	}
	sum := sha256.Sum256(hashed)
	sealed := append(append(make([]byte, 0, cursorLength), 2), sum[:8]...)
	base64.RawURLEncoding.AppendEncode(b, append(sealed, place...))
}

const cursorLength = 1 + 8 + 16 + 1

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
	ctx.SetContentType("") // there is no content
	return true
}

// serveOne answers with the task that a statement returns.
func (l *limit) serveOne(ctx *fasthttp.RequestCtx, user, statement string, args ...any) {
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
	r := row{id: uuid.Must(uuid.NewV7()), title: []byte(*in.Title), priority: medium}
	r.created = instant(r.id)
	r.updated = r.created
	args := append(make([]any, 0, 16), l.store.id(r.id), user, l.store.time(r.created), *in.Title, in.Description.value)
	var folded *string
	if in.Description.value != nil {
		text := fold.Fold(*in.Description.value)
		r.description, folded = []byte(*in.Description.value), &text
	}
	if in.Priority != nil {
		r.priority = int64(slices.Index(priorities, *in.Priority))
	}
	var tags, foldedTags []string
	if in.Tags != nil {
		tags = *in.Tags
	}
	for _, tag := range tags {
		foldedTags = append(foldedTags, fold.Fold(tag))
	}
	r.tags = appendTexts(nil, tags)
	var completedAt, begin, end any
	if in.Completed != nil && *in.Completed {
		r.completed, r.completedAt = true, r.created
		completedAt = l.store.time(r.created)
	}
	if in.DueDate != nil {
		due, err := moment.Parse(*in.DueDate)
		if err != nil {
			refuse(ctx, fasthttp.StatusUnprocessableEntity)
			return
		}
		r.due = []byte(*in.DueDate)
		begin, end = l.store.time(due.Begin(time.UTC).UnixMicro()), l.store.time(due.End(time.UTC).UnixMicro())
	}
	args = append(args, r.completed, r.priority, in.DueDate, nil, string(r.tags), completedAt, begin, end,
		fold.Fold(*in.Title), folded, string(appendTexts(nil, foldedTags)))
	if _, err := l.store.exec(l.create, args...); err != nil {
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
	if !ok {
		refuse(ctx, fasthttp.StatusUnprocessableEntity)
		return
	}
	fields, args := 0, append(make([]any, 0, 7), l.store.time(time.Now().UnixMicro()), l.store.id(id), user)
	if in.Title != nil {
		fields |= setTitle
		args = append(args, *in.Title, fold.Fold(*in.Title))
	}
	if in.Description.set {
		fields |= setDescription
		var folded any
		if in.Description.value != nil {
			folded = fold.Fold(*in.Description.value)
		}
		args = append(args, in.Description.value, folded)
	}
	switch {
	case in.Completed == nil:
	case *in.Completed:
		fields |= setDone
	default:
		fields |= setOpen
	}
	switch {
	case in.Priority != nil || in.DueDate != nil || in.Tags != nil:
		refuse(ctx, fasthttp.StatusNotImplemented) // no measured change names them
	case fields == 0:
		l.serveOne(ctx, user, l.get, l.store.id(id), user)
	default:
		l.serveOne(ctx, user, l.updates[fields], args...)
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
	log := middleware.NewLogQueue(out, 100*time.Millisecond)
	if source.PostgresURL != "" {
		s, err := newPgxStore(ctx, source.PostgresURL)
		return newLimit(s, postgresQueries(), log), err
	}
	q := sqliteQueries()
	s, err := newSQLiteStore(ctx, source.SQLitePath, q)
	return newLimit(s, q, log), err
}
