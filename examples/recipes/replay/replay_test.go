package replay

import (
	"fmt"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/event"
)

func TestEachReplayIsHandledOnce(t *testing.T) {
	keys := map[string]int{}
	for _, replay := range []string{"", "", "last-night", "last-night", "last-week"} {
		body := fmt.Sprintf(`{"id": "a", "source": "clinic.patients", "detail-type": "Registered", "time": "2026-11-26T13:00:00Z", "replay-name": %q, "detail": {}}`, replay)
		message, err := event.Parse([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		keys[inboxKey(message)]++
	}
	if len(keys) != 3 || keys["a"] != 2 || keys["last-night#a"] != 2 || keys["last-week#a"] != 1 {
		t.Errorf("got the keys %v", keys)
	}
}
