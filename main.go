// Command todo-backend serves users' tasks over HTTP. Without arguments it runs the service; see usage for the rest.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/singleflight"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/middleware"
	"todo-backend/middleware/network"
	"todo-backend/middleware/token"
	"todo-backend/routes"
)

const usage = `usage:
  todo-backend [serve]             run the service
  todo-backend migrate             bring the database up to date, and end
  todo-backend token [-user NAME]  print a token for a user; in development only
  todo-backend token -check TOKEN  say whether the service would accept a token, and why not; - reads it from standard input
  todo-backend -version            print the version`

const (
	dataDir       = "data"              // what development keeps between runs
	tokenLifetime = 30 * 24 * time.Hour // of a development token
	drainTimeout  = 15 * time.Second    // how long a stopping copy waits for requests in flight
	readyTimeout  = 2 * time.Second     // how long /ready waits for the database
	tracesTimeout = 3 * time.Second     // how long the end waits for the last traces to be sent
	linesTimeout  = time.Second         // how long the end waits for the last lines of the log to be written
)

// The linker sets these, with -ldflags "-X main.release=v1.0.0 -X main.commit=abc -X main.built=2006-01-02T15:04:05Z".
var release, commit, built string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		time.Sleep(time.Second) // the same press of Ctrl-C may arrive twice, from the terminal and from who started us
		stop()                  // a further signal ends the process at once
	})
	signal.Ignore(syscall.SIGPIPE) // whoever reads the log may go; that ends nothing
	uuid.EnableRandPool()          // one system call for sixteen ids
	err := config.LoadEnvFile(".env")
	if err == nil {
		err = run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "todo-backend:", err)
		os.Exit(1)
	}
}

// run does what args say, until ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	if len(args) == 0 {
		args = []string{"serve"}
	}
	var command func(context.Context, settings, []string, io.Writer) error
	switch args[0] {
	case "serve":
		command = serve
	case "migrate":
		command = migrate
	case "token":
		command = tokenCommand
	case "-version", "--version":
		fmt.Fprintln(stdout, version())
		return nil
	case "-h", "-help", "--help":
		fmt.Fprintln(stdout, usage)
		return nil
	default:
		return fmt.Errorf("there is no command %q\n%s", args[0], usage)
	}
	if args[0] != "token" && len(args) > 1 {
		return fmt.Errorf("%s takes no arguments\n%s", args[0], usage)
	}
	cfg, err := configure(getenv)
	if err != nil {
		return err
	}
	return command(ctx, cfg, args[1:], stdout)
}

// settings are the configuration and what development adds to it.
type settings struct {
	config.Config
	secretIsOwn bool // the secret is not configured but made here
}

// configure loads the settings. Variables that look like a setting and are none are told on standard error. Development makes
// itself a secret, and keeps it so that tokens survive a restart.
func configure(getenv func(string) string) (settings, error) {
	for _, hint := range config.Hints(os.Environ()) {
		fmt.Fprintln(os.Stderr, "todo-backend:", hint)
	}
	cfg, err := config.Load(getenv)
	if err != nil || cfg.Production || cfg.Secret != "" {
		return settings{Config: cfg}, err
	}
	cfg.Secret, err = config.DevelopmentSecret(dataDir)
	return settings{Config: cfg, secretIsOwn: true}, err
}

// version says which build this is.
func version() string {
	release, commit, built := build()
	return fmt.Sprintf("todo-backend %s, commit %s, built %s with %s for %s/%s",
		release, commit, built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// buildInfo says the same to Prometheus.
func buildInfo() prometheus.Collector {
	release, commit, _ := build()
	return middleware.BuildInfo(release, commit)
}

// build is what the linker was told, and else what the compiler noted.
func build() (version, revision, date string) {
	noted := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			noted[setting.Key] = setting.Value
		}
	}
	return cmp.Or(release, "development"), cmp.Or(commit, noted["vcs.revision"], "unknown"),
		cmp.Or(built, noted["vcs.time"], "at an unknown time")
}

func migrate(ctx context.Context, cfg settings, _ []string, stdout io.Writer) error {
	db, err := openDatabase(ctx, cfg, nil)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, db.Name, "is up to date")
	return db.Close()
}

// openDatabase returns the migrated database, whose statements are traced if there is a tracer.
func openDatabase(ctx context.Context, cfg settings, tracer trace.Tracer) (*database.Database, error) {
	db, err := database.Open(database.Source{PostgresURL: cfg.PostgresURL, SQLitePath: cfg.SQLitePath, Tracer: tracer})
	if err != nil {
		return nil, oneLine(err)
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(oneLine(err), db.Close())
	}
	return db, nil
}

// oneLine is err without the line breaks that drivers put between several causes.
func oneLine(err error) error {
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}

// tokenCommand makes a token, or checks one.
func tokenCommand(ctx context.Context, cfg settings, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("token", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	user := flags.String("user", "dev", "whose token")
	check := flags.String("check", "", "the token to check")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 || *user == "" {
		return errors.New(usage)
	}
	checking := false
	flags.Visit(func(f *flag.Flag) { checking = checking || f.Name == "check" })
	if checking {
		return checkToken(ctx, cfg.Config, *check, stdout)
	}
	if cfg.Production {
		return errors.New("tokens are made in development only: in production Better Auth does")
	}
	made, err := token.ForDevelopment(cfg.Secret, *user, tokenLifetime)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, made)
	return nil
}

// checkToken tells whether the service, as configured, would accept a token; the error is the first reason why not.
func checkToken(ctx context.Context, cfg config.Config, given string, stdout io.Writer) error {
	if given == "-" {
		input, err := io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
		if err != nil {
			return fmt.Errorf("read the token: %w", err)
		}
		given = string(input)
	}
	given = strings.TrimPrefix(strings.TrimSpace(given), "Bearer ")
	logger := slog.New(slog.DiscardHandler) // what the log would tell is in the error
	claims, err := token.NewVerifier(ctx, tokenRules(cfg, logger)).Verify(given)
	if err != nil {
		return fmt.Errorf("the token is refused. %w", err)
	}
	fmt.Fprintf(stdout, "The token is accepted: it is user %q's.\n", claims.ID)
	return nil
}

// serve runs the service until ctx ends and the requests in flight are answered.
func serve(ctx context.Context, cfg settings, _ []string, stdout io.Writer) (err error) {
	logger, lines := middleware.NewLogger(stdout, cfg.Production, cfg.LogLevel)
	defer lines.Close(linesTimeout)
	tracer, endTraces, err := newTracer(ctx, cfg.Config, logger)
	if err != nil {
		return err
	}
	defer endTraces()
	db, err := openDatabase(ctx, cfg, tracer)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	listener, err := network.Listen(ctx, logger, cfg.Port, cfg.Host, furtherAddresses(cfg.Config)...)
	if err != nil {
		return err
	}
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	verifier := token.NewVerifier(background, tokenRules(cfg.Config, logger))
	metrics, err := middleware.ServeMetrics(background, cfg.MetricsAddr, logger, buildInfo(), lines.Dropped, db.Pools, verifier)
	if err != nil {
		return err
	}
	var draining atomic.Bool
	app, err := routes.New(routes.Dependencies{
		Metrics:     metrics,
		Tracer:      tracer,
		Client:      db.Client,
		Connections: db.Connections,
		Verifier:    verifier,
		Logger:      logger,
		Ready:       readiness(db, &draining),
		Stopping:    draining.Load,
	}, cfg.Config)
	if err != nil {
		return err
	}
	logger.InfoContext(ctx, "serving", "address", listener.Addr().String(), "database", db.Name, "version", version())
	if err := greet(lines, cfg, listener.URL(), db.Name); err != nil {
		return err
	}
	return serveUntil(ctx, app, listener, func() error {
		draining.Store(true)
		return drain(app, cfg.DrainDelay, logger)
	})
}

// furtherAddresses are where the service answers beside its host. In development localhost has two addresses; clients take either.
func furtherAddresses(cfg config.Config) []netip.Addr {
	isLoopback := cfg.Host == "127.0.0.1" || cfg.Host == "localhost"
	if cfg.Production || !isLoopback {
		return nil
	}
	return []netip.Addr{netip.IPv6Loopback()}
}

// serveUntil serves until ctx ends, and then stops.
func serveUntil(ctx context.Context, app *fiber.App, listener net.Listener, stop func() error) error {
	failed := make(chan error, 1)
	go func() { failed <- app.Listener(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return stop()
	}
}

// newTracer exports traces if the settings ask for them. Else the tracer is nil. What is not yet sent is sent at the end.
func newTracer(ctx context.Context, cfg config.Config, logger *slog.Logger) (tracer trace.Tracer, end func(), err error) {
	if !cfg.Traces {
		return nil, func() {}, nil
	}
	release, _, _ := build()
	tracer, shutdown, err := middleware.NewTracer(ctx, release, logger)
	if err != nil {
		return nil, nil, err
	}
	return tracer, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tracesTimeout)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			logger.WarnContext(ctx, "the last traces are lost", "error", err)
		}
	}, nil
}

// drain goes on serving for a while, so that whoever balances the load sees the answer of /ready, then lets the requests
// in flight end.
func drain(app *fiber.App, delay time.Duration, logger *slog.Logger) error {
	logger.Info("stopping", "delay", delay)
	time.Sleep(delay)
	if err := app.ShutdownWithTimeout(drainTimeout); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	logger.Info("stopped")
	return nil
}

// readiness asks the database once for all who want to know at the same time: they need no token, and had else all its
// connections.
func readiness(db *database.Database, draining *atomic.Bool) func(context.Context) (writes bool, err error) {
	var asked singleflight.Group
	return func(ctx context.Context) (writes bool, err error) {
		if draining.Load() {
			return false, middleware.ErrStopping
		}
		answer, err, _ := asked.Do("", func() (any, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
			defer cancel()
			return db.Ready(ctx)
		})
		return answer.(bool), err
	}
}

func tokenRules(cfg config.Config, logger *slog.Logger) token.Rules {
	return token.Rules{
		Secret:         cfg.Secret,
		SecretIssuer:   cfg.Issuer,
		SecretAudience: cfg.Audience,
		JWKSURL:        cfg.JWKSURL,
		Issuer:         cfg.JWKSIssuer(),
		Audience:       cfg.JWKSAudience(),
		Logger:         logger,
	}
}

// greet tells a developer where everything is. It is the one place where a token is ever written.
func greet(w io.Writer, cfg settings, url, databaseName string) error {
	if cfg.Production {
		return nil
	}
	fmt.Fprintf(w, "Listening on   %s\nDocumentation  %[1]s/docs\nDatabase       %s\n", url, databaseName)
	if !cfg.secretIsOwn {
		return nil
	}
	made, err := token.ForDevelopment(cfg.Secret, "dev", tokenLifetime)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Token of user \"dev\", for Authorize in the documentation:\n%s\n", made)
	return nil
}
