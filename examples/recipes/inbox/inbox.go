// Package inbox is the recipe of docs/recipes/inbox.md: a service in which each event takes effect once.
package inbox

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// CartCheckedOut is published when a customer has agreed to buy what is in the cart.
var CartCheckedOut = event.Event{Source: "shop.cart", DetailType: "CartCheckedOut", Detail: Checkout{}, External: true}

// Checkout is a cart that a customer has agreed to buy.
type Checkout struct {
	CheckoutID string `json:"checkoutId"`
	UserID     string `json:"userId"`
	Total      int    `json:"total"`
}

// Define defines the service.
func Define(stack awscdk.Stack, env app.Environment) {
	orders := microservice.New(stack, "Orders", microservice.Props{
		Owner:  "checkout",
		Image:  env.Image("orders"),
		Routes: []microservice.Route{{Path: "/orders/{proxy+}"}},
	})
	placed := table.New(orders, "Orders", table.Props{
		PartitionKey: table.String("userId"),
		SortKey:      table.String("orderId"),
		TTLAttribute: "expiresAt",
	})
	orders.Uses(placed, table.ReadWrite)
	orders.Subscribes(CartCheckedOut)
}

// inboxItem is the record that an event took effect, as an item of the table.
type inboxItem struct {
	UserID    string `dynamodbav:"userId"`
	OrderID   string `dynamodbav:"orderId"`
	ExpiresAt int64  `dynamodbav:"expiresAt"`
}

// received returns the item that the application writes in the transaction that writes the order, on the condition that it is
// not there yet.
func received(checkout Checkout, now time.Time) inboxItem {
	return inboxItem{
		UserID:    "inbox#" + checkout.CheckoutID,
		OrderID:   "inbox",
		ExpiresAt: now.Add(30 * 24 * time.Hour).Unix(),
	}
}
