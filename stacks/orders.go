package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// defineOrders defines the service that makes an order of each checkout, and shows customers their own.
func defineOrders(stack awscdk.Stack, env app.Environment) {
	orders := microservice.New(stack, "Orders", microservice.Props{
		Owner:   "checkout",
		Image:   env.Image("orders"),
		Routes:  []microservice.Route{{Path: "/orders/{proxy+}", Methods: reading}},
		Scaling: scaling.Policy{CPUPercent: 60},
	})
	// Orders, the inbox of the checkouts that have led to one, and the outbox of what was ordered: one transaction writes all three.
	placed := table.New(orders, "Orders", table.Props{
		PartitionKey: table.String("userId"),
		SortKey:      table.String("orderId"),
		TTLAttribute: "expiresAt",
		Outbox:       []event.Event{events.OrderPlaced},
	})
	orders.Uses(placed, table.ReadWrite)
	orders.Subscribes(events.CartCheckedOut)
}
