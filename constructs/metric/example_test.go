package metric_test

import (
	"fmt"

	"github.com/storefront-cdk/storefront/constructs/metric"
)

// An expression refers to its metrics by IDs.
func Example() {
	failed := metric.Metric{
		Label:      "Failed payments a minute",
		Expression: "timeouts + refusals",
		Over: map[string]metric.Metric{
			"timeouts": {Namespace: "Shop", Name: "Timeouts", Statistic: metric.Sum},
			"refusals": {Namespace: "Shop", Name: "Refusals", Statistic: metric.Sum},
		},
	}
	fmt.Println(failed.Validate("Failed"))
	for _, query := range failed.Queries() {
		fmt.Println(query.ID, query.Metric.Expression+query.Metric.Name, query.Metric.Period)
	}
	// Output:
	// <nil>
	// watched timeouts + refusals 1m0s
	// refusals Refusals 1m0s
	// timeouts Timeouts 1m0s
}
