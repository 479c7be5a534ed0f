// Package routes is the HTTP surface of the service.
package routes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"go.opentelemetry.io/otel/trace"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent"
	"todo-backend/middleware"
	"todo-backend/middleware/limit"
	"todo-backend/middleware/network"
	"todo-backend/middleware/token"
)

const (
	maxBody    = 64 << 10 // bytes
	maxHeaders = 16 << 10 // bytes: the cookies of everything else on localhost come along
	// writeBuffer holds an answer about one task, which goes out in one write then; what is longer is
	// not copied to it. Each connection that is used keeps one, and holds it while nobody reads its answer.
	writeBuffer = 4 << 10 // bytes
	// maxInFlight requests are answered within a fraction of a second even by the slowest of the databases.
	maxInFlight = 512
	// maxConnections take 400 MB at most while they are idle, 30 to 50 KiB each, and up to 64 KiB more each while a body arrives.
	// There are fewer where the process may not have as many file descriptors.
	maxConnections = 8192
)

// Dependencies are what the routes work with.
type Dependencies struct {
	Client *ent.Client
	// Connections is how many connections to the database the client has to read with. One user may use a share of them.
	Connections int

	Verifier *token.Verifier
	Logger   *slog.Logger
	Metrics  *middleware.Metrics // nil: none are kept
	Tracer   trace.Tracer        // nil: no spans are made
	// Ready reports why no requests should be sent here, or nil and whether writes are taken.
	Ready func(context.Context) (writes bool, err error)
	// InTx runs operations in a transaction, through the client that it gives; nil: once, by Client.
	InTx func(ctx context.Context, do func(*ent.Client) error) error
	// Now is the clock by which tasks are due; nil: time.Now.
	Now func() time.Time
	// Version is the version of this build, which agents see; empty: development.
	Version string
	// DevelopmentToken makes the token that the pages of development hold for requests from this machine; nil:
	// they hold none.
	DevelopmentToken func() (string, error)
	// Lifecycle says whether the service is starting or stopping; nil: neither.
	Lifecycle *middleware.Lifecycle
}

// inTx runs operations in a transaction.
func (d Dependencies) inTx() func(context.Context, func(*ent.Client) error) error {
	if d.InTx != nil {
		return d.InTx
	}
	return func(ctx context.Context, do func(*ent.Client) error) error {
		tx, err := d.Client.Tx(ctx)
		if err != nil {
			return err
		}
		if err := do(tx.Client()); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	}
}

// New returns the application with all its routes. Its errors are those of settings that name what
// there is not.
func New(d Dependencies, cfg config.Config) (*fiber.App, error) {
	responses := limit.NewResponseBudget()
	problems := problems{production: cfg.Production, responses: responses}
	resources, err := newResources(d.Client, settings{Config: cfg, now: d.Now, inTx: d.inTx()})
	if err != nil {
		return nil, err
	}
	origins := middleware.Origins{Exact: cfg.CORSOrigins, Loopback: !cfg.Production}
	lifecycle := cmp.Or(d.Lifecycle, middleware.Serving())
	connections := network.MaxConnections(maxConnections)
	around := []any{middleware.Identify, middleware.DefaultHeaders, middleware.Deadline(cfg.RequestTimeout), lifecycle.CloseOnDrain}
	if d.Metrics != nil {
		around = append(around, d.Metrics.Observe)
	}
	if d.Tracer != nil {
		around = append(around, middleware.Trace(d.Tracer))
	}
	around = append(around,
		middleware.Log(d.Logger),
		recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: logPanic(d.Logger)}),
		responses.Count,
		middleware.CORS(origins, d.Logger),
	)
	app := fiber.New(fiber.Config{
		AppName:                      serviceName,
		ServerHeader:                 "",
		DisableStartupMessage:        true,
		DisablePreParseMultipartForm: true, // a form is refused as one, not as unreadable
		CaseSensitive:                true,
		Concurrency:                  connections,
		BodyLimit:                    maxBody,
		ReadBufferSize:               maxHeaders,
		WriteBufferSize:              writeBuffer,
		ReadTimeout:                  10 * time.Second,
		WriteTimeout:                 30 * time.Second,
		IdleTimeout:                  cfg.IdleTimeout,
		ErrorHandler:                 answerUnread(problems.write, around),
	})
	app.Server().Handler = middleware.MergeSlashes(app.Server().Handler)
	app.Server().ConnState = network.NewIdleConns(connections / 2).Observe
	app.Use(around...)
	app.Use(middleware.Framing)
	registerOpen(app, d, cfg, resources, lifecycle)

	guards := guardUsers(d, cfg, lifecycle, responses)
	agents := newAgents(resources.agentTools, cmp.Or(d.Version, "development"), origins, problems, d.Logger)
	agents.register(app, guards.byHeader())
	newCalendar(d.Client, responses, settings{Config: cfg, now: d.Now}).register(app, guards)
	registerAPI(app, guards, cfg, resources)
	return app, nil
}

// registerOpen puts what needs no token: the states of the service, its documentation, and in development the page
// that tries it out.
func registerOpen(app *fiber.App, d Dependencies, cfg config.Config, resources resources, lifecycle *middleware.Lifecycle) {
	app.Get("/health", live)
	app.Get("/api/health", liveBelowAPI)
	app.Get("/ready", ready(lifecycle, d.Ready))
	token := newDevelopmentToken(d, cfg)
	registerDocs(app, resources.api(), token)
	if !cfg.Production {
		app.Get("/", servePage(resources.page(), token))
	}
	registerNoOAuth(app)
}

// userGuards stand before all that takes a token. The requests of a user count together, wherever they go.
type userGuards struct {
	auth          fiber.Handler // by the header
	authInAddress fiber.Handler // by the header, or an API token in the address
	bounds        []fiber.Handler
	inFlight      fiber.Handler // behind them, below /api
}

// byHeader are the guards of what takes a token in the header.
func (g userGuards) byHeader() []fiber.Handler { return append([]fiber.Handler{g.auth}, g.bounds...) }

func guardUsers(d Dependencies, cfg config.Config, lifecycle *middleware.Lifecycle, responses *limit.ResponseBudget) userGuards {
	grants := token.NewGrants(grantStore(d, lifecycle))
	auth := token.Auth(d.Verifier, grants)
	bounds := []fiber.Handler{lifecycle.AwaitStart}
	if cfg.RateLimit > 0 {
		bounds = append(bounds, limit.Rate(cfg.RateLimit))
	}
	return userGuards{
		auth:          auth,
		authInAddress: token.AuthInAddress(auth, d.Verifier, grants),
		bounds:        append(bounds, responses.Admit, limit.PerUser(limit.Share(d.Connections))),
		inFlight:      limit.Concurrency(maxInFlight),
	}
}

// registerAPI puts what takes a token under /api.
func registerAPI(app *fiber.App, guards userGuards, cfg config.Config, resources resources) {
	api := app.Group("/api", append(guards.byHeader(), guards.inFlight)...)
	var table routeTable
	table.at("/auth").add(http.MethodGet, "/me", me(cfg.Format))
	table.at("/auth").add(http.MethodHead, "/me", me(cfg.Format))
	resources.tokens.register(table.signedIn("/tokens"))
	resources.tasks.register(table.at("/tasks"))
	resources.tasks.register(table.at("/:user_id/tasks", matchUser))
	resources.tags.register(table.at("/tags"))
	resources.tags.register(table.at("/:user_id/tags", matchUser))
	resources.tasks.search(table.at("/search"))
	resources.tasks.search(table.at("/:user_id/search", matchUser))
	resources.mount(&table, cfg.Mounts)
	table.register(api)
}

// grantStore is the database's API tokens, once the service has started. To look them up takes no more
// connections than one user may have.
func grantStore(d Dependencies, lifecycle *middleware.Lifecycle) token.GrantStore {
	store := GrantStore(d.Client)
	find := store.Find
	store.Find = func(ctx context.Context, hash string) (*token.Grant, error) {
		if err := lifecycle.Err(); errors.Is(err, middleware.ErrStarting) {
			return nil, err
		}
		return find(ctx, hash)
	}
	store.Lookups = limit.Share(d.Connections)
	return store
}

// resources are the collections that the routes serve.
type resources struct {
	tasks      tasks
	tags       tags
	tokens     apiTokens
	agentTools agentTools
	cfg        config.Config
}

func newResources(client *ent.Client, s settings) (r resources, err error) {
	r.cfg = s.Config
	r.tags = newTags(client, s)
	if r.tasks, err = newTasks(client, s); err != nil {
		return r, err
	}
	if s.Tags == config.TagObjects {
		r.tasks.decorate = r.tags.colorTags
	}
	if r.agentTools, err = newAgentTools(client, s); err != nil {
		return r, err
	}
	r.tokens, err = newAPITokens(client, s)
	return r, err
}

// api is what the documents tell of the resources.
func (r resources) api() docs.API {
	mounts := make([]docs.Mount, 0, 2*len(r.cfg.Mounts)) // each with the tags beside it
	for _, m := range r.cfg.Mounts {
		beside := m.Path[:strings.LastIndex(m.Path, "/")+1]
		mounts = append(mounts, docs.Mount{Path: m.Path, Plural: r.tasks.table.Plural}, docs.Mount{Path: beside + "tags", Plural: "tags"})
	}
	return docs.API{
		Mounts:    mounts,
		Resources: []docs.Resource{r.tasks.document(), r.tags.document(), r.tokens.document()},
		Schemas:   userSchemas(r.cfg.Format),
		BasePath:  r.cfg.BasePath,
		Links:     r.tasks.answers.links,
	}
}

func logPanic(logger *slog.Logger) func(*fiber.Ctx, any) {
	return func(c *fiber.Ctx, cause any) {
		logger.ErrorContext(c.UserContext(), "panic", "id", middleware.RequestID(c), "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	}
}
