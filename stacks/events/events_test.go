package events

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/event"
)

var all = []event.Event{ProductChanged, PhotoUploaded, ReviewPosted, CartCheckedOut, OrderPlaced, UserRegistered}

func TestEventsAreValid(t *testing.T) {
	if err := event.Check("events", all); err != nil {
		t.Error(err)
	}
}

// A copy of an event is in queues, logs and archives, and nobody can erase all of them: users are IDs there.
func TestEventsNameUsersByTheirIDs(t *testing.T) {
	for _, e := range all {
		schema, err := e.Schema()
		if err != nil {
			t.Fatal(err)
		}
		var properties struct{ Properties map[string]any }
		if err := json.Unmarshal(schema, &properties); err != nil {
			t.Fatal(err)
		}
		for name := range properties.Properties {
			for _, personal := range []string{"email", "address", "phone", "username", "authorname", "birth"} {
				if strings.Contains(strings.ToLower(name), personal) {
					t.Errorf("%s has %s", e, name)
				}
			}
		}
	}
}

// Where events arrive in any order, the newest of a thing that changes is found by its version.
func TestWhatChangesHasAVersion(t *testing.T) {
	for _, e := range []event.Event{ProductChanged, ReviewPosted} {
		schema, err := e.Schema()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(schema), `"version"`) {
			t.Error(fmt.Sprint(e), "has no version")
		}
	}
}
