package event_test

import (
	"encoding/json"
	"fmt"

	"github.com/storefront-cdk/storefront/constructs/event"
)

type Review struct {
	ProductID string `json:"productId"`
	Stars     int    `json:"stars"`
}

// ReviewPosted is declared in a package that the publisher and its subscribers share.
var ReviewPosted = event.Event{Source: "shop.reviews", DetailType: "ReviewPosted", Detail: Review{}}

// The application of a subscriber reads the messages of its queue.
func ExampleParse() {
	body := []byte(`{"id":"6a7e8feb","detail-type":"ReviewPosted","source":"shop.reviews","time":"2026-11-26T13:00:00Z","detail":{"productId":"p-1","stars":5}}`)
	message, err := event.Parse(body)
	if err != nil {
		fmt.Println(err)
		return
	}
	if message.Is(ReviewPosted) {
		var review Review
		err = json.Unmarshal(message.Detail, &review)
		fmt.Println(message.ID, review.ProductID, review.Stars, err)
	}
	// Output: 6a7e8feb p-1 5 <nil>
}

func ExampleEvent_Type() {
	second := ReviewPosted
	second.Version = 2
	fmt.Println(ReviewPosted.Type(), second.Type())
	// Output: ReviewPosted ReviewPosted.v2
}
