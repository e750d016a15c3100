package alarm_test

import (
	"fmt"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
)

// An alarm is a value that describes when a metric is in breach, and what that means.
func Example() {
	connections := alarm.Alarm{
		ID:         "Connections",
		Metric:     metric.Metric{Namespace: "AWS/RDS", Name: "DatabaseConnections", Statistic: metric.Maximum},
		Comparison: alarm.Above,
		Threshold:  80,
		Periods:    5,
		Missing:    alarm.NotBreaching,
		Meaning:    "the database is running out of connections. Requests will fail.",
		LookAt:     [3]string{"how many tasks run.", "the size of each task's connection pool.", "long transactions."},
		Pages:      true,
	}
	fmt.Println(connections.Description("orders", "checkout"))
	// Output:
	// orders: the database is running out of connections. Requests will fail.
	// Look at: 1. how many tasks run. 2. the size of each task's connection pool. 3. long transactions.
	// Owner: checkout
}

// WithDefaults sets the fields that are zero.
func ExampleShare() {
	errors := alarm.Share{Percent: 1}.WithDefaults(5, 10)
	fmt.Printf("above %g %% of at least %d requests\n", errors.Percent, errors.MinRequests)
	fmt.Println(alarm.Share{Percent: -5}.WithDefaults(5, 10).Check("Alarms.Errors"))
	// Output:
	// above 1 % of at least 10 requests
	// Alarms.Errors.Percent must be more than 0 and less than 100, got -5
}
