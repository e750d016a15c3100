package outbox

import (
	"errors"
	"fmt"

	"github.com/storefront-cdk/storefront/constructs/alarm"
)

// Alarms set when the owner of the service that publishes is notified. Both page.
type Alarms struct {
	// Failures is on failed attempts to publish, in each of ten minutes: events are late. If zero, 1 a minute.
	Failures alarm.Events
	// DeadLetters is on records that were not published after all attempts. If zero, 1 a minute.
	DeadLetters alarm.Events
}

// WithDefaults returns the alarms with every zero setting replaced by its default.
func (a Alarms) WithDefaults() Alarms {
	a.Failures = a.Failures.WithDefaults(1)
	a.DeadLetters = a.DeadLetters.WithDefaults(1)
	return a
}

// Check returns an error if a setting is invalid. Its messages begin with field. It expects the defaults.
func (a Alarms) Check(field string) error {
	return errors.Join(a.Failures.Check(field+".Failures"), a.DeadLetters.Check(field+".DeadLetters"))
}

// On returns the alarms on the outbox of the table with the given ID. A pipe publishes metrics while it has something to do.
func (a Alarms) On(table string, m Metrics) []alarm.Alarm {
	var all []alarm.Alarm
	if !a.Failures.Disable {
		all = append(all, alarm.Alarm{
			ID: "OutboxFailures", Metric: m.Failed(), Comparison: alarm.AtLeast, Threshold: float64(a.Failures.Count),
			Datapoints: 10, Periods: 10, Missing: alarm.NotBreaching, Pages: true,
			Meaning: fmt.Sprintf("the pipe of the outbox of the table %s has failed %d or more times a minute for ten minutes. Events are late, and after an hour not published.",
				table, a.Failures.Count),
			LookAt: [3]string{
				"the state of the pipe in EventBridge, and its reason.", "the permissions of its role on the bus, the stream and their keys.",
				"the AWS Health Dashboard, for EventBridge in this region.",
			},
		})
	}
	if !a.DeadLetters.Disable {
		all = append(all, alarm.Alarm{
			ID: "OutboxDeadLetters", Metric: m.DeadLetters(), Comparison: alarm.AtLeast, Threshold: float64(a.DeadLetters.Count),
			Datapoints: 1, Periods: 15, Missing: alarm.NotBreaching, Pages: true,
			Meaning: fmt.Sprintf("%d or more records a minute of the outbox of the table %s were not published in the last 15 minutes. Subscribers miss their events.",
				a.DeadLetters.Count, table),
			LookAt: [3]string{
				"a message in the dead-letter queue: the reason, and the place of the record in the stream.",
				"the items of that time in the table: is outboxDetail JSON in base64?", "after the fix, write the items again under other keys: only a new item is published.",
			},
		})
	}
	return all
}
