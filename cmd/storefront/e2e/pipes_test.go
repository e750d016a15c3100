package e2e

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// pipes pins what the plug-in adds to pipes and rules of the emulator: filters, templates, parameters that are JSON paths, roles,
// retries, dead-letter queues of both, policies of queues, a bus as the target of a rule, and replays.
func pipes(t *testing.T, s *suite) {
	if s.target.Emulator == nil {
		s.notRun(t, "pipes of a template of its own: it tests the emulator's plug-in")
		return
	}
	template, err := os.ReadFile("testdata/pipes.json")
	if err != nil {
		t.Fatal(err)
	}
	assembly := s.anyStack(t, string(template))
	if _, err := s.cli.Deploy(s.ctx, assembly); err != nil {
		t.Fatal(err)
	}
	stack, config := s.read(t, assembly).Stacks[0], s.config(t, assembly)
	client, table := dynamodb.NewFromConfig(config), stack.Resources["Table"].PhysicalID
	list := &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "a"}, &types.AttributeValueMemberN{Value: "2"}}}
	for _, item := range []map[string]types.AttributeValue{
		{"id": text("no-type"), "list": list},
		{"id": text("quo\"ted"), "type": text("Quoted"), "list": list}, // whose event would be no JSON
		{"id": text("1"), "type": text("Denied"), "list": list},        // which the role may not put
		{"id": text("1"), "type": text("Changed"), "list": list},
		{"id": text("2"), "type": text("Made"), "list": list},
	} {
		if _, err := client.PutItem(s.ctx, &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}

	var event struct {
		Source     string
		DetailType string `json:"detail-type"`
		Detail     any
	}
	decode(t, s.messages(t, config, stack, "Far", 1)[0].body, &event)
	want := map[string]any{
		"id": "2", "list": []any{map[string]any{"S": "a"}, map[string]any{"N": "2"}}, "second": "2", "text": "Made of " + stack.Resources["ToBus"].PhysicalID,
	}
	if diff := cmp.Diff(want, event.Detail); diff != "" || event.Source != "pipes" || event.DetailType != "Made" {
		t.Errorf("got source %s, detail type %s, detail (-want +got):\n%s", event.Source, event.DetailType, diff)
	}
	if refused := s.messages(t, config, stack, "RuleFailed", 1)[0]; !strings.Contains(refused.body, `"detail-type": "Made"`) || refused.attributes["ERROR_CODE"] != "NO_PERMISSIONS" {
		t.Errorf("in the dead-letter queue of the rule: got %+v", refused)
	}
	for _, failed := range s.messages(t, config, stack, "PipeFailed", 2) {
		if !strings.Contains(failed.body, `"condition": "RetryAttemptsExhausted"`) || !strings.Contains(failed.body, `"DDBStreamBatchInfo"`) {
			t.Errorf("in the dead-letter queue of the pipe: got %s", failed.body)
		}
	}
	var record struct {
		EventName string `json:"eventName"`
		DynamoDB  struct{ NewImage map[string]any }
	}
	plain := s.messages(t, config, stack, "Plain", 5)
	decode(t, plain[0].body, &record)
	if record.EventName != "INSERT" || record.DynamoDB.NewImage["list"] == nil {
		t.Errorf("a record without a template: got %s", plain[0].body)
	}
	s.messages(t, config, stack, "Closed", 0)
	s.replayed(t, config, stack)

	blind := strings.ReplaceAll(string(template), `"dynamodb:GetRecords", `, "")
	_, err = s.cli.Deploy(s.ctx, s.anyStack(t, strings.ReplaceAll(blind, `"ToBus"`, `"Again"`)))
	fails(t, err, "storefront-sandbox-any", "AWS::Pipes::Pipe", "may not dynamodb:GetRecords")
	if _, err := s.cli.Destroy(s.ctx, assembly); err != nil {
		t.Fatal(err)
	}
}

// replayed replays the archived event, to no rule of the bus and then to one.
func (s *suite) replayed(t *testing.T, config aws.Config, stack *deployed.Stack) {
	t.Helper()
	client := eventbridge.NewFromConfig(config)
	bus, name := stack.Resources["Bus"].PhysicalID, stack.Resources["Archive"].PhysicalID
	archive, err := client.DescribeArchive(s.ctx, &eventbridge.DescribeArchiveInput{ArchiveName: &name})
	if err != nil {
		t.Fatal(err)
	}
	ruleName := stack.Resources["OnBus"].PhysicalID
	rule, err := client.DescribeRule(s.ctx, &eventbridge.DescribeRuleInput{EventBusName: &bus, Name: &ruleName})
	if err != nil {
		t.Fatal(err)
	}
	for replay, to := range map[string]string{"replay-to-none": aws.ToString(rule.Arn) + "-none", "replay-to-one": aws.ToString(rule.Arn)} {
		_, err := client.StartReplay(s.ctx, &eventbridge.StartReplayInput{
			ReplayName: &replay, EventSourceArn: archive.ArchiveArn, EventStartTime: aws.Time(time.Now().Add(-time.Hour)), EventEndTime: aws.Time(time.Now().Add(time.Hour)),
			Destination: &eventtypes.ReplayDestination{Arn: archive.EventSourceArn, FilterArns: []string{to}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if again := s.messages(t, config, stack, "Far", 1)[0].body; !strings.Contains(again, `"replay-name": "replay-to-one"`) || !strings.Contains(again, `"detail-type": "Made"`) {
		t.Errorf("the replayed event: got %s", again)
	}
}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func decode(t *testing.T, body string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
}

// message is a message of a queue.
type message struct {
	body       string
	attributes map[string]string
}

// messages waits until a queue has so many messages, in order of their arrival, and fails if it gets others.
func (s *suite) messages(t *testing.T, config aws.Config, stack *deployed.Stack, queue string, count int) []message {
	t.Helper()
	client, url := sqs.NewFromConfig(config), stack.Resources[queue].PhysicalID
	var found []message
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		out, err := client.ReceiveMessage(s.ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: 600, MessageAttributeNames: []string{"All"},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range out.Messages {
			attributes := map[string]string{}
			for name, value := range each.MessageAttributes {
				attributes[name] = aws.ToString(value.StringValue)
			}
			found = append(found, message{aws.ToString(each.Body), attributes})
		}
		if len(found) >= count || time.Now().After(deadline) {
			break
		}
	}
	if len(found) != count {
		t.Fatalf("the queue %s has %d messages, want %d: %v", queue, len(found), count, found)
	}
	return found
}
