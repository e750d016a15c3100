package main

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/sqldb"
)

// defineBilling defines the service that shows invoices, and beside it the worker that settles them with insurers, those of one
// patient in their order. Both run the same image.
func defineBilling(stack awscdk.Stack, env app.Environment) {
	billing := microservice.New(stack, "Billing", microservice.Props{
		Owner:  "finance",
		Image:  env.Image("billing"),
		Routes: []microservice.Route{{Path: "/invoices/{proxy+}"}},
	})
	settlement := microservice.New(stack, "Settlement", microservice.Props{
		Owner:   "finance",
		Image:   env.Image("billing"),
		Command: []string{"settle"},
		Scaling: scaling.Policy{Max: 6, Backlog: scaling.Backlog{AcceptableDelay: time.Hour, MessageDuration: 3 * time.Second}},
	})
	invoices := sqldb.New(billing, "Invoices", sqldb.Props{MaxCapacity: 4})
	billing.Uses(invoices, sqldb.Read)
	settlement.Uses(invoices, sqldb.ReadWrite)
	due := queue.New(settlement, "Due", queue.Props{
		FIFO:                      true,
		ContentBasedDeduplication: true,
		Alarms:                    queue.Alarms{QueueAge: alarm.Age{Oldest: 2 * time.Hour}},
	})
	billing.Uses(due, queue.Send)
	settlement.Uses(due, queue.Consume)
}
