package scaling

import (
	"math"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestSimulateSaysWhatIsWrong(t *testing.T) {
	_, err := Policy{Min: 3, Max: 2}.Simulate(Load{Tasks: -1, TaskStart: 90 * time.Second})
	expect.Problems(t, err,
		"Scaling.Max must be at least Min (3), got 2",
		"Load.Tasks must be from 1 to 100000, or 0 for the policy's Min, got -1",
		"Load.TaskStart must be whole minutes, at most 24h, got 1m30s",
	)
	_, err = Policy{Schedules: []Schedule{{Name: "Lunch", Expression: "rate(1 day)", Min: 2}}}.Simulate(Load{Demand: []Demand{
		{Requests: 1, Metrics: map[string]float64{"Degrees": -4}}, {Requests: -1, CPU: math.NaN(), Memory: math.Inf(1), Messages: -0.5},
	}})
	expect.Problems(t, err,
		"Load.Start is missing: Schedules require the time of the first minute",
		"Load.Demand[1].Requests must be a number from 0 to 1e+15, got -1",
		"Load.Demand[1].CPU must be a number from 0 to 1e+15, got NaN",
		"Load.Demand[1].Memory must be a number from 0 to 1e+15, got +Inf",
		"Load.Demand[1].Messages must be a number from 0 to 1e+15, got -0.5",
	)
	_, err = Policy{}.Simulate(Load{Demand: []Demand{{Requests: 1e20, Metrics: map[string]float64{"Degrees": -1e20, "Wind": math.NaN(), "Rain": math.Inf(1)}}}})
	expect.Problems(t, err,
		"Load.Demand[0].Requests must be a number from 0 to 1e+15, got 1e+20",
		`Load.Demand[0].Metrics["Degrees"] must be a number from -1e+15 to 1e+15, got -1e+20`,
		`Load.Demand[0].Metrics["Rain"] must be a number from -1e+15 to 1e+15, got +Inf`,
		`Load.Demand[0].Metrics["Wind"] must be a number from -1e+15 to 1e+15, got NaN`,
	)
	_, err = Policy{Max: 2_000_000_000, Schedules: []Schedule{
		{Name: "Lunch", Expression: "rate(1 day)"}, {Name: "Sale", Expression: "rate(1 day)", Max: 100_001},
	}}.Simulate(Load{Start: time.Unix(0, 0), Tasks: 2_000_000_000, TaskStart: 24*time.Hour + time.Minute})
	expect.Problems(t, err,
		"Scaling.Max must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got 2000000000",
		"Scaling.Schedules[1].Max must be from 1 to 100000, scaling.NoTasks, or 0 for the default, got 100001",
		"Load.Tasks must be from 1 to 100000, or 0 for the policy's Min, got 2000000000",
		"Load.TaskStart must be whole minutes, at most 24h, got 24h1m0s",
	)
	// The zero policy is that of the sandbox.
	minutes := simulate(t, Policy{}, Load{Demand: repeat(4, Demand{CPU: 100})})
	if got, want := counts(minutes), "0: 1/1, 2: 1/2, 3: 2/2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// At its limits a simulation neither overflows nor takes long: a week of as many tasks, requests and starts as there may
// be. Tasks that are asked for at the end of minute 0 run a day
// later, in minute 1441.
func TestSimulateAtItsLimits(t *testing.T) {
	steps := []StepPolicy{{Measure: CPU(), Intervals: []Interval{{0, 20, -mostTasks}, {20, 80, 0}, {80, 0, mostTasks}}}}
	largest := Demand{Requests: mostDemand, CPU: mostDemand, Memory: mostDemand, Messages: mostDemand, Metrics: map[string]float64{"Records": mostDemand}}
	policy := Policy{
		Min: 1, Max: mostTasks, RequestsPerTask: 1, Steps: steps, Backlog: Backlog{1, 1}, ScaleInCooldown: time.Second,
		Metrics: []Measure{{ID: "Records", Metric: metric.Metric{Namespace: "Shop", Name: "records"}, PerTask: math.SmallestNonzeroFloat64}},
	}
	load := Load{Demand: append(repeat(7*24*60-1, largest), Demand{}), TaskStart: mostTaskStart}
	minutes := simulate(t, policy, load)
	if got, want := counts(minutes), "0: 1/100000, 1441: 100000/100000, 10079: 100000/1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	policy.ScaleOutCooldown = maxCooldown
	policy.ScaleInCooldown = policy.ScaleOutCooldown
	if got, want := counts(simulate(t, policy, load)), "0: 1/100000, 1441: 100000/100000, 10079: 100000/1"; got != want {
		t.Errorf("with the longest cooldowns: got %s, want %s", got, want)
	}
}
