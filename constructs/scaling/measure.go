package scaling

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// Backlog sets the acceptable delay of messages in the queue that a service consumes, and so the number of messages for
// each running task:
//
//	messages per running task = AcceptableDelay / MessageDuration
//
// With a delay of ten minutes and messages that take two seconds each, 300 messages are acceptable for each task, since
// a task that starts with the first of them finishes the last ten minutes later. The queue is the one that the service
// uses by microservice.Uses; a service that consumes none, or two, cannot have a Backlog.
//
// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html
type Backlog struct {
	// AcceptableDelay is the maximum time before a task starts to process a message. Required, and at least
	// MessageDuration.
	AcceptableDelay time.Duration
	// MessageDuration is the average time in which a task processes one message. For a task that processes several
	// messages at once, the time for one divided by their number. Required.
	MessageDuration time.Duration
}

// PerTask returns the acceptable number of messages for each running task.
func (b Backlog) PerTask() float64 {
	if b.MessageDuration == 0 {
		return 0
	}
	return float64(b.AcceptableDelay) / float64(b.MessageDuration)
}

// perMinute returns the number of messages that one task processes in a minute.
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

// Measure is a metric by which the number of tasks changes: one of [Policy.Metrics], which are kept at a value for each
// running task, or that of a [StepPolicy].
type Measure struct {
	// ID identifies the measure in the template and in [Demand.Metrics]: letters and digits, starting with a capital
	// letter, at most 32. Required. CPU, Memory, Requests and Backlog are reserved, and so are Resource, Default, FirstTask,
	// FirstTaskAlarm and IDs that end in StepsOut, StepsIn, StepsOutAlarm or StepsInAlarm, which the template uses beside
	// the measures.
	ID string
	// Metric is the CloudWatch metric, which may be an expression. Required.
	Metric metric.Metric
	// PerTask is the target value for each running task: the metric is divided by the number of running tasks. So it
	// must measure the work of the whole service, and stay the same when tasks are added. Required in Policy.Metrics;
	// Steps have intervals instead.
	PerTask float64
}

// CPU returns the average CPU utilization of the service's tasks in percent, for [StepPolicy.Measure].
func CPU() Measure { return Measure{ID: idCPU} }

// Memory returns the average memory utilization of the service's tasks in percent, for [StepPolicy.Measure].
func Memory() Measure { return Measure{ID: idMemory} }

// Requests returns the number of requests a minute for each task of the service, for [StepPolicy.Measure]. It requires
// routes. A minute without any has no data, and starts and stops nothing.
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
	// templateID matches the IDs that the template uses beside the measures, in the same scope of the construct tree.
	templateID = regexp.MustCompile(`^(Resource|Default|FirstTask(Alarm)?|.*Steps(Out|In)(Alarm)?)$`)
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

// Validate returns one error that lists every problem with the measure as one of Policy.Metrics, or nil. Its messages
// begin with field.
func (m Measure) Validate(field string) error {
	err := m.validate(field)
	if !(m.PerTask > 0 && m.PerTask <= metric.MaxValue) { // NaN is not within any limits
		err = errors.Join(err, fmt.Errorf("%s.PerTask must be more than 0 and at most %v, the value to hold for each running task, got %v", field, metric.MaxValue, m.PerTask))
	}
	return err
}

// maxTracked is one less than CloudWatch's limit of metrics for an alarm, since target tracking adds the number of tasks.
const maxTracked = 9

// CheckTracked returns one error that lists every reason why a service cannot be scaled by the metric, or nil. Its messages
// begin with field.
func CheckTracked(field string, m metric.Metric) error {
	problems := []error{m.Validate(field)}
	if got := m.WithDefaults().Period; got != time.Minute && !m.IsZero() {
		problems = append(problems, fmt.Errorf("%s.Period must be 1m0s, the period of all scaling, got %s", field, got))
	}
	if got := m.Count(); got > maxTracked {
		problems = append(problems, fmt.Errorf("%s must be over at most %d numbers, got %d", field, maxTracked, got))
	}
	return errors.Join(problems...)
}

// validate returns the problems of a measure that is not one of the service's own.
func (m Measure) validate(field string) error {
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf("%s."+format, append([]any{field}, values...)...))
	}
	switch {
	case !measureID.MatchString(m.ID):
		add("ID must be letters and digits, starting with a capital letter, at most 32, got %q", m.ID)
	case slices.Contains(reserved, m.ID):
		add("ID must not be %s, which is the service's own measure", m.ID)
	case templateID.MatchString(m.ID):
		add("ID must not be Resource, Default or FirstTask, nor end as those of steps do (StepsOut, StepsIn), which the template already uses, got %q", m.ID)
	}
	return errors.Join(append(problems, CheckTracked(field+".Metric", m.Metric))...)
}
