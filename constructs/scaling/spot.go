package scaling

import (
	"errors"
	"fmt"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// Spot sets which tasks run on Fargate Spot, which costs about a third of the on-demand price, and may interrupt a task
// with two minutes' notice: the task gets SIGTERM, and StopTimeout to end.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
type Spot struct {
	// Percent is the share of the tasks beyond OnDemandBase that runs on Spot, from 1 to 100. If zero, all of them if
	// the profile has Spot, else none.
	Percent int
	// OnDemandBase is the number of tasks that are on demand before any is on Spot. If zero, one if the profile has
	// Spot; else it is required with Percent.
	OnDemandBase int
	// Use turns Spot on or off. If zero, the profile decides: on in the sandbox, or on with a Percent.
	Use profile.Choice
}

// maxOnDemandBase is the maximum base of a capacity provider strategy.
const maxOnDemandBase = 100_000

func (s Spot) validate(most int) error {
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf("Scaling.Spot."+format, values...))
	}
	if s.Percent < 0 || s.Percent > 100 {
		add("Percent must be from 1 to 100, or 0 for the profile's, got %d", s.Percent)
	}
	switch {
	case s.OnDemandBase < 0 || s.OnDemandBase > maxOnDemandBase:
		add("OnDemandBase must be from 1 to %d, or 0 for the profile's, got %d", maxOnDemandBase, s.OnDemandBase)
	case s.OnDemandBase > 0 && most > 0 && s.OnDemandBase >= most:
		add("OnDemandBase must be less than Max (%d), else no task is ever on Spot, got %d", most, s.OnDemandBase)
	}
	if s.Use == profile.Off && (s.Percent != 0 || s.OnDemandBase != 0) {
		add("Use must not be profile.Off with Percent or OnDemandBase: set either it or them, got %d and %d", s.Percent, s.OnDemandBase)
	}
	return errors.Join(append(problems, s.Use.Check("Scaling.Spot.Use"))...)
}

func (s Spot) validateFor(profileHasSpot bool) error {
	switch {
	case profileHasSpot || s.Use == profile.Off:
		return nil
	case (s.Percent > 0 || s.Use == profile.On) && s.OnDemandBase == 0:
		return fmt.Errorf("Scaling.Spot.OnDemandBase is missing: this profile does not use Spot, and with a Percent of %d all tasks may be interrupted at once: "+
			"set the number of tasks that are on demand first", s.percent())
	case s.OnDemandBase > 0 && s.Percent == 0 && s.Use != profile.On:
		return fmt.Errorf("Scaling.Spot.Percent is missing: in this profile all tasks are on demand without it, not only the %d of OnDemandBase", s.OnDemandBase)
	}
	return nil
}

// percent returns the share of the tasks beyond the base that is on Spot, if Spot is on.
func (s Spot) percent() int {
	if s.Percent == 0 {
		return 100
	}
	return s.Percent
}

// Capacity is the capacity of the tasks: OnDemandBase tasks on demand, and of those beyond it OnDemandWeight on demand
// for each SpotWeight on Spot.
type Capacity struct {
	OnDemandBase, OnDemandWeight, SpotWeight int
}

// Capacity returns the capacity of the tasks in an environment with that profile, in the smallest whole weights.
func (s Spot) Capacity(defaults profile.Profile) Capacity {
	if !s.Use.Or(defaults.Spot || s.Percent > 0) {
		return Capacity{OnDemandWeight: 1}
	}
	percent := s.percent()
	divisor := greatestCommonDivisor(percent, 100-percent)
	return Capacity{max(s.OnDemandBase, 1), (100 - percent) / divisor, percent / divisor}
}

func greatestCommonDivisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Split returns how many of so many tasks are on demand, and how many on Spot. If the weights do not divide evenly it
// counts the odd task as on demand, the more expensive of the two.
func (c Capacity) Split(tasks int) (onDemand, spot int) {
	beyond := max(tasks-c.OnDemandBase, 0)
	spot = beyond * c.SpotWeight / (c.OnDemandWeight + c.SpotWeight)
	return tasks - spot, spot
}
