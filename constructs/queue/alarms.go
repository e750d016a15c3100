package queue

import (
	"errors"
	"fmt"
	"time"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Alarms set when the owner of a service that consumes the queue is notified. Both page.
type Alarms struct {
	// QueueAge is on the age of the oldest message. If zero, above 10 minutes. It must be longer than
	// Scaling.Backlog.AcceptableDelay of the service that consumes the queue.
	QueueAge alarm.Age
	// DeadLetters is on messages that move to the dead-letter queue. If zero, 1 a minute.
	DeadLetters alarm.Events
}

func (a Alarms) withDefaults() Alarms {
	a.QueueAge = a.QueueAge.WithDefaults(10 * time.Minute)
	a.DeadLetters = a.DeadLetters.WithDefaults(1)
	return a
}

func (a Alarms) validate() error {
	return errors.Join(a.QueueAge.Check("Alarms.QueueAge"), a.DeadLetters.Check("Alarms.DeadLetters"))
}

// on returns the alarms on the queue with the given ID. SQS stops publishing metrics of a queue that has been inactive
// for six hours: no message waits in it.
func (a Alarms) on(id string, m Metrics) []alarm.Alarm {
	var all []alarm.Alarm
	if !a.QueueAge.Disable {
		all = append(all, alarm.Alarm{
			ID: "QueueAge", Metric: m.Age(), Comparison: alarm.Above, Threshold: a.QueueAge.Oldest.Seconds(),
			Datapoints: 3, Periods: 3, Missing: alarm.NotBreaching, Pages: true,
			Meaning: fmt.Sprintf("messages wait longer than %s in the queue %s. Processing is late.", cdkx.Words(a.QueueAge.Oldest), id),
			LookAt: [3]string{
				"whether the consuming tasks run, and their newest errors.", "the number of tasks: is Scaling.Max reached?",
				"whether one message is received again and again.",
			},
		})
	}
	if !a.DeadLetters.Disable {
		all = append(all, alarm.Alarm{
			ID: "DeadLetters", Metric: m.DeadLetters(), Comparison: alarm.AtLeast, Threshold: float64(a.DeadLetters.Count),
			Datapoints: 1, Periods: 15, Missing: alarm.NotBreaching, Pages: true,
			Meaning: fmt.Sprintf("%d or more messages a minute moved from the queue %s to its dead-letter queue in the last 15 minutes. They were not processed.",
				a.DeadLetters.Count, id),
			LookAt: [3]string{
				"a message in the dead-letter queue, and the errors logged on its receipt.", alarm.LookAtDeployment,
				"after the fix, redrive the dead-letter queue: the messages wait there until then.",
			},
		})
	}
	return all
}
