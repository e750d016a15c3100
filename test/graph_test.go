package test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/internal/graphtest"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// The test of the golden templates is in a file before this one, and so runs before it.
func TestPagesOfTheGraphAreAsTheTemplatesSay(t *testing.T) {
	graphtest.Current(t, filepath.Join("testdata", "golden", "production"), filepath.Join("..", "docs"))
}

// delivered is an event as EventBridge delivers it to a queue.
func delivered(e event.Event, detail string) string {
	return fmt.Sprintf(`{"version":"0","id":"6a7e8feb","detail-type":%q,"source":%q,"account":"111122223333","time":"2026-11-26T13:00:00Z","region":"eu-central-1","resources":[],"detail":%s}`,
		e.Type(), e.Source, detail)
}

// documented returns the error with which the AsyncAPI document of a service rejects an event.
func documented(t *testing.T, of string, e event.Event, body string) error {
	t.Helper()
	var document struct {
		Components struct {
			Messages map[string]struct{ Payload map[string]any }
			Schemas  map[string]any
		}
	}
	text := strings.ReplaceAll(string(read(t, filepath.Join("..", "docs", "events"), of+".asyncapi.json")), "#/components/schemas/", "#/$defs/")
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	payload := document.Components.Messages[e.Source+"."+e.Type()].Payload
	if payload == nil {
		t.Fatalf("the document of %s has no %s", of, e)
	}
	payload["$defs"] = document.Components.Schemas
	whole, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(whole, &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var instance any
	if err := json.Unmarshal([]byte(body), &instance); err != nil {
		t.Fatal(err)
	}
	return resolved.Validate(instance)
}

// The documents describe what a subscriber receives: the detail itself of what a service puts on the bus, and the message that the
// pipe makes of an item of an outbox.
func TestDocumentsOfEventsAreTrue(t *testing.T) {
	user, err := json.Marshal(events.User{})
	if err != nil {
		t.Fatal(err)
	}
	if err := documented(t, "login", events.UserRegistered, delivered(events.UserRegistered, string(user))); err != nil {
		t.Errorf("an event that is put on the bus: %v", err)
	}
	if documented(t, "login", events.UserRegistered, delivered(events.UserRegistered, `{}`)) == nil {
		t.Error("the document accepts an event without a detail")
	}

	template, err := snapshot.Parse(read(t, filepath.Join("testdata", "golden", "production"), "Reviews.json"))
	if err != nil {
		t.Fatal(err)
	}
	review := events.Review{ReviewID: "r-1", ProductID: "p-1", Stars: 5}
	item, err := events.ReviewPosted.Outbox(review)
	if err != nil {
		t.Fatal(err)
	}
	message := strings.NewReplacer("<$.eventID>", `"e-1"`, "<$.dynamodb.SequenceNumber>", `"1"`, "<$.dynamodb.NewImage.outboxDetail.S>", `"`+item.Detail+`"`).
		Replace(template.One(t, "AWS::Pipes::Pipe").Get("Properties.TargetParameters.InputTemplate").(string))
	for _, of := range []string{"reviews", "indexer", "recommendations"} {
		body := delivered(events.ReviewPosted, message)
		if err := documented(t, of, events.ReviewPosted, body); err != nil {
			t.Errorf("%s: an event of an outbox: %v", of, err)
		}
		plain, err := json.Marshal(review)
		if err != nil {
			t.Fatal(err)
		}
		if documented(t, of, events.ReviewPosted, delivered(events.ReviewPosted, string(plain))) == nil {
			t.Errorf("%s: the document accepts an event that no outbox has published", of)
		}
		var got events.Review
		if parsed, err := event.Parse([]byte(body)); err != nil || json.Unmarshal(parsed.Detail, &got) != nil {
			t.Fatalf("%v", err)
		}
		if diff := cmp.Diff(review, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
