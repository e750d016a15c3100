package service_test

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/metric/render"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/service"
)

// newDashboard is a feature: it takes any service, and defines what it needs in the service's scope.
func newDashboard(of service.Service) awscloudwatch.Dashboard {
	board := awscloudwatch.NewDashboard(of, jsii.String("Dashboard"), nil)
	board.AddWidgets(awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(of.Name() + ": tasks"),
		Left:  render.Graph(of.Metrics().CPU(), of.Metrics().Memory()),
	}))
	return board
}

// A feature defines the alarms that it needs, and the service's owner is notified of them.
func ExampleService() {
	addPayments := func(of service.Service) {
		newDashboard(of)
		of.SetVariable("PAYMENT_PROVIDER", "https://provider.example.com")
		of.AddAlarm("Payments", alarm.Alarm{
			ID:         "Timeouts",
			Metric:     metric.Metric{Namespace: "Shop", Name: "PaymentTimeouts", Statistic: metric.Sum},
			Comparison: alarm.AtLeast,
			Threshold:  10,
			Datapoints: 2,
			Periods:    3,
			Missing:    alarm.NotBreaching,
			Meaning:    "the payment provider does not answer in time. Customers cannot pay.",
			LookAt:     [3]string{"the provider's status page.", alarm.LookAtDeployment, alarm.LookAtDependencies},
			Pages:      true,
		})
	}

	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	checkout := microservice.New(awscdk.NewStack(app, jsii.String("Checkout"), nil), "Checkout", microservice.Props{
		Owner: "checkout",
		Image: image.ECR("acme/checkout", "2.0.1"),
	})
	addPayments(checkout)
}

// Metrics are values: what an alarm compares, a dashboard draws.
func ExampleTargets() {
	blueGreen := service.Targets{LoadBalancer: "app/shop/1", TargetGroups: []string{"targetgroup/blue/1", "targetgroup/green/2"}}
	healthy := blueGreen.HealthyTasks()
	fmt.Println(healthy.Label+":", healthy.Expression)
	fmt.Println("over", healthy.Count(), "numbers, such as", healthy.Over["healthy2"].Name, "of", healthy.Over["healthy2"].Dimensions["TargetGroup"])
	// Output:
	// Healthy tasks: FILL(healthy1, 0) + FILL(healthy2, 0)
	// over 2 numbers, such as HealthyHostCount of targetgroup/green/2
}
