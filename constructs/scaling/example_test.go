package scaling_test

import (
	"fmt"
	"time"

	"github.com/storefront-cdk/storefront/constructs/scaling"
)

func ExamplePolicy_WithDefaults() {
	policy := scaling.Policy{RequestsPerTask: 400}.WithDefaults(2)
	fmt.Printf("%d to %d tasks, one less after %s, one more after %s\n",
		policy.Min, policy.Max, policy.ScaleInCooldown, policy.ScaleOutCooldown)
	// Output: 2 to 10 tasks, one less after 5m0s, one more after 1m0s
}

func ExamplePolicy_Validate() {
	fmt.Println(scaling.Policy{Min: 2, Max: 1, CPUPercent: 110}.Validate())
	// Output:
	// Scaling.Max must be at least Min (2), got 1
	// Scaling.CPUPercent must be from 1 to 100, or 0 for none, got 110
}

// Simulate shows, before a policy is deployed, what it does when requests arrive five times as fast: 500 requests for 2
// tasks are 250 for each, above the target of 100 for three minutes, so the service scales out to 2 × 250 / 100 = 5 tasks.
func ExamplePolicy_Simulate() {
	policy := scaling.Policy{Min: 2, Max: 20, RequestsPerTask: 100}
	load := scaling.Load{TaskStart: time.Minute}
	for minute := range 8 {
		requests := 100.0
		if minute >= 2 {
			requests = 500
		}
		load.Demand = append(load.Demand, scaling.Demand{Requests: requests})
	}
	minutes, err := policy.Simulate(load)
	if err != nil {
		fmt.Println(err)
	}
	for n, m := range minutes {
		fmt.Printf("%d: %d run, %.0f requests each\n", n, m.Running, m.RequestsPerTask)
		if m.Why != "" {
			fmt.Println("  ", m.Why)
		}
	}
	// Output:
	// 0: 2 run, 50 requests each
	// 1: 2 run, 50 requests each
	// 2: 2 run, 250 requests each
	// 3: 2 run, 250 requests each
	// 4: 2 run, 250 requests each
	//    250 requests a task, above 100 for 3 minutes: 2 to 5 tasks
	// 5: 2 run, 250 requests each
	// 6: 5 run, 100 requests each
	// 7: 5 run, 100 requests each
}
