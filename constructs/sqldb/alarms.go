package sqldb

import (
	"errors"
	"fmt"
	"time"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Alarms set when the owner of a service that uses the database is notified. DatabaseCapacity and DatabaseConnections page, since
// requests get slow or fail. There is none on free storage: the volume of Aurora grows to 128 TiB.
type Alarms struct {
	// DatabaseCapacity is on the capacity, in percent of MaxCapacity. If zero, above 90.
	DatabaseCapacity alarm.Utilization
	// DatabaseConnections is on connections, in percent of those that an instance takes at the least. If zero, above 80.
	DatabaseConnections alarm.Utilization
	// ReplicaLag is on the time by which readers are behind the writer, if there are readers. If zero, above 1 second.
	ReplicaLag alarm.Age
	// Deadlocks is on transactions that PostgreSQL cancels since they wait for each other. If zero, 5 a minute.
	Deadlocks alarm.Events
	// TransactionIDs is on the age of the oldest transaction that is not vacuumed, in percent of that at which PostgreSQL accepts
	// no further writes. If zero, above 50.
	TransactionIDs alarm.Utilization
}

func (a Alarms) withDefaults() Alarms {
	a.DatabaseCapacity = a.DatabaseCapacity.WithDefaults(90)
	a.DatabaseConnections = a.DatabaseConnections.WithDefaults(80)
	a.ReplicaLag = a.ReplicaLag.WithDefaults(time.Second)
	a.Deadlocks = a.Deadlocks.WithDefaults(5)
	a.TransactionIDs = a.TransactionIDs.WithDefaults(50)
	return a
}

func (a Alarms) validate() error {
	return errors.Join(
		a.DatabaseCapacity.Check("Alarms.DatabaseCapacity"),
		a.DatabaseConnections.Check("Alarms.DatabaseConnections"),
		a.ReplicaLag.Check("Alarms.ReplicaLag"),
		a.Deadlocks.Check("Alarms.Deadlocks"),
		a.TransactionIDs.Check("Alarms.TransactionIDs"),
	)
}

// on returns the alarms on the database with the given ID. Without data it is paused: nobody is connected.
func (a Alarms) on(id string, m Metrics, readers int) []alarm.Alarm {
	var all []alarm.Alarm
	add := func(disabled bool, defined alarm.Alarm) {
		if !disabled {
			defined.Missing = alarm.NotBreaching
			all = append(all, defined)
		}
	}
	add(a.DatabaseCapacity.Disable, alarm.Alarm{
		ID: "DatabaseCapacity", Metric: m.Capacity(), Comparison: alarm.Above, Threshold: a.DatabaseCapacity.Percent,
		Datapoints: 10, Periods: 10, Pages: true,
		Meaning: fmt.Sprintf("the database %s uses more than %g %% of its maximum capacity. Requests get slow.", id, a.DatabaseCapacity.Percent),
		LookAt:  [3]string{"the load and the slowest statements in CloudWatch Database Insights.", alarm.LookAtDeployment, "MaxCapacity of the database."},
	})
	add(a.DatabaseConnections.Disable, alarm.Alarm{
		ID: "DatabaseConnections", Metric: m.Connections(), Comparison: alarm.Above, Threshold: a.DatabaseConnections.Percent,
		Datapoints: 5, Periods: 5, Pages: true,
		Meaning: fmt.Sprintf("clients hold more than %g %% of the connections that the database %s takes. At the maximum it refuses others, and requests fail.",
			a.DatabaseConnections.Percent, id),
		LookAt: [3]string{"the number of tasks, times the size of each task's pool.", "transactions that stay open.", "MaxCapacity of the database."},
	})
	add(a.ReplicaLag.Disable || readers == 0, alarm.Alarm{
		ID: "ReplicaLag", Metric: m.ReplicaLag(), Comparison: alarm.Above, Threshold: a.ReplicaLag.Oldest.Seconds(),
		Datapoints: 5, Periods: 5,
		Meaning: fmt.Sprintf("readers of the database %s are more than %s behind. Who reads from them gets old data.", id, cdkx.Words(a.ReplicaLag.Oldest)),
		LookAt:  [3]string{"the capacity of the readers.", "the rate of writes.", "long queries on the readers."},
	})
	add(a.Deadlocks.Disable, alarm.Alarm{
		ID: "Deadlocks", Metric: m.Deadlocks(), Comparison: alarm.AtLeast, Threshold: float64(a.Deadlocks.Count),
		Datapoints: 3, Periods: 5,
		Meaning: fmt.Sprintf("PostgreSQL cancels %d or more transactions a minute of the database %s, which wait for each other. Their requests fail, or are slow.",
			a.Deadlocks.Count, id),
		LookAt: [3]string{"the statements in the log of PostgreSQL.", "the order in which transactions lock rows.", alarm.LookAtDeployment},
	})
	add(a.TransactionIDs.Disable, alarm.Alarm{
		ID: "TransactionIDs", Metric: m.TransactionIDs(), Comparison: alarm.Above, Threshold: a.TransactionIDs.Percent,
		Datapoints: 15, Periods: 15,
		Meaning: fmt.Sprintf("more than %g %% of the transaction IDs of the database %s are in use. When all are, PostgreSQL accepts no further writes.",
			a.TransactionIDs.Percent, id),
		LookAt: [3]string{"the oldest transaction in pg_stat_activity, and end it.", "replication slots and prepared transactions that nobody uses.", "whether autovacuum runs on the largest tables."},
	})
	return all
}
