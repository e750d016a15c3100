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
		// Each task holds the model in memory.
		Size:    microservice.Size{CPU: 512, MemoryMiB: 4096},
		Routes:  []microservice.Route{{Path: "/recommendations/{proxy+}", Methods: reading, Public: true}},
		Scaling: scaling.Policy{MemoryPercent: 70},
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
