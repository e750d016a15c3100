// Package schedule is the recipe of docs/recipes/schedule.md: a service whose scores are rebuilt each night.
package schedule

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/schedule"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// Define defines the service.
func Define(stack awscdk.Stack, env app.Environment) {
	recommendations := microservice.New(stack, "Recommendations", microservice.Props{
		Owner:  "discovery",
		Image:  env.Image("recommendations"),
		Routes: []microservice.Route{{Path: "/recommendations/{proxy+}"}},
	})
	scores := table.New(recommendations, "Scores", table.Props{PartitionKey: table.String("productId")})
	recommendations.Uses(scores, table.ReadWrite)
	schedule.New(recommendations, "Rebuild", schedule.Props{
		Expression: "cron(0 3 * * ? *)",
		TimeZone:   "Europe/Berlin",
		Command:    []string{"/app", "rebuild"},
	})
	schedule.New(recommendations, "Expire", schedule.Props{
		Expression:     "rate(15 minutes)",
		FlexibleWindow: 5 * time.Minute,
		Command:        []string{"/app", "expire"},
		Environment:    map[string]string{"OLDER_THAN_DAYS": "90"},
		Size:           schedule.Size{CPU: 512, MemoryMiB: 2048},
		Timeout:        10 * time.Minute,
		Retries:        schedule.NoRetries,
		Disabled:       !app.In(env, "production", true),
	})
}
