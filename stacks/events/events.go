// Package events has the events by which the services of the storefront react to each other. Their applications import it, too,
// and it imports nothing of the CDK.
//
// An event has what its subscribers need to act without a request to the publisher, which may be down. It names users by their
// IDs alone: queues, dead-letter queues, logs and archives copy events, and nobody can erase a name or an address from all of
// these.
package events

import "github.com/storefront-cdk/storefront/constructs/event"

// The events of the storefront. Each is published by the service of its source, and by no other.
var (
	// ProductChanged is that a product was added, changed or withdrawn.
	ProductChanged = event.Event{Source: "storefront.catalog", DetailType: "ProductChanged", Detail: Product{}}
	// PhotoUploaded is that a photo of a product can be shown in all its sizes.
	PhotoUploaded = event.Event{Source: "storefront.photos", DetailType: "PhotoUploaded", Detail: Photo{}}
	// ReviewPosted is that a user reviewed a product, or changed or withdrew the review.
	ReviewPosted = event.Event{Source: "storefront.reviews", DetailType: "ReviewPosted", Detail: Review{}}
	// CartCheckedOut is that a user agreed to buy what is in the cart.
	CartCheckedOut = event.Event{Source: "storefront.cart", DetailType: "CartCheckedOut", Detail: Checkout{}}
	// OrderPlaced is that an order was accepted.
	OrderPlaced = event.Event{Source: "storefront.orders", DetailType: "OrderPlaced", Detail: Order{}}
	// UserRegistered is that a user signed up.
	UserRegistered = event.Event{Source: "storefront.login", DetailType: "UserRegistered", Detail: User{}}
)
