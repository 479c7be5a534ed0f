package routes

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"todo-backend/docs"
	"todo-backend/ent"
	"todo-backend/ent/database"
	"todo-backend/ent/privacy"
	"todo-backend/ent/resource"
	"todo-backend/ent/viewer"
	"todo-backend/middleware"
	"todo-backend/middleware/limit"
	"todo-backend/middleware/token"
)

// problem is the body of every error: an RFC 9457 problem, with the error and success that the
// specification of the API has, and the message that other clients read. All three are one sentence.
type problem struct {
	Success   bool                  `json:"success"`
	Error     string                `json:"error"`
	Message   string                `json:"message"`
	Type      string                `json:"type"`
	Title     string                `json:"title"`
	Status    int                   `json:"status"`
	Detail    string                `json:"detail"`
	Errors    []resource.FieldError `json:"errors,omitempty"`
	RequestID string                `json:"requestId"`
	// ErrorDescription is what OAuth clients show to their users (RFC 6749 section 5.2).
	ErrorDescription string `json:"error_description,omitempty"`
}

// mimeProblem is sent to whoever names it: others test for JSON before they parse.
const mimeProblem = "application/problem+json"

// problems turns errors into answers.
type problems struct {
	production bool // says less about why a token is refused
	responses  *limit.ResponseBudget
}

// write answers with the body for err.
func (p problems) write(c *fiber.Ctx, err error) error {
	if failure := p.send(c, err); failure != nil {
		return failure
	}
	if p.responses.Hold(c) != nil {
		return p.send(c, limit.ErrBusy)
	}
	return nil
}

// send replaces whatever stands in the answer by the body for err.
func (p problems) send(c *fiber.Ctx, err error) error {
	discard(c)
	answer := p.of(c, err)
	p.setHeaders(c, answer, err)
	contentType := fiber.MIMEApplicationJSON
	if strings.Contains(c.Get(fiber.HeaderAccept), mimeProblem) {
		contentType = mimeProblem
	}
	return writeJSON(c.Status(answer.Status), answer, contentType)
}

// discard drops the body of an answer and the headers that describe it: those of the error are others.
func discard(c *fiber.Ctx) {
	res := c.Response()
	res.ResetBody()
	for _, name := range []string{
		fiber.HeaderContentEncoding, fiber.HeaderETag, fiber.HeaderLastModified, fiber.HeaderLink, fiber.HeaderLocation,
		fiber.HeaderContentDisposition,
	} {
		res.Header.Del(name)
	}
	c.Set(fiber.HeaderCacheControl, middleware.NoStore)
}

func (p problems) setHeaders(c *fiber.Ctx, answer problem, err error) {
	challenge := `Bearer realm="` + serviceName + `"`
	if refusal, ok := errors.AsType[*token.ScopeError](err); ok && refusal.Needs != "" {
		c.Set(fiber.HeaderWWWAuthenticate, challenge+`, error="insufficient_scope", scope="`+string(refusal.Needs)+`"`)
	}
	switch answer.Status {
	case http.StatusUnauthorized:
		if c.Get(fiber.HeaderAuthorization) != "" {
			challenge += `, error="invalid_token"` // RFC 6750 section 3.1: only where a token was sent
		}
		c.Set(fiber.HeaderWWWAuthenticate, challenge)
	case http.StatusServiceUnavailable:
		c.Set(fiber.HeaderRetryAfter, "1")
	}
}

// of decides status and words.
func (p problems) of(c *fiber.Ctx, err error) problem {
	status, detail := p.classify(c.UserContext(), err)
	broken, _ := errors.AsType[resource.Invalid](err)
	answer := problem{
		Error:     detail,
		Message:   detail,
		Type:      "about:blank",
		Title:     title(status),
		Status:    status,
		Detail:    detail,
		Errors:    broken,
		RequestID: middleware.RequestID(c),
	}
	if errors.Is(err, errNoOAuth) {
		answer.ErrorDescription = detail
	}
	return answer
}

// classify maps an error to a status and a sentence for the user, which tells nothing internal.
func (p problems) classify(ctx context.Context, err error) (status int, detail string) {
	if status, detail = p.quote(err); status != 0 {
		return status, detail
	}
	switch {
	case errors.Is(err, privacy.Deny):
		if _, ok := viewer.FromContext(ctx); !ok {
			return http.StatusUnauthorized, "Not authenticated"
		}
		return http.StatusNotFound, notFound(err)
	case ent.IsNotFound(err), errors.Is(err, errNoID):
		return http.StatusNotFound, notFound(err)
	case ent.IsConstraintError(err):
		return http.StatusConflict, "The change conflicts with what is stored"
	case ent.IsValidationError(err):
		return http.StatusUnprocessableEntity, "What was sent breaks a rule"
	case errors.Is(err, errNoOAuth):
		return http.StatusNotFound, noOAuth
	}
	if detail := unavailable(err); detail != "" {
		return http.StatusServiceUnavailable, detail
	}
	return http.StatusInternalServerError, "Something went wrong on our side"
}

// unavailable is what the user reads of an error that passes by itself; empty for any other.
func unavailable(err error) string {
	switch {
	case errors.Is(err, errNotReady):
		return "The service is not ready"
	case errors.Is(err, middleware.ErrStarting):
		return "The service is starting, please try again"
	case errors.Is(err, limit.ErrBusy):
		return "The service is busy, please try again"
	case errors.Is(err, token.ErrKeysUnavailable):
		return "Tokens can't be verified at the moment, please try again"
	case database.IsUnavailable(err):
		return "The service is not available at the moment, please try again"
	}
	return ""
}

// quote is classify for errors that have words for the user; a status of 0 is of one that has none.
func (p problems) quote(err error) (status int, detail string) {
	if broken, ok := errors.AsType[resource.Invalid](err); ok {
		return http.StatusUnprocessableEntity, broken.Error()
	}
	if unreadable, ok := errors.AsType[messageError](err); ok {
		return http.StatusBadRequest, unreadable.detail
	}
	if _, ok := errors.AsType[agentAuthError](err); ok {
		return http.StatusUnauthorized, noOAuth
	}
	if refusal, ok := errors.AsType[*token.AuthError](err); ok {
		return http.StatusUnauthorized, p.explain(refusal)
	}
	if refusal, ok := errors.AsType[*token.ScopeError](err); ok {
		return http.StatusForbidden, refusal.Error()
	}
	if errors.Is(err, errOtherUser) && !p.production {
		return http.StatusForbidden, errOtherUser.Message + ". If it is meant as an address of tasks, name it in API_PATHS"
	}
	if routed, ok := errors.AsType[*fiber.Error](err); ok {
		return routed.Code, sentence(routed)
	}
	return 0, ""
}

// notFound names what was looked for.
func notFound(err error) string {
	about, ok := errors.AsType[aboutError](err)
	if !ok {
		return "Not found"
	}
	name, id, named := strings.Cut(about.name, " ")
	if named {
		return docs.Name(name) + " " + id + " not found"
	}
	return docs.Name(name) + " not found"
}

// explain says why a token is refused: in development the reason, in production no more than that it is.
func (p problems) explain(refusal *token.AuthError) string {
	switch {
	case refusal.Reason == token.ReasonMissing:
		return "Not authenticated"
	case p.production:
		return "Invalid or expired token"
	}
	return refusal.Error()
}

// sentence is what the user reads about an error of the router or the server.
func sentence(err *fiber.Error) string {
	switch err.Code {
	case http.StatusNotFound:
		return "There is nothing at this address"
	case http.StatusMethodNotAllowed:
		return "This address does not take this method"
	case http.StatusRequestEntityTooLarge:
		return "The body may have at most 64 KiB"
	case http.StatusRequestHeaderFieldsTooLarge:
		return "The headers may have at most 16 KiB"
	case http.StatusRequestTimeout:
		return "The request did not arrive in time"
	case http.StatusBadRequest:
		return "The request could not be read"
	}
	return err.Message
}

// title is the name of the status, in the words of RFC 9110.
func title(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "Content Too Large"
	case http.StatusUnprocessableEntity:
		return "Unprocessable Content"
	}
	return http.StatusText(status)
}
