// Package outbox is the recipe of docs/recipes/outbox.md: a service whose events cannot be lost.
package outbox

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// ReviewPosted is published when a review is written.
var ReviewPosted = event.Event{Source: "shop.reviews", DetailType: "ReviewPosted", Detail: Review{}}

// Review is a customer's review of a product.
type Review struct {
	ProductID string `json:"productId"`
	ReviewID  string `json:"reviewId"`
	Stars     int    `json:"stars"`
}

// Define defines the service.
func Define(stack awscdk.Stack, env app.Environment) {
	reviews := microservice.New(stack, "Reviews", microservice.Props{
		Owner:  "community",
		Image:  env.Image("reviews"),
		Routes: []microservice.Route{{Path: "/reviews/{proxy+}"}},
	})
	items := table.New(reviews, "Items", table.Props{
		PartitionKey: table.String("productId"),
		SortKey:      table.String("id"),
		TTLAttribute: "expiresAt",
		Outbox:       []event.Event{ReviewPosted},
	})
	reviews.Uses(items, table.ReadWrite)
}

// outboxItem is an event as an item of the table.
type outboxItem struct {
	ProductID string `dynamodbav:"productId"`
	ID        string `dynamodbav:"id"`
	ExpiresAt int64  `dynamodbav:"expiresAt"`
	event.Outbox
}

// newOutboxItem returns the item that the application writes in the transaction that writes the review.
func newOutboxItem(review Review, now time.Time) (outboxItem, error) {
	posted, err := ReviewPosted.Outbox(review)
	return outboxItem{
		ProductID: review.ProductID,
		ID:        "outbox#" + review.ReviewID,
		ExpiresAt: now.Add(7 * 24 * time.Hour).Unix(),
		Outbox:    posted,
	}, err
}
