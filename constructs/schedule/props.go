package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/job"
	"github.com/storefront-cdk/storefront/internal/cron"
)

// Props configure a schedule. Expression and Command are required. All of them can be changed in place.
type Props struct {
	// Expression is when the task runs: "cron(minutes hours day-of-month month day-of-week year)" or "rate(6 hours)", at most once a
	// minute. It is an error if it can never fire, or only before 2026. Required.
	//
	// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
	Expression string
	// TimeZone is the IANA name of the time zone of a cron expression, such as "Europe/Berlin". If empty, UTC. A time that does not
	// exist when clocks go forward is skipped, so avoid the hour from 2 to 3.
	TimeZone string
	// FlexibleWindow is the time within which Scheduler starts the task, in whole minutes up to a day, so that not everything starts at
	// the same moment. If zero, it starts the task within the minute.
	FlexibleWindow time.Duration

	// Command is the command of the task, in place of that of the service. Required: the service's own never ends.
	Command []string
	// Environment sets environment variables in addition to those of the service, or other values of them.
	Environment map[string]string
	// Size is the CPU and memory of the task. If zero, those of the service.
	Size Size

	// Timeout is the time after which the task is stopped and the run has failed, in whole seconds from a minute to seven days. It
	// includes the time in which ECS starts the task. If zero, one hour.
	Timeout time.Duration
	// Retries is how often a run is repeated that failed, from 1 to 5, or [NoRetries]: after a minute, then after twice as long as
	// before. If zero, 2. A run that timed out is not repeated.
	Retries int
	// Overlap sets what happens if the time comes while another run is under way. If empty, [Skip].
	Overlap Overlap
	// Disabled stops the schedule, such as in one environment. Runs that have begun continue, and the state machine can be started by
	// hand.
	Disabled bool

	// Alarms set when the owner is notified. If zero, the defaults of [Alarms], if the service has alarms.
	Alarms Alarms
}

// Size is the CPU and memory of a task.
type Size = job.Size

// NoRetries as Props.Retries runs the task once.
const NoRetries = job.NoRetries

// Overlap is what happens if the time comes while another run of the same schedule is under way.
type Overlap string

// The policies.
const (
	// Skip leaves the run out. Of two runs that begin within the same seconds, both may be carried out, since the list of executions of
	// Step Functions is eventually consistent: use a lock if the work must never be done twice at the same time.
	Skip Overlap = "Skip"
	// Allow starts the run beside the others.
	Allow Overlap = "Allow"
)

const (
	defaultTimeout = time.Hour
	maxWindow      = 24 * time.Hour
)

// The environment variables of the task that the construct sets itself.
const (
	variableTime = "SCHEDULED_TIME"
	variableRun  = "SCHEDULED_RUN"
)

func (p Props) withDefaults() Props {
	run := p.job().WithDefaults(defaultTimeout)
	p.Size, p.Timeout, p.Retries = run.Size, run.Timeout, run.Retries
	if p.Overlap == "" {
		p.Overlap = Skip
	}
	p.Alarms = p.Alarms.withDefaults(p)
	return p
}

// job returns how the task is run.
func (p Props) job() job.Props {
	return job.Props{Command: p.Command, Environment: p.Environment, Size: p.Size, Timeout: p.Timeout, Retries: p.Retries}
}

// validate returns one error that lists every problem of the props, or nil. It expects the defaults.
func (p Props) validate() error {
	problems := []error{p.validateTime(), p.job().Validate("schedule", variableTime, variableRun)}
	if p.Overlap != Skip && p.Overlap != Allow {
		problems = append(problems, fmt.Errorf("Overlap must be schedule.Skip or schedule.Allow, got %q", p.Overlap))
	}
	return errors.Join(append(problems, p.Alarms.validate())...)
}

func (p Props) validateTime() error {
	problems := []error{cron.Check("", p.Expression, p.TimeZone)}
	if strings.HasPrefix(p.Expression, "at(") {
		problems = []error{fmt.Errorf("Expression must be cron(…) or rate(…), since a schedule that runs once fails to be deployed again, got %q: run the task by hand", p.Expression)}
	}
	if p.FlexibleWindow < 0 || p.FlexibleWindow > maxWindow || p.FlexibleWindow%time.Minute != 0 {
		problems = append(problems, fmt.Errorf("FlexibleWindow must be whole minutes up to %s, or 0 for none, got %s", maxWindow, p.FlexibleWindow))
	}
	return errors.Join(problems...)
}

// interval returns the longest time from one run to the next. It is zero if the expression is invalid or ends with a year.
func (p Props) interval() time.Duration {
	when, err := cron.Parse(p.Expression)
	if err != nil {
		return 0
	}
	return when.Longest()
}

// longestRun returns the longest time from the moment of the schedule to the end of its run, with all retries.
func (p Props) longestRun() time.Duration { return p.FlexibleWindow + p.job().Longest() }

// flow returns what surrounds the run in its state machine.
func (p Props) flow() job.Flow {
	flow := job.Flow{
		Identifier: variableRun,
		Variables: map[string]string{
			variableTime: "$exists($states.context.Execution.Input.scheduledTime) ? $states.context.Execution.Input.scheduledTime : $states.context.Execution.StartTime",
		},
		Concurrent: p.Overlap == Allow,
	}
	if !flow.Concurrent {
		flow.States = map[string]job.Object{job.Overlap: {"Type": "Succeed", "Comment": "Skipped: an earlier run is under way"}}
	}
	return flow
}
