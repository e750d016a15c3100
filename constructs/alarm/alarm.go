package alarm

import (
	"errors"
	"fmt"
	"math"
	"regexp"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Alarm says when a number is wrong, and what follows from it. It says nothing of who is notified: that is the owner of
// the service that has the alarm.
type Alarm struct {
	// ID is the alarm's own among those of the store or feature that brings it, such as "ThrottledReads": letters and
	// digits, starting with a capital letter, at most 64. Required.
	ID string
	// Metric is what is compared: a number, or an expression over at most ten. Required.
	Metric metric.Metric
	// Comparison is how the metric compares with Threshold when something is wrong. Required.
	Comparison Comparison
	// Threshold is in the metric's unit.
	Threshold float64
	// Datapoints is how many of the last Periods must breach the threshold. If zero, all of them.
	Datapoints int
	// Periods is how many of the metric's periods are looked at, together at most a day. If zero, one.
	Periods int
	// Missing is what a period without data means. If empty, [MissingData].
	Missing Missing
	// Meaning is what the alarm means for customers, in a sentence or two. Required.
	Meaning string
	// LookAt are the first three things to look at. Required.
	LookAt [3]string
	// Pages has the owner paged, since customers are hurt. Every alarm informs the owner.
	Pages bool
	// RollsBack has ECS roll a deployment of the service back while the alarm is in ALARM. ECS finds such an alarm by
	// name when it deploys the service, so its metric must not name the service.
	RollsBack bool
}

// Comparison is how a metric compares with a threshold.
type Comparison string

// The comparisons.
const (
	Above   Comparison = "GreaterThanThreshold"
	AtLeast Comparison = "GreaterThanOrEqualToThreshold"
	Below   Comparison = "LessThanThreshold"
	AtMost  Comparison = "LessThanOrEqualToThreshold"
)

// Missing is what a period without data means.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
type Missing string

// What a period without data can mean.
const (
	// NotBreaching is right for what is published only when something happens, such as errors.
	NotBreaching Missing = "notBreaching"
	// Breaching is right for what is published as long as something works.
	Breaching Missing = "breaching"
	// MissingData leaves it unknown: an alarm without any data is in INSUFFICIENT_DATA.
	MissingData Missing = "missing"
	// Ignore keeps the state that the alarm is in.
	Ignore Missing = "ignore"
)

var alarmID = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,63}$`)

const (
	maxMetrics = 10
	maxSeconds = 86400
)

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

// Validate returns everything that is wrong with the alarm that field gives, joined, or nil. It expects the defaults.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func (a Alarm) Validate(field string) error {
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf(field+"."+format, values...))
	}
	if !alarmID.MatchString(a.ID) {
		add("ID must be letters and digits, starting with a capital letter, at most 64, got %q", a.ID)
	}
	problems = append(problems, a.Metric.Validate(field+".Metric"))
	if got := a.Metric.Count(); got > maxMetrics {
		add("Metric must be over at most %d numbers, got %d", maxMetrics, got)
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
	if math.IsNaN(a.Threshold) || math.IsInf(a.Threshold, 0) {
		add("Threshold must be a number, got %v", a.Threshold)
	}
	// A period that is wrong itself is said of the metric.
	if seconds := a.Metric.Period.Seconds(); seconds > 0 && seconds <= maxSeconds && (a.Periods < 1 || float64(a.Periods)*seconds > maxSeconds) {
		add("Periods must be from 1 to %d with a period of %s, got %d", max(1, int(maxSeconds/seconds)), a.Metric.Period, a.Periods)
	}
	if a.Periods >= 1 && (a.Datapoints < 1 || a.Datapoints > a.Periods) {
		add("Datapoints must be from 1 to Periods (%d), got %d", a.Periods, a.Datapoints)
	}
	if a.Meaning == "" {
		add("Meaning is missing: say what the alarm means for customers")
	}
	for n, look := range a.LookAt {
		if look == "" {
			add("LookAt[%d] is missing: name the first three things to look at", n)
		}
	}
	return errors.Join(problems...)
}

// Description is what whoever is notified reads: what the alarm means, where to look, and whose it is.
func (a Alarm) Description(service, owner string) string {
	return fmt.Sprintf("%s: %s\nLook at: 1. %s 2. %s 3. %s\nOwner: %s", service, a.Meaning, a.LookAt[0], a.LookAt[1], a.LookAt[2], owner)
}
