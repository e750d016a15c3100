package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// outboxed are the props of a table that publishes events.
func outboxed(events ...event.Event) table.Props {
	return table.Props{PartitionKey: table.String("productId"), SortKey: table.String("reviewId"), TTLAttribute: "expiresAt", Outbox: events}
}

func usesOutbox(events ...event.Event) func(*microservice.Microservice) {
	return func(cart *microservice.Microservice) {
		cart.Uses(table.New(cart, "Reviews", outboxed(events...)), table.ReadWrite)
	}
}

func TestAnOutboxLosesNothingAndBlocksNotForEver(t *testing.T) {
	template := cart(t, valid(), usesOutbox(reviewChanged, reviewPosted))
	reviews := template.One(t, "AWS::DynamoDB::GlobalTable")
	expect(t, "Shop", reviews, map[string]any{"StreamSpecification.StreamViewType": "NEW_IMAGE"})
	deadLetters := template.One(t, "AWS::SQS::Queue")
	expect(t, "Shop", deadLetters, map[string]any{"MessageRetentionPeriod": json.Number("1209600"), "SqsManagedSseEnabled": true})
	source := "SourceParameters.DynamoDBStreamParameters."
	expect(t, "Shop", template.One(t, "AWS::Pipes::Pipe"), map[string]any{
		"Name":                                                      nil,
		"DesiredState":                                              nil,
		"Source.Fn::GetAtt.0":                                       reviews.LogicalID,
		"Source.Fn::GetAtt.1":                                       "StreamArn",
		"Target.Fn::GetStackOutput.OutputName":                      "EventBusArn",
		source + "StartingPosition":                                 "TRIM_HORIZON",
		source + "BatchSize":                                        json.Number("10"),
		source + "MaximumRecordAgeInSeconds":                        json.Number("3600"),
		source + "MaximumRetryAttempts":                             json.Number("10000"),
		source + "OnPartialBatchItemFailure":                        "AUTOMATIC_BISECT",
		source + "ParallelizationFactor":                            nil,
		source + "DeadLetterConfig.Arn.Fn::GetAtt.0":                deadLetters.LogicalID,
		"SourceParameters.FilterCriteria.Filters.0.Pattern":         `{"dynamodb":{"NewImage":{"outboxDetail":{"S":[{"exists":true}]},"outboxType":{"S":["ReviewPosted","ReviewPosted.v2"]}}},"eventName":["INSERT"]}`,
		"SourceParameters.FilterCriteria.Filters.1":                 nil,
		"TargetParameters.EventBridgeEventBusParameters.Source":     "shop.reviews",
		"TargetParameters.EventBridgeEventBusParameters.DetailType": "$.dynamodb.NewImage.outboxType.S",
		"TargetParameters.InputTemplate":                            `{"outbox":{"id":<$.eventID>,"sequence":<$.dynamodb.SequenceNumber>,"detail":<$.dynamodb.NewImage.outboxDetail.S>}}`,
	})
}

// roleOfPipe are the statements of the pipe's role, as action, resource and condition.
func roleOfPipe(t *testing.T, template snapshot.Template) []string {
	t.Helper()
	var all []string
	for _, role := range template.Resources("AWS::IAM::Role") {
		trust := fmt.Sprint(role.Get("Properties.AssumeRolePolicyDocument.Statement"))
		if !strings.Contains(trust, "pipes.amazonaws.com") {
			continue
		}
		if !strings.Contains(trust, "aws:SourceAccount:map[Ref:AWS::AccountId]") {
			t.Errorf("%s trusts %s", role.LogicalID, trust)
		}
		statements, _ := role.Get("Properties.Policies.0.PolicyDocument.Statement").([]any)
		for _, each := range statements {
			statement := each.(map[string]any)
			all = append(all, strings.TrimSuffix(fmt.Sprint(statement["Action"], " on ", statement["Resource"], " if ", statement["Condition"]), " if <nil>"))
		}
	}
	return all
}

func TestThePipeOfAnOutboxMayDoWhatItDoes(t *testing.T) {
	template := cart(t, valid(), usesOutbox(reviewPosted, reviewChanged))
	reviews, deadLetters := template.One(t, "AWS::DynamoDB::GlobalTable").LogicalID, template.One(t, "AWS::SQS::Queue").LogicalID
	const bus = "events:PutEvents on map[Fn::GetStackOutput:map[OutputName:EventBusArn StackName:shop-platform]] if map[StringEquals:map[events:detail-type:%s events:source:shop.reviews]]"
	want := []string{
		"[dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams] on map[Fn::GetAtt:[" + reviews + " StreamArn]]",
		"sqs:SendMessage on map[Fn::GetAtt:[" + deadLetters + " Arn]]",
		fmt.Sprintf(bus, "ReviewPosted"), fmt.Sprintf(bus, "ReviewPosted.v2"),
	}
	if diff := cmp.Diff(want, roleOfPipe(t, template)); diff != "" {
		t.Errorf("the pipe may (-want +got):\n%s", diff)
	}
	// The application writes its items, and puts nothing on the bus itself.
	if got := actionsOn(template, "TaskRole"); strings.Contains(got, "events:") || strings.Contains(got, "Stream") {
		t.Errorf("the application may %s", got)
	}
	encrypting := profile.Sandbox()
	encrypting.EncryptData = true
	template = inProfile(t, encrypting, func(stack awscdk.Stack) { usesOutbox(reviewPosted)(microservice.New(stack, "Cart", valid())) })
	key := template.One(t, "AWS::KMS::Key").LogicalID
	if got := roleOfPipe(t, template); !slices.Contains(got, "[kms:Decrypt kms:DescribeKey kms:GenerateDataKey] on map[Fn::GetAtt:["+key+" Arn]]") {
		t.Errorf("the pipe may %q, want the key of the table and its dead-letter queue", got)
	}
	expect(t, "Shop", template.One(t, "AWS::SQS::Queue"), map[string]any{"KmsMasterKeyId.Fn::GetAtt.0": key})
}

// Who writes into the table publishes, and has the alarms; who reads does not.
func TestWhoWritesIntoAnOutboxPublishes(t *testing.T) {
	for access, want := range map[string]string{"Read": "<nil>", "Write": "Forms:[Outbox]", "ReadWrite": "DetailType:ReviewPosted Forms:[Plain Outbox]"} {
		template := toldCart(t, func(*microservice.Props) {}, func(cart *microservice.Microservice) {
			reviews := table.New(cart, "Reviews", outboxed(reviewPosted))
			switch access {
			case "Read":
				cart.Uses(reviews, table.Read)
			case "Write":
				cart.Uses(reviews, table.Write)
			default:
				cart.Uses(reviews, table.ReadWrite)
				cart.Publishes(reviewPosted) // by PutEvents, too
			}
		})
		record := template.Get("Metadata").(map[string]any)["storefront:service:cart"].(map[string]any)["Publishes"]
		if got := fmt.Sprint(record); !strings.Contains(got, want) {
			t.Errorf("%s: the record has %s, want %s", access, got, want)
		}
		alarms := 0
		for _, alarm := range template.Resources("AWS::CloudWatch::Alarm") {
			if strings.Contains(alarm.LogicalID, "Outbox") {
				alarms++
			}
		}
		if got := alarms == 2; got != (want != "<nil>") {
			t.Errorf("%s: %d alarms on the outbox", access, alarms)
		}
	}
}

// Turned on for a table that exists, an outbox changes the table in place and adds the rest; another event changes the pipe in
// place.
func TestAnOutboxIsTurnedOnInPlace(t *testing.T) {
	without := cart(t, valid(), func(cart *microservice.Microservice) {
		props := outboxed()
		cart.Uses(table.New(cart, "Reviews", props), table.ReadWrite)
	})
	ids := func(template snapshot.Template) (all []string) {
		for _, resource := range template.Resources("") {
			all = append(all, resource.LogicalID)
		}
		return all
	}
	with, more := ids(cart(t, valid(), usesOutbox(reviewPosted))), ids(cart(t, valid(), usesOutbox(reviewChanged, reviewPosted)))
	for _, id := range ids(without) {
		if !slices.Contains(with, id) {
			t.Errorf("%s is gone with an outbox", id)
		}
	}
	if added := len(with) - len(ids(without)); added != 4 {
		t.Errorf("an outbox is %d resources, want a pipe, its role, and a queue with its policy", added)
	}
	if diff := cmp.Diff(with, more); diff != "" {
		t.Errorf("another event changes the resources:\n%s", diff)
	}
}

func TestWhatIsWrongWithAnOutbox(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*table.Props)
		want   []string
	}{
		"no TTL": {func(p *table.Props) { p.TTLAttribute = "" }, []string{
			`Outbox needs TTLAttribute, by which its items expire, else the table grows with each event: set it, such as to "expiresAt"`,
		}},
		"keys alone": {func(p *table.Props) { p.Stream = table.KeysOnly }, []string{
			"Stream must be NewImage or NewAndOldImages with an Outbox, which reads new items: remove it, or use one of these",
		}},
		"a key of its own": {func(p *table.Props) { p.SortKey = table.String("outboxType") }, []string{
			`keys must not be outboxType or outboxDetail with an Outbox, whose attributes these are, got "outboxType"`,
		}},
		"two sources": {func(p *table.Props) { p.Outbox = append(p.Outbox, productChanged) }, []string{
			`Outbox[1].Source must be that of Outbox[0] ("shop.reviews"), as the events of one service are, got "shop.catalog"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cart(t, valid(), func(cart *microservice.Microservice) {
				props := outboxed(reviewPosted)
				c.change(&props)
				for n := range c.want {
					c.want[n] = "Shop/Cart/Reviews: " + c.want[n]
				}
				panics(t, func() { table.New(cart, "Reviews", props) }, c.want...)
			})
		})
	}
	inStack(t, func(stack awscdk.Stack) {
		panics(t, func() { table.New(stack, "Reviews", outboxed(reviewPosted)) },
			`Shop/Reviews: the environment names no Platform: set it in environment.Environment, such as platform.Ref{StackName: "shop-platform"}`)
		microservice.New(stack, "Cart", valid()).Publishes(reviewPosted)
		other := worker(stack, func(*microservice.Props) {})
		panics(t, func() { usesOutbox(reviewPosted)(other) },
			"Shop/Worker: Uses of Shop/Worker/Reviews: shop.reviews ReviewPosted is already published by Shop/Cart: an event has one publisher, so that one team answers for its form. Choose another Source or DetailType")
	})
}
