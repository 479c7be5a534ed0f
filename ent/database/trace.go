package database

import (
	"context"
	"strings"

	"entgo.io/ent/dialect"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// traced makes a span of each statement, with its text, which has no values in it.
type traced struct {
	dialect.Driver

	tracer trace.Tracer
	system attribute.KeyValue
}

// trace returns the driver, with spans where the source has a tracer.
func (s Source) trace(driver dialect.Driver) dialect.Driver {
	if s.Tracer == nil {
		return driver
	}
	system := semconv.DBSystemNamePostgreSQL
	if driver.Dialect() == dialect.SQLite {
		system = semconv.DBSystemNameSQLite
	}
	return traced{driver, s.Tracer, system}
}

// Exec runs a statement that returns no rows.
func (d traced) Exec(ctx context.Context, query string, args, v any) error {
	return d.run(ctx, query, func(ctx context.Context) error { return d.Driver.Exec(ctx, query, args, v) })
}

// Query runs a statement that returns rows. The span ends when the first is there.
func (d traced) Query(ctx context.Context, query string, args, v any) error {
	return d.run(ctx, query, func(ctx context.Context) error { return d.Driver.Query(ctx, query, args, v) })
}

// Tx begins a transaction, each statement of which has a span too.
func (d traced) Tx(ctx context.Context) (dialect.Tx, error) {
	tx, err := d.Driver.Tx(ctx)
	if err != nil {
		return nil, err
	}
	return tracedTx{tx, d}, nil
}

// tracedTx makes a span of each statement of a transaction.
type tracedTx struct {
	dialect.Tx

	by traced
}

// Exec runs a statement that returns no rows.
func (t tracedTx) Exec(ctx context.Context, query string, args, v any) error {
	return t.by.run(ctx, query, func(ctx context.Context) error { return t.Tx.Exec(ctx, query, args, v) })
}

// Query runs a statement that returns rows.
func (t tracedTx) Query(ctx context.Context, query string, args, v any) error {
	return t.by.run(ctx, query, func(ctx context.Context) error { return t.Tx.Query(ctx, query, args, v) })
}

func (d traced) run(ctx context.Context, query string, statement func(context.Context) error) error {
	operation, _, _ := strings.Cut(query, " ")
	ctx, span := d.tracer.Start(ctx, operation, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(d.system, semconv.DBOperationName(operation), semconv.DBQueryText(query)))
	defer span.End()
	err := statement(ctx)
	if err != nil {
		span.SetStatus(codes.Error, "") // the text of the error may have values in it
	}
	return err
}
