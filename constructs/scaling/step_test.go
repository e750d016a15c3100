package scaling

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestIntervals(t *testing.T) {
	intervals := func(all ...Interval) []Interval { return all }
	for name, c := range map[string]struct {
		intervals []Interval
		want      []string
	}{
		"out":          {intervals(Interval{80, 90, 2}, Interval{90, 0, 5}), nil},
		"in":           {intervals(Interval{0, 10, -2}, Interval{10, 20, -1}), nil},
		"in and out":   {intervals(Interval{0, 20, -1}, Interval{20, 70, 0}, Interval{70, 0, 2}), nil},
		"side by side": {intervals(Interval{0, 50, -1}, Interval{50, 0, 1}), nil},
		"none":         {nil, []string{"Scaling.Steps[0].Intervals must be 1 to 20, got 0"}},
		"too many":     {make([]Interval, 21), []string{"Scaling.Steps[0].Intervals must be 1 to 20, got 21"}},
		"overlap": {
			intervals(Interval{70, 85, 1}, Interval{80, 0, 2}),
			[]string{"Scaling.Steps[0].Intervals[0] (70 to 85) and Intervals[1] (from 80) overlap: let the second begin at 85"},
		},
		"gap": {
			intervals(Interval{70, 80, 1}, Interval{85, 0, 2}),
			[]string{"Scaling.Steps[0].Intervals[0] (70 to 80) and Intervals[1] (from 85) leave a gap: let the second begin at 80"},
		},
		"gap between in and out": {
			intervals(Interval{0, 20, -1}, Interval{70, 0, 1}),
			[]string{"Scaling.Steps[0].Intervals[0] (0 to 20) and Intervals[1] (from 70) leave a gap: let the second begin at 20"},
		},
		"gap above": {intervals(Interval{70, 80, 1}), []string{"Scaling.Steps[0].Intervals leave a gap above Intervals[0] (70 to 80), which starts tasks: remove its Upper"}},
		"gap below": {intervals(Interval{10, 20, -1}), []string{"Scaling.Steps[0].Intervals leave a gap below Intervals[0] (10 to 20), which stops tasks: remove its Lower"}},
		"open between": {
			intervals(Interval{70, 0, 1}, Interval{80, 0, 2}),
			[]string{"Scaling.Steps[0].Intervals[0].Upper is missing: only the last interval has no upper end"},
		},
		"upside down": {
			intervals(Interval{0, 30, 0}, Interval{30, 20, 0}, Interval{20, 0, 1}),
			[]string{"Scaling.Steps[0].Intervals[1].Upper must be more than Lower (30), got 20"},
		},
		"falling": {
			intervals(Interval{70, 80, 3}, Interval{80, 0, 1}),
			[]string{"Scaling.Steps[0].Intervals[0] (70 to 80) and Intervals[1] (from 80) change +3 and +1 tasks: as the metric grows, Change must not fall"},
		},
		"no number":      {intervals(Interval{math.NaN(), 0, 1}), []string{"Scaling.Steps[0].Intervals[0] must have numbers of at most 2.3485425827738332e+108 as its ends, and 0 as Upper for none, got Lower NaN and Upper 0"}},
		"too many tasks": {intervals(Interval{70, 0, 1 << 62}), []string{"Scaling.Steps[0].Intervals[0].Change must be from -100000 to 100000, got 4611686018427387904"}},
		"too few tasks":  {intervals(Interval{0, 70, -100_001}), []string{"Scaling.Steps[0].Intervals[0].Change must be from -100000 to 100000, got -100001"}},
		"endless":        {intervals(Interval{70, 80, 1}, Interval{80, math.Inf(1), 2}), []string{"Scaling.Steps[0].Intervals[1] must have numbers of at most 2.3485425827738332e+108 as its ends, and 0 as Upper for none, got Lower 80 and Upper +Inf"}},
		"each one": {intervals(Interval{math.NaN(), 0, -100_001}, Interval{70, 0, 1 << 62}), []string{
			"Scaling.Steps[0].Intervals[0] must have numbers of at most 2.3485425827738332e+108 as its ends, and 0 as Upper for none, got Lower NaN and Upper 0",
			"Scaling.Steps[0].Intervals[0].Change must be from -100000 to 100000, got -100001",
			"Scaling.Steps[0].Intervals[1].Change must be from -100000 to 100000, got 4611686018427387904",
		}},
		"without a change":    {intervals(Interval{0, 0, 0}), []string{"Scaling.Steps[0].Intervals have no effect: set Change on at least one"}},
		"started in any case": {intervals(Interval{0, 0, 1}), []string{"Scaling.Steps[0].Intervals[0].Lower is missing: without it tasks are started whatever the metric is"}},
		"stopped in any case": {intervals(Interval{0, 0, -1}), []string{"Scaling.Steps[0].Intervals[0].Upper is missing: without it tasks are stopped whatever the metric is"}},
		"two things at the same time": {
			intervals(Interval{60, 70, 1}, Interval{75, 80, 2}),
			[]string{
				"Scaling.Steps[0].Intervals[0] (60 to 70) and Intervals[1] (75 to 80) leave a gap: let the second begin at 70",
				"Scaling.Steps[0].Intervals leave a gap above Intervals[1] (75 to 80), which starts tasks: remove its Upper",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			steps := stepDefaults([]StepPolicy{{Measure: CPU(), Intervals: c.intervals}})
			expect.Problems(t, validateSteps(steps), c.want...)
		})
	}
}

func TestStepPolicies(t *testing.T) {
	out := []Interval{{Lower: 80, Change: 1}}
	depth := Measure{ID: "Depth", Metric: metric.Metric{Namespace: "Shop", Name: "depth"}}
	for name, c := range map[string]struct {
		steps []StepPolicy
		want  []string
	}{
		"one on each": {[]StepPolicy{{Measure: CPU(), Intervals: out}, {Measure: Memory(), Intervals: out}, {Measure: Requests(), Intervals: out}, {Measure: depth, Intervals: out}}, nil},
		"an hour":     {[]StepPolicy{{Measure: CPU(), Intervals: out, Minutes: 60}}, nil},
		"two on one":  {[]StepPolicy{{Measure: CPU(), Intervals: out}, {Measure: CPU(), Intervals: out}}, []string{"Scaling.Steps[1] is on CPU, as Steps[0] is: put the intervals of both into one"}},
		"no metric": {[]StepPolicy{{Intervals: out}}, []string{
			`Scaling.Steps[0].Measure.ID must be letters and digits, starting with a capital letter, at most 32, got ""`,
			"Scaling.Steps[0].Measure.Metric is missing: give a Namespace and a Name, or an Expression; a service without routes has no metrics of requests",
		}},
		"for each task": {[]StepPolicy{{Measure: Measure{ID: "Depth", Metric: metric.Metric{Namespace: "Shop", Name: "depth"}, PerTask: 3}, Intervals: out}}, []string{"Scaling.Steps[0].Measure.PerTask must be 0, since Intervals are of the metric as it is, got 3"}},
		"too long":      {[]StepPolicy{{Measure: CPU(), Intervals: out, Minutes: 61}}, []string{"Scaling.Steps[0].Minutes must be from 1 to 60, or 0 for 1, got 61"}},
		"before it was": {[]StepPolicy{{Measure: CPU(), Intervals: out, Minutes: -1}}, []string{"Scaling.Steps[0].Minutes must be from 1 to 60, or 0 for 1, got -1"}},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, validateSteps(stepDefaults(c.steps)), c.want...) })
	}
}

func TestTheLinesOfAStepPolicy(t *testing.T) {
	step := StepPolicy{Intervals: []Interval{{0, 10, -2}, {10, 20, -1}, {20, 70, 0}, {70, 90, 1}, {90, 0, 3}}}
	if line, out, ok := step.Out(); line != 70 || !ok || cmp.Diff(step.Intervals[3:], out) != "" {
		t.Errorf("out is %v %v %t", line, out, ok)
	}
	if line, in, ok := step.In(); line != 20 || !ok || cmp.Diff(step.Intervals[:2], in) != "" {
		t.Errorf("in is %v %v %t", line, in, ok)
	}
	step.Intervals = step.Intervals[2:3]
	_, _, out := step.Out()
	if _, _, in := step.In(); in || out {
		t.Errorf("an interval without a change starts %t and stops %t", out, in)
	}
}
