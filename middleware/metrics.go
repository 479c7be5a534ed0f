package middleware

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"todo-backend/middleware/limit"
	"todo-backend/middleware/token"
)

// Metrics counts requests, for Prometheus. No label names a user, nor anything else that a client can make up.
type Metrics struct {
	registry  *prometheus.Registry
	durations *prometheus.HistogramVec // in seconds, by method, route pattern and status
	refused   *prometheus.CounterVec   // by reason
	inFlight  prometheus.Gauge
}

// NewMetrics returns metrics of requests, of the process, and of other parts of it.
func NewMetrics(parts ...prometheus.Collector) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_request_duration_seconds",
			Help:    "Time from the request's arrival to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_refused_total",
			Help: "Requests that were not served, for reasons that the status alone does not tell.",
		}, []string{"reason"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "http_requests_in_flight",
			Help: "Requests that are being answered.",
		}),
	}
	m.registry.MustRegister(
		m.durations,
		m.refused,
		m.inFlight,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.registry.MustRegister(parts...)
	return m
}

const (
	scrapeTimeout     = 10 * time.Second // to send a request for metrics, and to read the answer
	scrapeIdleTimeout = 2 * time.Minute  // longer than from one scrape to the next
)

// ServeMetrics serves metrics of requests, of the process, and of other parts of it, at an address of their own until ctx ends.
// Without an address there are none, and the result is nil.
func ServeMetrics(ctx context.Context, address string, logger *slog.Logger, parts ...prometheus.Collector) (*Metrics, error) {
	if address == "" {
		return nil, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics at METRICS_ADDR: %w", err)
	}
	metrics := NewMetrics(parts...)
	server := metrics.server(logger)
	context.AfterFunc(ctx, func() { server.Close() })
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.ErrorContext(ctx, "metrics", "error", err)
		}
	}()
	return metrics, nil
}

func (m *Metrics) server(logger *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	return &http.Server{
		Handler:      mux,
		ReadTimeout:  scrapeTimeout,
		WriteTimeout: scrapeTimeout,
		IdleTimeout:  scrapeIdleTimeout,
		ErrorLog:     slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// BuildInfo tells which build runs.
func BuildInfo(version, revision string) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "todo_backend_build_info",
		Help:        "Always 1; the labels tell which build runs.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision, "goversion": runtime.Version()},
	})
	info.Set(1)
	return info
}

// Gatherer reads the metrics.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Observe counts a request. It stands outside Log, which has the answer to an error written.
func (m *Metrics) Observe(c *fiber.Ctx) error {
	start := time.Now()
	m.inFlight.Inc()
	defer m.inFlight.Dec()
	err := c.Next()
	status := strconv.Itoa(c.Response().StatusCode())
	m.durations.WithLabelValues(c.Route().Method, c.Route().Path, status).Observe(time.Since(start).Seconds())
	if failure, ok := c.Locals(failureKey).(error); ok {
		m.countRefusal(failure, c.Response().StatusCode())
	}
	return err
}

func (m *Metrics) countRefusal(failure error, status int) {
	if reason := reasonOf(failure, status); reason != "" {
		m.refused.WithLabelValues(reason).Inc()
	}
}

// reasonOf is why a request was refused, or empty where it was wrong or something went wrong with it: of those the status is
// enough.
func reasonOf(failure error, status int) string {
	if refused, ok := errors.AsType[*token.AuthError](failure); ok {
		return "token_" + string(refused.Reason)
	}
	switch {
	case errors.Is(failure, limit.ErrBusy):
		return "busy"
	case errors.Is(failure, limit.ErrUserBusy):
		return "user_busy"
	case errors.Is(failure, token.ErrKeysUnavailable):
		return "keys_unavailable"
	case status == http.StatusTooManyRequests:
		return "rate"
	case status == http.StatusRequestEntityTooLarge:
		return "too_large"
	case status != http.StatusServiceUnavailable:
		return ""
	case errors.Is(failure, context.DeadlineExceeded):
		return "deadline"
	}
	return "unavailable"
}
