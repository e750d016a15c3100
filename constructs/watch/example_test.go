package watch_test

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/watch"
)

// A service says what differs for it; all else has sound defaults.
func ExampleAlarms() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Photos"), nil)
	microservice.New(stack, "Photos", microservice.Props{
		Platform: platform.Ref{StackName: "shop-platform"},
		Owner:    "media",
		Image:    image.ECR("acme/photos", "1.4.2"),
		Routes:   []microservice.Route{{Path: "/photos/{proxy+}", Public: true}},
		Alarms: watch.Alarms{
			SlowestLatency: watch.Latency{Longest: 8 * time.Second}, // resizes photos
			ClientErrors:   watch.Share{Disable: true},
		},
	})
}

func ExampleAlarms_WithDefaults() {
	alarms := watch.Alarms{Errors: watch.Share{Percent: 1}}.WithDefaults(4)
	fmt.Printf("errors above %g %% of at least %d requests, fewer than %d healthy tasks\n",
		alarms.Errors.Percent, alarms.Errors.MinRequests, alarms.HealthyTasks.Tasks)
	// Output: errors above 1 % of at least 10 requests, fewer than 2 healthy tasks
}

func ExampleAlarms_Validate() {
	fmt.Println(watch.Alarms{Errors: watch.Share{Percent: -5}, CPU: watch.Use{Percent: 100}}.Validate(2, true))
	// Output:
	// Alarms.Errors.Percent must be more than 0 and less than 100, got -5
	// Alarms.CPU.Percent must be more than 0 and less than 100, got 100
}

// Metrics are values: what an alarm compares, a dashboard can draw.
func ExampleTargets() {
	blueGreen := watch.Targets{Balancer: "app/shop/1", Groups: []string{"targetgroup/blue/1", "targetgroup/green/2"}}
	healthy := blueGreen.Healthy()
	fmt.Println(healthy.Label+":", healthy.Expression)
	fmt.Println("over", healthy.Count(), "numbers, such as", healthy.Over["healthy2"].Name, "of", healthy.Over["healthy2"].Dimensions["TargetGroup"])
	// Output:
	// Healthy tasks: FILL(healthy1, 0) + FILL(healthy2, 0)
	// over 2 numbers, such as HealthyHostCount of targetgroup/green/2
}
