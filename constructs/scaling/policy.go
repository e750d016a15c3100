package scaling

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// Policy sets the number of tasks of a service, the measures by which it changes, and the capacity on which the tasks
// run.
type Policy struct {
	// Min is the minimum number of tasks, at most 100,000, or [NoTasks]. If zero, the profile's: one in the sandbox, two in
	// production. Below the profile's it requires FewerTasksBecause.
	Min int
	// Max is the maximum number of tasks, at most 100,000, or [NoTasks], which stops the service and needs no Min. If zero,
	// five times Min, or five with a Min of NoTasks. If equal to Min and without Schedules, the number of tasks is fixed,
	// and the template has no scaling at all.
	Max int
	// FewerTasksBecause is the reason for a Min, of the policy or of a schedule, below the profile's. It is recorded in
	// the template, in the metadata of the resource that has the minimum. If Min is not below, it has no effect.
	FewerTasksBecause string

	// CPUPercent is the target for the average CPU utilization of the tasks, from 1 to 100. If zero, 60 if there is
	// neither another target nor a step that stops tasks, else CPU is not a measure.
	CPUPercent int
	// MemoryPercent is the target for the average memory utilization of the tasks, from 1 to 100. If zero, memory is
	// not a measure.
	MemoryPercent int
	// RequestsPerTask is the target for the average number of requests a minute for each task. If zero, requests are
	// not a measure. It requires routes.
	RequestsPerTask int
	// Backlog sets the acceptable delay in the queue that the service consumes. If zero, a queue is not a measure.
	Backlog Backlog
	// Metrics are further CloudWatch metrics, each with a target value for each running task.
	Metrics []Measure
	// Steps start and stop tasks by fixed numbers when a metric crosses a threshold, for changes that are too sudden
	// for the targets above, which take three minutes to react.
	Steps []StepPolicy
	// Schedules change Min and Max at times that are known in advance.
	Schedules []Schedule

	// ScaleInCooldown is the time after tasks are stopped in which no further task is, in whole seconds up to 24h. If zero, five
	// minutes, so that a short lull does not remove what the next peak needs.
	ScaleInCooldown time.Duration
	// ScaleOutCooldown is the time after tasks are started in which no further task is, in whole seconds up to 24h. If zero, one
	// minute, about the time that a task takes to start and share the load.
	ScaleOutCooldown time.Duration

	// Spot sets which tasks run on Fargate Spot. If zero, the profile's: in the sandbox all after the first, in
	// production none.
	Spot Spot
}

// NoTasks is the number zero as a limit of a [Policy] or a [Schedule], where 0 is the default: for a service that runs only
// by day, or a worker that runs only while its queue has messages.
//
// CPU, memory and requests have no data without a task, so they start none: a Min of NoTasks requires a Max of NoTasks too, or
// something else that starts the first task: a Backlog, which does once messages wait for three minutes, or Steps on another
// metric.
//
// Its value is far below any count, so that other negative limits are errors.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
const NoTasks = math.MinInt32

const (
	defaultCPUPercent       = 60
	defaultMaxFactor        = 5
	defaultScaleInCooldown  = 5 * time.Minute
	defaultScaleOutCooldown = time.Minute
	maxCooldown             = 24 * time.Hour
)

// WithDefaults returns the policy with every zero field replaced by its default, where minTasks is the profile's
// minimum number of tasks. Spot stays as it is: see [Spot.Capacity].
func (p Policy) WithDefaults(minTasks int) Policy {
	if p.Min == 0 {
		p.Min = minTasks
		if p.Max == NoTasks {
			p.Min = NoTasks
		}
	}
	if p.Max == 0 {
		p.Max = defaultMaxFactor * min(max(p.Min, 1), mostTasks/defaultMaxFactor)
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

// Fixed reports whether the policy, with its defaults, has a fixed number of tasks.
func (p Policy) Fixed() bool { return p.Min == p.Max && len(p.Schedules) == 0 }

// Validate returns one error that lists every problem with the policy, or nil. Call it on the policy with its defaults,
// so that it detects a Max below the profile's minimum too.
func (p Policy) Validate() error {
	problems := []error{
		checkLimits("Scaling", p.Min, p.Max, 0, 0),
		checkPercent("CPUPercent", p.CPUPercent),
		checkPercent("MemoryPercent", p.MemoryPercent),
		checkRequests(p.RequestsPerTask),
		p.Backlog.validate(),
		validateMeasures(p.Metrics),
		validateSteps(p.Steps),
		p.validateSchedules(),
		p.validateEffect(),
		p.validateFirstTask(),
		checkCooldown("ScaleInCooldown", p.ScaleInCooldown),
		checkCooldown("ScaleOutCooldown", p.ScaleOutCooldown),
		p.Spot.validate(p.Most()),
		p.validateFixed(),
	}
	return errors.Join(problems...)
}

// ValidateFor returns one error that lists every problem with the policy, with its defaults, in an environment with
// that profile, or nil.
func (p Policy) ValidateFor(defaults profile.Profile) error {
	return errors.Join(p.validateLeast(defaults.MinTasks), p.Spot.validateFor(defaults.Spot))
}

// Fewer reports whether the policy, with its defaults, allows fewer tasks than the profile's minimum.
func (p Policy) Fewer(minTasks int) bool { return p.Least() < minTasks }

func (p Policy) validateLeast(minTasks int) error {
	if strings.TrimSpace(p.FewerTasksBecause) != "" {
		return nil
	}
	var problems []error
	check := func(field string, limit int) {
		if count := tasks(limit); count >= 0 && count < minTasks {
			problems = append(problems, fmt.Errorf(
				"Scaling.%s must be at least %d, the profile's MinTasks, got %d: raise it, or state the reason in Scaling.FewerTasksBecause", field, minTasks, count))
		}
	}
	check("Min", p.Min)
	for n, schedule := range p.Schedules {
		if schedule.Min != p.Min { // else Min itself is reported
			check(fmt.Sprintf("Schedules[%d].Min", n), schedule.Min)
		}
	}
	return errors.Join(problems...)
}

// validateFixed rejects measures that have no effect. CPUPercent, MemoryPercent and RequestsPerTask are allowed, so
// that one environment can fix the number of tasks of a policy that scales in another.
func (p Policy) validateFixed() error {
	if !p.Fixed() {
		return nil
	}
	var problems []error
	check := func(field string, set bool) {
		if set {
			problems = append(problems, fmt.Errorf("Scaling.%s has no effect while Min and Max are both %d: raise Max, or remove the measure", field, tasks(p.Min)))
		}
	}
	check("Backlog", p.Backlog != (Backlog{}))
	check("Metrics", len(p.Metrics) > 0)
	check("Steps", len(p.Steps) > 0)
	return errors.Join(problems...)
}

// maxRequests is more than a load balancer handles in a minute.
const maxRequests = 1_000_000_000

func checkRequests(n int) error {
	if n < 0 || n > maxRequests {
		return fmt.Errorf("Scaling.RequestsPerTask must be from 1 to %d, or 0 for none, got %d", maxRequests, n)
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
	if d != 0 && (d < time.Second || d > maxCooldown || d%time.Second != 0) {
		return fmt.Errorf("Scaling.%s must be whole seconds from 1s to 24h, got %s", field, d)
	}
	return nil
}
