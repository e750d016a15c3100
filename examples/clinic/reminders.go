package main

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
)

// defineReminders defines the worker that writes to patients before their appointments.
func defineReminders(stack awscdk.Stack, env app.Environment) {
	reminders := microservice.New(stack, "Reminders", microservice.Props{
		Owner:   "front-desk",
		Image:   env.Image("reminders"),
		Scaling: scaling.Policy{Max: 10, Backlog: scaling.Backlog{AcceptableDelay: 5 * time.Minute, MessageDuration: time.Second}},
	})
	changes := queue.New(reminders, "Changes", queue.Props{})
	reminders.Uses(changes, queue.Consume)
	subscribe(reminders, "OfAppointments", changes, "clinic.appointments")
}
