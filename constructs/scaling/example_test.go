package scaling_test

import (
	"fmt"

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
