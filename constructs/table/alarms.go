package table

import (
	"errors"
	"fmt"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/outbox"
)

// Alarms set when the owner of a service that uses the table is notified. Each of them pages, those on the table
// when their threshold is breached in three of the last five minutes.
type Alarms struct {
	// ThrottledReads is on reads that DynamoDB throttles. If zero, 10 a minute.
	ThrottledReads alarm.Events
	// ThrottledWrites is on writes that DynamoDB throttles. If zero, 10 a minute.
	ThrottledWrites alarm.Events
	// SystemErrors is on requests that fail inside DynamoDB. If zero, 5 a minute.
	SystemErrors alarm.Events
	// Outbox is on the events of Props.Outbox.
	Outbox outbox.Alarms
}

func (a Alarms) withDefaults() Alarms {
	a.ThrottledReads = a.ThrottledReads.WithDefaults(10)
	a.ThrottledWrites = a.ThrottledWrites.WithDefaults(10)
	a.SystemErrors = a.SystemErrors.WithDefaults(5)
	a.Outbox = a.Outbox.WithDefaults()
	return a
}

func (a Alarms) validate() error {
	return errors.Join(
		a.ThrottledReads.Check("Alarms.ThrottledReads"),
		a.ThrottledWrites.Check("Alarms.ThrottledWrites"),
		a.SystemErrors.Check("Alarms.SystemErrors"),
		a.Outbox.Check("Alarms.Outbox"),
	)
}

// on returns the alarms on the table with the given ID. DynamoDB publishes these metrics only for nonzero values:
// without data nothing was throttled and nothing failed.
func (a Alarms) on(id string, m Metrics) []alarm.Alarm {
	var all []alarm.Alarm
	add := func(setting alarm.Events, name string, of metric.Metric, meaning string, lookAt ...string) {
		if setting.Disable {
			return
		}
		all = append(all, alarm.Alarm{
			ID: name, Metric: of,
			Comparison: alarm.AtLeast, Threshold: float64(setting.Count),
			Datapoints: 3, Periods: 5, Missing: alarm.NotBreaching,
			Meaning: meaning, LookAt: [3]string(lookAt), Pages: true,
		})
	}
	add(a.ThrottledReads, "ThrottledReads", m.ThrottledReads(),
		fmt.Sprintf("DynamoDB throttles %d or more reads a minute of the table %s. Customers get slow responses, then errors.", a.ThrottledReads.Count, id),
		"whether one key gets most of the reads.", "the table's provisioned capacity or maximum throughput, if set.", "the account's DynamoDB quotas.")
	add(a.ThrottledWrites, "ThrottledWrites", m.ThrottledWrites(),
		fmt.Sprintf("DynamoDB throttles %d or more writes a minute to the table %s. Customers' writes may be lost.", a.ThrottledWrites.Count, id),
		"whether one key, of the table or of an index, gets most of the writes.", "the provisioned capacity of the table and its indexes, if set.", "the account's DynamoDB quotas.")
	add(a.SystemErrors, "SystemErrors", m.SystemErrors(),
		fmt.Sprintf("%d or more requests a minute to the table %s fail inside DynamoDB. Customers may get errors.", a.SystemErrors.Count, id),
		"the AWS Health Dashboard, for DynamoDB in this region.", "whether the application retries with backoff.", "the alarms of other services: whether all tables are affected.")
	return all
}
