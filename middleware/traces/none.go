//go:build !otlp

// Package traces exports traces to an OpenTelemetry collector, in builds with -tags otlp.
package traces

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// Export says that this build can't. The exporter brings gRPC along, which nothing here uses, and both take a good part of
// the time that the program takes to compile: so it is in releases, and not in what a developer builds first.
func Export(ctx context.Context, logger *slog.Logger, _ string) (trace.Tracer, func(context.Context) error, error) {
	logger.WarnContext(ctx, "this build exports no traces: releases do, and what is built with -tags otlp")
	return nil, func(context.Context) error { return nil }, nil
}
