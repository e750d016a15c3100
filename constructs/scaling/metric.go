package scaling

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"time"
)

// Backlog says how long messages may wait in the queue that a service consumes, and so how many may wait for each
// running task:
//
//	messages per running task = AcceptableDelay / MessageDuration
//
// With a delay of ten minutes and messages that take two seconds each, 300 messages may wait for each task, since a
// task that starts on the first of them ends the last ten minutes later. The queue is the one that the service is given
// with microservice.Uses; a service that consumes none, or two, cannot have a Backlog.
//
// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html
type Backlog struct {
	// AcceptableDelay is how long a message may wait before a task starts on it. Required, and at least
	// MessageDuration.
	AcceptableDelay time.Duration
	// MessageDuration is how long a task takes for one message, on average. For a task that works on several messages
	// at once, the time for one divided by how many. Required.
	MessageDuration time.Duration
}

// PerTask is how many messages may wait for each running task.
func (b Backlog) PerTask() float64 {
	if b.MessageDuration == 0 {
		return 0
	}
	return float64(b.AcceptableDelay) / float64(b.MessageDuration)
}

// perMinute is how many messages one task is done with in a minute.
func (b Backlog) perMinute() float64 { return float64(time.Minute) / float64(b.MessageDuration) }

func (b Backlog) validate() error {
	switch {
	case b == (Backlog{}):
		return nil
	case b.MessageDuration <= 0:
		return fmt.Errorf("Scaling.Backlog.MessageDuration must be more than 0s, what a task takes for one message, got %s", b.MessageDuration)
	case b.AcceptableDelay < b.MessageDuration:
		return fmt.Errorf("Scaling.Backlog.AcceptableDelay must be at least MessageDuration (%s), else each message needs a task of its own, got %s",
			b.MessageDuration, b.AcceptableDelay)
	}
	return nil
}

// Metric is a CloudWatch metric: one that [Policy.Metrics] hold at a value for each running task, or one that moves
// [StepPolicy.Intervals].
type Metric struct {
	// ID names the metric in the template and in [Demand.Metrics]: letters and digits, starting with a capital letter,
	// at most 32. Required. CPU, Memory, Requests and Backlog are taken, and so are Resource, Default and what ends in
	// StepsOut, StepsIn, StepsOutAlarm or StepsInAlarm, which the template has beside the metrics.
	ID string
	// Namespace is the metric's, such as "AWS/Kinesis" or one of your own. Required.
	Namespace string
	// Name is the metric's, such as "IncomingRecords". Required.
	Name string
	// Dimensions tell one metric of that name from another. Values may be CDK tokens.
	Dimensions map[string]string
	// Statistic is what becomes of the values of one minute: Average, Sum, Minimum, Maximum, SampleCount or a
	// percentile such as p90. If empty, Average.
	Statistic string
	// PerTask is the value to hold for each running task: the metric is divided by the number of running tasks. So it
	// must be one that counts the work of the whole service, and stays the same when tasks are added. Required in
	// Policy.Metrics; Steps have intervals instead.
	PerTask float64
}

// CPU is the average CPU use of the service's tasks in percent, for [StepPolicy.Metric].
func CPU() Metric { return Metric{ID: idCPU} }

// Memory is the average memory use of the service's tasks in percent, for [StepPolicy.Metric].
func Memory() Metric { return Metric{ID: idMemory} }

// Requests is how many requests a minute each task of the service answers, for [StepPolicy.Metric]. Only a service with
// routes can have it. A minute without any has no data, and starts and stops nothing.
func Requests() Metric { return Metric{ID: idRequests} }

// The IDs of the service's own measures, which are construct IDs too.
const (
	idCPU      = "CPU"
	idMemory   = "Memory"
	idRequests = "Requests"
	idBacklog  = "Backlog"
)

// Own reports whether the metric is one of the service's own: CPU, Memory or Requests.
func (m Metric) Own() bool {
	return m.Namespace == "" && m.Name == "" && (m.ID == idCPU || m.ID == idMemory || m.ID == idRequests)
}

func metricDefaults(metrics []Metric) []Metric {
	metrics = slices.Clone(metrics)
	for n := range metrics {
		metrics[n] = metrics[n].withDefaults()
	}
	return metrics
}

func (m Metric) withDefaults() Metric {
	if m.Statistic == "" && !m.Own() {
		m.Statistic = "Average"
	}
	return m
}

var (
	metricID  = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,31}$`)
	statistic = regexp.MustCompile(`^(Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,2})?)$`)
	reserved  = []string{idCPU, idMemory, idRequests, idBacklog}
	// templateID is what stands beside the metrics in the construct tree, where an ID can be there once.
	templateID = regexp.MustCompile(`^(Resource|Default|.*Steps(Out|In)(Alarm)?)$`)
)

func validateMetrics(metrics []Metric) error {
	var problems []error
	seen := map[string]int{}
	for n, metric := range metrics {
		field := fmt.Sprintf("Metrics[%d]", n)
		if metric.Own() {
			problems = append(problems, fmt.Errorf("Scaling.%s must not be the service's own: set CPUPercent, MemoryPercent or RequestsPerTask instead", field))
			continue
		}
		problems = append(problems, metric.validate(field))
		if !(metric.PerTask > 0) || math.IsInf(metric.PerTask, 0) {
			problems = append(problems, fmt.Errorf("Scaling.%s.PerTask must be more than 0, the value to hold for each running task, got %v", field, metric.PerTask))
		}
		if other, taken := seen[metric.ID]; taken {
			problems = append(problems, fmt.Errorf("Scaling.%s.ID must be its own, got %q, which is that of Metrics[%d]", field, metric.ID, other))
		}
		seen[metric.ID] = n
	}
	return errors.Join(problems...)
}

// validate says what is wrong with a metric that is not the service's own.
func (m Metric) validate(field string) error {
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf("Scaling."+field+"."+format, values...))
	}
	switch {
	case !metricID.MatchString(m.ID):
		add("ID must be letters and digits, starting with a capital letter, at most 32, got %q", m.ID)
	case slices.Contains(reserved, m.ID):
		add("ID must not be %s, which is the service's own measure", m.ID)
	case templateID.MatchString(m.ID):
		add("ID must not be Resource or Default, nor end as those of steps do (StepsOut, StepsIn), which the template has already, got %q", m.ID)
	}
	if m.Namespace == "" {
		add("Namespace is missing: name the metric's, such as AWS/Kinesis")
	}
	if m.Name == "" {
		add("Name is missing: name the metric, such as IncomingRecords")
	}
	if !statistic.MatchString(m.Statistic) {
		add("Statistic must be Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p90, got %q", m.Statistic)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		if name == "" || m.Dimensions[name] == "" {
			add("Dimensions must have a name and a value each, got %q: %q", name, m.Dimensions[name])
		}
	}
	return errors.Join(problems...)
}
