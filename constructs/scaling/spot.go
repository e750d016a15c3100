package scaling

import (
	"errors"
	"fmt"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// Spot is how many tasks run on Fargate Spot, which costs about a third of the price on demand, and may take a task back
// with two minutes' notice: the task gets SIGTERM, and StopTimeout to end.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
type Spot struct {
	// Percent is the share of the tasks beyond OnDemandBase that runs on Spot, from 1 to 100. If zero, all of them
	// where the profile has Spot, else none.
	Percent int
	// OnDemandBase is how many tasks are on demand before any is on Spot. If zero, one where the profile has Spot;
	// elsewhere a Percent needs one.
	OnDemandBase int
	// Use puts tasks on Spot, or none. If zero, the profile's: on in the sandbox, or on where there is a Percent.
	Use profile.Choice
}

// maxOnDemandBase is what ECS takes as the base of a strategy.
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
		add("Use is profile.Off, which leaves nothing to Percent and OnDemandBase: set either it or them, got %d and %d", s.Percent, s.OnDemandBase)
	}
	return errors.Join(append(problems, s.Use.Check("Scaling.Spot.Use"))...)
}

func (s Spot) validateFor(profileHasSpot bool) error {
	switch {
	case profileHasSpot || s.Use == profile.Off:
		return nil
	case (s.Percent > 0 || s.Use == profile.On) && s.OnDemandBase == 0:
		return fmt.Errorf("Scaling.Spot.OnDemandBase is missing: this profile keeps tasks off Spot, and with a Percent of %d all of them may be interrupted at once: "+
			"say how many are on demand first", s.percent())
	case s.OnDemandBase > 0 && s.Percent == 0 && s.Use != profile.On:
		return fmt.Errorf("Scaling.Spot.Percent is missing: in this profile all tasks are on demand without it, not only the %d of OnDemandBase", s.OnDemandBase)
	}
	return nil
}

// percent is the share of the tasks beyond the base that is on Spot, where there is Spot.
func (s Spot) percent() int {
	if s.Percent == 0 {
		return 100
	}
	return s.Percent
}

// Capacity is what tasks run on: OnDemandBase tasks on demand, and of those beyond it OnDemandWeight on demand for each
// SpotWeight on Spot.
type Capacity struct {
	OnDemandBase, OnDemandWeight, SpotWeight int
}

// Capacity is what the tasks run on in an environment of that profile, in the smallest whole weights.
func (s Spot) Capacity(environment profile.Profile) Capacity {
	if !s.Use.Or(environment.Spot || s.Percent > 0) {
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

// Split is how many of so many tasks are on demand, and how many on Spot. Where the weights do not come out even it
// counts the odd task as on demand, the dearer of the two.
func (c Capacity) Split(tasks int) (onDemand, spot int) {
	beyond := max(tasks-c.OnDemandBase, 0)
	spot = beyond * c.SpotWeight / (c.OnDemandWeight + c.SpotWeight)
	return tasks - spot, spot
}
