package scaling

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
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

// Measure is a metric by which the number of tasks changes: one that [Policy.Metrics] hold at a value for each running
// task, or one that moves [StepPolicy.Intervals].
type Measure struct {
	// ID names the measure in the template and in [Demand.Metrics]: letters and digits, starting with a capital letter, at
	// most 32. Required. CPU, Memory, Requests and Backlog are taken, and so are Resource, Default and what ends in
	// StepsOut, StepsIn, StepsOutAlarm or StepsInAlarm, which the template has beside the measures.
	ID string
	// Metric is what CloudWatch knows of it, a number or an expression. Required.
	Metric metric.Metric
	// PerTask is the value to hold for each running task: the metric is divided by the number of running tasks. So it
	// must be one that counts the work of the whole service, and stays the same when tasks are added. Required in
	// Policy.Metrics; Steps have intervals instead.
	PerTask float64
}

// CPU is the average CPU use of the service's tasks in percent, for [StepPolicy.Measure].
func CPU() Measure { return Measure{ID: idCPU} }

// Memory is the average memory use of the service's tasks in percent, for [StepPolicy.Measure].
func Memory() Measure { return Measure{ID: idMemory} }

// Requests is how many requests a minute each task of the service answers, for [StepPolicy.Measure]. Only a service with
// routes can have it. A minute without any has no data, and starts and stops nothing.
func Requests() Measure { return Measure{ID: idRequests} }

// The IDs of the service's own measures, which are construct IDs too.
const (
	idCPU      = "CPU"
	idMemory   = "Memory"
	idRequests = "Requests"
	idBacklog  = "Backlog"
)

// Own reports whether the measure is one of the service's own: CPU, Memory or Requests.
func (m Measure) Own() bool {
	return m.Metric.IsZero() && (m.ID == idCPU || m.ID == idMemory || m.ID == idRequests)
}

func measureDefaults(measures []Measure) []Measure {
	measures = slices.Clone(measures)
	for n := range measures {
		measures[n] = measures[n].withDefaults()
	}
	return measures
}

func (m Measure) withDefaults() Measure {
	if !m.Own() {
		m.Metric = m.Metric.WithDefaults()
	}
	return m
}

var (
	measureID = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,31}$`)
	reserved  = []string{idCPU, idMemory, idRequests, idBacklog}
	// templateID is what stands beside the measures in the construct tree, where an ID can be there once.
	templateID = regexp.MustCompile(`^(Resource|Default|.*Steps(Out|In)(Alarm)?)$`)
)

func validateMeasures(measures []Measure) error {
	var problems []error
	seen := map[string]int{}
	for n, measure := range measures {
		field := fmt.Sprintf("Scaling.Metrics[%d]", n)
		if measure.Own() {
			problems = append(problems, fmt.Errorf("%s must not be the service's own: set CPUPercent, MemoryPercent or RequestsPerTask instead", field))
			continue
		}
		problems = append(problems, measure.Validate(field))
		if other, taken := seen[measure.ID]; taken {
			problems = append(problems, fmt.Errorf("%s.ID %q is already used by Metrics[%d]: give each metric its own", field, measure.ID, other))
		}
		seen[measure.ID] = n
	}
	return errors.Join(problems...)
}

// Validate returns everything that is wrong with the measure that field gives, as one to hold for each running task,
// joined, or nil.
func (m Measure) Validate(field string) error {
	err := m.validate(field)
	if err == nil {
		err = CheckTracked(field+".Metric", m.Metric)
	}
	if !(m.PerTask > 0) || math.IsInf(m.PerTask, 0) {
		err = errors.Join(err, fmt.Errorf("%s.PerTask must be more than 0, the value to hold for each running task, got %v", field, m.PerTask))
	}
	return err
}

// CheckTracked returns what is wrong with a metric that field gives, as one to hold at a value for each running task: it is
// invalid, or has another period than a minute, which Application Auto Scaling takes every such metric to have.
func CheckTracked(field string, m metric.Metric) error {
	err := m.Validate(field)
	if got := m.WithDefaults().Period; err == nil && got != time.Minute {
		err = fmt.Errorf("%s.Period must be 1m0s, as Application Auto Scaling reads it each minute, got %s", field, got)
	}
	return err
}

// validate returns what is wrong with a measure that is not the service's own.
func (m Measure) validate(field string) error {
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf(field+"."+format, values...))
	}
	switch {
	case !measureID.MatchString(m.ID):
		add("ID must be letters and digits, starting with a capital letter, at most 32, got %q", m.ID)
	case slices.Contains(reserved, m.ID):
		add("ID must not be %s, which is the service's own measure", m.ID)
	case templateID.MatchString(m.ID):
		add("ID must not be Resource or Default, nor end as those of steps do (StepsOut, StepsIn), which the template has already, got %q", m.ID)
	}
	return errors.Join(append(problems, m.Metric.Validate(field+".Metric"))...)
}
