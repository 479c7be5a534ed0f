package token

import "github.com/prometheus/client_golang/prometheus"

// keyMetrics tell how the JWKS answers.
type keyMetrics struct {
	fetches *prometheus.CounterVec // by outcome
	fetched prometheus.Gauge
}

func newKeyMetrics() keyMetrics {
	m := keyMetrics{
		fetches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jwks_fetches_total",
			Help: "Fetches of the JWKS.",
		}, []string{"outcome"}),
		fetched: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "jwks_last_success_timestamp_seconds",
			Help: "When the JWKS was last fetched; 0: never.",
		}),
	}
	m.fetches.WithLabelValues("success")
	m.fetches.WithLabelValues("failure")
	return m
}

func (m keyMetrics) count(err error) {
	if err != nil {
		m.fetches.WithLabelValues("failure").Inc()
		return
	}
	m.fetches.WithLabelValues("success").Inc()
	m.fetched.SetToCurrentTime()
}

// Describe names the metrics of the JWKS, if there is one.
func (v *Verifier) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(v, to) }

// Collect reads the metrics of the JWKS, if there is one.
func (v *Verifier) Collect(to chan<- prometheus.Metric) {
	if v.keys != nil {
		v.keys.metrics.fetches.Collect(to)
		v.keys.metrics.fetched.Collect(to)
	}
}
