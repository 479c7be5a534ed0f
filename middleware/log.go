package middleware

import (
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/trace"

	"todo-backend/middleware/token"
)

const requestIDKey = "request id"

// sane is what a request id taken over from a client looks like.
var sane = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Identify gives every request an id, the client's X-Request-Id if it is sane, and returns it in the same header.
func Identify(c *fiber.Ctx) error {
	id := c.Get(fiber.HeaderXRequestID)
	if sane.MatchString(id) && !token.HoldsAPIToken(id) {
		id = utils.CopyString(id)
	} else {
		id = uuid.NewString()
	}
	c.Locals(requestIDKey, id)
	c.Set(fiber.HeaderXRequestID, id)
	return c.Next()
}

// RequestID is the id of the request, empty where Identify did not run.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(requestIDKey).(string)
	return id
}

// failureKey is where the error that a request ended with is among its locals.
const failureKey = "failure"

// Log writes a line for each request, without token, body or query: those are the user's. It has the error handler write
// the answer to an error, so that the line tells what the client got, and why.
func Log(logger *slog.Logger) fiber.Handler {
	return func(c *fiber.Ctx) error {
		start := time.Now()
		err := c.Next()
		if err != nil {
			c.Locals(failureKey, err)
			if failure := c.App().ErrorHandler(c, err); failure != nil {
				return failure
			}
		}
		status := c.Response().StatusCode()
		ctx, level := c.UserContext(), severity(status, err)
		if !logger.Enabled(ctx, level) {
			return nil
		}
		end := time.Now()
		line := slog.NewRecord(end, level, "request", 0) // the logger itself would look up for each line where in the code it is
		line.AddAttrs(
			slog.String("id", RequestID(c)),
			slog.String("method", c.Method()),
			slog.String("route", c.Route().Path),
			slog.Int("status", status),
			slog.Duration("duration", end.Sub(start)),
			slog.Int("bytes", length(c.Response())),
		)
		if span := trace.SpanContextFromContext(ctx); span.IsValid() {
			line.AddAttrs(slog.String("trace_id", span.TraceID().String()))
		}
		if err != nil {
			line.AddAttrs(slog.String("error", reason(err)))
		}
		_ = logger.Handler().Handle(ctx, line) // as the logger does: there is nobody to tell
		return nil
	}
}

// reason is what the log tells of an error. The words of the router's 404 quote the address, which may be anything.
func reason(err error) string {
	if unrouted, ok := errors.AsType[*fiber.Error](err); ok && unrouted.Code == http.StatusNotFound {
		return http.StatusText(unrouted.Code)
	}
	return err.Error()
}

// length is that of the answer's body. One that is a stream would be read to its end by asking for it.
func length(res *fasthttp.Response) int {
	if res.IsBodyStream() {
		return res.Header.ContentLength()
	}
	return len(res.Body())
}

// severity is that of an error where the service is at fault.
func severity(status int, err error) slog.Level {
	if status >= http.StatusInternalServerError && isFault(err) {
		return slog.LevelError
	}
	return slog.LevelInfo
}
