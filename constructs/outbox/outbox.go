package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awspipes"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/publication"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/internal/place"
)

// Outbox is a pipe from the stream of a table to a bus.
type Outbox struct {
	constructs.Construct
	pipe        awspipes.CfnPipe
	deadLetters awssqs.Queue
}

// Source is the stream of a table, and where its events go.
type Source struct {
	StreamARN string
	// Key encrypts the table, and the dead-letter queue. If nil, they are encrypted by keys of AWS.
	Key    awskms.IKey
	Bus    awsevents.IEventBus
	Events []event.Event
	// Retain keeps the dead-letter queue when its stack is deleted.
	Retain bool
}

// The limits of a record. Without them a pipe would retry one that cannot be published until it is a day old, and publish
// nothing of its shard behind it. The age is the limit that counts: it is long enough for a bus that is throttled or down.
const (
	batchSize  = 10 // the largest of an event bus
	maxAge     = time.Hour
	maxRetries = 10_000 // the largest
)

// New defines the pipe. Its events must be valid, as [Check] says.
func New(scope constructs.Construct, id string, source Source) *Outbox {
	o := &Outbox{}
	place.Define(o, scope, id)
	o.deadLetters = queue.NewDeadLetters(o, "DeadLetters", source.Key, false, source.Retain)
	bus, deadLetters := source.Bus.EventBusArn(), o.deadLetters.QueueArn()
	o.pipe = awspipes.NewCfnPipe(o, jsii.String("Pipe"), &awspipes.CfnPipeProps{
		Description: jsii.String("Publishes the events in the outbox of " + place.Of(scope).Path()),
		RoleArn:     o.newRole(source, bus, deadLetters).RoleArn(),
		Source:      &source.StreamARN,
		SourceParameters: &awspipes.CfnPipe_PipeSourceParametersProperty{
			DynamoDbStreamParameters: &awspipes.CfnPipe_PipeSourceDynamoDBStreamParametersProperty{
				// What is in a new stream before the pipe runs is published, too.
				StartingPosition:          jsii.String("TRIM_HORIZON"),
				BatchSize:                 jsii.Number(batchSize),
				MaximumRecordAgeInSeconds: jsii.Number(maxAge.Seconds()),
				MaximumRetryAttempts:      jsii.Number(maxRetries),
				OnPartialBatchItemFailure: jsii.String("AUTOMATIC_BISECT"),
				DeadLetterConfig:          &awspipes.CfnPipe_DeadLetterConfigProperty{Arn: deadLetters},
			},
			FilterCriteria: &awspipes.CfnPipe_FilterCriteriaProperty{
				Filters: []any{&awspipes.CfnPipe_FilterProperty{Pattern: jsii.String(pattern(source.Events))}},
			},
		},
		Target: bus,
		TargetParameters: &awspipes.CfnPipe_PipeTargetParametersProperty{
			EventBridgeEventBusParameters: &awspipes.CfnPipe_PipeTargetEventBridgeEventBusParametersProperty{
				Source:     jsii.String(source.Events[0].Source),
				DetailType: jsii.String("$.dynamodb.NewImage.outboxType.S"),
			},
			InputTemplate: jsii.String(template),
		},
	})
	return o
}

// template is the detail of a published event, as [event.Parse] reads it. A pipe copies a text without escaping it, so the item
// has the detail in base64.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
const template = `{"outbox":{"id":<$.eventID>,"sequence":<$.dynamodb.SequenceNumber>,"detail":<$.dynamodb.NewImage.outboxDetail.S>}}`

// pattern matches the records of new items that are one of the events. The removal of an item that expires is no event.
func pattern(events []event.Event) string {
	types := make([]string, len(events))
	for n, e := range events {
		types[n] = e.Type()
	}
	slices.Sort(types)
	text, err := json.Marshal(map[string]any{
		"eventName": []string{"INSERT"},
		"dynamodb": map[string]any{"NewImage": map[string]any{
			"outboxType":   map[string]any{"S": types},
			"outboxDetail": map[string]any{"S": []any{map[string]bool{"exists": true}}},
		}},
	})
	if err != nil {
		panic(err) // cannot happen: texts have JSON
	}
	return string(text)
}

// Check returns one error that lists every problem of the events of an outbox, or nil. Its messages begin with field. A pipe
// has one source.
func Check(field string, events []event.Event) error {
	problems := []error{event.Check(field, events)}
	for n, e := range events {
		if e.Source != events[0].Source {
			problems = append(problems, fmt.Errorf("%s[%d].Source must be that of %[1]s[0] (%[3]q), as the events of one service are, got %[4]q", field, n, events[0].Source, e.Source))
		}
	}
	return errors.Join(problems...)
}

// newRole allows the pipe to read this stream, to put these events on this bus, and to send to its dead-letter queue. The
// policies are inline, since the pipe reads its source when it is created.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
func (o *Outbox) newRole(source Source, bus, deadLetters *string) awsiam.Role {
	stack := place.Of(o).Stack()
	statements := []any{
		statement([]string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}, &source.StreamARN),
		statement([]string{"sqs:SendMessage"}, deadLetters),
	}
	if source.Key != nil {
		statements = append(statements, statement([]string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}, source.Key.KeyArn()))
	}
	events := slices.Clone(source.Events)
	slices.SortFunc(events, func(a, b event.Event) int { return strings.Compare(a.String(), b.String()) })
	for _, e := range events {
		statements = append(statements, publication.Document(bus, e))
	}
	return awsiam.NewRole(o, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("pipes.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Outbox": awsiam.PolicyDocument_FromJson(map[string]any{"Version": "2012-10-17", "Statement": statements}),
		},
	})
}

func statement(actions []string, resource *string) map[string]any {
	return map[string]any{"Effect": "Allow", "Action": actions, "Resource": resource}
}

// Pipe returns the underlying CloudFormation pipe.
func (o *Outbox) Pipe() awspipes.CfnPipe { return o.pipe }

// DeadLetters returns the underlying CDK queue of the records that could not be published.
func (o *Outbox) DeadLetters() awssqs.Queue { return o.deadLetters }

// Metrics returns the CloudWatch metrics of the pipe and its dead-letter queue.
func (o *Outbox) Metrics() Metrics { return Metrics{*o.pipe.Ref(), *o.deadLetters.QueueName()} }
