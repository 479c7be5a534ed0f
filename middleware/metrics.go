package middleware

import (
	"database/sql"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests, for Prometheus. No label names a user.
type Metrics struct {
	registry  *prometheus.Registry
	durations *prometheus.HistogramVec // in seconds, by method, route pattern and status
	inFlight  prometheus.Gauge
}

// NewMetrics returns metrics of requests, of the connections of pool, and of the process.
func NewMetrics(pool *sql.DB) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_request_duration_seconds",
			Help:    "Time from the request's arrival to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "http_requests_in_flight",
			Help: "Requests that are being answered.",
		}),
	}
	m.registry.MustRegister(
		m.durations,
		m.inFlight,
		collectors.NewDBStatsCollector(pool, "todo"),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
	)
	return m
}

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
	return err
}
