package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/cache"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// defineAvailability defines the service that finds free times, and holds one for ten minutes while a patient decides.
func defineAvailability(stack awscdk.Stack, env app.Environment) {
	availability := microservice.New(stack, "Availability", microservice.Props{
		Owner:  "front-desk",
		Image:  env.Image("availability"),
		Routes: []microservice.Route{{Path: "/availability/{proxy+}"}},
		Scaling: scaling.Policy{Max: 12, Schedules: []scaling.Schedule{
			// Half of all patients look for a time when the phone lines open.
			{Name: "PhonesOpen", Expression: "cron(45 7 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: 6},
			{Name: "PhonesQuiet", Expression: "cron(0 10 ? * MON-FRI *)", TimeZone: "Europe/Berlin"},
		}},
	})
	holds := table.New(availability, "Holds", table.Props{
		PartitionKey: table.String("practitionerId"),
		SortKey:      table.String("time"),
		TTLAttribute: "expiresAt",
	})
	availability.Uses(holds, table.ReadWrite)
	availability.Uses(cache.New(availability, "Cache", cache.Props{}), cache.ReadWrite)
}
