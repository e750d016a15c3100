// Package event describes the events by which services react to each other. An event is a value of a package that its
// publisher and its subscribers share, with the Go type of its detail:
//
//	var ReviewPosted = event.Event{Source: "shop.reviews", DetailType: "ReviewPosted", Detail: Review{}}
//
//	type Review struct {
//		ProductID string `json:"productId"`
//		Stars     int    `json:"stars"`
//	}
//
// The services name it:
//
//	reviews.Publishes(events.ReviewPosted)
//	search.Subscribes(events.ReviewPosted)
//
// or the publisher writes it into the outbox of its table (table.Props.Outbox), in the transaction that writes its data, and
// it cannot be lost.
//
// The package imports nothing of the CDK, so applications in Go import it, too: [Event.Outbox] makes an item of an outbox, and
// [Parse] reads a message of a subscriber's queue.
//
// # Versions
//
// A new field that subscribers may ignore needs no version. A change after which a subscriber could not read the detail is a
// new event of the same DetailType with a higher Version: it has another detail type on the bus ([Event.Type]), and so its own
// permission and its own rules. Publish both until nobody subscribes to the old one.
//
// The package adds nothing to a template. The record that a publisher writes into its template has the JSON schema of each
// event, so that a change of the Go type is seen in the difference of the template.
package event
