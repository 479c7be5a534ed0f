package routes

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"todo-backend/config"
	"todo-backend/docs"
	"todo-backend/ent"
	"todo-backend/ent/apitoken"
	"todo-backend/ent/resource"
	"todo-backend/ent/stmt"
	"todo-backend/ent/viewer"
	"todo-backend/middleware/token"
)

const (
	maxAPITokens       = 50  // of a user
	defaultTokenDays   = 90  // until a token expires
	maxTokenDays       = 366 // until a token expires that does
	expiresInDaysField = "expires_in_days"
)

// The types of package resource for API tokens.
type (
	apiTokenTable = resource.Table[ent.APIToken, *ent.APITokenMutation]
	apiTokenInput = resource.Input[ent.APIToken, *ent.APITokenMutation]
)

// apiTokens serves a user's API tokens.
type apiTokens struct {
	table   *apiTokenTable
	store   ent.APITokenStore
	answers apiTokenAnswers
	now     func() time.Time
}

func newAPITokens(client *ent.Client, s settings) (apiTokens, error) {
	h := apiTokens{store: client.APIToken.Store(), now: s.clock()}
	table, err := resource.New(describeAPIToken(), resource.Settings{Camel: s.camel(), Now: s.now},
		resource.Options[ent.APIToken, *ent.APITokenMutation]{Sort: "created"})
	if err != nil {
		return h, fmt.Errorf("describe API tokens: %w", err)
	}
	h.table, h.answers = table, newAPITokenAnswers(s.Format, table)
	return h, nil
}

// describeAPIToken is the entity as the API shows it.
func describeAPIToken() resource.Entity[ent.APIToken, *ent.APITokenMutation] {
	entity := ent.APITokenEntity()
	entity.Name, entity.Plural = "token", "tokens"
	for i := range entity.Fields {
		if f := &entity.Fields[i]; f.Name == apitoken.FieldUserID || f.Name == apitoken.FieldUpdatedAt {
			f.Hidden = true
		}
	}
	entity.Fields = append(entity.Fields, resource.Field[ent.APIToken, *ent.APITokenMutation]{
		Spec: resource.Spec{
			Description: fmt.Sprintf("When it expires. Without it after %d days; null: never", defaultTokenDays),
			Example:     strconv.Itoa(defaultTokenDays),
		},
		Name: expiresInDaysField, Kind: resource.KindInteger,
		Read: readTokenDays,
		Set:  func(*ent.APITokenMutation, any) {}, // create does, which knows the time
		Schema: resource.JSON(
			"type", "integer", "nullable", true, "minimum", 1, "maximum", maxTokenDays, "default", defaultTokenDays, "example", defaultTokenDays,
		),
	})
	return entity
}

// readTokenDays reads a number of days, or null.
func readTokenDays(raw json.RawMessage) (any, *resource.Refusal) {
	if resource.IsNull(raw) {
		return nil, nil
	}
	var days int
	if err := json.Unmarshal(raw, &days); err != nil {
		return nil, resource.Refuse("type", "must be a whole number of days, or null")
	}
	if days < 1 || days > maxTokenDays {
		return nil, resource.Refuse("range", "must be between 1 and %d, or null", maxTokenDays)
	}
	return days, nil
}

// register adds the operations.
func (h apiTokens) register(g group) {
	g.add(http.MethodGet, "/", h.list)
	g.add(http.MethodHead, "/", h.list)
	g.add(http.MethodPost, "/", h.create)
	g.add(http.MethodDelete, "/:id", h.delete)
}

// document describes the operations.
func (h apiTokens) document() docs.Resource {
	properties, required := h.table.BodyProperties()
	create := resource.JSON(
		"description", "What a new one is made of",
		"type", "object",
		"properties", properties,
		"required", required,
		"example", h.table.BodyExample(),
	)
	return docs.Resource{
		Name:    h.table.Name,
		Plural:  h.table.Plural,
		Own:     true,
		Alone:   true,
		Schemas: append(slices.Clip(h.answers.schemas), resource.Member{Name: "TokenCreate", Value: create}),
		Answers: h.answers.shapes,
		Bodies:  resource.JSON("create", refTo("TokenCreate")),
	}
}

// list answers with the user's API tokens.
//
//	@ID			listTokens
//	@x-answer	"tokens"
//	@Summary	List the API tokens
//	@Description	All of the user's, expired ones too, the newest first. The tokens themselves are not kept.
//	@Tags		Account
//	@Security	bearerAuth
//	@Success	200	"The tokens"
//	@Failure	401,403,429,500,503	"Failed"
//	@Router		/api/tokens [get]
func (h apiTokens) list(c *fiber.Ctx) error {
	rows, err := h.stored(c.UserContext(), userID(c))
	if err != nil {
		return err
	}
	setBody(c, h.answers.list(newBody(c), rows))
	return nil
}

// stored are the user's API tokens, the newest first.
func (h apiTokens) stored(ctx context.Context, user string) ([]*ent.APIToken, error) {
	var none iter.Seq2[[]byte, []byte] = func(func(_, _ []byte) bool) {}
	newestFirst, err := h.table.ParseList(user, none)
	if err != nil {
		return nil, err
	}
	rows, _, err := h.store.List(ctx, newestFirst.Query(false))
	return rows, err
}

// create makes an API token.
//
//	@ID			createToken
//	@x-answer	"created"
//	@x-body		"create"
//	@Summary	Create an API token
//	@Description	For an agent, a script or a calendar, which send it as they would a token of Better Auth. The answer alone has the token itself. A user has 50 at most.
//	@Tags		Account
//	@Security	bearerAuth
//	@Success	201	"With the token itself"
//	@Failure	401,403,413,415,422,429,500,503	"Failed"
//	@Router		/api/tokens [post]
func (h apiTokens) create(c *fiber.Ctx) error {
	object, err := readObject(c)
	if err != nil {
		return err
	}
	in, err := h.table.Decode(object.Inner(h.table.Name), userID(c), true)
	if err != nil {
		return err
	}
	secret := token.NewAPIToken()
	created, err := h.insert(c.UserContext(), userID(c), in, secret)
	if err != nil {
		return err
	}
	setBody(c.Status(http.StatusCreated), h.answers.created(newBody(c), created, secret))
	return nil
}

// insert stores a token under a free place number of the user, which bounds how many tokens a user has. If
// a concurrent request has taken the number, it tries again with another.
func (h apiTokens) insert(
	ctx context.Context, user string, in *apiTokenInput, secret token.APIToken,
) (created *ent.APIToken, err error) {
	for range maxAPITokens {
		var rows []*ent.APIToken
		if rows, err = h.stored(ctx, user); err != nil {
			return nil, err
		}
		place, ok := freePlace(rows)
		if !ok {
			return nil, resource.Invalid{{
				Field: h.table.Name, Code: "limit", Detail: fmt.Sprintf("is one too many: you have %d, delete one first", maxAPITokens),
			}}
		}
		created, err = h.store.Create(ctx, func(m *ent.APITokenMutation) {
			in.Apply(m)
			m.SetPrefix(secret.Shown())
			m.SetHash(secret.Hash())
			m.SetPlace(place)
			if days := expiresInDays(in); days > 0 {
				m.SetExpiresAt(h.now().UTC().AddDate(0, 0, days))
			}
		})
		if !ent.IsConstraintError(err) {
			return created, err
		}
	}
	return nil, err
}

// expiresInDays is the number of days until a token expires; 0: it never does.
func expiresInDays(in *apiTokenInput) int {
	value, named := in.Value(expiresInDaysField)
	if !named {
		return defaultTokenDays
	}
	days, _ := value.(int)
	return days
}

// freePlace returns the lowest place number that no token has, or false if all are taken.
func freePlace(rows []*ent.APIToken) (place int16, ok bool) {
	for place = range int16(maxAPITokens) {
		if !slices.ContainsFunc(rows, func(t *ent.APIToken) bool { return t.Place == place }) {
			return place, true
		}
	}
	return 0, false
}

// delete revokes an API token.
//
//	@ID			deleteToken
//	@x-answer	"deleted"
//	@Summary	Revoke an API token
//	@Description	Every copy of the service refuses it after 10 seconds at most.
//	@Tags		Account
//	@Security	bearerAuth
//	@Param		id	path	string	true	"Its id"	format(uuid)
//	@Success	200	"It is gone"
//	@Failure	401,403,404,429,500,503	"Failed"
//	@Router		/api/tokens/{id} [delete]
func (h apiTokens) delete(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err == nil {
		err = h.store.Delete(c.UserContext(), id)
	}
	if err != nil {
		return aboutError{h.table.Name, err}
	}
	setBody(c, append(newBody(c), h.answers.deleted...))
	return nil
}

// apiTokenAnswers are how a deployment writes API tokens.
type apiTokenAnswers struct {
	created func(b []byte, e *ent.APIToken, secret token.APIToken) []byte
	list    func(b []byte, rows []*ent.APIToken) []byte
	deleted string

	schemas, shapes members
}

// newAPITokenAnswers returns the answers of a format: bare in plain, the list by its name in wrapped, and
// in envelope all of it under data and beside it.
func newAPITokenAnswers(format config.Format, t *apiTokenTable) apiTokenAnswers {
	membersOf := func(b []byte, e *ent.APIToken, secret token.APIToken) []byte {
		b = append(t.AppendMembers(b, e), `,"token":`...)
		return resource.AppendString(b, string(secret))
	}
	named := func(b []byte, rows []*ent.APIToken) []byte {
		return resource.AppendArray(append(b, `"`+t.Plural+`":`...), rows, t.AppendItem)
	}
	item, list := objectOf(t.Properties()), arrayOf(refTo("Token"))
	secret := resource.JSON("description", "The token itself, which no other answer has", "type", "string", "example", "todo_…")
	created := append(t.Properties(), resource.Member{Name: "token", Value: secret})
	byName := resource.JSON(t.Plural, list)
	message := deletedMessage(t.Name)
	if format == config.FormatEnvelope {
		return apiTokenAnswers{
			created: func(b []byte, e *ent.APIToken, secret token.APIToken) []byte {
				b = membersOf(append(b, `{"success":true,"data":{`...), e, secret)
				return append(membersOf(append(b, `},`...), e, secret), '}')
			},
			list: func(b []byte, rows []*ent.APIToken) []byte {
				return append(named(append(named(append(b, `{"success":true,"data":{`...), rows), `},`...), rows), '}')
			},
			deleted: `{"success":true,"data":` + message + `,` + message[1:],
			schemas: resource.JSON(
				"Token", item, "TokenCreated", envelopeOf(created), "TokenList", envelopeOf(byName),
				"TokenDeleted", envelopeOf(messageProperties(t.Name)),
			),
			shapes: resource.JSON("created", refTo("TokenCreated"), "tokens", refTo("TokenList"), "deleted", refTo("TokenDeleted")),
		}
	}
	a := apiTokenAnswers{
		created: func(b []byte, e *ent.APIToken, secret token.APIToken) []byte {
			return append(membersOf(append(b, '{'), e, secret), '}')
		},
		list:    func(b []byte, rows []*ent.APIToken) []byte { return resource.AppendArray(b, rows, t.AppendItem) },
		deleted: message,
		schemas: resource.JSON("Token", item, "TokenCreated", objectOf(created), "TokenDeleted", messageSchema(t.Name)),
		shapes:  resource.JSON("created", refTo("TokenCreated"), "tokens", list, "deleted", refTo("TokenDeleted")),
	}
	if format == config.FormatWrapped {
		a.list = func(b []byte, rows []*ent.APIToken) []byte { return append(named(append(b, '{'), rows), '}') }
		a.schemas = append(a.schemas, resource.Member{Name: "TokenList", Value: objectOf(byName)})
		a.shapes = a.shapes.With("tokens", refTo("TokenList"))
	}
	return a
}

// GrantStore returns the API tokens of a database. The caller sets Lookups, the number of concurrent lookups.
func GrantStore(client *ent.Client) token.GrantStore {
	return token.GrantStore{
		Find: func(ctx context.Context, hash string) (*token.Grant, error) { return findGrant(ctx, client, hash) },
		Use: func(ctx context.Context, grant *token.Grant, at time.Time) error {
			return noteUse(ctx, client, grant, at)
		},
	}
}

// findGrant looks a token up by its hash. The user is not known yet: the policy lets a row through by its hash.
func findGrant(ctx context.Context, client *ent.Client, hash string) (*token.Grant, error) {
	found, err := client.APIToken.Query().FetchOne(viewer.Present(ctx, hash))
	if ent.IsNotFound(err) {
		return nil, token.ErrNoGrant
	}
	if err != nil {
		return nil, err
	}
	return &token.Grant{
		ID: found.ID, User: found.UserID, Name: found.Name, Scope: scopeOf(found), ExpiresAt: found.ExpiresAt, LastUsedAt: found.LastUsedAt,
	}, nil
}

// scopeOf returns the scope of a token. A value that this release does not know counts as feed, the narrowest scope.
func scopeOf(t *ent.APIToken) token.Scope {
	scopes := []token.Scope{token.ScopeRead, token.ScopeWrite, token.ScopeFeed} // in the order of the column's words
	if t.Scope < 0 || int(t.Scope) >= len(scopes) {
		return token.ScopeFeed
	}
	return scopes[t.Scope]
}

// noteUse stores the time of a token's last use, unless a later one is stored.
func noteUse(ctx context.Context, client *ent.Client, grant *token.Grant, at time.Time) error {
	ctx = viewer.NewContext(ctx, viewer.Viewer{ID: grant.User})
	before := stmt.Where(stmt.SQL(`"last_used_at" IS NULL OR "last_used_at" < ?`), stmt.Micro(at))
	_, err := client.APIToken.UpdateOneID(grant.ID).Filter(before).SetLastUsedAt(at).SaveReturning(ctx)
	return err
}
