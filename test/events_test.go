package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/subscription"
)

type reviewDetail struct {
	ProductID string `json:"productId"`
	Stars     int    `json:"stars"`
}

var (
	reviewPosted   = event.Event{Source: "shop.reviews", DetailType: "ReviewPosted", Detail: reviewDetail{}}
	reviewChanged  = event.Event{Source: "shop.reviews", DetailType: "ReviewPosted", Version: 2, Detail: reviewDetail{}}
	productChanged = event.Event{Source: "shop.catalog", DetailType: "ProductChanged", Detail: struct{}{}}
)

// statementsFor returns the statements of a type's policy documents that have the action, with the resource in which they are.
func statementsFor(template snapshot.Template, resourceType, document, action string) map[string][]map[string]any {
	found := map[string][]map[string]any{}
	for _, resource := range template.Resources(resourceType) {
		statements, _ := resource.Get("Properties." + document + ".Statement").([]any)
		for _, each := range statements {
			if statement := each.(map[string]any); statement["Action"] == action {
				found[resource.LogicalID] = append(found[resource.LogicalID], statement)
			}
		}
	}
	return found
}

func TestAPublisherMayPutItsEventsAndNoOthers(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		cart.Publishes(reviewPosted, productChanged)
		cart.Publishes(reviewChanged, reviewPosted)
	})
	var got []any
	for role, statements := range statementsFor(template, "AWS::IAM::Policy", "PolicyDocument", "events:PutEvents") {
		if !strings.Contains(role, "TaskRole") {
			t.Errorf("%s may put events", role)
		}
		for _, statement := range statements {
			bus, _ := json.Marshal(statement["Resource"])
			if want := `{"Fn::GetStackOutput":{"OutputName":"EventBusArn","StackName":"shop-platform"}}`; string(bus) != want {
				t.Errorf("events may be put on %s, want %s", bus, want)
			}
			got = append(got, statement["Condition"])
		}
	}
	pair := func(source, detailType string) any {
		return map[string]any{"StringEquals": map[string]any{"events:source": source, "events:detail-type": detailType}}
	}
	want := []any{pair("shop.catalog", "ProductChanged"), pair("shop.reviews", "ReviewPosted"), pair("shop.reviews", "ReviewPosted.v2")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the conditions (-want +got):\n%s", diff)
	}
	if got := environmentOf(template.One(t, "AWS::ECS::TaskDefinition")); !strings.Contains(got, "EVENT_BUS_NAME=") {
		t.Errorf("the environment is %s", got)
	}
}

// The record has the form of each event, so that a change of a Go type is a change of the publisher's template.
func TestTheRecordHasTheEvents(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		cart.Publishes(reviewChanged)
		cart.Publishes(reviewPosted)
		elsewhere := reviewPosted
		elsewhere.Source, elsewhere.External = "partner.reviews", true
		cart.Subscribes(productChanged, elsewhere)
	})
	schema := map[string]any{
		"type": "object", "required": []any{"productId", "stars"},
		"properties": map[string]any{"productId": map[string]any{"type": "string"}, "stars": map[string]any{"type": "integer"}},
	}
	for path, want := range map[string]any{
		"Publishes": []any{
			map[string]any{"Source": "shop.reviews", "DetailType": "ReviewPosted", "Schema": schema},
			map[string]any{"Source": "shop.reviews", "DetailType": "ReviewPosted.v2", "Schema": schema},
		},
		"Subscribes": []any{
			map[string]any{"Source": "partner.reviews", "DetailType": "ReviewPosted", "Schema": schema}, // since its publisher is in another app
			map[string]any{"Source": "shop.catalog", "DetailType": "ProductChanged"},
		},
	} {
		metadata := template.Get("Metadata").(map[string]any)
		if diff := cmp.Diff(want, metadata["storefront:service:cart"].(map[string]any)[path]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}

	of := func(types ...string) any {
		var all []any
		for _, each := range types {
			all = append(all, map[string]any{"Source": "shop.reviews", "DetailType": each})
		}
		return all
	}
	want := map[string]any{
		"publication.Publication Publishes": of("ReviewPosted", "ReviewPosted.v2"), "publication.Publication Subscribes": nil,
		"subscription.Subscription Publishes": nil, "subscription.Subscription Subscribes": []any{
			map[string]any{"Source": "partner.reviews", "DetailType": "ReviewPosted"}, map[string]any{"Source": "shop.catalog", "DetailType": "ProductChanged"},
		},
	}
	got := map[string]any{}
	for _, each := range template.Get("Metadata").(map[string]any)["storefront:service:cart"].(map[string]any)["Uses"].([]any) {
		use := each.(map[string]any)
		for _, verb := range []string{"Publishes", "Subscribes"} {
			key := use["Type"].(string) + " " + verb
			if got[key] != nil {
				t.Errorf("%s is in the record twice", key)
			}
			got[key] = use[verb]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events of the uses (-want +got):\n%s", diff)
	}
}

func TestASubscriberHasAQueueThatOnlyItsRulesMaySendTo(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		cart.Subscribes(reviewPosted)
		cart.Subscribes(reviewPosted, productChanged)
	})
	main, deadLetters := queues(t, template)
	expect(t, "Shop", main, map[string]any{"VisibilityTimeout": json.Number("120"), "RedrivePolicy.maxReceiveCount": json.Number("5"), "SqsManagedSseEnabled": true})

	rules := map[string]string{}
	for _, rule := range template.Resources("AWS::Events::Rule") {
		rules[fmt.Sprint(rule.Get("Properties.EventPattern"))] = rule.LogicalID
		expect(t, "Shop", rule, map[string]any{
			"EventBusName.Fn::GetStackOutput.OutputName":  "EventBusName",
			"Targets.0.Arn.Fn::GetAtt.0":                  main.LogicalID,
			"Targets.0.DeadLetterConfig.Arn.Fn::GetAtt.0": deadLetters.LogicalID,
			"Targets.0.Input":                             nil,
			"Targets.1":                                   nil,
			"Name":                                        nil,
			"EventBusName.Fn::GetStackOutput.StackName":   "shop-platform",
			"EventPattern.detail-type.1":                  nil,
			"EventPattern.source.1":                       nil,
		})
	}
	posted, changed := rules["map[detail-type:[ReviewPosted] source:[shop.reviews]]"], rules["map[detail-type:[ProductChanged] source:[shop.catalog]]"]
	if posted == "" || changed == "" || len(rules) != 2 {
		t.Fatalf("the rules are %v", rules)
	}
	allowed := statementsFor(template, "AWS::SQS::QueuePolicy", "PolicyDocument", "sqs:SendMessage")
	for policy, statements := range allowed {
		arn := func(rule string) any { return map[string]any{"Fn::GetAtt": []any{rule, "Arn"}} }
		want := map[string]any{
			"ArnEquals":    map[string]any{"aws:SourceArn": []any{arn(changed), arn(posted)}},
			"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}},
		}
		if diff := cmp.Diff(want, statements[0]["Condition"]); diff != "" || len(statements) != 1 {
			t.Errorf("%s has %d statements (-want +got):\n%s", policy, len(statements), diff)
		}
		if diff := cmp.Diff(map[string]any{"Service": "events.amazonaws.com"}, statements[0]["Principal"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", policy, diff)
		}
	}
	if len(allowed) != 2 {
		t.Errorf("rules may send to %d queues, want the queue and its dead-letter queue", len(allowed))
	}
	if got := actionsOn(template, "TaskRole"); got != "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage" {
		t.Errorf("the application may %s", got)
	}
	if got := environmentOf(template.One(t, "AWS::ECS::TaskDefinition")); !strings.Contains(got, "EVENTS_QUEUE_URL="+main.LogicalID) {
		t.Errorf("the environment is %s", got)
	}
}

func TestTheOrderOfEventsChangesNothing(t *testing.T) {
	all := []event.Event{reviewPosted, productChanged, reviewChanged}
	in := func(order ...int) snapshot.Template {
		return cart(t, valid(), func(cart *microservice.Microservice) {
			for _, n := range order {
				cart.Subscribes(all[n])
				cart.Publishes(all[n])
			}
		})
	}
	if diff := snapshot.Diff(in(0, 1, 2), in(2, 0, 1)); diff != "" {
		t.Errorf("the order of calls changes the template:\n%s", diff)
	}
}

// An event that is renamed has another rule, and the queue with what waits in it stays.
func TestAnotherEventKeepsTheQueueAndTheOtherRules(t *testing.T) {
	ids := func(events ...event.Event) map[string]bool {
		template := cart(t, valid(), func(cart *microservice.Microservice) { cart.Subscribes(events...) })
		all := map[string]bool{}
		for _, resource := range template.Resources("") {
			if strings.HasPrefix(resource.Type, "AWS::SQS") || resource.Type == "AWS::Events::Rule" {
				all[resource.LogicalID] = true
			}
		}
		return all
	}
	before, after := ids(reviewPosted, productChanged), ids(productChanged, reviewChanged)
	gone := 0
	for id := range before {
		if !after[id] {
			gone++
		}
	}
	if gone != 1 || len(before) != len(after) {
		t.Errorf("%d of %d resources are gone, want the rule of the event alone: %v, %v", gone, len(before), before, after)
	}
}

func TestAWorkerScalesByItsEvents(t *testing.T) {
	template := told(t, func(stack awscdk.Stack) {
		worker(stack, func(props *microservice.Props) {
			props.Scaling = scaling.Policy{Max: 20, Backlog: scaling.Backlog{AcceptableDelay: 20 * time.Minute, MessageDuration: 90 * time.Second}}
		}).Subscribes(reviewPosted)
	})
	main, _ := queues(t, template)
	expect(t, "Shop", main, map[string]any{"VisibilityTimeout": json.Number("540")})
	alarms := map[string]string{}
	for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
		if strings.Contains(alarm.LogicalID, "Events") {
			alarms[alarm.LogicalID] = fmt.Sprint(alarm.Get("Properties.Threshold"))
		}
	}
	if len(alarms) != 2 || !strings.Contains(fmt.Sprint(alarms), "2400") {
		t.Errorf("the alarms are %v, want those on the age, above the acceptable delay, and on dead letters", alarms)
	}
	var policies []string
	for _, policy := range template.Resources("AWS::ApplicationAutoScaling::ScalingPolicy") {
		policies = append(policies, policy.LogicalID)
	}
	if !strings.Contains(strings.Join(policies, " "), "Backlog") {
		t.Errorf("the policies are %v", policies)
	}
}

// Where a queue has a key of its own, EventBridge must be allowed to use: the policy of a key cannot name the rules.
func TestEventBridgeMayUseTheKeyOfASubscribersQueue(t *testing.T) {
	encrypting := profile.Sandbox()
	encrypting.EncryptData = true
	template := inProfile(t, encrypting, func(stack awscdk.Stack) {
		worker(stack, func(*microservice.Props) {}).Subscribes(reviewPosted)
	})
	found := 0
	for _, key := range template.Resources("AWS::KMS::Key") {
		statements, _ := key.Get("Properties.KeyPolicy.Statement").([]any)
		for _, each := range statements {
			statement := each.(map[string]any)
			if diff := cmp.Diff(map[string]any{"Service": "events.amazonaws.com"}, statement["Principal"]); diff == "" {
				found++
				if diff := cmp.Diff([]any{"kms:Decrypt", "kms:GenerateDataKey"}, statement["Action"]); diff != "" {
					t.Errorf("EventBridge may (-want +got):\n%s", diff)
				}
				if got := fmt.Sprint(statement["Condition"]); got != "map[StringEquals:map[aws:SourceAccount:map[Ref:AWS::AccountId]]]" {
					t.Errorf("the condition is %s", got)
				}
			}
		}
	}
	if found != 1 {
		t.Errorf("%d keys let EventBridge in, want that of the queue", found)
	}
}

func TestASecondQueueByChoice(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		cart.Subscribes(reviewPosted)
		slow := subscription.New(cart, "Products", subscription.Props{
			Events: []event.Event{productChanged}, HandlerTimeout: 2 * time.Hour, Queue: queue.Props{MaxReceiveCount: 2},
		})
		cart.Uses(slow, queue.Consume)
	})
	got := environmentOf(template.One(t, "AWS::ECS::TaskDefinition"))
	if !strings.Contains(got, "EVENTS_QUEUE_URL=") || !strings.Contains(got, "PRODUCTS_QUEUE_URL=") {
		t.Errorf("the environment is %s", got)
	}
	longest := 0
	for _, q := range template.Resources("AWS::SQS::Queue") {
		if q.Get("Properties.VisibilityTimeout") == json.Number("43200") {
			longest++
			expect(t, "Shop", q, map[string]any{"RedrivePolicy.maxReceiveCount": json.Number("2")})
		}
	}
	if longest != 1 {
		t.Errorf("%d queues hide a message for 12 hours, want one", longest)
	}
}

func TestWhatIsWrongWithEvents(t *testing.T) {
	const alone = "Publishes: shop.reviews ReviewPosted is already published by Shop/Cart: an event has one publisher, so that one team answers for its form. Choose another Source or DetailType"
	const malformed = `DetailType must be letters, digits, spaces, hyphens and underscores, starting with a letter, at most 100, such as "ReviewPosted", got "*"`
	wrong := reviewPosted
	wrong.DetailType = "*"
	other := func(stack awscdk.Stack) *microservice.Microservice {
		return worker(stack, func(*microservice.Props) {})
	}
	for name, c := range map[string]struct {
		define func(cart *microservice.Microservice, stack awscdk.Stack)
		want   []string
	}{
		"nothing published":  {func(cart *microservice.Microservice, _ awscdk.Stack) { cart.Publishes() }, []string{"Shop/Cart: Publishes: events are missing: name at least one"}},
		"nothing subscribed": {func(cart *microservice.Microservice, _ awscdk.Stack) { cart.Subscribes() }, []string{"Shop/Cart: Subscribes: events are missing: name at least one"}},
		"malformed": {func(cart *microservice.Microservice, _ awscdk.Stack) { cart.Publishes(reviewPosted, wrong, wrong) }, []string{
			"Shop/Cart: Publishes: events[1]." + malformed, "Shop/Cart: Publishes: events[2]." + malformed, `Shop/Cart: Publishes: events must name each event once, got "shop.reviews *" twice`,
		}},
		"subscribed malformed": {func(cart *microservice.Microservice, _ awscdk.Stack) { cart.Subscribes(wrong) }, []string{"Shop/Cart: Subscribes: events[0]." + malformed}},
		"two publishers": {func(cart *microservice.Microservice, stack awscdk.Stack) {
			cart.Publishes(reviewPosted)
			other(stack).Publishes(productChanged, reviewPosted)
		}, []string{"Shop/Worker: " + alone}},
		"too many for one queue": {func(cart *microservice.Microservice, _ awscdk.Stack) {
			for version := range 31 {
				e := reviewPosted
				e.Version = version + 1
				cart.Subscribes(e)
			}
		}, []string{"Shop/Cart/Events: Events must be at most 30 in one queue, whose policy names the rule of each, got 31: define a second subscription for the others"}},
		"an ID that is used": {func(cart *microservice.Microservice, _ awscdk.Stack) {
			queue.New(cart, "Events", queue.Props{})
			cart.Subscribes(reviewPosted)
		}, []string{`Shop/Cart: the ID "Events" is already used in this scope: choose another ID`}},
		"no service": {func(*microservice.Microservice, awscdk.Stack) {
			(*microservice.Microservice)(nil).Publishes(reviewPosted)
		}, []string{"Publishes: the service is nil: call it on what microservice.New returned"}},
		"no service at all": {func(*microservice.Microservice, awscdk.Stack) {
			(&microservice.Microservice{}).Subscribes(reviewPosted)
		}, []string{"Subscribes: the service is nil: call it on what microservice.New returned"}},
		"sending to it": {func(cart *microservice.Microservice, _ awscdk.Stack) {
			cart.Uses(subscription.New(cart, "Mine", subscription.Props{Events: []event.Event{reviewPosted}}), queue.Send)
		}, []string{`Shop/Cart: Uses of Shop/Cart/Mine: access must be Consume, got "Send"`}},
		"without a platform": {func(_ *microservice.Microservice, stack awscdk.Stack) {
			subscription.New(stack, "Mine", subscription.Props{Events: []event.Event{reviewPosted}})
		}, []string{`Shop/Mine: the environment names no Platform: set it in environment.Environment, such as platform.Ref{StackName: "shop-platform"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			inStack(t, func(stack awscdk.Stack) {
				service := microservice.New(stack, "Cart", valid())
				panics(t, func() { c.define(service, stack) }, c.want...)
			})
		})
	}
}

// Two versions of one event may have two publishers, as may one event on two platforms.
func TestAnEventHasOnePublisherOnAPlatform(t *testing.T) {
	inStack(t, func(stack awscdk.Stack) {
		microservice.New(stack, "Cart", valid()).Publishes(reviewPosted)
		worker(stack, func(*microservice.Props) {}).Publishes(reviewChanged)
		props := valid()
		props.Name, props.Platform.StackName = "other", "other-platform"
		microservice.New(stack, "Other", props).Publishes(reviewPosted)
	})
}

// subscribed is an app with a subscriber, and with what define adds to it in other stacks.
func subscribed(of event.Event, define func(app awscdk.App)) func(awscdk.App) {
	return func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: profile.Sandbox(), Platform: platform.Ref{StackName: "shop-platform"}})
		worker(awscdk.NewStack(app, jsii.String("Search"), nil), func(*microservice.Props) {}).Subscribes(of)
		define(app)
	}
}

func wholePlatform(app awscdk.App) {
	stack := awscdk.NewStack(app, jsii.String("Platform"), &awscdk.StackProps{StackName: jsii.String("shop-platform")})
	net := network.New(stack, "Network", network.Props{Zones: []string{"us-east-1a", "us-east-1b"}})
	platform.New(stack, "Platform", platform.Props{VPC: net.VPC()})
}

func TestASubscriptionNeedsAPublisherInAWholeApp(t *testing.T) {
	publisher := func(app awscdk.App) {
		props := valid()
		props.Routes, props.Identity = nil, identity.Ref{}
		microservice.New(awscdk.NewStack(app, jsii.String("Reviews"), nil), "Reviews", props).Publishes(reviewPosted)
	}
	err := trySynthesize(t.TempDir(), nil, subscribed(reviewPosted, wholePlatform))
	const want = "Search/Worker: Subscribes: no service of the app publishes shop.reviews ReviewPosted: add Publishes to its publisher, or an Outbox to a table that it uses with table.ReadWrite, or set External of the event if that is in another app"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	synthesize(t, nil, subscribed(reviewPosted, func(app awscdk.App) { wholePlatform(app); publisher(app) }))
	// The event of another source, or another version, is named.
	mistaken, other := reviewPosted, reviewPosted
	mistaken.Source, mistaken.Version = "shop.review", 3
	const namesake = "no service of the app publishes shop.review ReviewPosted.v3: add Publishes to its publisher, or an Outbox to a table that it uses with table.ReadWrite, or set External of the event if that is in another app. Reviews/Reviews publishes shop.reviews ReviewPosted\n"
	err = trySynthesize(t.TempDir(), nil, subscribed(mistaken, func(app awscdk.App) { wholePlatform(app); publisher(app) }))
	if err == nil || !strings.Contains(err.Error()+"\n", namesake) {
		t.Errorf("got %v, want %s", err, namesake)
	}
	// One event has one form, also for a subscriber that has its own type of it.
	other.Detail = struct {
		ProductID string `json:"productId"`
	}{}
	err = trySynthesize(t.TempDir(), nil, subscribed(other, func(app awscdk.App) { wholePlatform(app); publisher(app) }))
	const form = "shop.reviews ReviewPosted has the Detail struct { ProductID string \"json:\\\"productId\\\"\" }, and its publisher Reviews/Reviews has test.reviewDetail, of another form: use one value of a package that both import"
	if err == nil || !strings.Contains(err.Error(), form) {
		t.Errorf("got %v, want %s", err, form)
	}
	type copied reviewDetail
	other.Detail = copied{}
	synthesize(t, nil, subscribed(other, func(app awscdk.App) { wholePlatform(app); publisher(app) }))
	external := reviewPosted
	external.External = true
	synthesize(t, nil, subscribed(external, wholePlatform))
	// Of a part of the app, with -c only=, and where the platform is of another app, nobody can tell.
	dir := t.TempDir()
	synthesizeInto(t, dir, nil, subscribed(reviewPosted, func(awscdk.App) {}))
	const notice = "no service that is defined here publishes shop.reviews ReviewPosted, to which worker subscribes: its publisher must be deployed by itself"
	if !strings.Contains(string(read(t, dir, "manifest.json"))+string(read(t, dir, "Search.metadata.json")), notice) {
		t.Errorf("there is no notice %q", notice)
	}
}

// The numbers of docs/resources-and-cost.md.
func TestTheResourcesOfEvents(t *testing.T) {
	for name, synthesized := range map[string]func(func(*microservice.Microservice)) int{
		"sandbox": func(use func(*microservice.Microservice)) int {
			return len(cart(t, valid(), use).Resources(""))
		},
		"production": func(use func(*microservice.Microservice)) int {
			return len(toldCart(t, func(*microservice.Props) {}, use).Resources(""))
		},
	} {
		items := func(cart *microservice.Microservice) { cart.Uses(queue.New(cart, "Orders", queue.Props{}), queue.Send) }
		before := synthesized(items)
		count := func(use func(*microservice.Microservice)) int {
			return synthesized(func(cart *microservice.Microservice) { items(cart); use(cart) }) - before
		}
		alarms := map[string]int{"production": 2}[name]
		for want, got := range map[int]int{
			0:          count(func(cart *microservice.Microservice) { cart.Publishes(reviewPosted, productChanged) }),
			5 + alarms: count(func(cart *microservice.Microservice) { cart.Subscribes(reviewPosted) }),
			6 + alarms: count(func(cart *microservice.Microservice) { cart.Subscribes(reviewPosted, productChanged) }),
		} {
			if got != want {
				t.Errorf("%s: %d more resources, want %d", name, got, want)
			}
		}
	}
}

// What the services of the storefront publish, react to and call. Nobody reacts to some events, which is legal.
func TestTheStorefrontsEventsAndCalls(t *testing.T) {
	want := map[string]map[string]string{
		"photos":          {"Publishes": "PhotoUploaded"},
		"reviews":         {"Publishes": "ReviewPosted"},
		"catalog":         {"Publishes": "ProductChanged", "Subscribes": "OrderPlaced"},
		"cart":            {"Publishes": "CartCheckedOut", "Calls": "catalog"},
		"orders":          {"Publishes": "OrderPlaced", "Subscribes": "CartCheckedOut"},
		"recommendations": {"Subscribes": "OrderPlaced ReviewPosted"},
		"indexer":         {"Subscribes": "ProductChanged ReviewPosted"},
		"login":           {"Publishes": "UserRegistered"},
	}
	for env, a := range environments(t) {
		got := map[string]map[string]string{}
		for _, template := range a.templates {
			metadata, _ := template["Metadata"].(map[string]any)
			for key, record := range metadata {
				name, isService := strings.CutPrefix(key, "storefront:service:")
				for relation, field := range map[string]string{"Publishes": "DetailType", "Subscribes": "DetailType", "Calls": "Service"} {
					others, _ := snapshot.Resource{Raw: map[string]any{"R": record}}.Get("R." + relation).([]any)
					if !isService || len(others) == 0 {
						continue
					}
					var names []string
					for _, other := range others {
						names = append(names, fmt.Sprint(other.(map[string]any)[field]))
					}
					if got[name] == nil {
						got[name] = map[string]string{}
					}
					got[name][relation] = strings.Join(names, " ")
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", env, diff)
		}
	}
}
