// Command todo-backend serves users' tasks over HTTP. Without arguments it runs the service; the command help lists the others.
package main

import (
	"cmp"
	"context"
	"errors"
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
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"todo-backend/config"
	"todo-backend/config/cli"
	"todo-backend/config/doctor"
	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/middleware"
	"todo-backend/middleware/network"
	"todo-backend/middleware/token"
	"todo-backend/middleware/traces"
	"todo-backend/routes"
)

const (
	dataDir       = "data"              // what development keeps between runs
	developer     = "dev"               // the user of the token that development has ready
	tokenLifetime = 30 * 24 * time.Hour // of a development token
	pageLifetime  = 24 * time.Hour      // of one that a page holds, which gets another when it is loaded again
	drainTimeout  = 15 * time.Second    // how long a stopping copy waits for requests in flight
	tracesTimeout = 3 * time.Second     // how long the end waits for the last traces to be sent
	linesTimeout  = time.Second         // how long the end waits for the last lines of the log to be written
)

// The linker sets these, with -ldflags "-X main.release=v1.0.0 -X main.commit=abc -X main.built=2006-01-02T15:04:05Z".
var release, commit, built string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		time.Sleep(time.Second) // one Ctrl-C may arrive twice, from the terminal and from the parent process
		stop()                  // a further signal ends the process at once
	})
	signal.Ignore(syscall.SIGPIPE) // the service goes on when the reader of its log is gone
	uuid.EnableRandPool()          // one system call for sixteen ids
	if err := commands().Run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "todo-backend:", err)
		os.Exit(1)
	}
}

// commands returns the table of commands. The program serves if it gets none.
func commands() cli.Table {
	return cli.Table{Program: "todo-backend", Commands: []cli.Command{
		{Name: "serve", Run: serve, Forms: []cli.Form{{Does: "run the service; so it does without a command"}}},
		{Name: "migrate", Run: migrate, Forms: []cli.Form{{Does: "bring the database up to date, and end"}}},
		{Name: "doctor", Run: examine, Forms: []cli.Form{
			{Arguments: "[-token TOKEN]", Does: "say what is wrong with settings, database, keys, clocks, origins and a token"},
		}},
		{Name: "token", Run: tokenCommand, Forms: []cli.Form{
			{Arguments: "[NAME]", Does: "print a token for a user, dev unless named; in development only"},
			{Arguments: "-check TOKEN", Does: "say whether the service would accept a token, and why not; - reads it from standard input"},
		}},
		{Name: "user", Run: userCommand, Forms: []cli.Form{
			{Arguments: "export ID", Does: "write everything of a user to standard output, as lines of JSON"},
			{Arguments: "delete ID", Does: "delete everything of a user, without asking"},
		}},
		{Name: "version", Run: printVersion, Forms: []cli.Form{{Does: "print the version"}}},
	}}
}

func printVersion(_ context.Context, c cli.Call) error {
	_, err := fmt.Fprintln(c.Stdout, version())
	return err
}

// settings are the configuration and what development adds to it.
type settings struct {
	config.Config
	secretIsOwn bool // the secret is not configured but made here
}

// configure loads the settings. Development makes itself a secret, and keeps it so that tokens survive a restart.
func configure() (settings, error) {
	cfg, err := loadConfig()
	if err != nil {
		return settings{}, err
	}
	return withSecret(cfg)
}

// loadConfig loads the settings, including those of .env. It names variables that look like a setting and are none on standard error.
func loadConfig() (config.Config, error) {
	if err := config.LoadEnvFile(".env"); err != nil {
		return config.Config{}, err
	}
	for _, hint := range config.Hints(os.Environ()) {
		fmt.Fprintln(os.Stderr, "todo-backend:", hint)
	}
	return config.Load(os.Getenv)
}

// withSecret adds a generated secret in development if none is set.
func withSecret(cfg config.Config) (settings, error) {
	if cfg.Production || cfg.Secret != "" {
		return settings{Config: cfg}, nil
	}
	secret, err := config.DevelopmentSecret(dataDir)
	cfg.Secret = secret
	return settings{Config: cfg, secretIsOwn: true}, err
}

// pageToken returns the function that makes tokens for the pages of development, or nil if the secret is configured:
// a configured secret may protect other services too.
func (s settings) pageToken() func() (string, error) {
	if !s.secretIsOwn {
		return nil
	}
	return func() (string, error) { return token.ForDevelopment(s.Secret, developer, pageLifetime) }
}

// version describes this build in a line.
func version() string {
	release, commit, built := build()
	return fmt.Sprintf("todo-backend %s, commit %s, built %s with %s for %s/%s",
		release, commit, built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// agentVersion is the release as agents see it.
func agentVersion() string {
	release, _, _ := build()
	return release
}

// buildInfo is the metric with the release and the commit.
func buildInfo() prometheus.Collector {
	release, commit, _ := build()
	return middleware.BuildInfo(release, commit)
}

// build returns what the linker set, or else what the compiler recorded.
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

// migrate brings the database up to date. Like serve it waits for a database that does not answer yet.
func migrate(ctx context.Context, c cli.Call) error {
	cfg, err := configure()
	if err != nil {
		return err
	}
	db, err := openDatabase(cfg, nil)
	if err != nil {
		return err
	}
	logger, lines := middleware.NewLogger(os.Stderr, cfg.Production, cfg.LogLevel)
	defer lines.Close(linesTimeout)
	if err := db.Start(ctx, logger); err != nil {
		return errors.Join(oneLine(err), db.Close())
	}
	if err := db.Derive(ctx, cfg.Timezone); err != nil {
		return errors.Join(oneLine(err), db.Close())
	}
	fmt.Fprintln(c.Stdout, db.Name, "is up to date")
	return db.Close()
}

// examine runs the doctor: it checks the settings and what they name.
func examine(ctx context.Context, c cli.Call) error {
	given, isGiven, err := doctor.ParseArgs(c.Args)
	if err != nil {
		return cli.Misused("%s", err)
	}
	patient := doctor.Case{Now: time.Now, Wrong: config.LoadEnvFile(".env"), Hints: config.Hints(os.Environ()), Settings: config.Set(os.Getenv)}
	if patient.Wrong == nil {
		patient.Config, patient.Wrong = config.Load(os.Getenv)
	}
	if isGiven {
		patient.Token = func(ctx context.Context) (string, error) {
			cfg, err := withSecret(patient.Config)
			if err != nil {
				return "", err
			}
			return checkToken(ctx, cfg.Config, given, c.Stdin)
		}
	}
	return doctor.Run(ctx, c.Stdout, patient)
}

// openDatabase returns the database, whose statements are traced if there is a tracer.
func openDatabase(cfg settings, tracer trace.Tracer) (*database.Database, error) {
	db, err := database.Open(database.Source{
		PostgresURL:    cfg.PostgresURL,
		SQLitePath:     cfg.SQLitePath,
		ConnectTimeout: cfg.RequestTimeout,
		Tracer:         tracer,
	})
	if err != nil {
		return nil, oneLine(err)
	}
	return db, nil
}

// oneLine returns an error with the text of err on one line. Drivers put line breaks between several causes.
func oneLine(err error) error {
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}

// tokenCommand makes a token, or checks one.
func tokenCommand(ctx context.Context, c cli.Call) error {
	wanted, err := token.ParseCommand(c.Args)
	if err != nil {
		return cli.Misused("%s", err)
	}
	cfg, err := configure()
	if err != nil {
		return err
	}
	if !wanted.Makes {
		said, err := checkToken(ctx, cfg.Config, wanted.Check, c.Stdin)
		if err != nil {
			return fmt.Errorf("the token is refused. %w", err)
		}
		fmt.Fprintln(c.Stdout, "The token is accepted:", said)
		return nil
	}
	if cfg.Production {
		return errors.New("tokens are made in development only: in production Better Auth does")
	}
	made, err := token.ForDevelopment(cfg.Secret, wanted.User, tokenLifetime)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.Stdout, made)
	return nil
}

// checkToken returns a sentence that names the user of a token if the service as configured would accept it. If given is -, it reads
// the token from stdin. The error is the first reason why the service would refuse the token.
func checkToken(ctx context.Context, cfg config.Config, given string, stdin io.Reader) (string, error) {
	if given == "-" {
		input, err := io.ReadAll(io.LimitReader(stdin, 1<<20))
		if err != nil {
			return "", fmt.Errorf("read the token: %w", err)
		}
		given = string(input)
	}
	given = token.Extract(given)
	if token.IsAPIToken(given) {
		return checkAPIToken(ctx, cfg, given)
	}
	logger := slog.New(slog.DiscardHandler) // the error says it already
	claims, err := token.NewVerifier(ctx, tokenRules(cfg, logger)).Verify(given)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("it is user %q's.", claims.ID), nil
}

// checkAPIToken is checkToken for an API token, which it looks up in the database. It does not change the token's last use.
func checkAPIToken(ctx context.Context, cfg config.Config, given string) (said string, err error) {
	db, err := openExisting(ctx, settings{Config: cfg})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store := routes.GrantStore(db.Client)
	store.Use = nil
	grant, err := token.NewGrants(store).Verify(ctx, given)
	if err != nil {
		return "", err
	}
	expiry := "never expires"
	if grant.ExpiresAt != nil {
		expiry = "expires at " + grant.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("it is user %q's API token %q of the scope %s, and %s.", grant.User, grant.Name, grant.Scope, expiry), nil
}

// userCommand exports or deletes what a user owns.
func userCommand(ctx context.Context, c cli.Call) (err error) {
	wanted, err := routes.ParseUserCommand(c.Args)
	if err != nil {
		return cli.Misused("%s", err)
	}
	cfg, err := loadConfig()
	if err != nil {
		return err
	}
	db, err := openExisting(ctx, settings{Config: cfg})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if wanted.Deletes {
		return deleteUser(ctx, db, wanted.User, c.Stdout)
	}
	return exportUser(ctx, db, wanted.User, c.Stdout)
}

// openExisting opens the database, which must exist and have the schema of this release. It never creates one.
func openExisting(ctx context.Context, cfg settings) (*database.Database, error) {
	if cfg.PostgresURL == "" {
		if _, err := os.Stat(cfg.SQLitePath); err != nil {
			return nil, fmt.Errorf("open the database: %w", err)
		}
	}
	db, err := openDatabase(cfg, nil)
	if err != nil {
		return nil, err
	}
	if _, err := db.Ready(ctx); err != nil {
		err = fmt.Errorf("the database does not answer, or todo-backend migrate has to bring it up to date: %w", oneLine(err))
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// exportUser writes everything that a user owns from one snapshot of the database, and the counts to standard
// error. If the reader goes away, as head does, the export ends without an error.
func exportUser(ctx context.Context, db *database.Database, user string, stdout io.Writer) error {
	var counts routes.Counts
	out := &notedWriter{Writer: stdout}
	err := db.Snapshot(ctx, func(client *ent.Client) (err error) {
		counts, err = routes.ExportUser(ctx, client, user, out)
		return err
	})
	switch {
	case err == nil:
		fmt.Fprintln(os.Stderr, "todo-backend: exported", counts)
		return nil
	case errors.Is(out.err, syscall.EPIPE):
		fmt.Fprintln(os.Stderr, "todo-backend: nobody reads on: the export is not complete")
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted: the export is not complete, it ends after %s", counts)
	}
	return fmt.Errorf("the export is not complete, it ends after %s: %w", counts, oneLine(err))
}

// notedWriter keeps the error of the last write.
type notedWriter struct {
	io.Writer

	err error
}

// Write writes to the underlying writer and keeps the error.
func (w *notedWriter) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	w.err = err
	return n, err
}

// deleteUser deletes everything that a user owns, and prints the counts.
func deleteUser(ctx context.Context, db *database.Database, user string, stdout io.Writer) error {
	counts, err := routes.DeleteUser(ctx, db.Client, user)
	switch {
	case err == nil:
		_, err = fmt.Fprintln(stdout, "deleted", counts)
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted: at least %s are deleted, and the same command deletes the rest", counts)
	}
	return fmt.Errorf("at least %s are deleted, and the same command deletes the rest: %w", counts, oneLine(err))
}

// serve runs the service with the configured settings.
func serve(ctx context.Context, c cli.Call) error {
	cfg, err := configure()
	if err != nil {
		return err
	}
	return runService(ctx, cfg, c.Stdout)
}

// runService serves until ctx ends and the requests in flight are answered. While the database is not there yet it answers that it is
// starting.
func runService(ctx context.Context, cfg settings, stdout io.Writer) (err error) {
	logger, lines := middleware.NewLogger(stdout, cfg.Production, cfg.LogLevel)
	defer lines.Close(linesTimeout)
	tracer, endTraces, err := newTracer(ctx, cfg.Config, logger)
	if err != nil {
		return err
	}
	defer endTraces()
	db, err := openDatabase(cfg, tracer)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Claim(ctx); err != nil {
		return err
	}
	listener, err := network.Listen(ctx, logger, cfg.Port, cfg.Host, furtherAddresses(cfg.Config)...)
	if err != nil {
		return err
	}
	defer listener.Close()
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	verifier := token.NewVerifier(background, tokenRules(cfg.Config, logger))
	metrics, err := middleware.ServeMetrics(background, cfg.MetricsAddr, logger, buildInfo(), lines.Dropped, db.Pools, verifier)
	if err != nil {
		return err
	}
	var lifecycle middleware.Lifecycle
	app, err := routes.New(routes.Dependencies{
		Metrics:     metrics,
		Tracer:      tracer,
		Client:      db.Client,
		Connections: db.Connections,
		Verifier:    verifier,
		Logger:      logger,
		Ready:       db.Ready,
		InTx:        db.InTx,
		Lifecycle:   &lifecycle,
		Version:     agentVersion(),

		DevelopmentToken: cfg.pageToken(),
	}, cfg.Config)
	if err != nil {
		return err
	}
	s := &server{app: app, listener: listener, lifecycle: &lifecycle, logger: logger, drainDelay: cfg.DrainDelay}
	return s.run(ctx, func(ctx context.Context) error {
		if err := db.Start(ctx, logger); err != nil {
			return oneLine(err)
		}
		lifecycle.Serve()
		keepDerived(ctx, db, cfg.Timezone, logger)
		logger.InfoContext(ctx, "serving", "address", listener.Addr().String(), "database", db.Name, "version", version())
		return greet(lines, cfg, listener.URL(), db.Name)
	})
}

// keepDerived fills the derived columns in the background if that was never done for this database. If only the
// time zones have changed since, it logs that migrate has to run: writing all rows again may take long.
func keepDerived(ctx context.Context, db *database.Database, zone *time.Location, logger *slog.Logger) {
	ever, current, err := db.Derived(ctx, zone)
	switch {
	case err != nil:
		logger.WarnContext(ctx, "it is not known whether due dates rest on the right time zones", "error", err)
	case !ever:
		go func() {
			if err := db.Derive(ctx, zone); err != nil && ctx.Err() == nil {
				logger.ErrorContext(ctx, "searches and lists by due date may miss tasks of an earlier release: run todo-backend migrate", "error", err)
			}
		}()
	case !current:
		logger.WarnContext(ctx, "DEFAULT_TIMEZONE or the data of time zones has changed since due dates were stored: run todo-backend migrate")
	}
}

// server serves an application.
type server struct {
	app        *fiber.App
	listener   net.Listener
	lifecycle  *middleware.Lifecycle
	logger     *slog.Logger
	drainDelay time.Duration
}

// run serves until ctx ends, and calls start beside it. If start fails, run stops serving and returns the error.
func (s *server) run(ctx context.Context, start func(context.Context) error) error {
	parts, end := errgroup.WithContext(ctx)
	parts.Go(func() error {
		if err := s.app.Listener(s.listener); err != nil {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	parts.Go(func() error {
		if err := start(end); err != nil && ctx.Err() == nil {
			return err
		}
		return nil
	})
	parts.Go(func() error {
		<-end.Done()
		return s.stop()
	})
	return parts.Wait()
}

// furtherAddresses are the addresses to listen at besides the host: in development ::1, as clients may resolve localhost to it.
func furtherAddresses(cfg config.Config) []netip.Addr {
	isLoopback := cfg.Host == "127.0.0.1" || cfg.Host == "localhost"
	if cfg.Production || !isLoopback {
		return nil
	}
	return []netip.Addr{netip.IPv6Loopback()}
}

// newTracer returns a tracer that exports if the settings ask for it, else nil. end sends the traces that are still queued.
func newTracer(ctx context.Context, cfg config.Config, logger *slog.Logger) (tracer trace.Tracer, end func(), err error) {
	if !cfg.Traces {
		return nil, func() {}, nil
	}
	release, _, _ := build()
	tracer, shutdown, err := traces.Export(ctx, logger, release)
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

// stop keeps serving for drainDelay, so that load balancers see the 503 of /ready, and then waits for the requests in flight. A service
// that has not started does not wait.
func (s *server) stop() error {
	defer s.listener.Close() // a shutdown before the server listens does nothing
	if s.lifecycle.Err() != nil {
		return s.app.ShutdownWithTimeout(drainTimeout)
	}
	s.lifecycle.Stop()
	s.logger.Info("stopping", "delay", s.drainDelay)
	time.Sleep(s.drainDelay)
	if err := s.app.ShutdownWithTimeout(drainTimeout); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	s.logger.Info("stopped")
	return nil
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

// greet tells a developer where everything is.
func greet(w io.Writer, cfg settings, url, databaseName string) error {
	if cfg.Production {
		return nil
	}
	fmt.Fprintf(w, "Listening on   %s\nTry it         %[1]s/\nDocumentation  %[1]s/docs\nDatabase       %s\n", url, databaseName)
	if !cfg.secretIsOwn {
		return nil
	}
	made, err := token.ForDevelopment(cfg.Secret, developer, tokenLifetime)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Token of user \"dev\", for Authorize in the documentation:\n%s\n", made)
	return nil
}
