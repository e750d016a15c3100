package scaling

import (
	"errors"
	"fmt"
	"time"
)

// Policy says how many tasks of a service run, and by what measure their number changes.
type Policy struct {
	// Min is how many tasks run at the least. If zero, the profile's: one in the sandbox, two in production.
	Min int
	// Max is how many tasks run at the most. If zero, five times Min. If equal to Min, the number of tasks is fixed,
	// and the template has no scaling at all.
	Max int
	// CPUPercent is the average CPU use of the tasks to hold, from 1 to 100. If zero, 60 when no other target is set,
	// else CPU is not a measure.
	CPUPercent int
	// MemoryPercent is the average memory use of the tasks to hold, from 1 to 100. If zero, memory is not a measure.
	MemoryPercent int
	// RequestsPerTask is how many requests a minute each task answers on average. If zero, requests are not a
	// measure. Only a service with routes can have it.
	RequestsPerTask int
	// ScaleInCooldown is how long no further task is stopped after one was, in whole seconds. If zero, five minutes,
	// so that a short lull does not take away what the next peak needs.
	ScaleInCooldown time.Duration
	// ScaleOutCooldown is how long no further task is started after one was, in whole seconds. If zero, one minute,
	// about what a task needs to start and share the load.
	ScaleOutCooldown time.Duration
}

const (
	defaultCPUPercent       = 60
	defaultMaxFactor        = 5
	defaultScaleInCooldown  = 5 * time.Minute
	defaultScaleOutCooldown = time.Minute
)

// WithDefaults returns the policy with every zero field replaced by its default, where minTasks is the least number of
// tasks that the profile asks for.
func (p Policy) WithDefaults(minTasks int) Policy {
	if p.Min == 0 {
		p.Min = minTasks
	}
	if p.Max == 0 {
		p.Max = defaultMaxFactor * max(p.Min, 1)
	}
	if p.CPUPercent == 0 && p.MemoryPercent == 0 && p.RequestsPerTask == 0 {
		p.CPUPercent = defaultCPUPercent
	}
	if p.ScaleInCooldown == 0 {
		p.ScaleInCooldown = defaultScaleInCooldown
	}
	if p.ScaleOutCooldown == 0 {
		p.ScaleOutCooldown = defaultScaleOutCooldown
	}
	return p
}

// Fixed reports whether the policy, with its defaults, keeps one number of tasks.
func (p Policy) Fixed() bool { return p.Min == p.Max }

// Validate returns all that is wrong with the policy, joined, or nil. Call it on the policy with its defaults, so that
// a Max below the profile's minimum is found too.
func (p Policy) Validate() error {
	return errors.Join(
		notNegative("Min", p.Min),
		notNegative("Max", p.Max),
		p.validateOrder(),
		percent("CPUPercent", p.CPUPercent),
		percent("MemoryPercent", p.MemoryPercent),
		notNegative("RequestsPerTask", p.RequestsPerTask),
		cooldown("ScaleInCooldown", p.ScaleInCooldown),
		cooldown("ScaleOutCooldown", p.ScaleOutCooldown),
	)
}

func (p Policy) validateOrder() error {
	if p.Max > 0 && p.Max < p.Min {
		return fmt.Errorf("Scaling.Max must be at least Min (%d), got %d", p.Min, p.Max)
	}
	return nil
}

func notNegative(field string, n int) error {
	if n < 0 {
		return fmt.Errorf("Scaling.%s must not be negative, got %d", field, n)
	}
	return nil
}

func percent(field string, n int) error {
	if n < 0 || n > 100 {
		return fmt.Errorf("Scaling.%s must be from 1 to 100, or 0 for none, got %d", field, n)
	}
	return nil
}

func cooldown(field string, d time.Duration) error {
	if d != 0 && (d < time.Second || d%time.Second != 0) {
		return fmt.Errorf("Scaling.%s must be whole seconds, at least 1s, got %s", field, d)
	}
	return nil
}
