package events

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

var posted, changed = deployed.Event{Source: "shop.reviews", DetailType: "ReviewPosted"}, deployed.Event{Source: "shop.catalog", DetailType: "ProductChanged"}

func task(stack string, variables map[string]string) deployed.Task {
	container := types.ContainerDefinition{Environment: []types.KeyValuePair{{Name: aws.String("SERVICE_NAME"), Value: &stack}}}
	for name, value := range variables {
		container.Environment = append(container.Environment, types.KeyValuePair{Name: &name, Value: &value})
	}
	return deployed.Task{Stack: stack, LogicalID: "Task", Definition: &types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{container}}}
}

func TestWhoSendsAndReceives(t *testing.T) {
	land := &landscape{}
	land.add(task("reviews", map[string]string{"ITEMS_TABLE_NAME": "items", "EVENT_BUS_NAME": "bus"}), deployed.Record{
		Uses: []deployed.Use{
			{Store: "publication.Publication", Variables: []string{"EVENT_BUS_NAME"}, Publishes: []deployed.Event{posted}},
			{Store: "reviews/Items", Variables: []string{"ITEMS_TABLE_NAME"}, Publishes: []deployed.Event{changed}},
		},
		Publishes: []deployed.Event{posted, changed},
	})
	land.add(task("search", map[string]string{"EVENTS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/111122223333/search-events"}), deployed.Record{
		Uses:       []deployed.Use{{Store: "search/Events", Variables: []string{"EVENTS_QUEUE_URL"}, Subscribes: []deployed.Event{posted}}},
		Subscribes: []deployed.Event{posted, changed},
	})
	reviews := land.services[0]
	for what, got := range map[string]any{
		"puts": reviews.mayPut("bus", posted), "does not put": !reviews.mayPut("bus", changed), "writes": len(reviews.writes["items"]) == 1,
		"published": land.published(changed), "unknown": !land.published(deployed.Event{}),
	} {
		if got != true {
			t.Errorf("%s: got %v", what, got)
		}
	}
	if diff := cmp.Diff([]string{"search-events"}, land.subscribers(posted)); diff != "" {
		t.Errorf("subscribers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"shop.catalog ProductChanged of search: its record names no bus, table or queue of it by a variable"}, land.notRun); diff != "" {
		t.Errorf("not run (-want +got):\n%s", diff)
	}
}

// body is a message of a queue.
func body(id string, event deployed.Event, detail string) string {
	return fmt.Sprintf(`{"id": %q, "source": %q, "detail-type": %q, "detail": %s}`, id, event.Source, event.DetailType, detail)
}

func boxed(id, sequence, detail string) string {
	text, _ := json.Marshal(map[string]any{"outbox": map[string]string{"id": id, "sequence": sequence, "detail": detail}})
	return string(text)
}

func TestJudge(t *testing.T) {
	r := &run{mark: "m", arrived: map[*parcel][]arrival{}}
	put, item := r.marked("reviews", "put", posted), r.marked("reviews", "write", changed)
	put.id, put.want, item.item, item.want = "1", []string{"q"}, true, []string{"q"}
	base64Of := func(p *parcel) string { return base64.StdEncoding.EncodeToString([]byte(p.detail)) }
	for name, c := range map[string]struct {
		put, item []arrival
		want      []string
	}{
		"as sent": {
			[]arrival{{"q", body("1", posted, put.detail)}}, []arrival{{"q", body("9", changed, boxed("e1", "12", base64Of(item)))}}, nil,
		},
		"twice, as EventBridge may deliver it": {
			[]arrival{{"q", body("1", posted, put.detail)}, {"q", body("1", posted, put.detail)}},
			[]arrival{{"q", body("9", changed, boxed("e1", "12", base64Of(item)))}},
			nil,
		},
		"nothing": {nil, nil, []string{"reviews: put: want at q, got at no queue", "reviews: write: want at q, got at no queue"}},
		"elsewhere, too": {
			[]arrival{{"q", body("1", posted, put.detail)}, {"other", body("1", posted, put.detail)}},
			[]arrival{{"q", body("9", changed, boxed("e1", "12", base64Of(item)))}},
			[]string{"reviews: put: want at q, got at other, q"},
		},
		"another event": {
			[]arrival{{"q", body("1", changed, put.detail)}},
			[]arrival{{"q", body("9", changed, boxed("e1", "12", base64Of(item)))}},
			[]string{"reviews: put: want the event as it was sent at q, got shop.catalog ProductChanged"},
		},
		"another id": {
			[]arrival{{"q", body("2", posted, put.detail)}},
			[]arrival{{"q", body("9", changed, boxed("", "12", base64Of(item)))}},
			[]string{
				"reviews: put: want the event as it was sent at q, got the id 2, not 1",
				`reviews: write: want the event as it was sent at q, got the id "" and the sequence "12"`,
			},
		},
		"another detail": {
			[]arrival{{"q", body("1", posted, `{"sandbox":"m-1"}`)}},
			[]arrival{{"q", body("9", changed, `{"a":1}`)}},
			[]string{
				`reviews: put: want the event as it was sent at q, got the detail {"sandbox":"m-1"}`,
				`reviews: write: want the event as it was sent at q, got a detail without an outbox: {"a":1}`,
			},
		},
		"published again": {
			[]arrival{{"q", body("1", posted, put.detail)}},
			[]arrival{{"q", body("9", changed, boxed("e1", "12", base64Of(item)))}, {"q", body("10", changed, boxed("e2", "13", base64Of(item)))}},
			[]string{"reviews: write: want one id, got e1, e2"},
		},
	} {
		r.arrived, r.report = map[*parcel][]arrival{put: c.put, item: c.item}, Report{}
		r.judge()
		var got []string
		for _, finding := range r.report.Findings {
			got = append(got, finding.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, p := range []*parcel{put, item} {
			for _, each := range r.arrived[p] {
				if name != "another detail" && r.parcelOf(each.body) != p {
					t.Errorf("%s: %s is not recognized", name, each.body)
				}
			}
		}
	}
	if got := r.parcelOf(body("1", posted, `{"sandbox":"of another run"}`)); got != nil {
		t.Errorf("a message of others: got %s", got.how)
	}
}
