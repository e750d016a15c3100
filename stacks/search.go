package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/searchdomain"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// defineSearch defines the service that searches products, and beside it the worker that writes what is searched. Both run the
// same image.
func defineSearch(stack awscdk.Stack, env app.Environment) {
	search := microservice.New(stack, "Search", microservice.Props{
		Owner:   "discovery",
		Image:   env.Image("search"),
		Size:    microservice.Size{CPU: 512, MemoryMiB: 1024}, // measured, with room for an index in memory: see docs/sizing.md
		Routes:  []microservice.Route{{Path: "/search", Methods: reading, Public: true}},
		Scaling: scaling.Policy{Max: 12, CPUPercent: 55},
	})
	indexer := microservice.New(stack, "Indexer", microservice.Props{
		Owner:   "discovery",
		Image:   env.Image("search"),
		Command: []string{"index"},
		Scaling: scaling.Policy{Max: 6, Backlog: scaling.Backlog{AcceptableDelay: time.Minute, MessageDuration: 100 * time.Millisecond}},
	})
	documents := table.New(search, "Documents", table.Props{
		PartitionKey: table.String("productId"),
		SortKey:      table.String("part"), // the product itself, or one of its reviews
		// The products in the order of their last change, which tasks with an index in memory follow.
		Indexes: []table.Index{{
			Name:         "by-change",
			PartitionKey: table.String("kind"),
			SortKey:      table.Number("changedAt"),
		}},
	})
	search.Uses(documents, table.Read)
	indexer.Uses(documents, table.ReadWrite)
	if app.In(env, "production", true) {
		// A copy of the documents, from which it can be rebuilt.
		index := searchdomain.New(search, "Index", searchdomain.Props{})
		search.Uses(index, searchdomain.Read)
		indexer.Uses(index, searchdomain.ReadWrite)
	}
	indexer.Subscribes(events.ProductChanged, events.ReviewPosted)
}
