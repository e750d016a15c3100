package scaling

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// repeat is a demand that stays the same for some minutes.
func repeat(minutes int, demand Demand) []Demand {
	all := make([]Demand, minutes)
	for n := range all {
		all[n] = demand
	}
	return all
}

func join(parts ...[]Demand) (all []Demand) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// counts writes the running and the desired number of tasks of each minute that differs from the minute before it.
func counts(minutes []Minute) string {
	var all []string
	before := ""
	for n, m := range minutes {
		if now := fmt.Sprintf("%d/%d", m.Running, m.Desired); now != before {
			all = append(all, fmt.Sprintf("%d: %s", n, now))
			before = now
		}
	}
	return strings.Join(all, ", ")
}

func simulate(t *testing.T, policy Policy, load Load) []Minute {
	t.Helper()
	minutes, err := policy.Simulate(load)
	if err != nil {
		t.Fatal(err)
	}
	return minutes
}

// Each case is computed by hand. It says the running and the desired number of tasks from the minute on in which they
// are first seen: a decision stands in the minute at whose end it falls, and its tasks run in the next at the earliest.
func TestSimulateByHand(t *testing.T) {
	requests := func(n float64) Demand { return Demand{Requests: n} }
	cpu := func(percent float64) Demand { return Demand{CPU: percent} }
	byRequests := Policy{Min: 2, Max: 20, RequestsPerTask: 100}
	for name, c := range map[string]struct {
		policy Policy
		load   Load
		want   string
	}{
		// 200/2 is the target and not above it.
		"at the target": {byRequests, Load{Demand: repeat(40, requests(200))}, "0: 2/2"},

		// 500/2 = 250 is above 100 in minutes 0, 1 and 2. At the end of minute 2: ceil(2 × 250/100) = 5.
		"out after three minutes": {byRequests, Load{Demand: repeat(10, requests(500))}, "0: 2/2, 2: 2/5, 3: 5/5"},

		// Minutes 0 and 1 are above, 2 is not, and 3 to 5 are: 210/2 = 105, ceil(2 × 1.05) = 3.
		"three in a row": {
			byRequests,
			Load{Demand: join(repeat(2, requests(210)), repeat(1, requests(200)), repeat(5, requests(210)))},
			"0: 2/2, 5: 2/3, 6: 3/3",
		},

		// ceil(2 × 5000/2/100) = 50, but 20 is the most.
		"no more than Max": {byRequests, Load{Demand: repeat(6, requests(5000))}, "0: 2/2, 2: 2/20, 3: 20/20"},

		// Ten tasks and 300 requests: 30 a task is below 90 from minute 0 on; the fifteenth is minute 14.
		// ceil(10 × 30/100) = 3.
		"in after fifteen minutes": {byRequests, Load{Tasks: 10, Demand: repeat(20, requests(300))}, "0: 10/10, 14: 10/3, 15: 3/3"},

		// 930 / 10 = 93 is below the target and not below 90: nothing. 890/10 = 89 is: ceil(10 × 0.89) = 9.
		"in below 90 % only": {
			byRequests,
			Load{Tasks: 10, Demand: join(repeat(30, requests(930)), repeat(15, requests(890)))},
			"0: 10/10, 44: 10/9",
		},

		// 160/2 = 80, but ceil(2 × 0.8) = 2: one task less would be at 160.
		"not in if one less would be too few": {byRequests, Load{Demand: repeat(40, requests(160)), Tasks: 2}, "0: 2/2"},

		// 4/4 = 1: ceil(4 × 1/100) = 1, and 2 is the least.
		"no fewer than Min": {byRequests, Load{Tasks: 4, Demand: repeat(16, requests(4))}, "0: 4/4, 14: 4/2, 15: 2/2"},

		// Minutes without a request have no data, and stop nothing: neither by a target nor by a step. The fifteen minutes
		// that a target takes begin with minute 40, and end with minute 54.
		"no requests": {
			byRequests,
			Load{Tasks: 4, Demand: join(repeat(40, requests(0)), repeat(16, requests(4)))},
			"0: 4/4, 54: 4/2, 55: 2/2",
		},
		"no requests for a step": {
			Policy{Min: 1, Max: 20, Steps: []StepPolicy{{Measure: Requests(), Intervals: []Interval{{0, 20, -1}}}}},
			Load{Tasks: 4, Demand: join(repeat(40, requests(0)), repeat(1, requests(4)))},
			"0: 4/4, 40: 4/3",
		},

		// At the end of minute 14 ten tasks have had 20 to 60 each; the highest decides: ceil(10 × 60/100) = 6.
		"in by the highest of the fifteen": {
			byRequests,
			Load{Tasks: 10, Demand: join(repeat(1, requests(600)), repeat(15, requests(200)))},
			// At the end of minute 15, one later, the 600 are out of sight; the cooldown of five minutes ends at minute 20.
			"0: 10/10, 14: 10/6, 15: 6/6",
		},

		// As before; the stop at the end of minute 14 (15:00) is followed by five minutes without another, until the end
		// of minute 19 (20:00): in minutes 5 to 19 the six tasks had at most 200/6 = 33 each: ceil(6 × 33.3/100) = 2.
		"the cooldown after a stop": {
			byRequests,
			Load{Tasks: 10, Demand: join(repeat(1, requests(600)), repeat(30, requests(200)))},
			"0: 10/10, 14: 10/6, 15: 6/6, 19: 6/2, 20: 2/2",
		},

		// A stop at the end of minute 14 leaves 3. Minutes 16 to 18 have 900/3 = 300: ceil(3 × 3) = 9 at the end of
		// minute 18, though the cooldown of the stop lasts until minute 20.
		"a start ends the cooldown of a stop": {
			byRequests,
			Load{Tasks: 10, Demand: join(repeat(16, requests(300)), repeat(5, requests(900)))},
			"0: 10/10, 14: 10/3, 15: 3/3, 18: 3/9, 19: 9/9",
		},

		// CPU never shows more than 100 %: 700 on two tasks is 100, so ceil(2 × 100/50) = 4 at the end of minute 2.
		// The cooldown of a minute ends at 4:00, the end of minute 3: 700/4 is 100 again, ceil(4 × 2) = 8. At the end of
		// minute 4: 700/8 = 87.5, but now the cooldown lasts until 5:00, which is the end of minute 4: ceil(8 × 1.75) = 14.
		"CPU that is used up": {
			Policy{Min: 2, Max: 20, CPUPercent: 50},
			Load{Demand: repeat(8, cpu(700))},
			"0: 2/2, 2: 2/4, 3: 4/8, 4: 8/14, 5: 14/14",
		},

		// With tasks that take two minutes to start: ceil(2 × 100/50) = 4 at 3:00. They run from minute 5 on, and the
		// cooldown lasts until 6:00, the end of minute 5. Until then the base is 2, so that 4 is asked for again, and is
		// there. At 6:00, 700/4 is above 50: ceil(4 × 2) = 8, running from minute 8 on, cooldown until 9:00, and so on.
		"tasks that start slowly": {
			Policy{Min: 2, Max: 20, CPUPercent: 50},
			Load{Demand: repeat(10, cpu(700)), TaskStart: 2 * time.Minute},
			"0: 2/2, 2: 2/4, 5: 4/8, 8: 8/14",
		},

		// 300/2 = 150: ceil(2 × 1.5) = 3 at 3:00, run from minute 6 on. The demand doubles in minute 4: 600/2 = 300 at
		// 5:00 asks for ceil(2 × 3) = 6, of which one is started already: three more, although the cooldown lasts. They
		// run from minute 8 on: until then, from 6 on, there are 3, and 600/3 × 2/100 = 4 is less than 6.
		"a larger start within the cooldown": {
			byRequests,
			Load{Demand: join(repeat(4, requests(300)), repeat(12, requests(600))), TaskStart: 3 * time.Minute},
			"0: 2/2, 2: 2/3, 4: 2/6, 6: 3/6, 8: 6/6",
		},

		// Requests ask for ceil(2 × 300/2/100) = 3, CPU for ceil(2 × 90/50) = 4: the larger wins.
		"the larger of two": {
			Policy{Min: 2, Max: 20, CPUPercent: 50, RequestsPerTask: 100},
			Load{Demand: repeat(5, Demand{CPU: 180, Requests: 300})},
			"0: 2/2, 2: 2/4, 3: 4/4",
		},

		// CPU is at 10 %, but requests are at the target: nothing stops.
		"in only when both agree": {
			Policy{Min: 2, Max: 20, CPUPercent: 50, RequestsPerTask: 100},
			Load{Tasks: 10, Demand: repeat(30, Demand{CPU: 100, Requests: 1000})},
			"0: 10/10",
		},

		// CPU 10 % would leave ceil(10 × 10/50) = 2, requests ceil(10 × 40/100) = 4: the larger wins.
		"in by the larger of both": {
			Policy{Min: 2, Max: 20, CPUPercent: 50, RequestsPerTask: 100},
			Load{Tasks: 10, Demand: repeat(16, Demand{CPU: 100, Requests: 400})},
			"0: 10/10, 14: 10/4, 15: 4/4",
		},

		// 4 GB in all, in percent of a task's: 400/4 = 100 %: ceil(4 × 100/80) = 5, then 80 is at the target.
		"memory": {
			Policy{Min: 4, Max: 20, MemoryPercent: 80},
			Load{Demand: repeat(8, Demand{Memory: 400})},
			"0: 4/4, 2: 4/5, 3: 5/5",
		},

		// 3000 records and 1000 for each task: ceil(2 × 1500/1000) = 3.
		"a metric": {
			Policy{Min: 2, Max: 20, Metrics: []Measure{{ID: "Records", Metric: metric.Metric{Namespace: "Shop", Name: "records"}, PerTask: 1000}}},
			Load{Demand: repeat(6, Demand{Metrics: map[string]float64{"Records": 3000}})},
			"0: 2/2, 2: 2/3, 3: 3/3",
		},

		// A message takes 2 s, so a task processes 30 a minute; 10 s of delay are 5 messages a task. 100 arrive:
		// 100-30 = 70 wait in minute 0, 140 in minute 1, 210 in minute 2, each above 5: ceil(1 × 210/5) = 42, at most 8.
		// Eight process 240 a minute: 210+100-240 = 70 in minute 3: 70/8 = 8.75 is above 5, but 8 is the most.
		// Minute 4: 70+100-240 < 0: none wait.
		"a backlog": {
			Policy{Min: 1, Max: 8, Backlog: Backlog{10 * time.Second, 2 * time.Second}},
			Load{Demand: repeat(10, Demand{Messages: 100})},
			"0: 1/1, 2: 1/8, 3: 8/8",
		},

		// A fixed number stays.
		"fixed": {Policy{Min: 3, Max: 3, CPUPercent: 50}, Load{Demand: repeat(30, cpu(900))}, "0: 3/3"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := counts(simulate(t, c.policy, c.load)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAMinuteSaysWhatWasMeasured(t *testing.T) {
	policy := Policy{
		Min: 2, Max: 20, RequestsPerTask: 100, Backlog: Backlog{time.Minute, 6 * time.Second},
		Metrics: []Measure{{ID: "Records", Metric: metric.Metric{Namespace: "Shop", Name: "records"}, PerTask: 1000}},
	}
	start := time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC)
	demand := Demand{Requests: 260, CPU: 90, Memory: 500, Messages: 25, Metrics: map[string]float64{"Records": 700}}
	minutes := simulate(t, policy, Load{Start: start, Demand: repeat(4, demand)})
	// Two tasks process 10 messages a minute each: of 25 in a minute 5 remain, of 50 in two minutes 10.
	got := minutes[1]
	want := Minute{
		Time: start.Add(time.Minute), Running: 2, Desired: 2, Min: 2, Max: 20, Demand: demand,
		CPUPercent: 45, MemoryPercent: 100, RequestsPerTask: 130, Backlog: 10, BacklogPerTask: 5, Metrics: map[string]float64{"Records": 350},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("minute 1 (-want +got):\n%s", diff)
	}
	// ceil(2 × 130/100) = 3
	if got, want := minutes[2].Why, "130 requests a task, above 100 for 3 minutes: 2 to 3 tasks"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhyTasksStop(t *testing.T) {
	minutes := simulate(t, Policy{Min: 2, Max: 20, RequestsPerTask: 100}, Load{Tasks: 10, Demand: repeat(15, Demand{Requests: 300})})
	if got, want := minutes[14].Why, "at most 30 requests a task, below 90 for 15 minutes: 10 to 3 tasks"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	steps := []StepPolicy{{Measure: CPU(), Intervals: []Interval{{0, 20, -1}, {20, 80, 0}, {80, 0, 1}}}}
	minutes = simulate(t, Policy{Min: 2, Max: 20, Steps: steps}, Load{Tasks: 10, Demand: []Demand{{CPU: 100}, {CPU: 1000}}})
	for n, want := range []string{"CPU is 10, below 20: 10 to 9 tasks", "CPU is 100, at or above 80: 9 to 10 tasks"} {
		if got := minutes[n].Why; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
