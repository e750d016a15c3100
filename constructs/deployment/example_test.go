package deployment_test

import (
	"fmt"
	"time"

	"github.com/storefront-cdk/storefront/constructs/deployment"
)

func ExampleCanary() {
	strategy := deployment.Canary{Percent: 5, Bake: 10 * time.Minute}
	fmt.Println(strategy.Gradual(), strategy.Validate())
	// Output: true <nil>
}

// Steps of 30 % add up to 90 %, not to 100 %.
func ExampleLinear() {
	fmt.Println(deployment.Linear{StepPercent: 30}.WithDefaults().Validate())
	// Output:
	// Deployment.StepPercent must be 4, 5, 10, 20, 25 or 50, so that equal steps add up to 100, got 30
}
