// Package doctor checks what the settings name: whether the database answers and has the schema, whether Better Auth publishes
// its keys, whether clocks agree. It changes nothing and prints no secret.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"todo-backend/config"
	"todo-backend/ent/database"
	"todo-backend/middleware/token"
)

const (
	patience = 10 * time.Second // for each answer
	// skew is how far clocks may differ: tokens have that leeway.
	skew = 5 * time.Second
)

// errWrong is the error of [Run] where something is wrong, which is told above it.
var errWrong = errors.New("something is wrong: see above")

// Case is what [Run] looks at.
type Case struct {
	Config   config.Config
	Settings []string // the names of those that are set
	Hints    []string // of [config.Hints]
	Wrong    error    // of [config.Load]; then nothing else is looked at
	// Token checks a token and says whose it is; nil: there is none to check.
	Token func(context.Context) (string, error)
	// Now is the clock of this machine.
	Now func() time.Time
}

// Run writes a line for each thing that was looked at: "ok" and what was found, or "wrong" and what to do. It returns an error
// where anything is wrong.
func Run(ctx context.Context, w io.Writer, c Case) error {
	r := &report{w: w, clocks: map[string]time.Duration{}}
	c.settings(r)
	if r.wrong {
		return errWrong
	}
	c.database(ctx, r)
	c.keys(ctx, r)
	c.clock(r)
	c.origins(r)
	if c.Token != nil {
		said, err := c.Token(ctx)
		r.line("token", said, err)
	}
	if r.wrong {
		return errWrong
	}
	return nil
}

// report writes lines, and keeps what later ones need.
type report struct {
	w      io.Writer
	wrong  bool
	clocks map[string]time.Duration // by whose they are, how far they are ahead of the one here
}

// line writes that what was looked at is as it should be, or what is wrong with it.
func (r *report) line(what, found string, err error) {
	verdict := "ok"
	if err != nil {
		verdict, found, r.wrong = "wrong", strings.Join(strings.Fields(err.Error()), " "), true
	}
	fmt.Fprintf(r.w, "%-9s %-6s %s\n", what, verdict, found)
}

func (c Case) settings(r *report) {
	for _, hint := range c.Hints {
		r.line("settings", "", errors.New(hint))
	}
	if c.Wrong != nil {
		for _, reason := range config.Reasons(c.Wrong) {
			r.line("settings", "", reason)
		}
		return
	}
	mode := "development"
	if c.Config.Production {
		mode = "production"
	}
	found := mode + ", all by default"
	if len(c.Settings) > 0 {
		found = mode + ", with " + strings.Join(c.Settings, ", ")
	}
	if !r.wrong {
		r.line("settings", found, nil)
	}
}

// database looks for the database and its schema. It makes no file that is not there.
func (c Case) database(ctx context.Context, r *report) {
	if path := c.Config.SQLitePath; path != "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			r.line("database", fmt.Sprintf("SQLite %s is not there yet: serve and migrate make it", path), nil)
			return
		}
	}
	db, err := database.Open(database.Source{PostgresURL: c.Config.PostgresURL, SQLitePath: c.Config.SQLitePath})
	if err != nil {
		r.line("database", "", err)
		return
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	asked := c.Now()
	now, err := db.Clock(ctx)
	r.line("database", db.Name+" answers", withRemedy(err))
	if err != nil {
		return
	}
	if c.Config.PostgresURL != "" {
		r.clocks["the database"] = offset(now, asked, c.Now())
	}
	writes, err := db.Ready(ctx)
	switch {
	case err != nil:
		err = fmt.Errorf("todo-backend migrate brings it up to date: %w", err)
	case !writes:
		err = errors.New("is read-only: reads are served, and every write is answered with 503")
	}
	r.line("schema", "every table and column is there", err)
}

// withRemedy puts what to mend in front of a server's refusal to connect, which comes last in a long account.
func withRemedy(err error) error {
	refusal, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	if !ok {
		return err
	}
	switch refusal.SQLState() {
	case "28P01", "28000": // invalid_password, invalid_authorization_specification
		return fmt.Errorf("the server refuses the user or the password of NEON_DB_URL: %w", err)
	case "3D000": // invalid_catalog_name
		return fmt.Errorf("the server has no database of the name in NEON_DB_URL: %w", err)
	}
	return err
}

// keys looks for the keys of Better Auth's tokens.
func (c Case) keys(ctx context.Context, r *report) {
	if c.Config.JWKSURL == "" {
		r.line("keys", "BETTER_AUTH_URL is not set: HS256 tokens alone are accepted", nil)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	asked := c.Now()
	published, err := token.FetchPublished(ctx, c.Config.JWKSURL)
	place := withoutQuery(c.Config.JWKSURL)
	if err != nil {
		told := strings.ReplaceAll(err.Error(), c.Config.JWKSURL, place)
		r.line("keys", "", fmt.Errorf("%s (does Better Auth run, with its jwt plugin, where BETTER_AUTH_URL says?)", told))
		return
	}
	if !published.Date.IsZero() {
		r.clocks["Better Auth"] = offset(published.Date, asked, c.Now())
	}
	found := fmt.Sprintf("%d at %s", published.Keys, place)
	if published.Keys == 0 {
		found = fmt.Sprintf("none yet at %s: Better Auth makes one with its first token", place)
	}
	r.line("keys", found, nil)
}

// withoutQuery is an address without what may hold a secret.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address of the keys"
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u.String()
}

// offset tells how far a clock is ahead of the one here, which showed these two times around the answer. Within those,
// and within the second of a Date header, nothing is known.
func offset(there, before, after time.Time) time.Duration {
	switch {
	case there.Before(before.Truncate(time.Second)):
		return there.Sub(before)
	case there.After(after):
		return there.Sub(after)
	}
	return 0
}

// clock compares the clock here with the others.
func (c Case) clock(r *report) {
	var agree []string
	for _, whose := range []string{"the database", "Better Auth"} {
		ahead, known := r.clocks[whose]
		switch {
		case !known:
		case ahead.Abs() > skew:
			r.line("clock", "", fmt.Errorf("the clock of %s is %v %s this one: set both by NTP, for tokens have a leeway of %v",
				whose, ahead.Abs().Round(time.Second), direction(ahead), skew))
		default:
			agree = append(agree, whose)
		}
	}
	switch {
	case len(r.clocks) == 0:
		r.line("clock", "there is none to compare with; here it is "+c.Now().UTC().Format(time.RFC3339), nil)
	case len(agree) > 0:
		r.line("clock", "agrees with that of "+strings.Join(agree, " and of "), nil)
	}
}

func direction(ahead time.Duration) string {
	if ahead > 0 {
		return "ahead of"
	}
	return "behind"
}

// origins lists whose pages may call.
func (c Case) origins(r *report) {
	found := slices.Clone(c.Config.CORSOrigins)
	if !c.Config.Production {
		found = append(found, "every origin on this machine")
	}
	if len(found) == 0 {
		found = append(found, "no page of another origin may call: CORS_ORIGINS lets some in")
	}
	r.line("origins", strings.Join(found, ", "), nil)
}
