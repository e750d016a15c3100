package sqldb

import (
	"fmt"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Metrics returns the database's CloudWatch metrics.
func (d *Database) Metrics() Metrics { return Metrics{*d.cluster.Ref(), d.props.connections()} }

// Metrics are a database's CloudWatch metrics. Each method returns a metric as a plain value. While the database is paused, there is
// no data.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
type Metrics struct {
	cluster     string
	connections int
}

// Capacity returns the capacity in percent of Props.MaxCapacity, of the instance with the most.
func (m Metrics) Capacity() metric.Metric {
	return m.of("Capacity, percent", "ACUUtilization", metric.Maximum)
}

// Connections returns the connections in percent of what an instance takes, of the instance with the most.
func (m Metrics) Connections() metric.Metric {
	return metric.Metric{
		Label: "Connections, percent of the maximum", Expression: fmt.Sprintf("open * 100 / %d", m.connections),
		Over:   map[string]metric.Metric{"open": m.of("", "DatabaseConnections", metric.Maximum)},
		Period: time.Minute,
	}
}

// ReplicaLag returns the time in seconds by which the readers are behind the writer, of the reader that is most behind.
func (m Metrics) ReplicaLag() metric.Metric {
	return metric.Metric{
		Label: "Lag of the readers, seconds", Expression: "lag / 1000",
		Over:   map[string]metric.Metric{"lag": m.of("", "AuroraReplicaLagMaximum", metric.Maximum)}, // in milliseconds
		Period: time.Minute,
	}
}

// Deadlocks returns the number of deadlocks a minute.
func (m Metrics) Deadlocks() metric.Metric {
	return metric.Metric{
		Label: "Deadlocks a minute", Expression: "deadlocks * 60",
		Over:   map[string]metric.Metric{"deadlocks": m.of("", "Deadlocks", metric.Average)}, // a second
		Period: time.Minute,
	}
}

// TransactionIDs returns the age of the oldest transaction that is not vacuumed, in percent of the two billion at which PostgreSQL
// accepts no further writes.
func (m Metrics) TransactionIDs() metric.Metric {
	const percentOfAll = 1 << 31 / 100
	return metric.Metric{
		Label: "Transaction IDs in use, percent", Expression: fmt.Sprintf("used / %d", percentOfAll),
		Over:   map[string]metric.Metric{"used": m.of("", "MaximumUsedTransactionIDs", metric.Maximum)},
		Period: time.Minute,
	}
}

func (m Metrics) of(label, name, statistic string) metric.Metric {
	return metric.Metric{
		Label: label, Namespace: "AWS/RDS", Name: name, Statistic: statistic,
		Dimensions: map[string]string{"DBClusterIdentifier": m.cluster}, Period: time.Minute,
	}
}
