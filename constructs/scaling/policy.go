package scaling

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// Policy says how many tasks of a service run, by what measures their number changes, and on what capacity they run.
type Policy struct {
	// Min is how many tasks run at the least. If zero, the profile's: one in the sandbox, two in production. Below the
	// profile's it needs FewerTasksBecause.
	Min int
	// Max is how many tasks run at the most. If zero, five times Min. If equal to Min and without Schedules, the number
	// of tasks is fixed, and the template has no scaling at all.
	Max int
	// FewerTasksBecause is the reason for a Min, of the policy or of a schedule, below the profile's. It stands in the
	// template, in the metadata of the resource that has the minimum. Where Min is not below, it does nothing.
	FewerTasksBecause string

	// CPUPercent is the average CPU use of the tasks to hold, from 1 to 100. If zero, 60 when there is neither another
	// target nor a step that stops tasks, else CPU is not a measure.
	CPUPercent int
	// MemoryPercent is the average memory use of the tasks to hold, from 1 to 100. If zero, memory is not a measure.
	MemoryPercent int
	// RequestsPerTask is how many requests a minute each task answers on average. If zero, requests are not a
	// measure. Only a service with routes can have it.
	RequestsPerTask int
	// Backlog is how long messages may wait in the queue that the service consumes. If zero, a queue is not a measure.
	Backlog Backlog
	// Metrics are further CloudWatch metrics, each to be held at a value for each running task.
	Metrics []Measure
	// Steps start and stop tasks by fixed numbers when a metric crosses a line, for edges that are too sharp for the
	// targets above, which take three minutes to react.
	Steps []StepPolicy
	// Schedules change Min and Max at times that are known before.
	Schedules []Schedule

	// ScaleInCooldown is how long no further task is stopped after one was, in whole seconds. If zero, five minutes,
	// so that a short lull does not take away what the next peak needs.
	ScaleInCooldown time.Duration
	// ScaleOutCooldown is how long no further task is started after one was, in whole seconds. If zero, one minute,
	// about what a task needs to start and share the load.
	ScaleOutCooldown time.Duration

	// Spot is how many of the tasks run on Fargate Spot. If zero, the profile's: in the sandbox all after the first, in
	// production none.
	Spot Spot
}

const (
	defaultCPUPercent       = 60
	defaultMaxFactor        = 5
	defaultScaleInCooldown  = 5 * time.Minute
	defaultScaleOutCooldown = time.Minute
)

// WithDefaults returns the policy with every zero field replaced by its default, where minTasks is the least number of
// tasks that the profile asks for. Spot stays as it is: see [Spot.Capacity].
func (p Policy) WithDefaults(minTasks int) Policy {
	if p.Min == 0 {
		p.Min = minTasks
	}
	if p.Max == 0 {
		p.Max = defaultMaxFactor * max(p.Min, 1)
	}
	if !p.hasTarget() && !p.stepsIn() {
		p.CPUPercent = defaultCPUPercent
	}
	if p.ScaleInCooldown == 0 {
		p.ScaleInCooldown = defaultScaleInCooldown
	}
	if p.ScaleOutCooldown == 0 {
		p.ScaleOutCooldown = defaultScaleOutCooldown
	}
	p.Metrics = measureDefaults(p.Metrics)
	p.Steps = stepDefaults(p.Steps)
	p.Schedules = scheduleDefaults(p.Schedules, p.Min, p.Max)
	return p
}

func (p Policy) hasTarget() bool {
	return p.CPUPercent != 0 || p.MemoryPercent != 0 || p.RequestsPerTask != 0 || p.Backlog != (Backlog{}) || len(p.Metrics) > 0
}

// stepsIn reports whether any step stops tasks. Without one, and without a target, the service would never scale in.
func (p Policy) stepsIn() bool {
	for _, step := range p.Steps {
		if _, _, ok := step.In(); ok {
			return true
		}
	}
	return false
}

// Fixed reports whether the policy, with its defaults, keeps one number of tasks.
func (p Policy) Fixed() bool { return p.Min == p.Max && len(p.Schedules) == 0 }

// Validate returns all that is wrong with the policy, joined, or nil. Call it on the policy with its defaults, so that
// a Max below the profile's minimum is found too.
func (p Policy) Validate() error {
	problems := []error{
		checkNotNegative("Min", p.Min),
		checkNotNegative("Max", p.Max),
		p.validateOrder(),
		checkPercent("CPUPercent", p.CPUPercent),
		checkPercent("MemoryPercent", p.MemoryPercent),
		checkNotNegative("RequestsPerTask", p.RequestsPerTask),
		p.Backlog.validate(),
		validateMeasures(p.Metrics),
		validateSteps(p.Steps),
		validateSchedules(p.Schedules),
		checkCooldown("ScaleInCooldown", p.ScaleInCooldown),
		checkCooldown("ScaleOutCooldown", p.ScaleOutCooldown),
		p.Spot.validate(p.most()),
		p.validateFixed(),
	}
	return errors.Join(problems...)
}

// ValidateFor returns everything that is wrong with the policy, with its defaults, in an environment of that profile,
// joined, or nil.
func (p Policy) ValidateFor(environment profile.Profile) error {
	return errors.Join(p.validateLeast(environment.MinTasks), p.Spot.validateFor(environment.Spot))
}

// Fewer reports whether the policy, with its defaults, lets fewer tasks run than the profile asks for.
func (p Policy) Fewer(minTasks int) bool { return p.least() < minTasks }

// least is the smallest minimum that is ever in force.
func (p Policy) least() int {
	least := p.Min
	for _, schedule := range p.Schedules {
		least = min(least, schedule.Min)
	}
	return least
}

// most is the largest maximum that is ever in force.
func (p Policy) most() int {
	most := p.Max
	for _, schedule := range p.Schedules {
		most = max(most, schedule.Max)
	}
	return most
}

func (p Policy) validateLeast(minTasks int) error {
	if strings.TrimSpace(p.FewerTasksBecause) != "" {
		return nil
	}
	var problems []error
	check := func(field string, tasks int) {
		if tasks > 0 && tasks < minTasks {
			problems = append(problems, fmt.Errorf(
				"Scaling.%s must be at least %d, the profile's MinTasks, got %d: raise it, or say in Scaling.FewerTasksBecause why fewer will do", field, minTasks, tasks))
		}
	}
	check("Min", p.Min)
	for n, schedule := range p.Schedules {
		if schedule.Min != p.Min { // else it is said of Min
			check(fmt.Sprintf("Schedules[%d].Min", n), schedule.Min)
		}
	}
	return errors.Join(problems...)
}

func (p Policy) validateOrder() error {
	if p.Max > 0 && p.Max < p.Min {
		return fmt.Errorf("Scaling.Max must be at least Min (%d), got %d", p.Min, p.Max)
	}
	return nil
}

// validateFixed finds measures that could never change anything. CPUPercent, MemoryPercent and RequestsPerTask are
// allowed, so that one environment can fix the number of tasks of a policy that scales in another.
func (p Policy) validateFixed() error {
	if !p.Fixed() {
		return nil
	}
	var problems []error
	check := func(field string, set bool) {
		if set {
			problems = append(problems, fmt.Errorf("Scaling.%s can change nothing while Min and Max are both %d: set Max higher, or leave it out", field, p.Min))
		}
	}
	check("Backlog", p.Backlog != (Backlog{}))
	check("Metrics", len(p.Metrics) > 0)
	check("Steps", len(p.Steps) > 0)
	return errors.Join(problems...)
}

func checkNotNegative(field string, n int) error {
	if n < 0 {
		return fmt.Errorf("Scaling.%s must not be negative, got %d", field, n)
	}
	return nil
}

func checkPercent(field string, n int) error {
	if n < 0 || n > 100 {
		return fmt.Errorf("Scaling.%s must be from 1 to 100, or 0 for none, got %d", field, n)
	}
	return nil
}

func checkCooldown(field string, d time.Duration) error {
	if d != 0 && (d < time.Second || d%time.Second != 0) {
		return fmt.Errorf("Scaling.%s must be whole seconds, at least 1s, got %s", field, d)
	}
	return nil
}
