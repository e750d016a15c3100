package main

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/schedule"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/examples/clinic/events"
)

// defineReminders defines the worker that keeps the appointments to come, and writes to patients the day before.
func defineReminders(stack awscdk.Stack, env app.Environment) {
	reminders := microservice.New(stack, "Reminders", microservice.Props{
		Owner:   "front-desk",
		Image:   env.Image("reminders"),
		Scaling: scaling.Policy{Max: 10, Backlog: scaling.Backlog{AcceptableDelay: 5 * time.Minute, MessageDuration: time.Second}},
	})
	reminders.Subscribes(events.Booked, events.Moved, events.Cancelled, events.Registered)
	upcoming := table.New(reminders, "Upcoming", table.Props{
		PartitionKey: table.String("day"),
		SortKey:      table.String("appointmentId"),
		TTLAttribute: "expiresAt",
	})
	reminders.Uses(upcoming, table.ReadWrite)
	schedule.New(reminders, "DayBefore", schedule.Props{
		Expression: "cron(0 16 * * ? *)",
		TimeZone:   "Europe/Berlin",
		Command:    []string{"remind"},
		Timeout:    30 * time.Minute,
	})
}
