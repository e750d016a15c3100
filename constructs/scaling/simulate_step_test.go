package scaling

import (
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// As in TestSimulateByHand.
func TestSimulateStepsByHand(t *testing.T) {
	requests := func(n float64) Demand { return Demand{Requests: n} }
	cpu := func(percent float64) Demand { return Demand{CPU: percent} }
	for name, c := range map[string]struct {
		policy Policy
		load   Load
		want   string
	}{
		// 95 % is in the second interval at the end of minute 0 already: +5. 190/7 is 27 %: CPU's own target of 60 %
		// would stop tasks only after fifteen minutes.
		"steps out": {
			Policy{Min: 2, Max: 20, Steps: []StepPolicy{{Measure: CPU(), Intervals: []Interval{{80, 90, 2}, {90, 0, 5}}}}},
			Load{Demand: repeat(10, cpu(190))},
			"0: 2/7, 1: 7/7",
		},

		// At the lower end of an interval it counts: 160/2 = 80: +2. Then 40 %.
		"a step begins at its line": {
			Policy{Min: 2, Max: 20, Steps: []StepPolicy{{Measure: CPU(), Intervals: []Interval{{80, 90, 2}, {90, 0, 5}}}}},
			Load{Demand: repeat(3, cpu(160))},
			"0: 2/4, 1: 4/4",
		},

		// Two minutes in a row are asked for; 90 and 79 are not, 90 and 90 are. All are below the target.
		"a step after two minutes": {
			Policy{Min: 2, Max: 20, CPUPercent: 95, Steps: []StepPolicy{{Measure: CPU(), Minutes: 2, Intervals: []Interval{{80, 0, 2}}}}},
			Load{Demand: join(repeat(1, cpu(180)), repeat(1, cpu(158)), repeat(3, cpu(180)))},
			"0: 2/2, 3: 2/4, 4: 4/4",
		},

		// As in AWS's example: 2 tasks are started; within the cooldown of five minutes the metric asks for 3, of which
		// 2 are there, so 1 more is started.
		"a larger step within the cooldown": {
			Policy{
				Min: 2, Max: 20, ScaleOutCooldown: 5 * time.Minute,
				Steps: []StepPolicy{{Measure: Measure{ID: "Depth", Metric: metric.Metric{Namespace: "Shop", Name: "depth"}}, Intervals: []Interval{{10, 20, 2}, {20, 0, 3}}}},
			},
			Load{Demand: join(
				repeat(2, Demand{CPU: 100, Metrics: map[string]float64{"Depth": 15}}),
				repeat(2, Demand{CPU: 100, Metrics: map[string]float64{"Depth": 25}}),
			)},
			"0: 2/4, 1: 4/4, 2: 4/5, 3: 5/5",
		},

		// 15 and 5 are both below 20: -1 and, at 10 and below, -2. A stop in minute 0, and the next five minutes later,
		// at the end of minute 5 (6:00): 10 belongs to the lower interval, -2.
		"steps in": {
			Policy{Min: 1, Max: 20, Steps: []StepPolicy{{
				Measure: Measure{ID: "Depth", Metric: metric.Metric{Namespace: "Shop", Name: "depth"}}, Intervals: []Interval{{0, 10, -2}, {10, 20, -1}, {20, 0, 0}},
			}}},
			Load{Tasks: 9, Demand: join(
				repeat(1, Demand{Metrics: map[string]float64{"Depth": 15}}),
				repeat(5, Demand{Metrics: map[string]float64{"Depth": 10}}),
				repeat(20, Demand{Metrics: map[string]float64{"Depth": 20}}),
			)},
			"0: 9/8, 1: 8/8, 5: 8/6, 6: 6/6",
		},

		// The stop at 1:00 would let no other follow for an hour; the start at 2:00 ends that, and 3:00 stops one again.
		"a stop soon after a start": {
			Policy{Min: 1, Max: 20, ScaleInCooldown: time.Hour, Steps: []StepPolicy{{
				Measure: Measure{ID: "Depth", Metric: metric.Metric{Namespace: "Shop", Name: "depth"}}, Intervals: []Interval{{0, 20, -1}, {20, 25, 0}, {25, 0, 1}},
			}}},
			Load{Tasks: 9, Demand: []Demand{
				{Metrics: map[string]float64{"Depth": 15}},
				{Metrics: map[string]float64{"Depth": 30}},
				{Metrics: map[string]float64{"Depth": 15}},
				{Metrics: map[string]float64{"Depth": 15}},
			}},
			"0: 9/8, 1: 8/9, 2: 9/8, 3: 8/8",
		},

		// The target of 60 % would stop nothing yet; the step does at once.
		"a step does not wait for the targets": {
			Policy{Min: 1, Max: 20, CPUPercent: 60, Steps: []StepPolicy{{Measure: CPU(), Intervals: []Interval{{0, 20, -1}}}}},
			Load{Tasks: 9, Demand: repeat(2, cpu(100))},
			"0: 9/8, 1: 8/8",
		},

		// Requests are steps' too: 250 a task is above 200: +4.
		"a step on requests": {
			Policy{Min: 2, Max: 20, Steps: []StepPolicy{{Measure: Requests(), Intervals: []Interval{{200, 0, 4}}}}},
			Load{Demand: repeat(3, requests(500))},
			"0: 2/6, 1: 6/6",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := counts(simulate(t, c.policy, c.load)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
