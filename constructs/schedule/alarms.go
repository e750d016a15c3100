package schedule

import (
	"errors"
	"fmt"
	"time"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Alarms set when the owner of the service is notified. Neither pages unless Page is set: the next run often makes up for one that
// failed.
type Alarms struct {
	// Failed is on runs that failed in all attempts, or timed out. If zero, 1 a minute.
	Failed alarm.Events
	// Overdue is on the time since a run succeeded, in whole hours up to seven days, which is what CloudWatch evaluates. A run that is
	// skipped counts as one that succeeded. If Oldest is zero, the longest time between two runs, plus that of a run with all retries and
	// an hour, rounded up. If that is more than seven days, as for a run each week, or if the expression ends with a year, there is no such
	// alarm: a run that Scheduler does not start is then not noticed.
	//
	// A new schedule is in ALARM until its first run has succeeded, since CloudWatch cannot tell a new one from one that does not run.
	Overdue alarm.Age
	// Page also pages the owner. Set it after the first run has succeeded, since a new schedule is overdue.
	Page bool
}

// maxOverdue is the longest time that CloudWatch evaluates.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
const maxOverdue = 7 * 24 * time.Hour

func (a Alarms) withDefaults(p Props) Alarms {
	a.Failed = a.Failed.WithDefaults(1)
	if interval := p.interval(); a.Overdue.Oldest == 0 {
		a.Overdue.Oldest = (interval + p.longestRun() + time.Hour + time.Hour - 1).Truncate(time.Hour)
		if interval == 0 || a.Overdue.Oldest > maxOverdue {
			a.Overdue = alarm.Age{Oldest: maxOverdue, Disable: true}
		}
	}
	if p.Disabled {
		a.Overdue.Disable = true
	}
	return a
}

func (a Alarms) validate() error {
	problems := []error{a.Failed.Check("Alarms.Failed")}
	if oldest := a.Overdue.Oldest; oldest < time.Hour || oldest > maxOverdue || oldest%time.Hour != 0 {
		problems = append(problems, fmt.Errorf("Alarms.Overdue.Oldest must be whole hours from 1h to %s, got %s", cdkx.Words(maxOverdue), oldest))
	}
	return errors.Join(problems...)
}

// on returns the alarms on the schedule with the given ID.
func (a Alarms) on(id string, m Metrics) []alarm.Alarm {
	var all []alarm.Alarm
	if !a.Failed.Disable {
		all = append(all, alarm.Alarm{
			ID: "Failed", Metric: m.Failed(), Comparison: alarm.AtLeast, Threshold: float64(a.Failed.Count),
			Datapoints: 1, Periods: 15, Missing: alarm.NotBreaching, Pages: a.Page,
			Meaning: fmt.Sprintf("%d or more runs a minute of the schedule %s failed in all attempts, or timed out, in the last 15 minutes. Their work is not done.", a.Failed.Count, id),
			LookAt: [3]string{
				"the failed execution of its state machine: its error and cause.", "the last lines of the task in the service's log group.",
				"after the fix, start an execution with the input of the failed one.",
			},
		})
	}
	if !a.Overdue.Disable {
		all = append(all, alarm.Alarm{
			ID: "Overdue", Metric: m.Succeeded(), Comparison: alarm.Below, Threshold: 1,
			Periods: int(a.Overdue.Oldest / time.Hour), Missing: alarm.Breaching, Pages: a.Page,
			Meaning: fmt.Sprintf("no run of the schedule %s succeeded in the last %s. It is new, it fails, or it is not started.", id, cdkx.Words(a.Overdue.Oldest)),
			LookAt: [3]string{
				"the executions of its state machine: is there one of the last time?", "if there is none: is the schedule enabled in EventBridge Scheduler?",
				"the metric TargetErrorCount of Scheduler: may its role start the state machine?",
			},
		})
	}
	return all
}

// Metrics are the CloudWatch metrics of the runs. Each method returns a metric as a plain value.
//
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
type Metrics struct{ stateMachine string }

// Failed returns the number of runs a minute that failed in all attempts, or timed out.
func (m Metrics) Failed() metric.Metric {
	return m.of("Failed runs a minute", "ExecutionsFailed", time.Minute)
}

// Succeeded returns the number of runs an hour that succeeded, or were skipped.
func (m Metrics) Succeeded() metric.Metric {
	return m.of("Successful runs an hour", "ExecutionsSucceeded", time.Hour)
}

func (m Metrics) of(label, name string, period time.Duration) metric.Metric {
	return metric.Metric{
		Label: label, Namespace: "AWS/States", Name: name, Statistic: metric.Sum,
		Dimensions: map[string]string{"StateMachineArn": m.stateMachine}, Period: period,
	}
}
