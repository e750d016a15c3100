package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/examples/clinic/events"
)

// definePatients defines the service that registers patients, and finds them by their insurance number.
func definePatients(stack awscdk.Stack, env app.Environment) {
	patients := microservice.New(stack, "Patients", microservice.Props{
		Owner:    "care",
		Image:    env.Image("patients"),
		Routes:   []microservice.Route{{Path: "/patients/{proxy+}"}},
		Callable: true,
	})
	register := table.New(patients, "Register", table.Props{
		PartitionKey: table.String("patientId"),
		Indexes: []table.Index{{
			Name:         "by-insurance",
			PartitionKey: table.String("insurer"),
			SortKey:      table.String("insuranceNumber"),
		}},
	})
	patients.Uses(register, table.ReadWrite)
	patients.Publishes(events.Registered)
}
