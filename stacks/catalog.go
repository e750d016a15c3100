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

// defineCatalog defines the service that keeps the products: their text, price, category and stock. Others call it for prices.
func defineCatalog(stack awscdk.Stack, env app.Environment) {
	catalog := microservice.New(stack, "Catalog", microservice.Props{
		Owner: "merchandising",
		Image: env.Image("catalog"),
		Routes: []microservice.Route{
			{Path: "/catalog/{proxy+}", Methods: reading, Public: true},
			{Path: "/catalog/{proxy+}"},
		},
		Callable: true,
		Scaling:  scaling.Policy{Max: 20, CPUPercent: 60},
	})
	products := table.New(catalog, "Products", table.Props{
		PartitionKey: table.String("productId"),
		Indexes: []table.Index{{
			Name:         "by-category",
			PartitionKey: table.String("category"),
			SortKey:      table.String("productId"),
		}},
		TTLAttribute: "expiresAt",
		Outbox:       []event.Event{events.ProductChanged},
	})
	catalog.Uses(products, table.ReadWrite)
	// What is ordered leaves the stock.
	catalog.Subscribes(events.OrderPlaced)
}
