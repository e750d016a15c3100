package scaling

import (
	"math/rand"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// Whatever a policy and a load are, the answer is a list of problems, or a simulation that ends.
func TestWildPolicies(t *testing.T) {
	words := []string{
		"CPU", "Records", "FirstTask", "rate(5 minutes)", "rate(9007199254740992 minutes)", "cron(0 8 ? * MON-FRI *)", "at(2026-11-03T10:00:00)", "Europe/Berlin", "AWS/SQS", "Sum",
	}
	r := rand.New(rand.NewSource(9))
	simulated := 0
	for range 4000 {
		policy, load := expect.Wild[Policy](r, words...), expect.Wild[Load](r, words...)
		of := policy.WithDefaults(2)
		expect.Explained(t, of.Validate())
		expect.Explained(t, of.ValidateFor(profile.Production()))
		of.Spot.Capacity(profile.Sandbox())
		_, err := policy.Simulate(load)
		expect.Explained(t, err)

		// Most policies are wrong in some field. A single field is often right.
		policy = Policy{Max: policy.Max, Min: policy.Min, CPUPercent: policy.CPUPercent, Backlog: policy.Backlog}
		load = Load{Demand: make([]Demand, 30), TaskStart: time.Minute}
		for n := range load.Demand {
			load.Demand[n].CPU, load.Demand[n].Messages = float64(r.Intn(1e9)), float64(r.Intn(1e9))
		}
		minutes, err := policy.Simulate(load)
		expect.Explained(t, err)
		if len(minutes) > 0 {
			simulated++
		}
		for _, m := range minutes {
			if m.Desired < m.Min || m.Desired > m.Max || m.Running < 0 || m.Desired > mostTasks {
				t.Fatalf("%+v: %+v", policy, m)
			}
		}
	}
	if simulated < 100 {
		t.Errorf("only %d policies were simulated", simulated)
	}
}
