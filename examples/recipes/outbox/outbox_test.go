package outbox

import (
	"encoding/base64"
	"testing"
	"time"
)

func TestTheItemHasTheEvent(t *testing.T) {
	item, err := newOutboxItem(Review{ProductID: "p-1", ReviewID: "r-7", Stars: 5}, time.Unix(1_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	detail, err := base64.StdEncoding.DecodeString(item.Detail)
	if err != nil || string(detail) != `{"productId":"p-1","reviewId":"r-7","stars":5}` {
		t.Errorf("the detail is %s (%v)", detail, err)
	}
	item.Detail = ""
	want := outboxItem{ProductID: "p-1", ID: "outbox#r-7", ExpiresAt: 1_604_800}
	want.Type = "ReviewPosted"
	if item != want {
		t.Errorf("got %+v, want %+v", item, want)
	}
}
