package subscription

import (
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/internal/expect"
)

var posted = event.Event{Source: "shop.reviews", DetailType: "ReviewPosted", Detail: struct{}{}}

// many returns as many events.
func many(count int) []event.Event {
	all := make([]event.Event, count)
	for n := range all {
		all[n] = posted
		all[n].Version = n + 1
	}
	return all
}

func TestValidate(t *testing.T) {
	const timeout = "HandlerTimeout must be whole seconds from 1s to 2h0m0s, got "
	const because = ": six times as long is the queue's visibility timeout, of at most 12h"
	one := []event.Event{posted}
	for name, c := range map[string]struct {
		props Props
		want  []string
	}{
		"valid":           {Props{Events: one}, nil},
		"the longest":     {Props{Events: one, HandlerTimeout: 2 * time.Hour}, nil},
		"nothing":         {Props{}, []string{"Events is missing: name at least one"}},
		"twice":           {Props{Events: []event.Event{posted, posted}}, []string{`Events must name each event once, got "shop.reviews ReviewPosted" twice`}},
		"as many as fit":  {Props{Events: many(30)}, nil},
		"too many":        {Props{Events: many(31)}, []string{"Events must be at most 30 in one queue, whose policy names the rule of each, got 31: define a second subscription for the others"}},
		"too long":        {Props{Events: one, HandlerTimeout: 2*time.Hour + time.Second}, []string{timeout + "2h0m1s" + because}},
		"negative":        {Props{Events: one, HandlerTimeout: -time.Second}, []string{timeout + "-1s" + because}},
		"not whole":       {Props{Events: one, HandlerTimeout: time.Millisecond}, []string{timeout + "1ms" + because}},
		"its own timeout": {Props{Events: one, Queue: queue.Props{VisibilityTimeout: time.Hour}}, []string{"Queue.VisibilityTimeout must be zero, as it is 6 × HandlerTimeout, got 1h0m0s: set HandlerTimeout"}},
		"in order":        {Props{Events: one, Queue: queue.Props{FIFO: true}}, []string{"Queue.FIFO must be false, since EventBridge does not keep the order of events: order by a number in the detail"}},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.props.withDefaults().validate(), c.want...) })
	}
}
