package inbox

import (
	"testing"
	"time"
)

// Whatever else an event has, its inbox item is found by what it is about. It outlives two times in a dead-letter queue.
func TestTheItemIsThatOfTheCheckout(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	got := received(Checkout{CheckoutID: "c-1", UserID: "u-7", Total: 1999}, now)
	if again := received(Checkout{CheckoutID: "c-1"}, now.Add(time.Hour)); again.UserID != got.UserID || again.OrderID != got.OrderID {
		t.Errorf("the keys are those of %+v and of %+v", got, again)
	}
	if want := (inboxItem{UserID: "inbox#c-1", OrderID: "inbox", ExpiresAt: 3_592_000}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	const deadLetters = 14 * 24 * time.Hour
	if lives := time.Unix(got.ExpiresAt, 0).Sub(now); lives <= 2*deadLetters {
		t.Errorf("it lives for %s, want more than twice %s", lives, deadLetters)
	}
}
