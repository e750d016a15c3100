package alarm

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Alarm describes when a metric is in breach and what that means. It does not set who is notified: the owner of the
// service that has the alarm is.
type Alarm struct {
	// ID is unique among the alarms of the store or feature that defines the alarm, such as "ThrottledReads": letters
	// and digits, starting with a capital letter, at most 64. Required.
	ID string
	// Metric is compared with Threshold: a metric, or an expression over at most ten. Required.
	Metric metric.Metric
	// Comparison is the comparison of Metric with Threshold that counts as a breach. Required.
	Comparison Comparison
	// Threshold is in the metric's unit, from -[metric.MaxValue] to [metric.MaxValue].
	Threshold float64
	// Datapoints is the number of the last Periods that must breach the threshold. If zero, all of them.
	Datapoints int
	// Periods is the number of the metric's periods that are evaluated, together at most a day, or seven days if a period is
	// an hour or longer. If zero, one.
	Periods int
	// Missing sets how a period without data is treated. If empty, [MissingData].
	Missing Missing
	// Meaning describes what the alarm means for customers, in a sentence or two. Required.
	Meaning string
	// LookAt lists the first three things to look at. Required.
	LookAt [3]string
	// Pages sets whether the alarm also pages the owner, because customers are affected. Every alarm informs the owner.
	Pages bool
	// RollsBack sets whether ECS rolls a deployment of the service back while the alarm is in ALARM. ECS looks such an
	// alarm up by name when it deploys the service, so its metric must not name the service.
	RollsBack bool
}

// Comparison is the operator between a metric and a threshold.
type Comparison string

// The comparisons.
const (
	Above   Comparison = "GreaterThanThreshold"
	AtLeast Comparison = "GreaterThanOrEqualToThreshold"
	Below   Comparison = "LessThanThreshold"
	AtMost  Comparison = "LessThanOrEqualToThreshold"
)

// Missing sets how a period without data is treated.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
type Missing string

// The treatments of a period without data.
const (
	// NotBreaching is for metrics that are published only when something happens, such as errors.
	NotBreaching Missing = "notBreaching"
	// Breaching is for metrics that are published as long as something works.
	Breaching Missing = "breaching"
	// MissingData puts an alarm without any data into INSUFFICIENT_DATA.
	MissingData Missing = "missing"
	// Ignore keeps the alarm in its current state.
	Ignore Missing = "ignore"
)

var alarmID = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,63}$`)

const maxMetrics = 10

// WithDefaults returns the alarm with every zero field replaced by its default.
func (a Alarm) WithDefaults() Alarm {
	a.Metric = a.Metric.WithDefaults()
	if a.Periods == 0 {
		a.Periods = 1
	}
	if a.Datapoints == 0 {
		a.Datapoints = a.Periods
	}
	if a.Missing == "" {
		a.Missing = MissingData
	}
	return a
}

// Validate returns one error that lists every problem with the alarm, or nil. Its messages begin with field.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func (a Alarm) Validate(field string) error {
	a = a.WithDefaults()
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf("%s."+format, append([]any{field}, values...)...))
	}
	if !alarmID.MatchString(a.ID) {
		add("ID must be letters and digits, starting with a capital letter, at most 64, got %q", a.ID)
	}
	problems = append(problems, a.Metric.Validate(field+".Metric"))
	if got := a.Metric.Count(); got > maxMetrics {
		add("Metric must read at most %d metrics, got %d", maxMetrics, got)
	}
	switch a.Comparison {
	case Above, AtLeast, Below, AtMost:
	default:
		add("Comparison must be alarm.Above, AtLeast, Below or AtMost, got %q", a.Comparison)
	}
	switch a.Missing {
	case NotBreaching, Breaching, MissingData, Ignore:
	default:
		add("Missing must be alarm.NotBreaching, Breaching, MissingData or Ignore, got %q", a.Missing)
	}
	if !(math.Abs(a.Threshold) <= metric.MaxValue) { // NaN is not within any limits
		add("Threshold must be a number from %v to %v, got %v", -metric.MaxValue, metric.MaxValue, a.Threshold)
	}
	// Metric.Validate reports a period that is wrong itself.
	if most := maxPeriods(a.Metric.Period); most > 0 && (a.Periods < 1 || a.Periods > most) {
		add("Periods must be from 1 to %d with a period of %s, got %d", most, a.Metric.Period, a.Periods)
	}
	if a.Periods >= 1 && (a.Datapoints < 1 || a.Datapoints > a.Periods) {
		add("Datapoints must be from 1 to Periods (%d), got %d", a.Periods, a.Datapoints)
	}
	if a.Meaning == "" {
		add("Meaning is missing: describe what the alarm means for customers")
	}
	for n, look := range a.LookAt {
		if look == "" {
			add("LookAt[%d] is missing: name the first three things to look at", n)
		}
	}
	return errors.Join(problems...)
}

// maxPeriods returns the number of periods that CloudWatch evaluates at most, or 0 for a period that cannot be.
func maxPeriods(period time.Duration) int {
	const day = 24 * time.Hour
	switch {
	case period <= 0 || period > day:
		return 0
	case period < time.Hour:
		return int(day / period)
	}
	return int(7 * day / period)
}

// Description returns the text of the notification: what the alarm means, where to look, and the owner.
func (a Alarm) Description(service, owner string) string {
	return fmt.Sprintf("%s: %s\nLook at: 1. %s 2. %s 3. %s\nOwner: %s", service, a.Meaning, a.LookAt[0], a.LookAt[1], a.LookAt[2], owner)
}

// The entries of LookAt that several alarms share.
const (
	LookAtDeployment   = "ECS deployments. If one caused this, roll it back unless ECS has."
	LookAtDependencies = "the alarms of its stores, and of the services that it calls."
	LookAtEvents       = "the service's events in ECS, and why tasks stopped."
)
