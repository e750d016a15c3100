package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/examples/clinic/events"
)

// defineAppointments defines the service that books, moves and cancels appointments of registered patients. It writes each change
// into the outbox of its table with the appointment itself, so that no reminder is lost.
func defineAppointments(stack awscdk.Stack, env app.Environment) {
	appointments := microservice.New(stack, "Appointments", microservice.Props{
		Owner:      "care",
		Image:      env.Image("appointments"),
		Routes:     []microservice.Route{{Path: "/appointments/{proxy+}"}},
		Deployment: app.In[deployment.Strategy](env, "production", deployment.Canary{Percent: 5}),
		Alarms:     microservice.Alarms{Errors: alarm.Share{Percent: 2}},
	})
	calendar := table.New(appointments, "Calendar", table.Props{
		PartitionKey: table.String("patientId"),
		SortKey:      table.String("startsAt"),
		Indexes: []table.Index{{
			Name:         "by-practitioner",
			PartitionKey: table.String("practitionerId"),
			SortKey:      table.String("startsAt"),
		}},
		TTLAttribute: "expiresAt",
		Outbox:       []event.Event{events.Booked, events.Moved, events.Cancelled},
	})
	appointments.Uses(calendar, table.ReadWrite)
	appointments.Calls(env.Service("patients"))
}
