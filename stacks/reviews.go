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

// defineReviews defines the service in which customers review products.
func defineReviews(stack awscdk.Stack, env app.Environment) {
	reviews := microservice.New(stack, "Reviews", microservice.Props{
		Owner: "community",
		Image: env.Image("reviews"),
		Routes: []microservice.Route{
			{Path: "/reviews/{proxy+}", Methods: reading, Public: true},
			{Path: "/reviews/mine", Methods: reading},
			{Path: "/reviews/{proxy+}"},
		},
		Scaling: scaling.Policy{CPUPercent: 60},
	})
	items := table.New(reviews, "Reviews", table.Props{
		PartitionKey: table.String("productId"),
		SortKey:      table.String("reviewId"),
		Indexes: []table.Index{{
			Name:         "by-author",
			PartitionKey: table.String("authorId"),
			SortKey:      table.String("reviewId"),
		}},
		TTLAttribute: "expiresAt",
		Outbox:       []event.Event{events.ReviewPosted},
	})
	reviews.Uses(items, table.ReadWrite)
}
