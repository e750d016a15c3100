package scaling

import (
	"errors"
	"fmt"
	"math"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// StepPolicy starts and stops tasks by fixed numbers when a metric crosses a threshold. It reacts within a minute,
// where a target takes three, and does so by how far the metric is beyond the threshold:
//
//	scaling.StepPolicy{Measure: scaling.CPU(), Intervals: []scaling.Interval{
//		{Lower: 80, Upper: 90, Change: 2},
//		{Lower: 90, Change: 5},
//	}}
//
// Source: https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
type StepPolicy struct {
	// Measure is the measure: [CPU], [Memory], [Requests], or any other, as it is and not for each task. A metric can
	// have one policy. Required.
	Measure Measure
	// Intervals set the change for each range of the metric, from the lowest to the highest, each beginning where the
	// previous one ends. Those that stop tasks come first, those that start tasks last, and between them may be one
	// that does neither. Required.
	Intervals []Interval
	// Minutes is the number of consecutive minutes for which the metric must be beyond the threshold, from 1 to 60. If
	// zero, 1.
	Minutes int
}

// Interval is a range of a metric's values and the change of the number of tasks in it.
type Interval struct {
	// Lower is the lower bound of the interval. If zero in the first, there is none.
	Lower float64
	// Upper is the upper bound of the interval and the lower bound of the next. If zero in the last, there is none. A
	// value on the bound belongs to the upper one of two intervals that start tasks, and to the lower one of two that
	// stop tasks. The lowest value of those that start tasks does start some; the highest of those that stop tasks
	// stops none.
	Upper float64
	// Change is the number of tasks that are started, or stopped if it is negative, at most 100,000.
	Change int
}

func (i Interval) String() string {
	if i.Upper == 0 {
		return fmt.Sprintf("from %v", i.Lower)
	}
	return fmt.Sprintf("%v to %v", i.Lower, i.Upper)
}

const (
	defaultStepMinutes = 1
	maxStepMinutes     = 60
	maxIntervals       = 20 // CloudFormation allows 20 step adjustments for one policy, and there is one up and one down
)

func stepDefaults(steps []StepPolicy) []StepPolicy {
	defaulted := make([]StepPolicy, 0, len(steps))
	for _, step := range steps {
		step.Measure = step.Measure.withDefaults()
		if step.Minutes == 0 {
			step.Minutes = defaultStepMinutes
		}
		defaulted = append(defaulted, step)
	}
	if len(defaulted) == 0 {
		return nil
	}
	return defaulted
}

// Out returns the threshold at and above which tasks are started, and the intervals above it. It returns false if there
// are none.
func (s StepPolicy) Out() (line float64, intervals []Interval, ok bool) {
	for n, interval := range s.Intervals {
		if interval.Change > 0 {
			return interval.Lower, s.Intervals[n:], true
		}
	}
	return 0, nil, false
}

// In returns the threshold below which tasks are stopped, and the intervals below it. It returns false if there are
// none.
func (s StepPolicy) In() (line float64, intervals []Interval, ok bool) {
	for n := len(s.Intervals) - 1; n >= 0; n-- {
		if s.Intervals[n].Change < 0 {
			return s.Intervals[n].Upper, s.Intervals[:n+1], true
		}
	}
	return 0, nil, false
}

func validateSteps(steps []StepPolicy) error {
	var problems []error
	seen := map[string]int{}
	for n, step := range steps {
		field := fmt.Sprintf("Steps[%d]", n)
		problems = append(problems, step.validate(field))
		if other, taken := seen[step.Measure.ID]; taken {
			problems = append(problems, fmt.Errorf("Scaling.%s is on %s, as Steps[%d] is: put the intervals of both into one", field, step.Measure.ID, other))
		}
		seen[step.Measure.ID] = n
	}
	return errors.Join(problems...)
}

func (s StepPolicy) validate(field string) error {
	var problems []error
	if !s.Measure.Own() {
		problems = append(problems, s.Measure.validate("Scaling."+field+".Measure"))
	}
	if s.Measure.PerTask != 0 {
		problems = append(problems, fmt.Errorf("Scaling.%s.Measure.PerTask must be 0, since Intervals are of the metric as it is, got %v", field, s.Measure.PerTask))
	}
	if s.Minutes < 0 || s.Minutes > maxStepMinutes {
		problems = append(problems, fmt.Errorf("Scaling.%s.Minutes must be from 1 to %d, or 0 for 1, got %d", field, maxStepMinutes, s.Minutes))
	}
	return errors.Join(append(problems, validateIntervals(field, s.Intervals))...)
}

// finite returns false for NaN, which is not within any limits.
func finite(n float64) bool { return math.Abs(n) <= metric.MaxValue }

// validateIntervals applies the rules of Application Auto Scaling for the steps of a policy.
//
// Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepAdjustment.html
func validateIntervals(field string, intervals []Interval) error {
	if len(intervals) == 0 || len(intervals) > maxIntervals {
		return fmt.Errorf("Scaling.%s.Intervals must be 1 to %d, got %d", field, maxIntervals, len(intervals))
	}
	var problems []error
	for n, interval := range intervals {
		if !finite(interval.Lower) || !finite(interval.Upper) {
			problems = append(problems, fmt.Errorf("Scaling.%s.Intervals[%d] must have numbers of at most %v as its ends, and 0 as Upper for none, got Lower %v and Upper %v",
				field, n, metric.MaxValue, interval.Lower, interval.Upper))
		}
		if interval.Change < -mostTasks || interval.Change > mostTasks {
			problems = append(problems, fmt.Errorf("Scaling.%s.Intervals[%d].Change must be from -%d to %d, got %d", field, n, mostTasks, mostTasks, interval.Change))
		}
	}
	if len(problems) > 0 { // they cannot be compared with their neighbours
		return errors.Join(problems...)
	}
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf("Scaling.%s."+format, append([]any{field}, values...)...))
	}
	changes := false
	last := len(intervals) - 1
	for n, interval := range intervals {
		changes = changes || interval.Change != 0
		switch {
		case interval.Upper == 0 && n < last:
			add("Intervals[%d].Upper is missing: only the last interval has no upper end", n)
		case interval.Upper != 0 && interval.Upper <= interval.Lower:
			add("Intervals[%d].Upper must be more than Lower (%v), got %v", n, interval.Lower, interval.Upper)
		}
		if n > 0 {
			problems = append(problems, validateNeighbours(field, n, intervals[n-1], interval))
		}
	}
	if !changes {
		add("Intervals have no effect: set Change on at least one")
	}
	first, highest := intervals[0], intervals[last]
	switch {
	case first.Change < 0 && first.Lower != 0:
		add("Intervals leave a gap below Intervals[0] (%s), which stops tasks: remove its Lower", first)
	case first.Change > 0 && first.Lower == 0:
		add("Intervals[0].Lower is missing: without it tasks are started whatever the metric is")
	}
	switch {
	case highest.Change > 0 && highest.Upper != 0:
		add("Intervals leave a gap above Intervals[%d] (%s), which starts tasks: remove its Upper", last, highest)
	case highest.Change < 0 && highest.Upper == 0:
		add("Intervals[%d].Upper is missing: without it tasks are stopped whatever the metric is", last)
	}
	return errors.Join(problems...)
}

func validateNeighbours(field string, n int, lower, upper Interval) error {
	name := func(relation string) error {
		return fmt.Errorf("Scaling.%s.Intervals[%d] (%s) and Intervals[%d] (%s) %s", field, n-1, lower, n, upper, relation)
	}
	switch {
	case lower.Upper == 0: // already reported
		return nil
	case upper.Lower < lower.Upper:
		return name(fmt.Sprintf("overlap: let the second begin at %v", lower.Upper))
	case upper.Lower > lower.Upper:
		return name(fmt.Sprintf("leave a gap: let the second begin at %v", lower.Upper))
	case upper.Change < lower.Change:
		return name(fmt.Sprintf("change %+d and %+d tasks: as the metric grows, Change must not fall", lower.Change, upper.Change))
	}
	return nil
}
