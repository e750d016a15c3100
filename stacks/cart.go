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

// defineCart defines the service that stores the products that a customer is about to buy. How many requests a task can do is
// measured: see docs/sizing.md.
func defineCart(stack awscdk.Stack, env app.Environment) {
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner:   "checkout",
		Image:   env.Image("cart"),
		Routes:  []microservice.Route{{Path: "/cart/{proxy+}"}},
		Scaling: scaling.Policy{Min: 2, Max: 20, CPUPercent: 60, RequestsPerTask: 8000},
	})
	items := table.New(cart, "Items", table.Props{
		PartitionKey: table.String("userId"),
		SortKey:      table.String("productId"),
		TTLAttribute: "expiresAt",
		Outbox:       []event.Event{events.CartCheckedOut},
	})
	cart.Uses(items, table.ReadWrite)
	cart.Calls(env.Service("catalog"))
}
