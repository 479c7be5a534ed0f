package middleware

import (
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Trace makes a span of each request, below the one that the caller's traceparent names. No attribute names a user: the path
// and the query are left out.
func Trace(tracer trace.Tracer) fiber.Handler {
	var parent propagation.TraceContext
	return func(c *fiber.Ctx) error {
		ctx := parent.Extract(c.UserContext(), requestHeaders{c})
		ctx, span := tracer.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		c.SetUserContext(ctx)
		err := c.Next()
		describe(span, c.Route(), c.Response().StatusCode())
		return err
	}
}

// describe says on a span what was asked and answered (https://opentelemetry.io/docs/specs/semconv/http/http-spans).
func describe(span trace.Span, route *fiber.Route, status int) {
	span.SetName(route.Method + " " + route.Path)
	span.SetAttributes(
		semconv.HTTPRequestMethodKey.String(route.Method),
		semconv.HTTPRoute(route.Path),
		semconv.HTTPResponseStatusCode(status),
		semconv.URLScheme("http"),
	)
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(semconv.ErrorTypeKey.String(strconv.Itoa(status)))
	}
}

// requestHeaders are a request's headers as a propagator reads them.
type requestHeaders struct{ c *fiber.Ctx }

// Get returns a header's value, which outlives the request.
func (h requestHeaders) Get(key string) string { return utils.CopyString(h.c.Get(key)) }

// Set does nothing: the headers are only read.
func (h requestHeaders) Set(string, string) {}

// Keys are not told: a propagator asks for those that it knows.
func (h requestHeaders) Keys() []string { return nil }
