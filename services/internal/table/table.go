// Package table writes into tables of DynamoDB: in transactions, with an outbox for the events that tell of it, and with an inbox
// for those that led to it. See docs/recipes/outbox.md and docs/recipes/inbox.md.
package table

import (
	"errors"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/storefront-cdk/storefront/constructs/event"
)

const (
	// outboxDays is how long an event stays in the outbox, where it can be found if it was not published.
	outboxDays = 7
	// inboxDays is longer than an event can come again.
	inboxDays = 30
)

// Item is an item, or a key, of a table.
type Item = map[string]types.AttributeValue

// Text is a string as an attribute.
func Text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

// Number is a number as an attribute.
func Number(value int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}
}

// ExpiresIn is a time from now as the attribute by which DynamoDB deletes an item.
func ExpiresIn(days int) types.AttributeValue {
	return Number(time.Now().AddDate(0, 0, days).Unix())
}

// Outbox returns the write that publishes an event, for the transaction that writes what it tells of. The key must be new for each
// event.
func Outbox(table string, key Item, e event.Event, detail any) (types.TransactWriteItem, error) {
	published, err := e.Outbox(detail)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	item := maps.Clone(key)
	item["expiresAt"] = ExpiresIn(outboxDays)
	item["outboxType"] = Text(published.Type)
	item["outboxDetail"] = Text(published.Detail)
	return types.TransactWriteItem{Put: &types.Put{TableName: &table, Item: item}}, nil
}

// Inbox returns the write that records that something took effect, for the transaction that writes its effect. [Refused] tells
// whether it took effect before. Partition is the attribute of the table's partition key.
func Inbox(table string, key Item, partition string) types.TransactWriteItem {
	item := maps.Clone(key)
	item["expiresAt"] = ExpiresIn(inboxDays)
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &table, Item: item,
		ConditionExpression: aws.String("attribute_not_exists(#partition)"), ExpressionAttributeNames: map[string]string{"#partition": partition},
	}}
}

// Refused returns the number of the first write of a transaction whose condition was not met, or -1 if err is another error.
func Refused(err error) int { return reason(err, "ConditionalCheckFailed") }

// Conflicted reports whether a transaction met another one that wrote the same items at the same time. It may be repeated.
func Conflicted(err error) bool { return reason(err, "TransactionConflict") >= 0 }

func reason(err error, code string) int {
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		for n, reason := range canceled.CancellationReasons {
			if aws.ToString(reason.Code) == code {
				return n
			}
		}
	}
	return -1
}

// TextOf returns an attribute that is a string, or nothing.
func TextOf(value types.AttributeValue) string {
	text, ok := value.(*types.AttributeValueMemberS)
	if !ok {
		return ""
	}
	return text.Value
}
