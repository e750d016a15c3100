package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/schedule"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// defineRecommendations defines the service that recommends products.
func defineRecommendations(stack awscdk.Stack, env app.Environment) {
	recommendations := microservice.New(stack, "Recommendations", microservice.Props{
		Owner: "personalization",
		Image: env.Image("recommendations"),
		// Measured, with room for the rebuild, which has all orders and reviews in memory: see docs/sizing.md.
		Size:    microservice.Size{CPU: 512, MemoryMiB: 1024},
		Routes:  []microservice.Route{{Path: "/recommendations/{proxy+}", Methods: reading, Public: true}},
		Scaling: scaling.Policy{CPUPercent: 60}, // each task holds the same model, so more tasks have no more memory left
	})
	scores := table.New(recommendations, "Scores", table.Props{
		PartitionKey: table.String("productId"),
		SortKey:      table.String("relatedProductId"),
		TTLAttribute: "expiresAt",
	})
	recommendations.Uses(scores, table.ReadWrite)
	recommendations.Subscribes(events.OrderPlaced, events.ReviewPosted)
	// Events are kept as facts. A rebuild computes the scores of all facts, at night, when few customers are there; old orders
	// lose their weight in it.
	schedule.New(recommendations, "Rebuild", schedule.Props{
		Expression: "cron(30 3 * * ? *)",
		TimeZone:   "Europe/Berlin",
		Command:    []string{"rebuild"},
		Timeout:    2 * time.Hour,
	})
}
