// Command app is an app in the tests of the runner: a service with a migration, schedules and containers beside the application, and
// a worker that waits for the migration. It is built in place of examples/hello, since it is a part of the library's module.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/migration"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/schedule"
	"github.com/storefront-cdk/storefront/constructs/service"
)

var sandbox = app.Environment{Name: "sandbox", Region: "us-east-2", Zones: []string{"us-east-2a", "us-east-2b"}, Profile: profile.Sandbox()}

func main() {
	os.Exit(app.Run(app.App{Name: "jobs", Environments: []app.Environment{sandbox}, Services: []app.Service{{ID: "Orders", Define: define}}}))
}

func define(stack awscdk.Stack, _ app.Environment) {
	program := image.Registry("public.ecr.aws/acme/orders:1")
	orders := microservice.New(stack, "Orders", microservice.Props{
		Owner: "checkout", Image: program, Command: []string{"serve"}, Health: microservice.Health{Path: "/ping"},
		Routes: []microservice.Route{{Path: "/ping", Methods: []string{"GET"}, Public: true}},
		Sidecars: []microservice.Sidecar{
			{
				Name: "relay", Image: image.Registry("public.ecr.aws/acme/relay:1"), Essential: true,
				Environment: map[string]string{"GREETING": "pleasure"}, Variables: map[string]string{"RELAY_URL": "http://127.0.0.1:9000/"},
			},
			{Name: "warm", Image: program, Command: []string{"warm"}, Completes: true},
			microservice.OpenTelemetryCollector(),
		},
	})
	invoicing := microservice.New(stack, "Invoicing", microservice.Props{Owner: "checkout", Image: program, Command: []string{"invoice"}})
	migration.New(orders, "Schema", migration.Props{Command: []string{"migrate"}, Before: []service.Service{invoicing}})
	schedule.New(orders, "Expire", schedule.Props{Expression: "rate(1 minute)", Command: []string{"expire"}})
	schedule.New(orders, "Nightly", schedule.Props{Expression: "cron(30 3 * * ? *)", TimeZone: "Europe/Berlin", Command: []string{"expire"}})
}
