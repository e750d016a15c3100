package awstest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/storefront-cdk/storefront/constructs/event"
)

// Outbox returns the details of the events of one kind in the outbox of a table, in no order.
func Outbox[Detail any](t testing.TB, stack Stack, table string, e event.Event) []Detail {
	t.Helper()
	var details []Detail
	pages := dynamodb.NewScanPaginator(dynamodb.NewFromConfig(stack.AWS), &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		got, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, attributes := range got.Items {
			var item struct {
				ExpiresAt int64 `dynamodbav:"expiresAt"`
				event.Outbox
			}
			if err := attributevalue.UnmarshalMap(attributes, &item); err != nil || item.Type != e.Type() {
				continue
			}
			if item.ExpiresAt == 0 {
				t.Errorf("an item of the outbox of %s has no expiresAt: %v", e, attributes)
			}
			m, err := event.Parse(delivered(e, "id", item.Outbox))
			if err != nil {
				t.Fatal(err)
			}
			var detail Detail
			if err := json.Unmarshal(m.Detail, &detail); err != nil {
				t.Fatal(err)
			}
			details = append(details, detail)
		}
	}
	return details
}

// Deliver sends an event to a queue, as a pipe and the bus would. A second delivery of one event has the same ID.
func Deliver(t testing.TB, stack Stack, queueURL, id string, e event.Event, detail any) {
	t.Helper()
	published, err := e.Outbox(detail)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sqs.NewFromConfig(stack.AWS).SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: &queueURL, MessageBody: aws.String(string(delivered(e, id, published))),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// delivered is an event of an outbox as a subscriber's queue receives it.
func delivered(e event.Event, id string, published event.Outbox) []byte {
	return fmt.Appendf(nil, `{"id":"of-the-bus","source":%q,"detail-type":%q,"time":"2026-01-02T03:04:05Z","detail":{"outbox":{"id":%q,"sequence":"1","detail":%q}}}`,
		e.Source, e.Type(), id, published.Detail)
}
