package outbox

import (
	"testing"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/internal/expect"
)

var (
	booked = event.Event{Source: "clinic.appointments", DetailType: "Booked", Detail: struct{}{}}
	second = event.Event{Source: "clinic.appointments", DetailType: "Booked", Version: 2, Detail: struct{}{}}
	paid   = event.Event{Source: "clinic.billing", DetailType: "Paid", Detail: struct{}{}}
)

func TestCheck(t *testing.T) {
	expect.Problems(t, Check("Outbox", []event.Event{booked, second}))
	expect.Problems(t, Check("Outbox", []event.Event{booked, paid, booked}),
		`Outbox must name each event once, got "clinic.appointments Booked" twice`,
		`Outbox[1].Source must be that of Outbox[0] ("clinic.appointments"), as the events of one service are, got "clinic.billing"`)
}

// Only new items with both attributes, and of these events: what expires is no event, and neither is what the service does not
// publish.
func TestThePattern(t *testing.T) {
	const want = `{"dynamodb":{"NewImage":{"outboxDetail":{"S":[{"exists":true}]},"outboxType":{"S":["Booked","Booked.v2"]}}},"eventName":["INSERT"]}`
	if got := pattern([]event.Event{second, booked}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
