//go:build otlp

// Package traces exports traces to an OpenTelemetry collector, in builds with -tags otlp.
package traces

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Export returns a tracer of the service of this release that exports spans in the background, as OpenTelemetry's variables in the environment say
// (OTEL_EXPORTER_OTLP_ENDPOINT and the like), until shutdown, which sends the last of them. Spans that find too many others
// waiting are dropped. The logger hears of exports that fail.
func Export(ctx context.Context, logger *slog.Logger, release string) (tracer trace.Tracer, shutdown func(context.Context) error, err error) {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("export traces: %w", err)
	}
	described, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName("todo-backend"), semconv.ServiceVersion(release)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv(),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("describe the service for traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { logger.WarnContext(ctx, "traces", "error", err) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(described))
	return provider.Tracer("todo-backend"), provider.Shutdown, nil
}
