package database

import (
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// pools tell Prometheus how the connections of each pool are used, by the pool's name.
type pools map[string]func() poolStats

type poolStats struct {
	limit, used, idle int
	waits             int64 // of who found no connection idle
	waited            time.Duration
}

func poolMetric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("db_client_"+name, help, append([]string{"pool"}, labels...), nil)
}

var (
	connections      = poolMetric("connections", "Connections to the database.", "state")
	connectionsLimit = poolMetric("connections_max", "Connections that the pool may have.")
	connectionWaits  = poolMetric("connection_waits_total", "Requests for a connection that found none idle.")
	connectionWaited = poolMetric("connection_wait_seconds_total", "Time that such requests waited.")
)

// Describe names the metrics.
func (p pools) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(p, to) }

// Collect reads the metrics.
func (p pools) Collect(to chan<- prometheus.Metric) {
	for name, stats := range p {
		s := stats()
		gauge, counter := prometheus.GaugeValue, prometheus.CounterValue
		to <- prometheus.MustNewConstMetric(connections, gauge, float64(s.used), name, "used")
		to <- prometheus.MustNewConstMetric(connections, gauge, float64(s.idle), name, "idle")
		to <- prometheus.MustNewConstMetric(connectionsLimit, gauge, float64(s.limit), name)
		to <- prometheus.MustNewConstMetric(connectionWaits, counter, float64(s.waits), name)
		to <- prometheus.MustNewConstMetric(connectionWaited, counter, s.waited.Seconds(), name)
	}
}

func statsOfPgx(pool *pgxpool.Pool) func() poolStats {
	return func() poolStats {
		s := pool.Stat()
		return poolStats{
			limit: int(s.MaxConns()), used: int(s.AcquiredConns()), idle: int(s.IdleConns()),
			waits: s.EmptyAcquireCount(), waited: s.EmptyAcquireWaitTime(),
		}
	}
}

func statsOfSQL(pool *sql.DB) func() poolStats {
	return func() poolStats {
		s := pool.Stats()
		return poolStats{limit: s.MaxOpenConnections, used: s.InUse, idle: s.Idle, waits: s.WaitCount, waited: s.WaitDuration}
	}
}
