package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/searchdomain"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// defineSearch defines the service that searches products.
func defineSearch(stack awscdk.Stack, env app.Environment) {
	search := microservice.New(stack, "Search", microservice.Props{
		Owner:   "discovery",
		Image:   env.Image("search"),
		Size:    microservice.Size{CPU: 1024, MemoryMiB: 2048},
		Routes:  []microservice.Route{{Path: "/search", Methods: reading, Public: true}},
		Scaling: scaling.Policy{Max: 12, CPUPercent: 55},
	})
	documents := table.New(search, "Documents", table.Props{PartitionKey: table.String("productId")})
	search.Uses(documents, table.ReadWrite)
	if app.In(env, "production", true) {
		// A copy of the documents, from which it can be rebuilt.
		index := searchdomain.New(search, "Index", searchdomain.Props{})
		search.Uses(index, searchdomain.ReadWrite)
	}
}
