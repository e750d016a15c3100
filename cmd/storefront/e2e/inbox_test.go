package e2e

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// docs/recipes/inbox.md shows these functions.

// place writes the order of a checkout and the record of it, or nothing if the checkout led to an order before. After an error
// the application leaves the message in the queue, and it comes again.
func place(ctx context.Context, client *dynamodb.Client, table, checkoutID, userID string, now time.Time) error {
	text := func(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }
	expires := strconv.FormatInt(now.Add(30*24*time.Hour).Unix(), 10)
	_, err := client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{
			TableName: &table,
			Item: map[string]types.AttributeValue{
				"userId":    text("inbox#" + checkoutID),
				"orderId":   text("inbox"),
				"expiresAt": &types.AttributeValueMemberN{Value: expires},
			},
			ConditionExpression: aws.String("attribute_not_exists(userId)"),
		}},
		{Put: &types.Put{
			TableName: &table,
			Item: map[string]types.AttributeValue{
				"userId":   text(userID),
				"orderId":  text(now.UTC().Format(time.RFC3339Nano)),
				"checkout": text(checkoutID),
			},
		}},
	}})
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) && aws.ToString(canceled.CancellationReasons[0].Code) == "ConditionalCheckFailed" {
		return nil // it took effect before
	}
	return err
}

// keep writes a product unless the table has it in the same or a later version.
func keep(ctx context.Context, client *dynamodb.Client, table, productID, name string, version int) error {
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &table,
		Item: map[string]types.AttributeValue{
			"productId": &types.AttributeValueMemberS{Value: productID},
			"part":      &types.AttributeValueMemberS{Value: "product"},
			"name":      &types.AttributeValueMemberS{Value: name},
			"version":   &types.AttributeValueMemberN{Value: strconv.Itoa(version)},
		},
		ConditionExpression:       aws.String("attribute_not_exists(version) OR version < :version"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":version": &types.AttributeValueMemberN{Value: strconv.Itoa(version)}},
	})
	var older *types.ConditionalCheckFailedException
	if errors.As(err, &older) {
		return nil // a later version was here first, or this one was
	}
	return err
}

// onceOnly handles one event several times, at once too, and events in the wrong order.
func onceOnly(t *testing.T, s *suite) {
	storefront := s.read(t, s.assembly)
	client := dynamodb.NewFromConfig(storefront.Config)
	orders := one(t, storefront.ByID("Orders"), "AWS::DynamoDB::GlobalTable").PhysicalID
	documents := one(t, storefront.ByID("Search"), "AWS::DynamoDB::GlobalTable").PhysicalID

	// Different times make different orders: what keeps the second away is the inbox.
	var deliveries sync.WaitGroup
	for n := range 5 {
		deliveries.Go(func() {
			for range 20 {
				err := place(s.ctx, client, orders, "c-1", "once", time.Now().Add(time.Duration(n)*time.Second))
				var canceled *types.TransactionCanceledException
				if err == nil {
					return
				} else if !errors.As(err, &canceled) { // of two at once, DynamoDB cancels one, which comes again
					t.Error(err)
					return
				}
			}
			t.Error("one delivery of 20 still conflicts with others")
		})
	}
	deliveries.Wait()
	found, err := client.Query(s.ctx, &dynamodb.QueryInput{
		TableName: &orders, KeyConditionExpression: aws.String("userId = :user"), ConsistentRead: aws.Bool(true),
		ExpressionAttributeValues: map[string]types.AttributeValue{":user": &types.AttributeValueMemberS{Value: "once"}},
	})
	if err != nil || len(found.Items) != 1 {
		t.Errorf("five deliveries of one checkout made %d orders: %v", len(found.Items), err)
	}
	for _, version := range []int{1, 3, 2, 3} {
		if err := keep(s.ctx, client, documents, "once", fmt.Sprint("in version ", version), version); err != nil {
			t.Error(err)
		}
	}
	key := map[string]types.AttributeValue{"productId": &types.AttributeValueMemberS{Value: "once"}, "part": &types.AttributeValueMemberS{Value: "product"}}
	got, err := client.GetItem(s.ctx, &dynamodb.GetItemInput{TableName: &documents, Key: key, ConsistentRead: aws.Bool(true)})
	if name, ok := got.Item["name"].(*types.AttributeValueMemberS); err != nil || !ok || name.Value != "in version 3" {
		t.Errorf("after the versions 1, 3, 2 and 3 the product is %v: %v", got.Item, err)
	}
}
