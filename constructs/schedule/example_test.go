package schedule_test

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/schedule"
)

// A service rebuilds its scores each night, with more memory than it has otherwise.
func ExampleNew() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	recommendations := microservice.New(awscdk.NewStack(app, jsii.String("Recommendations"), nil), "Recommendations", microservice.Props{
		Owner: "discovery",
		Image: image.ECR("acme/recommendations", "2.0.1"),
	})
	schedule.New(recommendations, "Rebuild", schedule.Props{
		Expression: "cron(0 3 * * ? *)",
		TimeZone:   "Europe/Berlin",
		Command:    []string{"rebuild"},
		Size:       schedule.Size{CPU: 1024, MemoryMiB: 4096},
		Timeout:    2 * time.Hour,
	})
}
